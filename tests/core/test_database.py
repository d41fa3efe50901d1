"""One commit a request; reading never writes; one instant is one instant; budgets of queries."""

import re
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from consult.accounts.models import Account
from consult.accounts.services import open_session
from consult.consultations.models import Consultation
from consult.core import engines
from consult.core.db import db, one_instant, read_session, write_session
from tests.support.pages import BASE


def test_the_database_itself_refuses_a_write_while_a_page_reads(any_app, monkeypatch):
    told = []

    def write(_session, _actor):
        with pytest.raises(DBAPIError) as refusal:
            db.session.execute(text("UPDATE consultation SET code = 'x'"))
        told.append(str(refusal.value))
        return []

    monkeypatch.setattr("consult.web.views.open_now", write)
    assert any_app.test_client().get("/fr/").status_code == 200
    assert re.search("read.?only", told[0]), told
    with read_session(any_app) as session:
        assert "x" not in session.execute(text("SELECT code FROM consultation")).scalars()


def test_what_is_read_at_one_instant_ignores_what_is_written_meanwhile(any_app):
    count = text("SELECT count(*) FROM account")
    with any_app.app_context(), one_instant():
        before = db.session().execute(count).scalar_one()
        with write_session(any_app) as other:
            other.add(Account(email="new@t.invalid", name="New"))
        assert db.session().execute(count).scalar_one() == before
        db.session.rollback()
        assert db.session().execute(count).scalar_one() == before + 1


def test_a_crowd_of_readers_leaves_the_writers_their_connections(on_postgresql):
    settings = on_postgresql.extensions["consult_settings"]
    with on_postgresql.app_context():
        readers = db.engines["read"]
        held = [readers.connect() for _ in range(settings.pool_size + 2)]
        try:
            with write_session(on_postgresql) as session:
                session.add(Account(email="writer@t.invalid", name="Writer"))
        finally:
            for connection in held:
                connection.close()


def test_a_connection_that_died_at_rest_is_replaced_before_it_is_used(on_postgresql, monkeypatch):
    client = on_postgresql.test_client()
    assert client.get("/fr/").status_code == 200
    with write_session(on_postgresql) as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    rested = time.monotonic() + 60
    monkeypatch.setattr(engines.time, "monotonic", lambda: rested)
    assert client.get("/fr/").status_code == 200


@contextmanager
def counted(app):
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def places(any_app):
    """Return addresses of pages, and a signed-in client."""
    with write_session(any_app) as session:
        query = session.query(Consultation)
        code = query.filter(Consultation.state == "open").one().code
        camille = session.query(Account).filter(Account.email.like("camille%")).one()
        token = open_session(session, camille, 1)
    client = any_app.test_client()
    with client.session_transaction(base_url=BASE) as cookie:
        cookie["sid"] = token
    return code, client


def test_each_page_keeps_its_budget_of_queries(any_app, places):
    code, staff = places
    citizen = any_app.test_client()
    citizen.get("/fr/")
    step = citizen.post(f"/fr/c/{code}/questionnaire").location
    limits = {"/fr/": 1, f"/fr/c/{code}": 4, step: 3}
    for path, limit in limits.items():
        with counted(any_app) as seen:
            assert citizen.get(path).status_code == 200
        assert len(seen) <= limit, (path, seen)
    for limit in (5, 3):  # the first page of a draft also asks what this code has sent
        with counted(any_app) as seen:
            assert citizen.post(step, data={"q-role": "citizen"}).status_code == 303
        assert len(seen) <= limit, seen
    export = f"/fr/bureau/consultations/{code}/exporter"
    for path, limit in {"/fr/bureau": 4, "/fr/bureau/tables": 6, export: 6}.items():
        with counted(any_app) as seen:
            assert staff.get(path).status_code == 200
        assert len(seen) <= limit, (path, seen)
