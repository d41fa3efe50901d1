"""Bring the demo into the states that are seldom seen: signatures half given, files prepared, refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from unittest.mock import patch

from sqlalchemy import delete, select, update
from werkzeug.exceptions import RequestEntityTooLarge, TooManyRequests
from werkzeug.test import TestResponse

from consult.accounts.models import Account
from consult.consultations.models import Consultation
from consult.consultations.services import PhaseInput, create, set_phases
from consult.core.clock import now, today
from consult.core.db import DatabaseBusyError, write_session
from consult.core.progress import Job
from consult.core.textmap import TextMap
from consult.tables.models import AdvisoryTable, Mandate, Seat
from tests.support.people import Staff
from tests.support.states import Answers, Cast, collect, state

__all__ = ["collect"]
FILES = (
    ("queued", "csv", {}),
    ("running", "jsonl", {"done": 1200, "total": 5000}),
    ("done", "xlsx", {"file": "ready.xlsx"}),
    ("done", "csv-excel", {"file": "old.csv"}),
    ("failed", "xlsx", {}),
)


@state
def exports(cast: Cast) -> Answers:
    """Show a file in each of its states; leave none behind."""
    code, ended = cast.codes["analysing"], now()
    with write_session(cast.app) as session:
        camille = session.scalars(select(Account.id).where(Account.name == "Camille Roy")).one()
        for number, (stands, kind, more) in enumerate(FILES):
            session.add(
                Job(
                    token=f"shown-{number}",
                    kind="export",
                    subject_kind="consultation",
                    subject_id=code,
                    asked_by=camille,
                    details={"format": kind, "labels": cast.lang},
                    state=stands,
                    ended_at=ended - timedelta(days=40 if kind == "csv-excel" else 0),
                    **more,
                )
            )
    yield (
        "exports in their states",
        cast.camille.get(cast.camille.url("exports_desk.choose", code=code)),
    )
    with write_session(cast.app) as session:
        session.execute(delete(Job).where(Job.token.startswith("shown-")))


@state
def clashes(cast: Cast) -> Answers:
    """Show a calendar that is worth a second look."""
    with write_session(cast.app) as session:
        table = session.scalars(select(AdvisoryTable).where(AdvisoryTable.code == cast.table)).one()
        made = create(session, None, table, TextMap({"fr": "Calendrier serré", "en": "Tight days"}))
        days = [today() + timedelta(days=n) for n in (0, 20, 10, 30)]
        set_phases(
            session,
            None,
            made,
            [
                PhaseInput("answer", days[0], days[1]),
                PhaseInput("synthesise", days[2], days[3]),
                PhaseInput("respond", days[0], days[2]),
            ],
        )
        code = made.code
    for endpoint in ("show", "edit_phases"):
        path = cast.camille.url(f"consultations_desk.{endpoint}", code=code)
        yield f"phases that clash, {endpoint}", cast.camille.get(path)


@state
def proposals(cast: Cast) -> Answers:
    """Show a proposal before and after its first signature; take it back."""
    camille, code = cast.camille, cast.codes["open"]
    show = camille.url("consultations_desk.show", code=code)
    reason = {"reason-fr": "Une faute de frappe.", "reason-en": "A typing error."}
    typed = {"title-fr": "Se déplacer, manger et se loger", "title-en": "Rides, food and housing"}
    with write_session(cast.app) as session:
        row = session.scalars(select(Consultation).where(Consultation.code == code)).one()
        typed |= {f"summary-{lang}": text for lang, text in row.summary.items()}
    camille.send(camille.url("consultations_desk.correct", code=code), typed | reason)
    yield "proposal that waits", camille.get(show)
    found = camille.get(show).text.partition('name="amendment" value="')[2].partition('"')[0]
    sign = cast.sylvie.url("consultations_desk.sign_change", code=code)
    cast.sylvie.send(sign, {"amendment": found})
    yield "proposal signed once, by her", cast.sylvie.get(show)
    amadou = Staff(cast.app, cast.address, cast.lang, "co_lead_partner")
    yield "proposal signed once, by the other", amadou.get(show)
    camille.send(camille.url("consultations_desk.drop_change", code=code), {"amendment": found})
    yield from _one_person(cast)


def _one_person(cast: Cast) -> Answers:
    """Show the gate of a table where one person holds both co-lead seats; undo it."""
    code = _in_review(cast)
    with write_session(cast.app) as session:
        table = session.scalars(select(AdvisoryTable).where(AdvisoryTable.code == cast.table)).one()
        seat = select(Seat.id).where(Seat.table_id == table.id, Seat.role == "co_lead_partner")
        held = session.scalars(select(Mandate).where(Mandate.seat_id.in_(seat))).one()
        before, mandate = held.account_id, held.id
        held.account_id = session.scalars(
            select(Account.id).where(Account.email == "sylvie@demo.invalid")
        ).one()
    show = cast.sylvie.url("consultations_desk.show", code=code)
    yield "one person on both co-lead seats", cast.sylvie.get(show)
    with write_session(cast.app) as session:
        session.execute(update(Mandate).where(Mandate.id == mandate).values(account_id=before))


def _in_review(cast: Cast) -> str:
    with write_session(cast.app) as session:
        found = session.scalars(
            select(Consultation.code)
            .join(AdvisoryTable)
            .where(AdvisoryTable.code == cast.table, Consultation.state == "review")
        ).first()
    assert found is not None
    return found


@contextmanager
def answered_by(cast: Cast, endpoint: str, error: Exception) -> Iterator[None]:
    """Let a view end as ``error``, its policy kept."""
    view = cast.app.view_functions[endpoint]

    @wraps(view)
    def failing(**_arguments: object) -> str:
        raise error

    with patch.dict(cast.app.view_functions, {endpoint: failing}):
        yield


@state
def refusals(cast: Cast) -> Answers:
    """Show what is said when too much is sent, too often, or when the site is busy."""
    for name, error in (
        ("413", RequestEntityTooLarge()),
        ("429", TooManyRequests()),
        ("503 with what was typed", DatabaseBusyError("busy")),
    ):
        with answered_by(cast, "surveys.step", error):
            yield name, cast.drafter.answer(4, {"q-change": "1\n2"})


@state
def english(cast: Cast) -> Answers:
    """Show the notice above English pages, where the institution wants one."""
    notice = {"english_notice": True}
    processors = [*cast.app.template_context_processors[None], lambda: notice]
    with patch.dict(cast.app.template_context_processors, {None: processors}):
        yield "home under the notice on English", _home(cast)


def _home(cast: Cast) -> TestResponse:
    return cast.visitor.get(cast.visitor.url("web.home"))
