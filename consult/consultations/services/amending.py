"""Change what is already public: proposed, signed by both co-leads, then applied (floor 4)."""

from collections.abc import Mapping
from datetime import date

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from consult.audit.services import record
from consult.consultations import queries, rules
from consult.consultations.models import Amendment, Consultation, Phase
from consult.consultations.services.drafting import reviewed_after, subject
from consult.consultations.services.signing import (
    Bond,
    NotReadyError,
    Signing,
    show_applied,
    sign_bond,
    signed_under,
    signing,
    take_back_bond,
)
from consult.core.authz import Actor
from consult.core.clock import today
from consult.core.db import Session
from consult.core.registry import activities
from consult.core.textmap import TextMap


class AlreadyProposedError(ValueError):
    """Say that another proposal waits for signatures."""


class NewDay(msgspec.Struct, frozen=True):
    """A new last day for one phase: ``extend`` or ``close`` (early)."""

    kind: str
    phase: Phase
    day: date


def propose_day(
    session: Session, actor: Actor, consultation: Consultation, wanted: NewDay, reason: TextMap
) -> Amendment:
    """Propose a new last day; raises NotReadyError, or AlreadyProposedError."""
    if _day_fault(consultation, wanted) or reason.missing(consultation.languages):
        raise NotReadyError
    amendment = Amendment(
        consultation_id=consultation.id,
        kind=wanted.kind,
        phase_id=wanted.phase.id,
        old_day=wanted.phase.closes_on,
        new_day=wanted.day,
        reason=reason,
        proposed_by=actor.account_id,
    )
    return _propose(session, actor, consultation, amendment)


def _day_fault(consultation: Consultation, wanted: NewDay) -> str:
    if not rules.may_amend(consultation.state, wanted.kind):
        return "state"
    (span,) = queries.spans([wanted.phase])
    due = consultation.response_due
    return rules.day_fault(span, wanted.kind, wanted.day, today(), due)


def propose_correction(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    texts: Mapping[str, TextMap],
    reason: TextMap,
) -> Amendment:
    """Propose to mend the title or the summary; raises NotReadyError, or AlreadyProposedError."""
    changes = {
        name: {"before": getattr(consultation, name).to_json(), "after": text.to_json()}
        for name, text in texts.items()
        if text != getattr(consultation, name)
    }
    is_complete = not any(
        text.missing(consultation.languages) for text in (*texts.values(), reason)
    )
    is_allowed = rules.may_amend(consultation.state, "correct") and set(changes) <= _CORRECTABLE
    if not (changes and is_complete and is_allowed):
        raise NotReadyError
    amendment = Amendment(
        consultation_id=consultation.id,
        kind="correct",
        changes=changes,
        reason=reason,
        proposed_by=actor.account_id,
    )
    return _propose(session, actor, consultation, amendment)


def propose_version(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    change: tuple[str, Mapping[str, Mapping[str, str]]],
    reason: TextMap,
) -> Amendment:
    """Propose that what an activity put in force is followed by a corrected version.

    ``change`` names the activity and what is before and after, as ``apply_version`` of the
    activity reads it. Raises NotReadyError, or AlreadyProposedError.
    """
    is_allowed = rules.may_amend(consultation.state, "version")
    if not is_allowed or reason.missing(consultation.languages):
        raise NotReadyError
    code, versions = change
    amendment = Amendment(
        consultation_id=consultation.id,
        kind="version",
        changes={code: {when: dict(said) for when, said in versions.items()}},
        reason=reason,
        proposed_by=actor.account_id,
    )
    return _propose(session, actor, consultation, amendment)


_CORRECTABLE = frozenset(rules.CORRECTABLE)


def _propose(
    session: Session, actor: Actor, consultation: Consultation, amendment: Amendment
) -> Amendment:
    try:
        with session.begin_nested():
            session.add(amendment)
    except IntegrityError as error:
        raise AlreadyProposedError from error
    _record(session, actor, consultation, amendment, "change_proposed")
    return amendment


def bond_of(amendment: Amendment) -> Bond:
    """Return what a signature under an amendment is bound to: its kind, and a hash of it all."""
    content = [
        amendment.id,
        amendment.phase_id,
        amendment.old_day,
        amendment.new_day,
        amendment.changes,
        amendment.reason.to_json(),
    ]
    return amendment.kind, rules.content_hash(content)


def proposal_signing(
    session: Session, actor: Actor, consultation: Consultation, amendment: Amendment
) -> Signing:
    """Return how the signatures under an amendment stand for ``actor``."""
    return signing(session, actor, consultation, bond_of(amendment))


def unsign_amendment(
    session: Session, actor: Actor, consultation: Consultation, amendment_id: int
) -> bool:
    """Take back one's signature under the proposal that waits; False when there is none.

    Raises NotReadyError when it waits no longer: with the second signature it took effect.
    """
    amendment = _waiting(session, consultation, amendment_id)
    return take_back_bond(session, actor, consultation, bond_of(amendment))


def sign_amendment(
    session: Session, actor: Actor, consultation: Consultation, amendment_id: int
) -> bool:
    """Sign the proposal that waits; apply it with the second signature; tell whether it was.

    Raises NotASignerError; NotReadyError when it waits no longer, or time overtook it.
    """
    amendment = _waiting(session, consultation, amendment_id)
    sign_bond(session, actor, consultation, bond_of(amendment))
    if rules.missing_places(signed_under(session, consultation, bond_of(amendment))):
        return False
    if amendment.kind == "correct":
        _correct(consultation, amendment)
    elif amendment.kind == "version":
        _put_in_force(session, actor, consultation, amendment)
    else:
        _move_day(session, consultation, amendment)
    show_applied(consultation, amendment)
    session.flush()
    _record(session, actor, consultation, amendment, "change_applied")
    return True


def drop_amendment(
    session: Session, actor: Actor, consultation: Consultation, amendment_id: int
) -> None:
    """Take back the proposal that waits; raises NotReadyError when it waits no longer."""
    amendment = _waiting(session, consultation, amendment_id)
    amendment.state = "dropped"
    _record(session, actor, consultation, amendment, "change_dropped")


def _waiting(session: Session, consultation: Consultation, amendment_id: int) -> Amendment:
    """Return the proposal, held until the end of the transaction: two signers wait in turn."""
    amendment = session.scalars(
        select(Amendment)
        .where(Amendment.id == amendment_id, Amendment.consultation_id == consultation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if amendment is None or amendment.state != "proposed":
        raise NotReadyError
    return amendment


def _move_day(session: Session, consultation: Consultation, amendment: Amendment) -> None:
    phase = session.get(Phase, amendment.phase_id)
    if phase is None or amendment.new_day is None or phase.closes_on != amendment.old_day:
        raise NotReadyError
    if _day_fault(consultation, NewDay(amendment.kind, phase, amendment.new_day)):
        raise NotReadyError
    phase.closes_on = amendment.new_day
    consultation.calendar_version += 1


def _correct(consultation: Consultation, amendment: Amendment) -> None:
    changed = {name: TextMap(texts["after"]) for name, texts in amendment.changes.items()}
    if not rules.may_amend(consultation.state, "correct") or any(
        getattr(consultation, name).to_json() != texts["before"]
        for name, texts in amendment.changes.items()
    ):
        raise NotReadyError
    # Both co-leads read both languages before they signed: nothing is left to review.
    consultation.reviewed = reviewed_after(consultation.reviewed, {}, changed)
    for name, text in changed.items():
        setattr(consultation, name, text)


def _put_in_force(
    session: Session, actor: Actor, consultation: Consultation, amendment: Amendment
) -> None:
    if not rules.may_amend(consultation.state, "version"):
        raise NotReadyError
    for code, change in amendment.changes.items():
        if not activities.get(code).apply_version(session, actor, consultation, change):
            raise NotReadyError


def _record(
    session: Session, actor: Actor, consultation: Consultation, amendment: Amendment, verb: str
) -> None:
    details = {
        "amendment": amendment.id,
        "kind": amendment.kind,
        "from": amendment.old_day.isoformat() if amendment.old_day else None,
        "to": amendment.new_day.isoformat() if amendment.new_day else None,
        "fields": sorted(amendment.changes),
    }
    record(session, actor, f"consultation.{verb}", subject(consultation), details)
