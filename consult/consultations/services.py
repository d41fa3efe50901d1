"""Write consultations: texts, phases, signatures, transitions (floor 4)."""

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from consult.audit.services import Subject, record
from consult.consultations import queries, rules
from consult.consultations.models import Consultation, NoticeVersion, Phase, Signature
from consult.core.authz import Actor
from consult.core.clock import today
from consult.core.db import Session
from consult.core.events import emit
from consult.core.ids import public_id
from consult.core.registry import Gap, activities
from consult.core.textmap import TextMap
from consult.tables.models import AdvisoryTable
from consult.tables.queries import alternates, holders

NOTICE_FIELDS = ("notice_who", "notice_why", "notice_how", "notice_rights", "notice_retention")


class PhaseInput(msgspec.Struct, frozen=True):
    """One phase as typed: kind and days, both included."""

    kind: str
    opens_on: date
    closes_on: date


class NotReadyError(ValueError):
    """Say that a transition is refused: gaps remain, or a signature is missing."""


class NotASignerError(ValueError):
    """Say that this person holds no place from which to sign."""


def create(
    session: Session, actor: Actor | None, table: AdvisoryTable, title: TextMap
) -> Consultation:
    """Make a draft consultation of ``table``."""
    consultation = Consultation(code=public_id(6), table_id=table.id, title=title)
    session.add(consultation)
    session.flush()
    record(session, actor, "consultation.created", subject(consultation))
    return consultation


def edit(
    session: Session, actor: Actor | None, consultation: Consultation, **values: object
) -> None:
    """Change texts and settings; signatures under the earlier text no longer count."""
    changed = [name for name, value in values.items() if getattr(consultation, name) != value]
    for name in changed:
        setattr(consultation, name, values[name])
    if changed:
        record(session, actor, "consultation.edited", subject(consultation), {"fields": changed})


def set_phases(
    session: Session,
    actor: Actor | None,
    consultation: Consultation,
    phases: Sequence[PhaseInput],
) -> None:
    """Replace the calendar; phases are put in order of their first day."""
    ordered = sorted(phases, key=lambda p: (p.opens_on, p.closes_on))
    consultation.phases = [
        Phase(
            position=number,
            kind=phase.kind,
            opens_on=phase.opens_on,
            closes_on=phase.closes_on,
            activities=["questionnaire"] if phase.kind == "answer" else [],
        )
        for number, phase in enumerate(ordered)
    ]
    session.flush()
    record(session, actor, "consultation.phases_set", subject(consultation))


def digest(session: Session, consultation: Consultation) -> str:
    """Return the hash of all that people sign: texts, phases, and what each activity shows."""
    texts = [getattr(consultation, name).to_json() for name in rules.REQUIRED_TEXTS]
    calendar = [
        [p.kind, p.opens_on.isoformat(), p.closes_on.isoformat()] for p in consultation.phases
    ]
    shown = [kind.fingerprint(session, consultation) for kind in activities.all()]
    parts = [texts, calendar, consultation.languages, consultation.iap2_level, shown]
    return rules.content_hash(parts)


def places_of(session: Session, actor: Actor, consultation: Consultation) -> dict[str, str]:
    """Return the co-lead places for which ``actor`` may sign, each with the capacity.

    A co-lead signs for her own seat. A vacant one is signed for by its alternate; where there
    is none either, by an administrator of the organisation.
    """
    day, found = today(), {}
    holding = holders(session, consultation.table_id, day)
    standing_in = alternates(session, consultation.table_id, day)
    path = consultation.table.organisation.path
    administers = actor.holds(frozenset({"organisation_admin"}), table_id=None, path=path)
    for place in rules.PLACES:
        seat = f"co_lead_{place}"
        if seat in holding:
            if holding[seat] == actor.account_id:
                found[place] = "co_lead"
        elif seat in standing_in:
            if actor.account_id in standing_in[seat]:
                found[place] = "alternate"
        elif administers:
            found[place] = "organisation"
    return found


def place_of(
    session: Session, actor: Actor, consultation: Consultation, target: str
) -> tuple[str, str] | None:
    """Return (place, capacity) from which ``actor`` may still sign ``target``, or None.

    One person signs for one place, her own seat first: both signatures take two people.
    """
    standing = _signatures(session, consultation, target)
    if any(signature.account_id == actor.account_id for signature in standing):
        return None
    signed = {signature.place for signature in standing}
    found = places_of(session, actor, consultation)
    left = [(place, capacity) for place, capacity in found.items() if place not in signed]
    return min(left, key=lambda pair: pair[1] != "co_lead", default=None)


def sign(session: Session, actor: Actor, consultation: Consultation, target: str) -> None:
    """Sign ``target`` for one's place; a second signature of the same person changes nothing.

    Raises NotASignerError, or NotReadyError while gaps remain.
    """
    if not places_of(session, actor, consultation):
        raise NotASignerError
    place = place_of(session, actor, consultation, target)
    if place is None:
        return
    if gaps(session, consultation, target):
        raise NotReadyError
    signature = Signature(
        consultation_id=consultation.id,
        target=target,
        place=place[0],
        capacity=place[1],
        account_id=actor.account_id,
        content_hash=digest(session, consultation),
    )
    try:
        with session.begin_nested():
            session.add(signature)
    except IntegrityError:
        return
    details = {"target": target, "place": place[0], "capacity": place[1]}
    record(session, actor, "consultation.signed", subject(consultation), details)
    emit(session, "consultation.signed", subject(consultation), details)


def _signatures(session: Session, consultation: Consultation, target: str) -> list[Signature]:
    found = queries.signatures(session, consultation.id, digest(session, consultation))
    return [signature for signature in found if signature.target == target]


def signed_places(session: Session, consultation: Consultation, target: str) -> dict[str, str]:
    """Return who signed ``target`` under the present text: the capacity, by place."""
    return {s.place: s.capacity for s in _signatures(session, consultation, target)}


def move(session: Session, actor: Actor | None, consultation: Consultation, target: str) -> None:
    """Take a consultation to ``target``; raises NotReadyError saying nothing was changed."""
    if not rules.can_move(consultation.state, target) or gaps(session, consultation, target):
        raise NotReadyError
    if target in rules.SIGNED:
        if rules.missing_places(signed_places(session, consultation, target)):
            raise NotReadyError
        publish_notice(session, consultation)
    for kind in activities.all():
        kind.on_transition(session, consultation, target)
    before, consultation.state = consultation.state, target
    session.flush()
    details = {"from": before, "to": target}
    record(session, actor, "consultation.moved", subject(consultation), details)
    emit(session, "consultation.moved", subject(consultation), details)


def publish_notice(session: Session, consultation: Consultation) -> None:
    """Freeze the privacy notice as people will see it, unless it stands unchanged."""
    content = {name: getattr(consultation, name).to_json() for name in NOTICE_FIELDS}
    content["retention_months"] = consultation.retention_months
    number = session.scalar(
        select(func.max(NoticeVersion.number)).where(
            NoticeVersion.consultation_id == consultation.id
        )
    )
    last = queries.notice(session, consultation.id, number) if number else None
    if last is None or last.content != content:
        number = (number or 0) + 1
        session.add(
            NoticeVersion(
                consultation_id=consultation.id,
                number=number,
                content=content,
                published_on=today(),
            )
        )
    consultation.published_notice = number


def gaps(session: Session, consultation: Consultation, target: str) -> list[Gap]:
    """List what is missing before ``target``, each with the page that mends it."""
    found: list[Gap] = []
    if target in {"review", "announced", "open"}:
        found += queries.text_gaps(consultation) + queries.calendar_gaps(consultation)
    for kind in activities.all():
        found += kind.gaps(session, consultation, target)
    return found


def subject(consultation: Consultation) -> Subject:
    """Return how the audit log names a consultation."""
    return Subject("consultation", consultation.code, consultation.table_id)
