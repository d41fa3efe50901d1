"""Staff take answers away: small files at once, large ones prepared, none of them short."""

import io
import os
import stat
import threading
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import delete, event, func, select, update

from consult.accounts.models import Account
from consult.accounts.services import open_session
from consult.audit.models import AuditEntry
from consult.consultations.models import Consultation
from consult.core import progress
from consult.core.clock import now, today, travel
from consult.core.db import db, read_session, write_session
from consult.core.progress import Job, run_waiting
from consult.exports import jobs as export_jobs
from consult.surveys.exporting import ResponsesExport
from consult.surveys.models import Response, ResponseConsent, ResponseRevision, ResponseText
from consult.surveys.queries import documents
from consult.tables.models import AdvisoryTable, Mandate, Seat
from consult.web.people import PEOPLE
from tests.conftest import close, copied, make_app
from tests.consultations.test_staff_path import Staff

FACILITATOR = next(person.name for person in PEOPLE if person.key == "facilitator")


def settings_of(app):
    return app.extensions["consult_settings"]


def the_code(app, state="analysing"):
    with read_session(app) as session:
        return session.scalars(select(Consultation.code).where(Consultation.state == state)).first()


def responses(app, code):
    with read_session(app) as session:
        return session.scalar(
            select(func.count())
            .select_from(Response)
            .join(Consultation, Consultation.id == Response.consultation_id)
            .where(Consultation.code == code)
        )


def asked(app, format_="xlsx", labels="en"):
    """Let the facilitator ask for a file; return her and the pages of the consultation."""
    camille, base = Staff(app, "facilitator"), f"/en/desk/consultations/{the_code(app)}/export"
    answer = camille.post(f"{base}/file", {"format": format_, "labels": labels})
    return camille, base, answer


def the_job(app):
    with read_session(app) as session:
        job = session.scalars(select(Job).order_by(Job.id.desc())).first()
        session.expunge_all()
        return job


def verbs(app):
    with read_session(app) as session:
        return list(
            session.scalars(
                select(AuditEntry.verb)
                .where(AuditEntry.verb.like("answers.%"))
                .order_by(AuditEntry.id)
            )
        )


def files_of(app):
    folder = settings_of(app).export_path
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def test_a_small_text_file_comes_at_once_whole_and_with_its_length(any_app):
    for format_, head in (("csv", b'"channel"'), ("csv-excel", b"\xef\xbb\xbf"), ("jsonl", b"{")):
        _camille, base, answer = asked(any_app, format_)
        assert answer.status_code == 200
        assert answer.data.startswith(head)
        assert answer.content_length == len(answer.data)
        lines = answer.data.count(b"\n") - (format_ != "jsonl")
        assert lines >= responses(any_app, base.split("/")[4])
    assert verbs(any_app) == ["answers.exported"] * 3
    assert files_of(any_app) == []


def test_a_small_file_that_breaks_midway_is_an_error_never_a_short_file(any_app, monkeypatch):
    break_at(monkeypatch, 300)
    any_app.config["PROPAGATE_EXCEPTIONS"] = False
    _camille, _base, answer = asked(any_app, "csv")
    assert answer.status_code == 500
    assert answer.mimetype == "text/html"
    assert files_of(any_app) == []


def break_at(monkeypatch, row, error=RuntimeError):
    honest = ResponsesExport.rows

    def rows(self, session, consultation, lang):
        for number, values in enumerate(honest(self, session, consultation, lang)):
            if number == row:
                raise error
            yield values

    monkeypatch.setattr(ResponsesExport, "rows", rows)


def test_a_workbook_is_prepared_shown_with_its_progress_and_taken(any_app):
    camille, base, answer = asked(any_app)
    assert answer.status_code == 303
    page = camille.client.get(base).text
    assert "Waiting its turn" in page
    assert "Refresh" in page
    assert run_waiting(any_app, settings_of(any_app)) == 1
    page = camille.client.get(base).text
    assert "Ready" in page
    assert "Refresh" not in page
    job, count = the_job(any_app), responses(any_app, base.split("/")[4])
    assert (job.state, job.done, job.total) == ("done", count, count)
    taken = camille.post(f"{base}/{job.token}")
    assert taken.status_code == 200
    assert taken.content_length == len(taken.data)
    assert taken.headers["Content-Disposition"].endswith('.xlsx"')
    book = openpyxl.load_workbook(io.BytesIO(taken.data), read_only=True)
    assert book.sheetnames == ["Responses", "Codebook", "Read me"]
    assert sum(1 for _ in book["Responses"].iter_rows()) == count + 2
    assert verbs(any_app) == ["answers.export_asked", "answers.exported"]


def test_a_text_file_above_the_threshold_is_prepared_too(sqlite_master, tmp_path):
    app = make_app(copied(sqlite_master, tmp_path), export_direct_rows=10)
    camille, base, answer = asked(app, "csv-excel", "fr")
    assert answer.status_code == 303
    run_waiting(app, settings_of(app))
    taken = camille.post(f"{base}/{the_job(app).token}")
    assert taken.data.startswith(b"\xef\xbb\xbf")
    assert taken.data.count(b"\r\n") > responses(app, the_code(app))
    close(app)


def test_files_are_readable_by_nobody_else_and_no_address_leads_to_them(app):
    camille, base, _answer = asked(app)
    run_waiting(app, settings_of(app))
    folder, job = settings_of(app).export_path, the_job(app)
    assert files_of(app) == [job.file]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / job.file).stat().st_mode) == 0o600
    assert len(job.token) == 26
    for path in (f"/static/{job.file}", f"/exports/{job.file}", f"{base}/{job.file}"):
        assert camille.client.get(path).status_code in {404, 405}
        assert camille.post(path).status_code in {404, 405}
    for guess in ("..%2Fsecret.key", "x" * 26, "0", job.token[:-1]):
        assert camille.post(f"{base}/{guess}").status_code == 404


def test_a_file_is_never_served_under_another_consultation(app):
    camille, base, _answer = asked(app)
    run_waiting(app, settings_of(app))
    other = the_code(app, "open")
    token = the_job(app).token
    for code in (other, the_code(app, "draft")):
        assert (
            Staff(app, "analyst").post(f"/en/desk/consultations/{code}/export/{token}").status_code
            == 404
        )
    assert camille.post(f"{base}/{token}").status_code == 200
    assert (
        token not in Staff(app, "analyst").client.get(f"/en/desk/consultations/{other}/export").text
    )


def test_whoever_may_export_takes_the_file_and_nobody_else(app):
    camille, base, _answer = asked(app)
    run_waiting(app, settings_of(app))
    path = f"{base}/{the_job(app).token}"
    assert Staff(app, "analyst").post(path).status_code == 200
    assert Staff(app, "admin").post(path).status_code == 404
    assert app.test_client().post(path).status_code == 303  # to sign in
    with write_session(app) as session:
        account = select(Account.id).where(Account.name == FACILITATOR).scalar_subquery()
        session.execute(update(Mandate).where(Mandate.account_id == account).values(status="ended"))
    assert camille.post(path).status_code == 404, "her mandate is over, and her access with it"


def test_an_export_that_breaks_is_called_failed_and_leaves_no_file(any_app, monkeypatch):
    break_at(monkeypatch, 300)
    camille, base, _answer = asked(any_app)
    assert run_waiting(any_app, settings_of(any_app)) == 0
    job = the_job(any_app)
    assert (job.state, job.file, job.fault) == ("failed", None, "RuntimeError")
    assert files_of(any_app) == []
    page = camille.client.get(base).text
    assert "Failed" in page
    assert ">Download<" not in page
    assert camille.post(f"{base}/{job.token}").status_code == 303
    assert "answers.exported" not in verbs(any_app)


def test_an_export_whose_worker_was_killed_is_tried_again_then_called_failed(any_app, monkeypatch):
    class Killed(BaseException):
        """As a kill does: nobody cleans up after it."""

    monkeypatch.setattr(export_jobs.files.shutil, "rmtree", lambda *_a, **_k: None)
    break_at(monkeypatch, 300, Killed)
    asked(any_app)
    moment = now()
    for attempt in range(1, progress.MAX_ATTEMPTS + 1):
        with travel(moment), pytest.raises(Killed):
            run_waiting(any_app, settings_of(any_app))
        assert (the_job(any_app).state, the_job(any_app).attempts) == ("running", attempt)
        with travel(moment):
            assert run_waiting(any_app, settings_of(any_app)) == 0, "taken over too early"
        moment += progress.SILENCE + timedelta(seconds=5)
    with travel(moment):
        assert run_waiting(any_app, settings_of(any_app)) == 0
    job = the_job(any_app)
    assert (job.state, job.file, job.fault) == ("failed", None, "WorkerDied")
    assert all(name.endswith(".part") for name in files_of(any_app))
    monkeypatch.undo()
    old = settings_of(any_app).export_path
    for path in old.iterdir():
        os.utime(path, (0, 0))
    export_jobs.sweep(any_app, settings_of(any_app))
    assert files_of(any_app) == []


def test_a_second_worker_finishes_what_the_first_left(any_app, monkeypatch):
    class Killed(BaseException):
        """As a kill does."""

    with monkeypatch.context() as broken:
        break_at(broken, 300, Killed)
        asked(any_app)
        with pytest.raises(Killed):
            run_waiting(any_app, settings_of(any_app))
    with travel(now() + progress.SILENCE + timedelta(seconds=5)):
        assert run_waiting(any_app, settings_of(any_app)) == 1
    job, count = the_job(any_app), responses(any_app, the_code(any_app))
    assert (job.state, job.done, job.attempts) == ("done", count, 2)


def test_a_worker_thought_dead_writes_nothing_over_its_successor(app, monkeypatch):
    honest, losers = ResponsesExport.rows, []

    def rows(self, session, consultation, lang):
        for number, values in enumerate(honest(self, session, consultation, lang)):
            if number == 300 and not losers:
                losers.append(number)
                with write_session(app) as other:  # a second worker took the job over
                    other.execute(update(Job).values(attempts=Job.attempts + 1))
            yield values

    monkeypatch.setattr(ResponsesExport, "rows", rows)
    asked(app)
    assert run_waiting(app, settings_of(app)) == 0
    assert the_job(app).state == "running"
    assert files_of(app) == []


def test_progress_grows_while_the_file_is_written(app, monkeypatch):
    seen = []
    monkeypatch.setattr(progress, "_PACE", 0.0)
    honest = ResponsesExport.rows
    camille, base, _answer = asked(app)

    def rows(self, session, consultation, lang):
        for number, values in enumerate(honest(self, session, consultation, lang)):
            if number == 401:
                # In a thread: a page is never made inside the worker's own transaction.
                look = threading.Thread(target=lambda: seen.append(camille.client.get(base).text))
                look.start()
                look.join()
            yield values

    monkeypatch.setattr(ResponsesExport, "rows", rows)
    assert run_waiting(app, settings_of(app)) == 1
    assert "Being prepared" in seen[0]
    assert f"400 of {responses(app, the_code(app)):,} rows" in seen[0]


def test_a_prepared_file_is_one_instant_of_the_database(any_app, monkeypatch):
    code = the_code(any_app)
    before = responses(any_app, code)
    honest = ResponsesExport.rows

    def rows(self, session, consultation, lang):
        for number, values in enumerate(honest(self, session, consultation, lang)):
            if number == 0:  # somebody withdraws while the file is being written
                with write_session(any_app) as writer:
                    mine = Response.consultation_id == consultation.id
                    keys = select(Response.key).where(mine).order_by(Response.key.desc())
                    last = writer.scalar(keys.limit(1))
                    for model in (ResponseText, ResponseConsent, ResponseRevision, Response):
                        writer.execute(delete(model).where(model.key == last))
            yield values

    monkeypatch.setattr(ResponsesExport, "rows", rows)
    asked(any_app)
    assert run_waiting(any_app, settings_of(any_app)) == 1
    assert the_job(any_app).done == the_job(any_app).total == before
    assert responses(any_app, code) == before - 1


def test_a_file_is_erased_when_its_time_is_over_and_the_page_says_so(any_app):
    camille, base, _answer = asked(any_app)
    run_waiting(any_app, settings_of(any_app))
    token = the_job(any_app).token
    stray = settings_of(any_app).export_path / "left-behind.xlsx"
    stray.write_bytes(b"x")
    export_jobs.sweep(any_app, settings_of(any_app))
    assert files_of(any_app) == [the_job(any_app).file], "what no job knows is erased"
    with travel(now() + timedelta(hours=25)):
        export_jobs.sweep(any_app, settings_of(any_app))
        assert files_of(any_app) == []
        assert the_job(any_app).file is None
    page = camille.client.get(base).text
    assert "Erased" in page
    assert camille.post(f"{base}/{token}").status_code == 303
    with travel(now() + timedelta(days=31)):
        export_jobs.sweep(any_app, settings_of(any_app))
    assert the_job(any_app) is None


def test_an_unknown_format_or_language_is_not_found(app):
    camille, base, _answer = asked(app, "ods")
    assert _answer.status_code == 404
    assert camille.post(f"{base}/file", {"format": "csv", "labels": "iu"}).status_code == 404
    assert the_job(app) is None


def test_a_facilitator_of_another_table_neither_asks_nor_sees(app):
    day = today()
    with write_session(app) as session:
        other = session.scalars(select(AdvisoryTable).where(AdvisoryTable.state == "forming")).one()
        account = Account(email="x@t.invalid", name="X", state="active")
        seat = Seat(table_id=other.id, role="facilitator", title=other.mandate)
        session.add_all([account, seat])
        session.flush()
        session.add(Mandate(seat_id=seat.id, account_id=account.id, status="active", starts_on=day))
        token = open_session(session, account, 12)
    stranger = Staff.__new__(Staff)
    stranger.client = app.test_client()
    with stranger.client.session_transaction(base_url="http://consult.test") as cookie:
        cookie["sid"] = token
    _camille, base, _answer = asked(app)
    run_waiting(app, settings_of(app))
    assert stranger.client.get(base).status_code == 404
    assert stranger.post(f"{base}/file", {"format": "csv", "labels": "fr"}).status_code == 404
    assert stranger.post(f"{base}/{the_job(app).token}").status_code == 404


def test_an_export_is_read_in_order_and_never_sorted_in_memory(on_sqlite):
    with read_session(on_sqlite) as session:
        seen = []
        event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2:4]))
        next(documents(session, 1))
        statement, values = next(s for s in seen if "answers" in s[0])
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [row[3] for row in plan]
    assert any("ix_response_consultation_key" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)
