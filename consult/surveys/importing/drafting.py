"""A questionnaire on its way in: items and groups as the source has them, their places, findings.

Every format fills a ``Draft``; ``assembling`` makes the document. Pure.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from consult.surveys.rules import Fault

Words = dict[str, str]
MAX_CODE = 60
_VALID = re.compile(r"[a-z][a-z0-9_]{0,59}")
_VALID_OPTION = re.compile(r"[a-z0-9][a-z0-9_]{0,59}")
KEPT_CODES = frozenset({"dont_know", "prefer_not", "not_asked"})


@dataclass(frozen=True, slots=True)
class Source:
    """An expression as the file writes it, and where it stands there."""

    text: str
    place: str


@dataclass(slots=True)
class DraftOption:
    """An option, a row or a column: its value in the source, what it becomes.

    It is offered when every condition of ``relevant`` holds, and one of ``either`` if any.
    """

    name: str
    code: str
    label: Words
    place: str
    relevant: list[Source] = field(default_factory=list)
    either: list[Source] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class DraftRule:
    """A constraint: its test, what is said when it fails."""

    test: Source
    message: Words
    soft: bool = False


@dataclass(slots=True)
class DraftItem:
    """An item: its name in the source, its code and kind, what it is made of."""

    name: str
    code: str
    kind: str
    title: Words
    place: str
    hint: Words = field(default_factory=dict)
    options: list[DraftOption] = field(default_factory=list)
    rows: list[DraftOption] = field(default_factory=list)
    relevant: list[Source] = field(default_factory=list)
    rules: list[DraftRule] = field(default_factory=list)
    calculation: Source | None = None
    non_answers: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class DraftGroup:
    """Items under one heading and one condition; at the top level, a page."""

    name: str
    title: Words
    place: str
    hint: Words = field(default_factory=dict)
    relevant: list[Source] = field(default_factory=list)
    nodes: list["DraftItem | DraftGroup"] = field(default_factory=list)
    code: str = ""

    def items(self) -> Iterator[DraftItem]:
        """Yield every item below, in order."""
        for node in self.nodes:
            if isinstance(node, DraftItem):
                yield node
            else:
                yield from node.items()


class Draft:
    """What was read so far: head, pages, names, codes in use, faults and notes."""

    def __init__(self, name: str) -> None:
        """Begin with nothing; ``name`` is what the questionnaire is called until it says."""
        self.name = name
        self.title: Words = {}
        self.introduction: Words = {}
        self.languages: set[str] = set()
        self.pages: list[DraftGroup] = []
        self.named: dict[str, DraftItem] = {}
        self.faults: list[Fault] = []
        self.refused: set[str] = set()
        self.parts: dict[str, str] = {}
        self._notes: dict[tuple[str, str], Fault] = {}
        self._used: set[str] = set()
        self._pages: set[str] = set()

    def fault(self, place: str, code: str, column: int = 0, **values: object) -> None:
        """Keep what makes the file unfit to be taken."""
        found = Fault(place=place, code=code, column=column, values=values)
        if found not in self.faults:
            self.faults.append(found)

    def refuse(self, place: str, kind: str, name: str) -> None:
        """Keep that a question cannot be asked here; what refers to it is told so."""
        self.fault(place, "unknown_type", type=kind)
        self.refused.add(name)

    def unknown(self, name: str) -> str:
        """Return the code of a fault about a name that no item has."""
        return "refused_item" if name in self.refused else "unknown_item"

    def note(self, place: str, code: str, **values: object) -> None:
        """Keep what is not carried or changes its form; the same told twice is counted."""
        key = (code, repr(sorted(values.items())))
        before = self._notes.get(key)
        count = before.values["count"] + 1 if before else 1
        first = before.place if before else place
        self._notes[key] = Fault(place=first, code=code, values={**values, "count": count})

    @property
    def notes(self) -> tuple[Fault, ...]:
        """Return every note, the first place of each."""
        return tuple(self._notes.values())

    def item_code(self, name: str, *, specifies: bool = False) -> str:
        """Return a free code for an item; one that asks to specify needs ``_other`` free too."""
        taken = self._used
        code = _free(
            code_of(name, "q"),
            lambda code: code in taken or (specifies and f"{code}_other" in taken),
        )
        taken.add(code)
        if specifies:
            taken.add(f"{code}_other")
        return code

    def page_code(self, name: str) -> str:
        """Return a free code for a page."""
        code = _free(code_of(name, "page"), self._pages.__contains__)
        self._pages.add(code)
        return code

    def register(self, item: DraftItem) -> None:
        """Let expressions name the item; a name used again is told."""
        if item.name in self.named and item.kind not in {"note", "section"}:
            self.note(item.place, "name_used_twice", name=item.name, item=item.code)
        self.named.setdefault(item.name, item)


def plain(name: str) -> str:
    """Return a name in small ASCII letters, digits and ``_``."""
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", flat).strip("_")


def code_of(name: str, prefix: str) -> str:
    """Return the code of an item or page: the name itself where it is one already."""
    if _VALID.fullmatch(name):
        return name
    code = plain(name)
    if not code[:1].isalpha():
        code = f"{prefix}_{code}" if code else prefix
    return code[:MAX_CODE].rstrip("_")


def option_code(name: str, used: set[str]) -> str:
    """Return a free code for an option of one item, and mark it used."""
    code = name if _VALID_OPTION.fullmatch(name) else _signed(name)[:MAX_CODE].rstrip("_")
    code = _free(code or "option", lambda c: c in used or c in KEPT_CODES)
    used.add(code)
    return code


def _signed(name: str) -> str:
    # -1 and 1 are two answers.
    return "minus_" + plain(name) if re.fullmatch(r"-\d[\d.]*", name.strip()) else plain(name)


def _free(code: str, is_taken: Any) -> str:  # noqa: ANN401  a test of a code
    if not is_taken(code):
        return code
    number = 2
    while is_taken(found := f"{code[: MAX_CODE - len(str(number)) - 1]}_{number}"):
        number += 1
    return found
