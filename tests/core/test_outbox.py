"""An event is kept with its change, dealt with once, and tried again when a handler fails."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from consult.audit.services import Subject
from consult.consultations.models import Consultation
from consult.core import events
from consult.core.clock import now, travel
from consult.core.db import read_session, write_session
from consult.core.events import Event, emit, handle_pending
from consult.core.mail import MailMessage, queue_mail
from consult.core.progress import Job

ABOUT = Subject("trial", "abc", 1)


def emitted(app, count=1, payload=None):
    with write_session(app) as session:
        for _ in range(count):
            emit(session, "trial.happened", ABOUT, payload)


def rows(app):
    with read_session(app) as session:
        found = session.scalars(select(Event).where(Event.kind == "trial.happened")).all()
        session.expunge_all()
        return found


def mails(app):
    with read_session(app) as session:
        return session.scalars(select(MailMessage.recipient).order_by(MailMessage.id)).all()


def work(app):
    return handle_pending(app, app.extensions["consult_settings"])


def write_to(*recipients):
    def handler(session, event):
        for recipient in recipients:
            queue_mail(
                session, recipient, "en", "reset", event=event, name="A", link="http://x.invalid"
            )

    return handler


def test_an_event_is_committed_with_its_change_or_not_at_all(any_app):
    with pytest.raises(ZeroDivisionError), write_session(any_app) as session:
        emit(session, "trial.happened", ABOUT)
        session.flush()
        raise ZeroDivisionError
    assert rows(any_app) == []


def test_words_are_refused_in_an_event(app):
    with write_session(app) as session:
        for value in ("Two words", "é", 1.5, {"a": 1}, ["fine", "not fine"], "x" * 65):
            with pytest.raises(ValueError, match="ids and codes only"):
                emit(session, "trial.happened", ABOUT, {"note": value})
        emit(session, "trial.happened", ABOUT, {"to": "open", "n": 3, "of": ["a", "b"], "x": None})


def test_a_handler_runs_once_and_its_effect_is_kept_with_the_mark(any_app):
    events.on(any_app, "trial.happened", write_to("a@t.invalid", "b@t.invalid"))
    emitted(any_app, 23)
    assert work(any_app) == 23
    assert work(any_app) == 0
    assert {row.state for row in rows(any_app)} == {"done"}
    assert len(mails(any_app)) == 46


def test_a_worker_killed_midway_leaves_nothing_and_nothing_is_done_twice(any_app):
    class Killed(BaseException):
        """As a kill does: nothing after it runs, nothing is committed."""

    deaths = iter([True, True])

    def die(session, event):
        session.flush()
        if next(deaths, False):
            raise Killed

    events.on(any_app, "trial.happened", write_to("a@t.invalid"))
    events.on(any_app, "trial.happened", die)
    emitted(any_app, 3)
    for _ in range(2):
        with pytest.raises(Killed):
            work(any_app)
        assert mails(any_app) == []
    assert work(any_app) == 3
    assert len(mails(any_app)) == 3


def test_a_failing_handler_undoes_its_work_waits_longer_and_longer_then_gives_up(any_app):
    def fail(_session, _event):
        raise LookupError("words that must not be kept")

    events.on(any_app, "trial.happened", write_to("a@t.invalid"))
    events.on(any_app, "trial.happened", fail)
    emitted(any_app)
    moment = now()
    with travel(moment, frozen=True):
        assert work(any_app) == 0
    (row,) = rows(any_app)
    assert (row.state, row.attempts, row.fault) == ("pending", 1, "LookupError")
    assert row.due_at == moment + events.BACK_OFF[0]
    assert mails(any_app) == []
    for wait in events.BACK_OFF:
        moment += wait - timedelta(seconds=1)
        before = rows(any_app)[0].attempts
        with travel(moment, frozen=True):
            work(any_app)
        assert rows(any_app)[0].attempts == before, "tried before its time"
        moment += timedelta(seconds=1)
        with travel(moment, frozen=True):
            work(any_app)
    (row,) = rows(any_app)
    assert (row.state, row.attempts) == ("failed", len(events.BACK_OFF) + 1)
    assert mails(any_app) == []


def test_one_bad_event_does_not_hold_up_the_others(any_app):
    def picky(_session, event):
        if event.payload["n"] == 1:
            raise ValueError

    events.on(any_app, "trial.happened", picky)
    for n in range(3):
        emitted(any_app, 1, {"n": n})
    assert work(any_app) == 2
    assert [row.state for row in rows(any_app)] == ["done", "pending", "done"]


def test_several_workers_share_the_events_and_do_none_twice(any_app):
    events.on(any_app, "trial.happened", write_to("a@t.invalid"))
    emitted(any_app, 60)
    done, start = [], threading.Barrier(4)

    def worker():
        start.wait()
        done.append(work(any_app))

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work(any_app)
    assert len(mails(any_app)) == 60
    assert {row.state for row in rows(any_app)} == {"done"}


def test_an_event_seen_again_writes_no_second_mail_and_the_database_refuses_one(any_app):
    events.on(any_app, "trial.happened", write_to("a@t.invalid"))
    emitted(any_app)
    work(any_app)
    with write_session(any_app) as session:
        session.execute(
            update(Event).where(Event.kind == ABOUT.kind + ".happened").values(state="pending")
        )
    work(any_app)
    assert mails(any_app) == ["a@t.invalid"]
    (row,) = rows(any_app)
    twin = {"lang": "en", "subject": "x", "text": "x", "html": "x", "event_id": row.id}
    with pytest.raises(IntegrityError), write_session(any_app) as session:
        session.add(MailMessage(recipient="a@t.invalid", **twin))


def test_events_dealt_with_are_erased_after_a_month_and_failed_ones_stay(any_app):
    emitted(any_app, 2)
    work(any_app)
    with write_session(any_app) as session:
        first = select(func.min(Event.id)).where(Event.kind == "trial.happened")
        session.execute(
            update(Event).where(Event.id == first.scalar_subquery()).values(state="failed")
        )
    with travel(now() + timedelta(days=31)), write_session(any_app) as session:
        events.sweep(session)
    assert [row.state for row in rows(any_app)] == ["failed"]


def test_answering_leaves_no_event_no_mail_and_no_job(any_app):
    def rows_in_all():
        with read_session(any_app) as session:
            models = (Event, MailMessage, Job)
            return [session.scalar(select(func.count()).select_from(model)) for model in models]

    before = rows_in_all()
    with read_session(any_app) as session:
        code = session.scalars(select(Consultation.code).where(Consultation.state == "open")).one()
    client, start = any_app.test_client(), f"/en/c/{code}/questionnaire"
    client.post(start)
    client.post(f"{start}/step/1", data={"q-role": "citizen"})
    assert client.post(f"{start}/review").location.endswith("/receipt")
    assert client.post(f"/en/c/{code}/withdraw").status_code == 303
    assert rows_in_all() == before
