"""The life of a consultation: states, signatures, required texts (floor 4, pure)."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
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
# These usually share days.
TOGETHER: Final = frozenset({"inform", "answer", "discuss"})
PLACES: Final = ("partner", "staff")
ANSWERING: Final = "questionnaire"  # the activity whose phases are the days to answer
# What a phase allows when nothing was chosen for it.
DEFAULT_ACTIVITIES: Final[Mapping[str, tuple[str, ...]]] = {"answer": (ANSWERING,)}
MODERATIONS: Final = ("before_publication", "first_posts", "open")
# After publication: days may move, these texts may be mended, the others never (decision 0006).
AMENDABLE_DAYS: Final = frozenset({"open"})
CORRECTABLE: Final = ("title", "summary")
AMENDABLE_TEXTS: Final = frozenset({"announced", "open", "analysing", "responding", "following"})
# What an activity put in force may be followed by a corrected version (decision 0014).
AMENDABLE_VERSIONS: Final = frozenset({"announced", "open"})
_AMENDABLE: Final = {"correct": AMENDABLE_TEXTS, "version": AMENDABLE_VERSIONS}
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
    """The days of one phase, as moments, and the activities allowed in it."""

    kind: str
    opens_on: date
    closes_on: date
    activities: tuple[str, ...] = ()

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


def may_amend(state: str, kind: str) -> bool:
    """Tell whether a change of this kind may be proposed, and applied, in ``state``."""
    return state in _AMENDABLE.get(kind, AMENDABLE_DAYS)


def needs_reason(state: str, target: str) -> bool:
    """Tell whether a step takes back what the public was told, and so owes it a reason."""
    return state in PUBLIC and target not in PUBLIC


def allowing(spans: Sequence[Span], activity: str = ANSWERING) -> list[Span]:
    """Return the phases in which ``activity`` is allowed, in order of their last day."""
    return sorted((s for s in spans if activity in s.activities), key=lambda s: s.closes_on)


def is_answering_open(
    state: str, spans: Sequence[Span], moment: datetime, activity: str = ANSWERING
) -> bool:
    """Tell whether answers are taken at ``moment``, the grace after closing included."""
    return state == "open" and any(
        span.opens_at <= moment <= span.closes_at + GRACE for span in allowing(spans, activity)
    )


def is_starting_open(
    state: str, spans: Sequence[Span], moment: datetime, activity: str = ANSWERING
) -> bool:
    """Tell whether a new sheet may be started at ``moment`` (no grace)."""
    return state == "open" and any(
        span.opens_at <= moment <= span.closes_at for span in allowing(spans, activity)
    )


def ends_at(spans: Sequence[Span]) -> datetime | None:
    """Return when the last answer can come in, grace included; None without days to answer."""
    answering = allowing(spans)
    return answering[-1].closes_at + GRACE if answering else None


def shown_state(state: str, spans: Sequence[Span], moment: datetime) -> str:
    """Return the state as the public sees it: ``closed`` once the calendar has ended answering."""
    answering = allowing(spans)
    is_over = bool(answering) and answering[-1].closes_at < moment
    return "closed" if state == "open" and is_over else state


class Change(msgspec.Struct, frozen=True):
    """One change made in public, as its page shows it; days as dates, texts by language."""

    kind: str  # extend, close, correct, withdraw, version
    applied_on: date
    reason: dict[str, str]
    old_day: date | None = None
    new_day: date | None = None
    phase: str = ""  # the kind of the phase whose last day moved
    changes: dict[str, dict[str, dict[str, str]]] = {}


class Clash(msgspec.Struct, frozen=True):
    """Two phases worth a second look: their days overlap, or come against the usual order."""

    kind: str  # overlap, order
    first: Span
    second: Span


def clashes(spans: Sequence[Span]) -> list[Clash]:
    """List what looks wrong in a calendar; nothing is refused, for discussion may go with answers.

    Two phases of one kind overlap, or a phase begins before one that usually precedes it ends.
    """
    found = []
    ordered = sorted(spans, key=lambda s: (s.opens_on, s.closes_on))
    for number, first in enumerate(ordered):
        for second in ordered[number + 1 :]:
            pair = {first.kind, second.kind}
            before, after = (PHASE_KINDS.index(span.kind) for span in (first, second))
            if len(pair) > 1 and pair <= TOGETHER:
                continue
            if before > after:
                found.append(Clash("order", first, second))
            elif second.opens_on <= first.closes_on:
                found.append(Clash("overlap", first, second))
    return found


def day_fault(span: Span, kind: str, new_day: date, today: date, due: date | None) -> str:
    """Return the code of what is wrong with a new last day, or an empty text."""
    if new_day < today:
        return "past"
    if kind == "extend" and new_day <= span.closes_on:
        return "not_later"
    if kind == "extend" and due is not None and new_day >= due:
        return "after_due"
    if kind == "close" and new_day >= span.closes_on:
        return "not_earlier"
    return "before_opening" if new_day < span.opens_on else ""


def source_hash(text: str) -> str:
    """Return the mark of a French text, kept beside its translation."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_stale(texts: Mapping[str, str], reviewed: str | None) -> bool:
    """Tell whether the English was last held against another French than the present one."""
    return bool(texts.get("fr") and texts.get("en")) and reviewed != source_hash(texts["fr"])


def content_hash(texts: Sequence[object]) -> str:
    """Return what a signature is bound to: SHA-256 over every text and date, in order."""
    return hashlib.sha256(msgspec.json.encode(texts, order="sorted")).hexdigest()


def hindrance(able: Mapping[str, Collection[int]], signed: Mapping[str, int]) -> str:
    """Return why both signatures cannot come together as people stand; empty when they can.

    ``able`` are the accounts that may sign for each place, ``signed`` those that did. One
    person signs for one place: ``same_person`` when whoever may sign is the same for both,
    ``nobody`` when a place has no one.
    """
    left = {place: set(able[place]) for place in missing_places(signed)}
    if not all(left.values()):
        return "nobody"
    others = [people - set(signed.values()) for people in left.values()]
    is_possible = all(others) and len(set().union(*others)) >= len(others)
    return "" if is_possible else "same_person"


def missing_places(signed: Collection[str]) -> tuple[str, ...]:
    """Return whose signature is missing."""
    return tuple(place for place in PLACES if place not in signed)
