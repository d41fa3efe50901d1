"""Hold the seams: kinds that features register and other floors read (floor 0).

Nobody imports a sibling or learns its name: a new kind of activity, export or evidence is
a new package and one line in its ``register(app)``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from flask import Flask

from consult.core.db import Session
from consult.core.tabular import Column


class Gap(msgspec.Struct, frozen=True):
    """One thing that is missing before a transition: what, and where it is mended.

    Where it is mended in several places, ``links`` are their names and addresses instead.
    """

    text: str
    href: str
    links: tuple[tuple[str, str], ...] = ()


class Card(msgspec.Struct, frozen=True):
    """How an activity shows on the consultation page."""

    title: str
    text: str
    href: str
    action: str
    is_open: bool = False


class ActivityKind(Protocol):
    """What people do in a phase: its card, its checks before every transition, its counts."""

    code: str

    def name(self) -> str:
        """Return the name of the activity in the language of the page."""

    def card(self, session: Session, consultation: Any) -> Card | None:  # noqa: ANN401
        """Return the card of the activity on the public page, or None when there is none."""

    def desk_card(self, session: Session, consultation: Any) -> Card:  # noqa: ANN401
        """Return the card of the activity on the staff page."""

    def gaps(self, session: Session, consultation: Any, target: str) -> list[Gap]:  # noqa: ANN401
        """List what is missing before ``consultation`` may become ``target``."""

    def on_transition(self, session: Session, consultation: Any, target: str) -> None:  # noqa: ANN401
        """Do what the activity must do in the transaction of a transition."""

    def fingerprint(self, session: Session, consultation: Any) -> str:  # noqa: ANN401
        """Return a hash of what the activity will show, so that signatures bind it."""

    def apply_version(
        self,
        session: Session,
        actor: Any,  # noqa: ANN401
        consultation: Any,  # noqa: ANN401
        change: Mapping[str, Mapping[str, str]],
    ) -> bool:
        """Put the corrected version that was signed in force; False when it is another by now."""

    def public_count(self, session: Session, consultation_id: int) -> int:
        """Return how many contributions there are, in steps, for the public."""


class ExportSet(Protocol):
    """A record shape and the query that fills it."""

    code: str

    def title(self, lang: str) -> str:
        """Return the name of the set in ``lang``."""

    def columns(self, session: Session, consultation: Any, lang: str) -> list[Column]:  # noqa: ANN401
        """Return the columns, labelled in ``lang``."""

    def count(self, session: Session, consultation: Any) -> int:  # noqa: ANN401
        """Return how many rows there are now."""

    def rows(
        self,
        session: Session,
        consultation: Any,  # noqa: ANN401
        lang: str,
    ) -> Iterator[tuple[object, ...]]:
        """Yield the rows in an order that tells nothing about who answered when."""

    def codebook(
        self,
        session: Session,
        consultation: Any,  # noqa: ANN401
        lang: str,
    ) -> Iterable[tuple[object, ...]]:
        """Yield (column, item, kind, code, label, versions) for every code that may occur."""


Kind = TypeVar("Kind")


class Registry(Generic[Kind]):
    """Keep kinds by their code, in order of registration."""

    def __init__(self) -> None:
        """Start empty."""
        self._kinds: dict[str, Kind] = {}

    def add(self, code: str, kind: Kind) -> None:
        """Register ``kind``; the same code registered again replaces it (several apps in tests)."""
        self._kinds[code] = kind

    def get(self, code: str) -> Kind:
        """Return the kind of ``code``; raises KeyError."""
        return self._kinds[code]

    def all(self) -> list[Kind]:
        """Return every kind in order of registration."""
        return list(self._kinds.values())


activities: Registry[ActivityKind] = Registry()
export_sets: Registry[ExportSet] = Registry()


FieldNames = Callable[[], Mapping[str, str]]
field_names: Registry[FieldNames] = Registry()  # the labels of a feature's forms, by field


class Panel(msgspec.Struct, frozen=True):
    """A place of the staff desk, for navigation: its name (a lazy text) and its endpoint."""

    label: object
    endpoint: str
    permission: str


def add_panel(app: Flask, panel: Panel) -> None:
    """Add a place to the navigation of the staff desk."""
    app.extensions.setdefault("consult_panels", []).append(panel)


class Section(msgspec.Struct, frozen=True):
    """A block that an upper floor adds to the page of a table; ``empty`` is said without cards."""

    title: str
    cards: tuple[Card, ...]
    action: Card | None = None
    empty: str = ""


class SectionMaker(Protocol):
    """Make the section of one table, for the public or for staff."""

    def __call__(self, session: Session, table: Any) -> Section:  # noqa: ANN401
        """Return the section of ``table``."""


public_sections: Registry[SectionMaker] = Registry()
desk_sections: Registry[SectionMaker] = Registry()
