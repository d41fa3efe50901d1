"""Sign the steps of a consultation and take them (floor 4)."""

from typing import Any

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from consult.audit.services import record
from consult.consultations import queries, rules
from consult.consultations.models import Amendment, Consultation, NoticeVersion, Signature
from consult.consultations.services.drafting import hold, subject
from consult.core.authz import Actor
from consult.core.clock import today
from consult.core.db import Session
from consult.core.events import emit
from consult.core.registry import Gap, activities
from consult.core.richtext import RichText
from consult.core.textmap import TextMap
from consult.tables.queries import alternates, holders, organisation_admins

NOTICE_FIELDS = ("notice_who", "notice_why", "notice_how", "notice_rights", "notice_retention")
Bond = tuple[str, str]  # what is signed (a step, or the kind of an amendment), and its hash


class NotReadyError(ValueError):
    """Say that a transition is refused: gaps remain, or a signature is missing."""


class NotASignerError(ValueError):
    """Say that this person holds no place from which to sign."""


def digest(session: Session, consultation: Consultation) -> str:
    """Return the hash of all that people sign: texts, promises, calendar, and each activity.

    Necessity and ethics are among the texts: a signature covers them (A-2.1 s. 63.3).
    """
    texts = [getattr(consultation, name).to_json() for name in rules.REQUIRED_TEXTS]
    calendar = [
        [p.kind, p.opens_on, p.closes_on, sorted(p.activities), p.moderation]
        for p in consultation.phases
    ]
    promised = [
        consultation.languages,
        consultation.iap2_level,
        consultation.response_due,
        consultation.retention_months,
    ]
    # What was announced and taken back is signed anew, though it says the same.
    taken_back = sum(change["kind"] == "withdraw" for change in consultation.trace)
    shown = [kind.fingerprint(session, consultation) for kind in activities.all()]
    return rules.content_hash([texts, calendar, promised, taken_back, shown])


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


def able_to_sign(session: Session, consultation: Consultation) -> dict[str, set[int]]:
    """Return the accounts that may sign for each place, as ``places_of`` says of one."""
    day, found = today(), {}
    holding = holders(session, consultation.table_id, day)
    standing_in = alternates(session, consultation.table_id, day)
    path = consultation.table.organisation.path
    for place in rules.PLACES:
        seat = f"co_lead_{place}"
        if seat in holding:
            found[place] = {holding[seat]}
        elif seat in standing_in:
            found[place] = standing_in[seat]
        else:
            found[place] = {admin.account_id for admin in organisation_admins(session, path)}
    return found


class Signing(msgspec.Struct, frozen=True):
    """How the signatures under a step or a proposal stand, as one person sees them.

    ``signed`` are the capacities by place, ``place`` is from where she may sign, if anywhere,
    ``hindrance`` is why the missing ones cannot come (``rules.hindrance``).
    """

    signed: dict[str, str]
    missing: tuple[str, ...]
    place: tuple[str, str] | None
    is_mine: bool
    hindrance: str


def signing(session: Session, actor: Actor, consultation: Consultation, bond: Bond) -> Signing:
    """Return how the signatures under ``bond`` stand for ``actor``."""
    standing = queries.signatures(session, consultation.id, *bond)
    accounts = {signature.place: signature.account_id for signature in standing}
    missing = rules.missing_places(accounts)
    return Signing(
        signed={signature.place: signature.capacity for signature in standing},
        missing=missing,
        place=place_under(session, actor, consultation, bond) if missing else None,
        is_mine=actor.account_id in accounts.values(),
        hindrance=rules.hindrance(able_to_sign(session, consultation), accounts) if missing else "",
    )


def step_signing(
    session: Session, actor: Actor, consultation: Consultation, target: str
) -> Signing:
    """Return how the signatures under a step stand for ``actor``, with the text as it is now."""
    return signing(session, actor, consultation, (target, digest(session, consultation)))


def place_under(
    session: Session, actor: Actor, consultation: Consultation, bond: Bond
) -> tuple[str, str] | None:
    """Return (place, capacity) from which ``actor`` may still sign ``bond``, or None.

    One person signs for one place, her own seat first: both signatures take two people.
    """
    standing = queries.signatures(session, consultation.id, *bond)
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
    bond = (target, digest(session, consultation))
    is_new = place_under(session, actor, consultation, bond) is not None
    if is_new and gaps(session, consultation, target):
        raise NotReadyError
    sign_bond(session, actor, consultation, bond)


def sign_bond(session: Session, actor: Actor, consultation: Consultation, bond: Bond) -> None:
    """Put one's signature under ``bond``, once; raises NotASignerError."""
    if not places_of(session, actor, consultation):
        raise NotASignerError
    place = place_under(session, actor, consultation, bond)
    if place is None:
        return
    target, content_hash = bond
    signature = Signature(
        consultation_id=consultation.id,
        target=target,
        place=place[0],
        capacity=place[1],
        account_id=actor.account_id,
        content_hash=content_hash,
    )
    try:
        with session.begin_nested():
            session.add(signature)
    except IntegrityError:
        return
    details = {"target": target, "place": place[0], "capacity": place[1]}
    record(session, actor, "consultation.signed", subject(consultation), details)
    emit(session, "consultation.signed", subject(consultation), details)


def take_back(session: Session, actor: Actor, consultation: Consultation, target: str) -> bool:
    """Take back one's signature under a step; False when there is none, or the step is taken."""
    hold(session, consultation)
    if not rules.can_move(consultation.state, target):
        return False
    return take_back_bond(session, actor, consultation, (target, digest(session, consultation)))


def take_back_bond(session: Session, actor: Actor, consultation: Consultation, bond: Bond) -> bool:
    """Take back one's signature under ``bond``; False when there is none any more."""
    gone = session.execute(
        delete(Signature)
        .where(
            Signature.consultation_id == consultation.id,
            Signature.target == bond[0],
            Signature.content_hash == bond[1],
            Signature.account_id == actor.account_id,
        )
        .returning(Signature.place, Signature.capacity)
    ).one_or_none()
    if gone is None:
        return False
    details = {"target": bond[0], "place": gone.place, "capacity": gone.capacity}
    record(session, actor, "consultation.unsigned", subject(consultation), details)
    return True


def signed_places(session: Session, consultation: Consultation, target: str) -> dict[str, str]:
    """Return who signed ``target`` under the present text: the capacity, by place."""
    return signed_under(session, consultation, (target, digest(session, consultation)))


def signed_under(session: Session, consultation: Consultation, bond: Bond) -> dict[str, str]:
    """Return who signed ``bond``: the capacity, by place."""
    return {s.place: s.capacity for s in queries.signatures(session, consultation.id, *bond)}


def move(
    session: Session,
    actor: Actor | None,
    consultation: Consultation,
    target: str,
    reason: TextMap | None = None,
) -> None:
    """Take a consultation to ``target``; raises NotReadyError saying nothing was changed.

    What was announced goes back to draft only with a ``reason``, kept for the public.
    """
    hold(session, consultation)
    if not rules.can_move(consultation.state, target) or gaps(session, consultation, target):
        raise NotReadyError
    if target in rules.SIGNED:
        if rules.missing_places(signed_places(session, consultation, target)):
            raise NotReadyError
        publish_notice(session, consultation)
    if rules.needs_reason(consultation.state, target):
        _withdraw(session, actor, consultation, reason)
    for kind in activities.all():
        kind.on_transition(session, consultation, target)
    waiting = queries.proposed(session, consultation.id)
    if waiting is not None and not rules.may_amend(target, waiting.kind):
        waiting.state = "dropped"  # nobody could apply it any more
    before, consultation.state = consultation.state, target
    session.flush()
    details = {"from": before, "to": target}
    record(session, actor, "consultation.moved", subject(consultation), details)
    emit(session, "consultation.moved", subject(consultation), details)


def _withdraw(
    session: Session, actor: Actor | None, consultation: Consultation, reason: TextMap | None
) -> None:
    if reason is None or reason.missing(consultation.languages):
        raise NotReadyError
    amendment = Amendment(
        consultation_id=consultation.id,
        kind="withdraw",
        reason=reason,
        proposed_by=actor.account_id if actor else None,
    )
    session.add(amendment)
    show_applied(consultation, amendment)


def show_applied(consultation: Consultation, amendment: Amendment) -> None:
    """Mark an amendment as applied today, and show it on the public page."""
    amendment.state, amendment.applied_on = "applied", today()
    kinds = {phase.id: phase.kind for phase in consultation.phases}
    change = rules.Change(
        kind=amendment.kind,
        applied_on=amendment.applied_on,
        reason=amendment.reason.to_json(),
        old_day=amendment.old_day,
        new_day=amendment.new_day,
        phase=kinds.get(amendment.phase_id or 0, ""),
        changes=amendment.changes or {},
    )
    consultation.trace = [msgspec.to_builtins(change), *consultation.trace]


def publish_notice(session: Session, consultation: Consultation) -> None:
    """Freeze the privacy notice as people will see it, unless it stands unchanged."""
    content: dict[str, Any] = {
        name: RichText.of(getattr(consultation, name)).to_storage() for name in NOTICE_FIELDS
    }
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
        found += queries.text_gaps(consultation) + queries.stale_gaps(consultation)
        found += queries.calendar_gaps(consultation)
    if target == "analysing":
        found += queries.answering_gaps(consultation)
    for kind in activities.all():
        found += kind.gaps(session, consultation, target)
    return found
