"""The life of a consultation: states, signatures, required texts (floor 4, pure)."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from consult.core.clock import end_of_day, start_of_day

STATES: Final = (
    "draft",
    "review",
    "announced",
    "open",
    "analysing",
    "responding",
    "following",
    "archived",
)
TRANSITIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "draft": ("review",),
    "review": ("draft", "announced", "open"),
    "announced": ("draft", "open"),
    "open": ("analysing",),
    "analysing": ("responding",),
    "responding": ("following",),
    "following": ("archived",),
    "archived": (),
}
SIGNED: Final = frozenset({"announced", "open"})  # both co-leads sign before
PUBLIC: Final = frozenset(STATES) - {"draft", "review"}
EDITABLE: Final = frozenset({"draft", "review"})
IAP2_LEVELS: Final = ("inform", "consult", "involve", "collaborate", "empower")
PHASE_KINDS: Final = (
    "inform",
    "answer",
    "discuss",
    "prioritise",
    "synthesise",
    "respond",
    "follow_up",
)
PLACES: Final = ("partner", "staff")
GRACE: Final = timedelta(minutes=30)  # a form opened before closing is accepted this long after

# Required before publication, in the order of the editing page: field, anchor.
REQUIRED_TEXTS: Final = (
    "title",
    "summary",
    "promise",
    "can_change",
    "cannot_change",
    "who",
    "notice_who",
    "notice_why",
    "notice_how",
    "notice_rights",
    "notice_retention",
    "necessity",
    "ethics",
)


class Span(msgspec.Struct, frozen=True):
    """The days of one phase, as moments."""

    kind: str
    opens_on: date
    closes_on: date

    @property
    def opens_at(self) -> datetime:
        """Return the first moment, 00:00:00 local, in UTC."""
        return start_of_day(self.opens_on)

    @property
    def closes_at(self) -> datetime:
        """Return the last moment, 23:59:59 local, in UTC."""
        return end_of_day(self.closes_on)


def can_move(state: str, target: str) -> bool:
    """Tell whether a consultation may go from one state to another."""
    return target in TRANSITIONS.get(state, ())


def is_public(state: str, visibility: str) -> bool:
    """Tell whether anybody with the address may read it: published, at a table not private."""
    return state in PUBLIC and visibility != "private"


def is_answering_open(state: str, spans: Sequence[Span], moment: datetime) -> bool:
    """Tell whether answers are taken at ``moment``, the grace after closing included."""
    return state == "open" and any(
        span.opens_at <= moment <= span.closes_at + GRACE for span in spans if span.kind == "answer"
    )


def is_starting_open(state: str, spans: Sequence[Span], moment: datetime) -> bool:
    """Tell whether a new sheet may be started at ``moment`` (no grace)."""
    return state == "open" and any(
        span.opens_at <= moment <= span.closes_at for span in spans if span.kind == "answer"
    )


def content_hash(texts: Sequence[object]) -> str:
    """Return what a signature is bound to: SHA-256 over every text and date, in order."""
    return hashlib.sha256(msgspec.json.encode(texts, order="sorted")).hexdigest()


def missing_places(signed: Sequence[str]) -> tuple[str, ...]:
    """Return whose signature is missing."""
    return tuple(place for place in PLACES if place not in signed)
