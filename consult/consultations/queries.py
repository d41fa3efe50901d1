"""Read consultations, their phases and signatures (floor 4)."""

from collections.abc import Sequence
from functools import cache

from flask import url_for
from sqlalchemy import func, select

from consult.consultations import rules
from consult.consultations.models import Consultation, NoticeVersion, Phase, Signature
from consult.core.authz import Actor
from consult.core.clock import today
from consult.core.db import AnyRow, AnySelect, Session, rows
from consult.core.i18n import gettext as _
from consult.core.pages import Page, page_of
from consult.core.registry import Gap
from consult.tables.models import AdvisoryTable, Organisation
from consult.tables.queries import visible_to


@cache
def _listed() -> AnySelect:
    closing = (
        select(func.max(Phase.closes_on))
        .where(Phase.consultation_id == Consultation.id, Phase.kind == "answer")
        .scalar_subquery()
        .label("closes_on")
    )
    return (
        select(
            Consultation.id,
            Consultation.code,
            Consultation.title,
            Consultation.summary,
            Consultation.state,
            AdvisoryTable.name.label("table_name"),
            closing,
        )
        .join(AdvisoryTable, AdvisoryTable.id == Consultation.table_id)
        .join(Organisation, Organisation.id == AdvisoryTable.organisation_id)
    )


def listed(session: Session, actor: Actor | None, cursor: str | None, size: int = 20) -> Page:
    """Return a page of the consultations that ``actor`` may find, newest first."""
    statement = _listed().where(Consultation.state.in_(rules.PUBLIC), visible_to(actor))
    return page_of(session, statement, [(Consultation.id, "desc")], cursor, size)


def open_now(session: Session, actor: Actor | None) -> Sequence[AnyRow]:
    """Return the consultations open or announced, for the home page (at most 12)."""
    statement = _open_to_visitors() if actor is None else _open(actor)
    return rows(session, statement)


def _open(actor: Actor | None) -> AnySelect:
    statement = _listed().where(Consultation.state.in_(("open", "announced")), visible_to(actor))
    return statement.order_by(Consultation.id.desc()).limit(12)


@cache
def _open_to_visitors() -> AnySelect:
    # The most visited page asks this; to build the statement costs as much as to run it.
    return _open(None)


def of_table(session: Session, table_id: int, *, staff: bool) -> Sequence[AnyRow]:
    """Return the consultations of one table, newest first (at most 100)."""
    statement = _listed().where(Consultation.table_id == table_id)
    if not staff:
        statement = statement.where(Consultation.state.in_(rules.PUBLIC))
    return session.execute(statement.order_by(Consultation.id.desc()).limit(100)).all()


def signatures(session: Session, consultation_id: int, digest: str) -> list[Signature]:
    """Return the signatures that stand under the present text."""
    return list(
        session.scalars(
            select(Signature).where(
                Signature.consultation_id == consultation_id, Signature.content_hash == digest
            )
        )
    )


def spans(phases: Sequence[Phase]) -> list[rules.Span]:
    """Return the phases as values."""
    return [rules.Span(phase.kind, phase.opens_on, phase.closes_on) for phase in phases]


def notice(session: Session, consultation_id: int, number: int) -> NoticeVersion | None:
    """Return one version of the privacy notice."""
    return session.get(NoticeVersion, (consultation_id, number))


def text_gaps(consultation: Consultation) -> list[Gap]:
    """List each required text that lacks in a declared language."""
    found = []
    for name in rules.REQUIRED_TEXTS:
        for lang in getattr(consultation, name).missing(consultation.languages):
            text = _(
                "%(field)s: the %(language)s text is missing.",
                field=field_name(name),
                language=language_name(lang),
            )
            href = url_for(
                "consultations_desk.edit", code=consultation.code, _anchor=f"{name}-{lang}"
            )
            found.append(Gap(text, href))
    return found


def calendar_gaps(consultation: Consultation) -> list[Gap]:
    """List what the calendar and the due date lack."""
    href = url_for("consultations_desk.edit_phases", code=consultation.code)
    found = []
    answering = [phase for phase in consultation.phases if phase.kind == "answer"]
    if not answering:
        found.append(Gap(_("The calendar has no phase in which people answer."), href))
    elif max(phase.closes_on for phase in answering) < today():
        found.append(Gap(_("The phase in which people answer is already over."), href))
    if consultation.response_due is None:
        anchor = url_for("consultations_desk.edit", code=consultation.code, _anchor="response_due")
        found.append(Gap(_("The date on which an official response is due is missing."), anchor))
    return found


def field_name(name: str) -> str:
    """Return the name of a text as the editing page shows it."""
    names = {
        "title": _("Title"),
        "summary": _("Plain-language summary"),
        "promise": _("Promise to the public"),
        "can_change": _("What can change"),
        "cannot_change": _("What cannot change"),
        "who": _("Who is invited to answer"),
        "notice_who": _("Privacy: who asks"),
        "notice_why": _("Privacy: why"),
        "notice_how": _("Privacy: how answers are protected"),
        "notice_rights": _("Privacy: your rights"),
        "notice_retention": _("Privacy: how long answers are kept"),
        "necessity": _("Why this consultation is necessary"),
        "ethics": _("Ethical assessment"),
    }
    return names[name]


def language_name(lang: str) -> str:
    """Return the name of a language inside a sentence."""
    return _("French") if lang == "fr" else _("English")
