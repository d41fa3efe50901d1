"""Keep drafts; submit, correct and withdraw responses (floor 6).

These functions take keys, never a person; they write no audit and no event.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, cast

import msgspec
from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from consult.core.clock import today
from consult.core.codes import CodeKeys, seal, unseal
from consult.core.db import ConflictError, Prepared, Session, rows
from consult.surveys import answers, queries
from consult.surveys.models import (
    Draft,
    Response,
    ResponseRevision,
    WithdrawnResponse,
)
from consult.surveys.queries import Kept, Published, Sheet
from consult.surveys.rules import Path, path
from consult.surveys.services.apart import store_apart
from consult.surveys.services.windows import Manner, SentMeanwhileError, check_base, is_late


class NotReadyError(ValueError):
    """Say that answers are missing or wrong; ``problems`` lists them, ``progress`` is kept."""

    def __init__(self, problems: list[answers.Problem], progress: "Progress") -> None:
        """Keep the problems and the answers for the page."""
        super().__init__("answers need attention")
        self.problems = problems
        self.progress = progress


class StaleError(ValueError):
    """Say that the response was corrected elsewhere meanwhile, or withdrawn; ``typed`` is kept."""

    def __init__(self, typed: dict[str, Any]) -> None:
        """Keep what was not sent."""
        super().__init__("the stored answers changed meanwhile")
        self.typed = typed


class Progress(msgspec.Struct):
    """What a draft holds: raw answers by item, on the path or off it; the revision it corrects.

    ``base`` is None before a first submit; ``confirmed`` names overridden soft constraints;
    ``windows`` says which window stored each page last, and at which of its turns; ``opened``
    are pages that answers saved in the background brought up, and nobody was led to yet;
    ``version`` is the version it began on, and finishes on; ``channel`` how it is answered.
    """

    typed: dict[str, Any] = msgspec.field(default_factory=dict)
    base: int | None = None
    confirmed: list[str] = msgspec.field(default_factory=list)
    windows: dict[int, tuple[str, int]] = msgspec.field(default_factory=dict)
    opened: list[int] = msgspec.field(default_factory=list)
    version: int | None = None
    channel: str = "web"


class SavedPage(msgspec.Struct, frozen=True):
    """What became of a posted page: all answers with it, their path, what is wrong with it.

    ``newly_asked`` are the items of the page that its answers brought up, ``opened`` the pages;
    ``kept`` are the answers as they are stored now.
    """

    typed: dict[str, Any]
    path: Path
    problems: list[answers.Problem]
    newly_asked: list[str]
    opened: list[int]
    kept: Mapping[str, Any] = {}
    channel: str = "web"


def read_progress(session: Session, keys: CodeKeys, *, lock: bool = False) -> Progress | None:
    """Open a draft with the keys of its code; None when there is none."""
    sealed = queries.sealed_draft(session, keys.draft, lock=lock)
    if sealed is None:
        return None
    return msgspec.json.decode(unseal(keys.cipher, sealed), type=Progress)


def save_page(
    session: Session,
    keys: CodeKeys,
    visited: tuple[Published, Sheet],
    posted: answers.Posted,
    days: int,
    *,
    manner: Manner,
) -> SavedPage:
    """Merge one page of raw answers into the draft: other pages, and other tabs, keep theirs.

    Nothing is kept of a page with problems, unless its reader is leaving it or it is saved in the
    background. Raises StaleError when the response of this code was withdrawn,
    ChangedElsewhereError when another window stored the page since, SentMeanwhileError when the
    sheet was sent and the page only comes from the background, ConflictError (core/db.py) when the
    sheet goes on in another version than that of the page.
    """
    consultation, sheet = visited
    stored = read_progress(session, keys, lock=True)
    if stored is not None and stored.version not in {None, sheet.version_id}:
        raise ConflictError
    if stored is None and manner.is_background and queries.is_stored(session, keys.response):
        raise SentMeanwhileError
    begun = stored or _beginning(session, keys, sheet, posted.typed)
    if is_late(begun.windows.get(posted.number), manner):
        return SavedPage(
            begun.typed, path(sheet.plan, begun.typed, today()), [], [], [], begun.typed
        )
    saved, progress = _judged(sheet, begun, posted, manner)
    if saved.problems and not (manner.is_leaving or manner.is_background):
        return msgspec.structs.replace(saved, kept=begun.typed)
    if stored is None:
        if _write_first(session, _sealed(keys, consultation, progress, days)):
            return saved
        # Another tab was quicker: its page is kept beside this one.
        first = read_progress(session, keys, lock=True) or progress
        saved, progress = _judged(sheet, first, posted, manner)
    write_progress(session, keys, consultation, progress, days)
    return saved


def _judged(
    sheet: Sheet, progress: Progress, posted: answers.Posted, manner: Manner
) -> tuple[SavedPage, Progress]:
    """Return what a page amounts to beside the others, and the draft with it merged in."""
    page = sheet.plan.pages[posted.number - 1]
    varies = sheet.plan.is_branching or page.is_live
    before = path(sheet.plan, progress.typed, today()) if varies else None
    typed = answers.merged(page, before, progress.typed, posted)
    check_base(page, (progress.typed, typed), progress.windows.get(posted.number), manner)
    found = path(sheet.plan, typed, today())
    wrong = answers.page_problems(sheet.plan, found, posted.number, typed, posted.confirmed)
    newly = answers.newly_asked(page, (before, found), typed, posted) if before else []
    # Nobody left out what they never saw: it is asked first.
    wrong = [p for p in wrong if p.reason != "required" or p.item not in newly]
    others = [t for t in progress.confirmed if t.partition(".")[0] not in posted.shown]
    opened = sorted({*progress.opened, *_opened(before, found)} & {p.number for p in found.pages})
    after = Progress(
        typed,
        progress.base,
        [*others, *sorted(posted.confirmed)],
        {**progress.windows, posted.number: (manner.window, manner.turn)},
        opened if manner.is_background else [],
        sheet.version_id,
        progress.channel,
    )
    return SavedPage(typed, found, wrong, newly, opened, typed, after.channel), after


def _opened(before: Path | None, after: Path) -> list[int]:
    known = {page.number for page in (before or after).pages}
    return [page.number for page in after.pages if page.number not in known]


def _beginning(
    session: Session, keys: CodeKeys, sheet: Sheet, typed: Mapping[str, Any]
) -> Progress:
    """Return what a draft starts from: nothing, or what this code has already sent."""
    response = queries.response_of(session, keys.response)
    if response is not None:
        return Progress(stored_answers(session, response, sheet), response.revision)
    if queries.is_withdrawn(session, keys.response):
        raise StaleError(dict(typed))
    return Progress()


def stored_answers(session: Session, response: Kept, sheet: Sheet | None = None) -> dict[str, Any]:
    """Return what a response holds as raw answers, read by the version it was given to.

    ``sheet`` is the one the reader has open: nearly always that version, then not read again.
    """
    if sheet is None or sheet.version_id != response.version_id:
        sheet = queries.sheet_of_version(session, response.version_id)
    texts = queries.texts_of(session, response.key)
    return answers.to_typed(sheet.definition, response.answers, texts) if sheet else {}


def write_progress(
    session: Session, keys: CodeKeys, consultation: Published, progress: Progress, days: int
) -> None:
    """Seal and store a draft, in the place of the one there is."""
    values = _sealed(keys, consultation, progress, days)
    rows(session, _upsert_draft(session.get_bind().dialect.name), values)


def _sealed(
    keys: CodeKeys, consultation: Published, progress: Progress, days: int
) -> dict[str, Any]:
    return {
        "key": keys.draft,
        "consultation_id": consultation.id,
        "sealed": seal(keys.cipher, msgspec.json.encode(progress)),
        "revision": 1,
        "expires_on": today() + timedelta(days=days),
    }


def _write_first(session: Session, values: Mapping[str, Any]) -> bool:
    """Store the first page of a draft; False when another tab did so at the same instant."""
    statement = _insert_once(session.get_bind().dialect.name, Draft)
    return bool(rows(session, statement, values))


@cache
def _upsert_draft(dialect: str) -> Prepared:
    first = _INSERTS[dialect](Draft.__table__)
    return Prepared(
        first.on_conflict_do_update(
            index_elements=[Draft.key],
            set_={
                "sealed": first.excluded.sealed,
                "expires_on": first.excluded.expires_on,
                "revision": Draft.__table__.c.revision + 1,
            },
        )
    )


_INSERTS: Mapping[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def submit(
    session: Session, keys: CodeKeys, consultation: Published, sheet: Sheet, lang: str
) -> bool:
    """Turn the draft into the response; a repeated submit finds it stored and changes nothing.

    Return whether a response is kept under this code. Raises NotReadyError with the problems,
    StaleError when something else is kept, or was withdrawn, under this code.
    """
    progress = read_progress(session, keys, lock=True)
    if progress is None:
        return queries.is_stored(session, keys.response)
    sheet = begun_on(session, progress, sheet)
    found = path(sheet.plan, progress.typed, today())
    wrong = answers.all_problems(sheet.plan, found, progress.typed, progress.confirmed)
    if wrong:
        raise NotReadyError(wrong, progress)
    content = (*answers.to_document(sheet.plan, found, progress.typed), lang, progress.channel)
    if progress.base is None:
        is_kept = _store_new(session, keys, consultation, sheet, content)
    else:
        is_kept = _store_correction(session, keys, sheet, progress.base, content)
    if not is_kept:
        raise StaleError(progress.typed)
    rows(session, _DRAFT_GONE, {"draft": keys.draft})
    return True


def begun_on(session: Session, progress: Progress, sheet: Sheet) -> Sheet:
    """Return the version on which a draft began; ``sheet`` for one that does not say."""
    if progress.version in {None, sheet.version_id}:
        return sheet
    return queries.sheet_of_version(session, progress.version or 0) or sheet


_DRAFTS = cast("Table", Draft.__table__)
_DRAFT_GONE = Prepared(delete(_DRAFTS).where(_DRAFTS.c.key == bindparam("draft")))
Content = tuple[dict[str, Any], dict[str, str], str, str]


def _store_new(
    session: Session, keys: CodeKeys, consultation: Published, sheet: Sheet, content: Content
) -> bool:
    """Store a first response; False when this code has another one, or withdrew its own."""
    if queries.is_withdrawn(session, keys.response):
        return False
    document, texts, lang, channel = content
    values = {
        "key": keys.response,
        "table_id": consultation.table_id,
        "consultation_id": consultation.id,
        "questionnaire_id": sheet.questionnaire_id,
        "version_id": sheet.version_id,
        "notice_number": consultation.published_notice,
        "channel": channel,
        "lang": lang,
        "day": today(),
        "answers": document,
        "revision": 1,
        "chunk": None,
    }
    statement = _insert_once(session.get_bind().dialect.name, Response)
    if not rows(session, statement, values):
        kept = queries.response_of(session, keys.response)
        return kept is not None and (kept.answers, queries.texts_of(session, keys.response)) == (
            document,
            texts,
        )
    store_apart(session, keys.response, sheet.definition, content[:3], is_new=True)
    return True


@cache
def _insert_once(dialect: str, model: type[Draft | Response]) -> Prepared:
    # Two tabs that send at the same instant: the second finds the first, and stores nothing.
    table = model.__table__
    insert = _INSERTS[dialect](table).on_conflict_do_nothing(index_elements=[table.c.key])
    return Prepared(insert.returning(table.c.key))


def _store_correction(
    session: Session, keys: CodeKeys, sheet: Sheet, base: int, content: Content
) -> bool:
    """Replace revision ``base`` and keep what it said; False when it is no longer the present."""
    document, _texts, lang = content[:3]
    key = keys.response
    before = session.execute(
        select(Response.version_id, Response.answers, Response.day).where(Response.key == key)
    ).one_or_none()
    changed = session.execute(
        update(Response)
        .where(Response.key == key, Response.revision == base)
        .values(version_id=sheet.version_id, answers=document, lang=lang, revision=base + 1)
        .returning(Response.revision)
    ).one_or_none()
    if changed is None or before is None:
        return False
    session.add(
        ResponseRevision(
            key=key,
            revision=base,
            version_id=before.version_id,
            answers=before.answers,
            texts=queries.texts_of(session, key),
            day=today(),
        )
    )
    store_apart(session, key, sheet.definition, content[:3], is_new=False)
    return True


def start_correction(
    session: Session,
    keys: CodeKeys,
    consultation: Published,
    days: int,
    *,
    keep_mine: bool | None = None,
) -> bool:
    """Open a draft of the stored answers; False when there is nothing to correct.

    A correction already under way is gone on with. When the stored answers changed meanwhile,
    ``keep_mine`` says which of the two versions to go on with; without it StaleError is raised,
    for neither is lost before somebody has seen both.
    """
    response = queries.response_of(session, keys.response)
    if response is None:
        return False
    progress = read_progress(session, keys, lock=True)
    if progress is not None and keep_mine is not False:
        if progress.base == response.revision:
            return True
        if keep_mine is None:
            raise StaleError(progress.typed)
        progress.base = response.revision
    else:
        typed = stored_answers(session, response)
        given_to = queries.sheet_of_version(session, response.version_id)
        items = given_to.definition.items if given_to else ()
        confirmed = answers.confirmed_in(items, response.answers, typed)
        progress = Progress(typed, response.revision, confirmed, version=response.version_id)
    write_progress(session, keys, consultation, progress, days)
    return True


def withdraw(session: Session, keys: CodeKeys, consultation: Published) -> bool:
    """Erase a response and all that hangs on it; keep only that it was withdrawn."""
    session.execute(delete(Draft).where(Draft.key == keys.draft))
    gone = session.execute(
        delete(Response).where(Response.key == keys.response).returning(Response.key)
    ).one_or_none()
    if gone is None:
        return False
    session.add(WithdrawnResponse(key=keys.response, consultation_id=consultation.id, day=today()))
    return True


def purge_drafts(session: Session) -> int:
    """Erase the drafts whose time is over; return how many."""
    expired = session.scalar(
        select(func.count()).select_from(Draft).where(Draft.expires_on < today())
    )
    session.execute(delete(Draft).where(Draft.expires_on < today()))
    return expired or 0
