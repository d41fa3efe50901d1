"""A mail leaves once, whatever the mail server does, and no page waits for it."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from consult.core import mail
from consult.core.clock import now, travel
from consult.core.db import read_session, write_session
from consult.core.mail import MailMessage, deliver_pending, queue_mail
from tests.conftest import close, copied, make_app
from tests.support.smtp import smtp_sink


@pytest.fixture
def sink():
    with smtp_sink() as running:
        yield running


@pytest.fixture
def site(sink, sqlite_master, tmp_path):
    """Return the demo on SQLite with a mail server of the test's own."""
    app = make_app(
        copied(sqlite_master, tmp_path),
        mail_transport="smtp",
        smtp_port=sink.port,
        mail_timeout=1,
    )
    yield app
    close(app)


def queued(app, count=1):
    with write_session(app) as session, app.test_request_context():
        for number in range(count):
            queue_mail(
                session, f"p{number}@t.invalid", "en", "reset", name="A", link="http://x.invalid"
            )


def send(app, after=timedelta(0)):
    with travel(now() + after):
        return deliver_pending(app, app.extensions["consult_settings"])


def rows(app):
    with read_session(app) as session:
        found = session.scalars(select(MailMessage).order_by(MailMessage.id)).all()
        session.expunge_all()
        return found


def states(app):
    return [row.state for row in rows(app)]


def test_a_mail_arrives_whole_in_text_and_html(site, sink):
    queued(site, 2)
    assert send(site) == 2
    assert send(site) == 0
    assert states(site) == ["sent", "sent"]
    assert len(sink.taken) == 2
    assert "To: p0@t.invalid" in sink.taken[0]
    assert "text/plain" in sink.taken[0]
    assert "text/html" in sink.taken[0]
    assert "Auto-Submitted: auto-generated" in sink.taken[0]


def test_no_page_waits_for_a_mail_server_that_never_speaks(site, sink):
    sink.mood = "silent"
    answer = site.test_client().post("/en/password", data={"email": "camille@demo.invalid"})
    assert answer.status_code == 200
    assert sink.calls == 0, "a page spoke to the mail server"
    assert states(site) == ["pending"]


def test_the_worker_gives_a_silent_server_up_in_time_and_tries_later(site, sink):
    queued(site, 5)
    sink.mood = "silent"
    began = time.monotonic()
    assert send(site) == 0
    assert 0.9 < time.monotonic() - began < 25, "the time-out of the setting, not the sink's 30 s"
    assert sink.calls == 1, "the others would each have waited as long"
    assert states(site) == ["pending"] * 5
    tried = next(row for row in rows(site) if row.attempts)
    assert tried.due_at > now() + timedelta(seconds=30)
    sink.mood = "well"
    assert send(site) == 4, "the others do not wait for the one that was tried"
    assert send(site, timedelta(minutes=2)) == 1
    assert states(site) == ["sent"] * 5
    assert sorted(t.split("To: ")[1].split("\r")[0] for t in sink.taken) == [
        f"p{n}@t.invalid" for n in range(5)
    ]


@pytest.mark.parametrize("mood", ["silent at quit", "drops at quit"])
def test_what_the_server_says_after_it_took_a_mail_does_not_send_it_again(site, sink, mood):
    queued(site)
    sink.mood = mood
    assert send(site) == 1
    sink.mood = "well"
    assert send(site, timedelta(days=3)) == 0
    assert len(sink.taken) == 1


def test_a_mail_whose_body_left_without_an_answer_is_sent_again_by_nobody_but_a_person(site, sink):
    queued(site)
    sink.mood = "silent after body"
    assert send(site) == 0
    assert states(site) == ["unsure"]
    sink.mood = "well"
    assert send(site, timedelta(days=3)) == 0
    assert len(sink.taken) == 1
    with write_session(site) as session:
        assert mail.send_again(session, rows(site)[0].id)
    assert send(site) == 1
    assert len(sink.taken) == 2


def test_a_server_that_falls_silent_before_the_body_gets_it_later(site, sink):
    queued(site)
    sink.mood = "silent after data"
    assert send(site) == 0
    assert states(site) == ["pending"]
    sink.mood = "well"
    assert send(site, timedelta(minutes=2)) == 1
    assert len(sink.taken) == 1


def test_a_refused_address_fails_at_once_and_keeps_no_address_in_the_fault(site, sink):
    queued(site, 2)
    sink.mood = "refuses recipient"
    assert send(site) == 0
    assert states(site) == ["failed", "failed"]
    assert rows(site)[0].fault == "SMTPRecipientsRefused 550"


def test_a_busy_server_is_tried_longer_and_longer_then_given_up(site, sink):
    queued(site)
    sink.mood = "busy"
    spent = timedelta(0)
    for number, wait in enumerate((*mail.BACK_OFF, timedelta(0)), start=1):
        assert send(site, spent) == 0
        assert rows(site)[0].attempts == number
        assert send(site, spent + wait - timedelta(seconds=20)) == 0
        assert rows(site)[0].attempts == number, "tried before its time"
        spent += wait + timedelta(seconds=20)
    assert states(site) == ["failed"]


def test_several_workers_send_each_mail_once(site, sink):
    queued(site, 30)
    start = threading.Barrier(3)

    def worker():
        start.wait()
        send(site)

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sink.taken) == 30
    assert set(states(site)) == {"sent"}


def test_a_mail_that_a_killed_worker_was_sending_is_told_and_not_sent(site, sink, monkeypatch):
    class Killed(BaseException):
        """As a kill does."""

    def die(*_args):
        raise Killed

    queued(site)
    with monkeypatch.context() as broken:
        broken.setattr(mail, "_send", die)
        with pytest.raises(Killed):
            send(site)
    assert states(site) == ["sending"]
    assert send(site, timedelta(hours=1)) == 0
    with travel(now() + timedelta(hours=1)), write_session(site) as session:
        mail.sweep(session)
    assert states(site) == ["unsure"]
    with read_session(site) as session:
        assert mail.counts(session) == {"unsure": [rows(site)[0].id]}
    assert sink.taken == []


def test_the_words_and_links_of_a_mail_go_the_moment_it_is_sent(site):
    queued(site)
    assert "http://x.invalid" in rows(site)[0].text
    send(site)
    (row,) = rows(site)
    assert (row.state, row.text, row.html) == ("sent", "", "")


def test_sent_mails_are_erased_after_a_week_and_those_given_up_after_a_month(site):
    queued(site, 2)
    send(site)
    with write_session(site) as session:
        first = rows(site)[0].id
        session.execute(update(MailMessage).where(MailMessage.id == first).values(state="failed"))
    with travel(now() + timedelta(days=8)), write_session(site) as session:
        assert mail.sweep(session) == 1
    assert states(site) == ["failed"]
    with travel(now() + timedelta(days=31)), write_session(site) as session:
        assert mail.sweep(session) == 1
    assert states(site) == []


def test_mail_in_a_folder_waits_when_the_disk_refuses(sqlite_master, tmp_path):
    app = make_app(copied(sqlite_master, tmp_path))
    folder = app.extensions["consult_settings"].home_path / "mail"
    folder.write_text("a file stands where the folder should be")
    queued(app)
    assert send(app) == 0
    assert states(app) == ["pending"]
    folder.unlink()
    assert send(app, timedelta(minutes=2)) == 1
    close(app)
