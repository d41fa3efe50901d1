"""Read consultations, their phases and signatures (floor 4)."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

import msgspec
from flask import url_for
from sqlalchemy import (
    ColumnElement,
    Date,
    String,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    or_,
    select,
)

from consult.consultations import rules
from consult.consultations.models import (
    Amendment,
    Consultation,
    NoticeVersion,
    Phase,
    Signature,
)
from consult.core.authz import Actor
from consult.core.clock import now, today
from consult.core.db import AnyRow, AnySelect, Prepared, Session, rows
from consult.core.formats import when
from consult.core.i18n import current_language
from consult.core.i18n import gettext as _
from consult.core.pages import Page, page_of
from consult.core.registry import Gap
from consult.core.textmap import TextMap
from consult.tables.models import AdvisoryTable, Organisation
from consult.tables.queries import visible_to


class Body(msgspec.Struct, frozen=True):
    """The organisation of a table, as far as a public page and the policies look at it."""

    name: TextMap
    path: str
    language_policy: str


class Place(msgspec.Struct, frozen=True):
    """The table of a consultation, as far as a public page and the policies look at it."""

    id: int
    code: str
    name: TextMap
    visibility: str
    organisation: Body


class Seen(msgspec.Struct, frozen=True):
    """A consultation as its public page shows it: read in columns, for entities cost much more."""

    id: int
    code: str
    state: str
    iap2_level: str
    title: TextMap
    summary: TextMap
    promise: TextMap
    can_change: TextMap
    cannot_change: TextMap
    who: TextMap
    notice_who: TextMap
    notice_why: TextMap
    notice_how: TextMap
    notice_rights: TextMap
    notice_retention: TextMap
    retention_months: int
    necessity: TextMap
    ethics: TextMap
    response_due: date | None
    trace: list[dict[str, Any]]
    table: Place
    phases: tuple[rules.Span, ...]


# Statements are built once: the day is asked for when they run.
_TODAY = bindparam("today", callable_=today, type_=Date)


def takes_answers() -> ColumnElement[bool]:
    """Return the condition of a phase in which people may answer the questionnaire."""
    return cast(Phase.activities, String).contains(f'"{rules.ANSWERING}"', autoescape=True)


_CLOSING = (
    select(func.max(Phase.closes_on))
    .where(Phase.consultation_id == Consultation.id, takes_answers())
    .scalar_subquery()
)


@cache
def _listed() -> AnySelect:
    is_over = and_(Consultation.state == "open", _CLOSING < _TODAY)
    return (
        select(
            Consultation.id,
            Consultation.code,
            Consultation.title,
            Consultation.summary,
            case((is_over, "closed"), else_=Consultation.state).label("state"),
            AdvisoryTable.name.label("table_name"),
            _CLOSING.label("closes_on"),
        )
        .join(AdvisoryTable, AdvisoryTable.id == Consultation.table_id)
        .join(Organisation, Organisation.id == AdvisoryTable.organisation_id)
    )


def listed(session: Session, actor: Actor | None, cursor: str | None, size: int = 20) -> Page:
    """Return a page of the consultations that ``actor`` may find, newest first."""
    statement = _listed().where(Consultation.state.in_(rules.PUBLIC), visible_to(actor))
    return page_of(session, statement, [(Consultation.id, "desc")], cursor, size)


def open_now(session: Session, actor: Actor | None) -> Sequence[AnyRow]:
    """Return the consultations announced, or open and not yet closed by the calendar (12)."""
    return rows(session, _open_to_visitors() if actor is None else _open(actor))


def _open(actor: Actor | None) -> AnySelect:
    still = or_(_CLOSING.is_(None), _CLOSING >= _TODAY)
    running = or_(Consultation.state == "open", Consultation.state == "announced")
    statement = _listed().where(running, still, visible_to(actor))
    return statement.order_by(Consultation.id.desc()).limit(12)


@cache
def _open_to_visitors() -> Prepared:
    return Prepared(_open(None))


def of_table(session: Session, table_id: int, *, staff: bool) -> Sequence[AnyRow]:
    """Return the consultations of one table, newest first (at most 100)."""
    statement = _listed().where(Consultation.table_id == table_id)
    if not staff:
        statement = statement.where(Consultation.state.in_(rules.PUBLIC))
    return session.execute(statement.order_by(Consultation.id.desc()).limit(100)).all()


def under_way(session: Session, table_ids: Collection[int]) -> Sequence[AnyRow]:
    """Return what is not archived of tables whose staff asks, newest first (at most 12)."""
    values = {f"table_{place}": number for place, number in enumerate(table_ids)}
    return rows(session, _under_way(len(values)), values)


@lru_cache(maxsize=64)
def _under_way(tables: int) -> Prepared:
    """Return the statement for so many tables: the desk asks it each time."""
    asked = [Consultation.table_id == bindparam(f"table_{place}") for place in range(tables)]
    statement = _listed().where(or_(false(), *asked), Consultation.state != "archived")
    return Prepared(statement.order_by(Consultation.id.desc()).limit(12))


def seen(session: Session, code: str) -> Seen | None:
    """Return a consultation as its public page shows it, whoever may read it; None without one."""
    found = rows(session, _SEEN, {"code": code})
    if not found:
        return None
    own: dict[str, Any] = dict(zip(_OWN, found[0], strict=False))
    number, code, name, visibility, *body = found[0][len(_OWN) :]
    phases = rows(session, _PHASES, {"consultation": found[0].id})
    days = [rules.Span(kind, first, last, tuple(acts)) for kind, first, last, acts in phases]
    table = Place(number, code, name, visibility, Body(*body))
    return Seen(**own, table=table, phases=tuple(days))


_OWN = tuple(name for name in Seen.__struct_fields__ if name not in {"table", "phases"})
_SEEN = Prepared(
    select(
        *(Consultation.__table__.c[name] for name in _OWN),
        AdvisoryTable.id.label("place_id"),
        AdvisoryTable.code.label("place_code"),
        AdvisoryTable.name.label("place_name"),
        AdvisoryTable.visibility,
        Organisation.name.label("body_name"),
        Organisation.path,
        Organisation.language_policy,
    )
    .join(AdvisoryTable, AdvisoryTable.id == Consultation.table_id)
    .join(Organisation, Organisation.id == AdvisoryTable.organisation_id)
    .where(Consultation.code == bindparam("code"))
)
_PHASES = Prepared(
    select(Phase.kind, Phase.opens_on, Phase.closes_on, Phase.activities)
    .where(Phase.consultation_id == bindparam("consultation"))
    .order_by(Phase.position)
)


def signatures(
    session: Session, consultation_id: int, target: str, content_hash: str
) -> list[Signature]:
    """Return the signatures that stand under ``target`` with this content."""
    return list(
        session.scalars(
            select(Signature).where(
                Signature.consultation_id == consultation_id,
                Signature.target == target,
                Signature.content_hash == content_hash,
            )
        )
    )


def spans(phases: Sequence[Phase | rules.Span]) -> list[rules.Span]:
    """Return the phases as values."""
    return [
        phase
        if isinstance(phase, rules.Span)
        else rules.Span(phase.kind, phase.opens_on, phase.closes_on, tuple(phase.activities))
        for phase in phases
    ]


def changes(consultation: Consultation | Seen) -> list[rules.Change]:
    """Return what was changed in public, newest first."""
    return msgspec.convert(consultation.trace, list[rules.Change])


def proposed(session: Session, consultation_id: int) -> Amendment | None:
    """Return the proposal that waits for signatures, if any."""
    return session.scalars(
        select(Amendment).where(
            Amendment.consultation_id == consultation_id, Amendment.state == "proposed"
        )
    ).one_or_none()


def notice(session: Session, consultation_id: int, number: int) -> NoticeVersion | None:
    """Return one version of the privacy notice."""
    return session.get(NoticeVersion, (consultation_id, number))


def text_gaps(consultation: Consultation) -> list[Gap]:
    """List each required text that lacks in a declared language."""
    found = []
    for name in rules.REQUIRED_TEXTS:
        absent = getattr(consultation, name).missing(consultation.languages)
        links = tuple(
            (
                {"fr": _("in French"), "en": _("in English")}[lang],
                url_for(
                    "consultations_desk.edit", code=consultation.code, _anchor=f"{name}-{lang}"
                ),
            )
            for lang in absent
        )
        if links:
            text = _("%(field)s – no text yet", field=field_name(name))
            found.append(Gap(text, links[0][1], links))
    return found


def stale_texts(consultation: Consultation) -> list[str]:
    """Return the names of the texts whose French changed since their English was reviewed."""
    if "en" not in consultation.languages:
        return []
    return [
        name
        for name in rules.REQUIRED_TEXTS
        if rules.is_stale(getattr(consultation, name), consultation.reviewed.get(name))
    ]


def stale_gaps(consultation: Consultation) -> list[Gap]:
    """List each text whose English waits for a second look."""
    return [
        Gap(
            _(
                "%(field)s: the English was not reviewed since the French changed.",
                field=field_name(name),
            ),
            url_for(
                "consultations_desk.review_english", code=consultation.code, _anchor=f"row-{name}"
            ),
        )
        for name in stale_texts(consultation)
    ]


def calendar_gaps(consultation: Consultation) -> list[Gap]:
    """List what the calendar and the due date lack."""
    href = url_for("consultations_desk.edit_phases", code=consultation.code)
    anchor = url_for("consultations_desk.edit", code=consultation.code, _anchor="response_due")
    found = []
    answering = rules.allowing(spans(consultation.phases))
    due = consultation.response_due
    if not answering:
        found.append(Gap(_("The calendar has no phase in which people answer."), href))
    elif answering[-1].closes_on < today():
        found.append(Gap(_("The phase in which people answer is already over."), href))
    if due is None:
        found.append(Gap(_("The date on which an official response is due is missing."), anchor))
    elif answering and due <= answering[-1].closes_on:
        text = _("The official response is due before people have finished answering.")
        found.append(Gap(text, anchor))
    return found


def answering_gaps(consultation: Consultation) -> list[Gap]:
    """Say that answers are still taken: only the calendar, or both co-leads, end that."""
    end = rules.ends_at(spans(consultation.phases))
    if end is None or end < now():
        return []
    text = _(
        "Answers are taken until %(moment)s. To close earlier, propose a new last day.",
        moment=when(end, current_language()),
    )
    href = url_for("consultations_desk.change_days", code=consultation.code)
    return [Gap(text, href)]


def field_name(name: str) -> str:
    """Return the name of a text as the editing page shows it."""
    return field_names()[name]


def field_names() -> dict[str, str]:
    """Return the names of the fields of the desk's forms, as their pages show them."""
    return {
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
        "iap2_level": _("Level of participation (IAP2)"),
        "response_due": _("Official response due by"),
        "retention_months": _("Months that answers are kept"),
        "reason": _("Reason, for the public"),
        "day": _("New last day"),
    }


def missing_in(lang: str, field: str) -> str:
    """Say that the text of a field lacks in one language."""
    if lang == "fr":
        return _("%(field)s: the French text is missing.", field=field)
    return _("%(field)s: the English text is missing.", field=field)
