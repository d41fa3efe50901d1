"""Write the texts and the calendar of a consultation that is being prepared (floor 4)."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from consult.audit.services import Subject, record
from consult.consultations import rules
from consult.consultations.models import Consultation, Phase
from consult.core.authz import Actor
from consult.core.db import Session
from consult.core.ids import public_id
from consult.core.textmap import TextMap
from consult.tables.models import AdvisoryTable


class PhaseInput(msgspec.Struct, frozen=True):
    """One phase as typed: kind, days (both included), allowed activities, moderation."""

    kind: str
    opens_on: date
    closes_on: date
    activities: tuple[str, ...] | None = None  # None: what this kind usually allows
    moderation: str = rules.MODERATIONS[0]


def create(
    session: Session, actor: Actor | None, table: AdvisoryTable, title: TextMap
) -> Consultation:
    """Make a draft consultation of ``table``, in the languages of its organisation."""
    french_only = table.organisation.language_policy == "fr_only"
    consultation = Consultation(
        code=public_id(6),
        table_id=table.id,
        title=title,
        languages=["fr"] if french_only else ["fr", "en"],
        reviewed=reviewed_after({}, {}, {"title": title}),
    )
    session.add(consultation)
    session.flush()
    record(session, actor, "consultation.created", subject(consultation))
    return consultation


def edit(
    session: Session, actor: Actor | None, consultation: Consultation, **values: object
) -> None:
    """Change texts and settings; signatures under the earlier text no longer count.

    Raises ConflictError (core/db.py) when somebody else saved first.
    """
    changed = {n: value for n, value in values.items() if getattr(consultation, n) != value}
    texts = {name: value for name, value in changed.items() if isinstance(value, TextMap)}
    before = {name: getattr(consultation, name) for name in texts}
    consultation.reviewed = reviewed_after(consultation.reviewed, before, texts)
    for name, value in changed.items():
        setattr(consultation, name, value)
    if changed:
        details = {"fields": list(changed)}
        record(session, actor, "consultation.edited", subject(consultation), details)
        session.flush()


def reviewed_after(
    reviewed: Mapping[str, str], before: Mapping[str, TextMap], after: Mapping[str, TextMap]
) -> dict[str, str]:
    """Return the marks after a change: whoever writes the English has seen the French beside it."""
    marks = dict(reviewed)
    for name, text in after.items():
        earlier = before.get(name, TextMap({}))
        if text.get("en") and text.get("en") != earlier.get("en"):
            marks[name] = rules.source_hash(text.get("fr", ""))
    return marks


def confirm_english(
    session: Session, actor: Actor | None, consultation: Consultation, name: str, seen: str
) -> bool:
    """Say that the English of one text still holds; False when its French is not the one ``seen``.

    ``seen`` is the mark (``rules.source_hash``) of the French that the person had before her.
    """
    if seen != rules.source_hash(getattr(consultation, name).get("fr", "")):
        return False
    consultation.reviewed = consultation.reviewed | {name: seen}
    details = {"field": name}
    record(session, actor, "consultation.english_confirmed", subject(consultation), details)
    session.flush()
    return True


def set_phases(
    session: Session,
    actor: Actor | None,
    consultation: Consultation,
    phases: Sequence[PhaseInput],
) -> None:
    """Replace the calendar; phases are put in order of their first day.

    Raises ConflictError (core/db.py) when somebody else saved first.
    """
    ordered = sorted(phases, key=lambda p: (p.opens_on, p.closes_on))
    consultation.phases = [
        Phase(
            position=number,
            kind=phase.kind,
            opens_on=phase.opens_on,
            closes_on=phase.closes_on,
            activities=list(_allowed(phase)),
            moderation=phase.moderation,
        )
        for number, phase in enumerate(ordered)
    ]
    consultation.calendar_version += 1
    session.flush()
    record(session, actor, "consultation.phases_set", subject(consultation))


def _allowed(phase: PhaseInput) -> tuple[str, ...]:
    if phase.activities is None:
        return rules.DEFAULT_ACTIVITIES.get(phase.kind, ())
    return phase.activities


def hold(session: Session, consultation: Consultation) -> None:
    """Read a consultation again, and keep its other writers waiting until the commit.

    What is published must be what was signed: nothing an activity prepares may come between.
    """
    session.flush()  # reading again would forget what was not written yet
    session.refresh(consultation, with_for_update={"of": Consultation})


def subject(consultation: Consultation) -> Subject:
    """Return how the audit log names a consultation."""
    return Subject("consultation", consultation.code, consultation.table_id)
