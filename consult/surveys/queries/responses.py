"""Read published consultations, drafts, responses and their tallies (floor 6)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import String, and_, bindparam, exists, func, select

from consult.consultations.models import Consultation, Phase
from consult.consultations.queries import takes_answers
from consult.consultations.rules import ANSWERING, Span
from consult.core.codes import CodeKeys
from consult.core.db import AnySelect, Prepared, Session, rows
from consult.core.pages import Page, page_of
from consult.core.seeking import says
from consult.core.textmap import TextMap
from consult.surveys.models import (
    Draft,
    Questionnaire,
    QuestionnaireCorrection,
    QuestionnaireVersion,
    Response,
    ResponseText,
    WithdrawnResponse,
)
from consult.surveys.queries.sheets import Sheet, asked_over, sheet_of_version
from consult.surveys.rules import (
    Voice,
    kind_of,
)
from consult.surveys.tallies import ItemResult, Tallies
from consult.tables.models import AdvisoryTable, Organisation

_BATCH = 1000


class Published(msgspec.Struct, frozen=True):
    """A consultation as a citizen's pages need it; ``phases`` are those that take answers.

    ``is_corrected``: the live questionnaire follows another one, on which sheets were begun.
    """

    id: int
    code: str
    table_id: int
    state: str
    visibility: str
    language_policy: str
    title: TextMap
    response_due: date | None
    published_notice: int | None
    phases: tuple[Span, ...]
    is_corrected: bool = False


def _published() -> AnySelect:
    consultation, table, phase = Consultation.__table__, AdvisoryTable.__table__, Phase.__table__
    asked, version = Questionnaire.__table__, QuestionnaireVersion.__table__
    body, correction = Organisation.__table__, QuestionnaireCorrection.__table__
    answering = and_(phase.c.consultation_id == consultation.c.id, takes_answers())
    live = and_(version.c.questionnaire_id == asked.c.id, version.c.status == "live")
    columns = [
        consultation.c[name]
        for name in ("id", "code", "table_id", "state", "title", "response_due", "published_notice")
    ]
    return (
        select(
            *columns,
            table.c.visibility,
            body.c.language_policy,
            version.c.id.label("version_id"),
            version.c.sha256,
            exists().where(correction.c.version_id == version.c.id).label("is_corrected"),
            phase.c.opens_on,
            phase.c.closes_on,
        )
        .select_from(consultation)
        .join(table, table.c.id == consultation.c.table_id)
        .join(body, body.c.id == table.c.organisation_id)
        .join(asked, asked.c.consultation_id == consultation.c.id)
        .join(version, live)
        .outerjoin(phase, answering)
        .where(consultation.c.code == bindparam("code"))
        .order_by(version.c.number.desc(), phase.c.position)
    )


_PUBLISHED = Prepared(_published())


def published(session: Session, code: str) -> tuple[Published, Sheet] | None:
    """Return a consultation with its live questionnaire, in one query; None without one."""
    found_rows = rows(session, _PUBLISHED, {"code": code})
    if not found_rows:
        return None
    first = found_rows[0]
    found = sheet_of_version(session, first.version_id, first.sha256)
    if found is None:
        return None
    phases = tuple(
        Span("answer", row.opens_on, row.closes_on, (ANSWERING,))
        for row in found_rows
        if row.version_id == first.version_id and row.opens_on is not None
    )
    consultation = Published(
        id=first.id,
        code=first.code,
        table_id=first.table_id,
        state=first.state,
        visibility=first.visibility,
        language_policy=first.language_policy,
        title=first.title,
        response_due=first.response_due,
        published_notice=first.published_notice,
        phases=phases,
        is_corrected=bool(first.is_corrected),
    )
    return consultation, found


_DRAFTS = Draft.__table__
_ONE_SEALED = select(_DRAFTS.c.sealed).where(_DRAFTS.c.key == bindparam("key"))
_SEALED = Prepared(_ONE_SEALED)
_SEALED_LOCKED = Prepared(_ONE_SEALED.with_for_update())


def sealed_draft(session: Session, key: bytes, *, lock: bool = False) -> bytes | None:
    """Return an unfinished sheet as stored; ``lock`` keeps other tabs waiting until the commit."""
    found = rows(session, _SEALED_LOCKED if lock else _SEALED, {"key": key})
    return found[0].sealed if found else None


def known_keys(session: Session, candidates: Sequence[CodeKeys]) -> CodeKeys:
    """Return the keys under which something is stored, else the first of ``candidates``.

    A code fits a second version of the pepper by chance once in 2**20.
    """
    if len(candidates) > 1:
        for keys in candidates:
            stored = response_of(session, keys.response) or sealed_draft(session, keys.draft)
            if stored is not None or is_withdrawn(session, keys.response):
                return keys
    return candidates[0]


class Kept(msgspec.Struct, frozen=True):
    """A submitted sheet as its own pages show it; its free texts are read apart."""

    key: bytes
    version_id: int
    notice_number: int
    day: date
    answers: dict[str, Any]
    revision: int
    channel: str


def response_of(session: Session, key: bytes) -> Kept | None:
    """Return the submitted sheet of a key."""
    found = rows(session, _KEPT, {"key": key})
    return Kept(*found[0]) if found else None


_KEPT = Prepared(
    select(*(Response.__table__.c[name] for name in Kept.__struct_fields__)).where(
        Response.key == bindparam("key")
    )
)


def is_stored(session: Session, key: bytes) -> bool:
    """Tell whether a response is kept under this key."""
    return bool(rows(session, _STORED, {"key": key}))


_STORED = Prepared(select(Response.key).where(Response.key == bindparam("key")))


def texts_of(session: Session, key: bytes) -> dict[str, str]:
    """Return the free texts of one response, by item."""
    return {row.item: row.body for row in rows(session, _TEXTS, {"key": key})}


_TEXTS = Prepared(
    select(ResponseText.item, ResponseText.body).where(ResponseText.key == bindparam("key"))
)


def is_withdrawn(session: Session, key: bytes) -> bool:
    """Tell whether the response of this key was withdrawn."""
    return bool(rows(session, _WITHDRAWN, {"key": key}))


_WITHDRAWN = Prepared(
    select(WithdrawnResponse.key).where(WithdrawnResponse.key == bindparam("key"))
)


def count(session: Session, consultation_id: int) -> int:
    """Return the number of responses of a consultation."""
    n: int = rows(session, _COUNT, {"consultation": consultation_id})[0][0]
    return n


_COUNT = Prepared(
    select(func.count())
    .select_from(Response)
    .where(Response.consultation_id == bindparam("consultation"))
)


def documents(session: Session, consultation_id: int) -> Iterator[Any]:
    """Yield each response (key, version, channel, lang, day, answers) in key order, streamed."""
    statement = (
        select(
            Response.key,
            Response.version_id,
            Response.channel,
            Response.lang,
            Response.day,
            Response.answers,
        )
        .where(Response.consultation_id == consultation_id)
        .order_by(Response.key)
        .execution_options(yield_per=_BATCH)
    )
    yield from session.execute(statement)


def results(session: Session, consultation_id: int, voice: Voice) -> tuple[int, list[ItemResult]]:
    """Count every closed item over all responses; return (number of responses, results)."""
    asked = asked_over(session, consultation_id)
    if asked is None:
        return 0, []
    tallies, newest = Tallies(asked.merged), asked.merged.numbers[-1]
    for row in documents(session, consultation_id):
        tallies.add(row.answers, asked.numbers.get(row.version_id, newest))
    return tallies.total, tallies.results(voice)


def texts_page(
    session: Session, consultation_id: int, item: str, cursor: str | None, sought: str = ""
) -> Page:
    """Return a page of free texts (hex key, language, text), in key order.

    ``sought``: only those that say it, whatever their case and accents. The key stays here:
    the cursor is sealed, and the page shows only the texts.
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    key = ResponseText.key
    # With its type, for a cursor that holds something else must not reach the database.
    hexed = func.hex(key, type_=String) if is_sqlite else func.encode(key, "hex", type_=String)
    order = hexed.label("position")
    statement = (
        select(order, ResponseText.lang, ResponseText.body)
        .join(Response, Response.key == ResponseText.key)
        .where(Response.consultation_id == consultation_id, ResponseText.item == item)
    )
    if sought:
        statement = statement.where(says(session, ResponseText.body, sought))
    return page_of(session, statement, [(order, "asc")], cursor, sealed=True)


def item_title(session: Session, consultation_id: int, item: str, lang: str) -> str | None:
    """Return the title of one item, or of its words beside "other"; None when no version has it."""
    asked = asked_over(session, consultation_id)
    for found in asked.merged.items if asked else ():
        if item in kind_of(found.item).keys(found.item):
            title = found.item.title.pick(lang)[0]
            beside = [o.label.pick(lang)[0] for o in found.item.options if o.specify]
            return title if found.item.code == item else " – ".join([title, *beside[:1]])
    return None
