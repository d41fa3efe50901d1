"""A prepared statement gives what SQLAlchemy gives, and fails as it fails."""

import pytest
from sqlalchemy import bindparam, delete, insert, select, text, true
from sqlalchemy.exc import DBAPIError, IntegrityError

from consult.accounts.models import Account, AccountSession
from consult.consultations.models import Consultation, Phase
from consult.core.clock import now, today
from consult.core.db import Prepared, db, rows, write_session
from consult.surveys.models import Draft, QuestionnaireVersion
from consult.tables.models import Organisation

DRAFT = {"key": b"\x01" * 16, "consultation_id": 1, "sealed": b"\0\xff", "revision": 1}
# every kind of column there is: texts, documents, maps, days, moments, bytes, nothing
SELECTS = (
    (
        select(Consultation.code, Consultation.title, Consultation.reviewed, Phase.opens_on).join(
            Phase
        ),
        {},
    ),
    (select(QuestionnaireVersion.definition, QuestionnaireVersion.published_on), {}),
    (
        select(Organisation.name, Organisation.id, Account.id.label("account")).join(
            Account, true()
        ),
        {},
    ),
    (select(AccountSession.expires_at, AccountSession.token_hash, Account.id).join(Account), {}),
    (select(Draft.__table__), {}),
    (select(Account.name).where(Account.email == bindparam("email")), {"email": "é%s:x"}),
    (select(Phase.id).where(Phase.opens_on <= bindparam("day", callable_=today)).limit(2), {}),
    (
        select(AccountSession.id).where(AccountSession.expires_at > bindparam("moment")),
        {"moment": now()},
    ),
)


@pytest.mark.parametrize(("statement", "values"), SELECTS)
def test_it_gives_the_same_rows(any_app, statement, values):
    with write_session(any_app) as session:
        account = session.scalars(select(Account)).first()
        session.add(AccountSession(account_id=account.id, token_hash=b"t" * 32, expires_at=now()))
        consultation = session.scalars(select(Consultation.id)).first()
        draft = DRAFT | {"consultation_id": consultation, "expires_on": today()}
        session.execute(insert(Draft), draft)
        expected = session.execute(statement, values).all()
        found = rows(session, Prepared(statement), values)
        assert found == expected
        assert [type(v) for row in found for v in row] == [type(v) for row in expected for v in row]
        assert all(row._fields == ours._fields for row, ours in zip(expected, found, strict=True))


def test_a_write_is_stored_by_the_commit_of_its_session(any_app):
    gone = Prepared(delete(Draft).where(Draft.key == bindparam("sought")).returning(Draft.key))
    with write_session(any_app) as session:
        consultation = session.scalars(select(Consultation.id)).first()
        session.execute(
            insert(Draft), DRAFT | {"consultation_id": consultation, "expires_on": today()}
        )
    with write_session(any_app) as session:
        assert rows(session, gone, {"sought": DRAFT["key"]})[0].key == DRAFT["key"]
        db.session.rollback()
    with write_session(any_app) as session:
        assert len(rows(session, gone, {"sought": DRAFT["key"]})) == 1
    with write_session(any_app) as session:
        assert rows(session, gone, {"sought": DRAFT["key"]}) == []


def test_a_value_that_is_not_given_is_said(any_app):
    with write_session(any_app) as session, pytest.raises(KeyError, match="email"):
        rows(session, Prepared(select(Account.id).where(Account.email == bindparam("email"))))


def test_a_list_of_values_is_refused(any_app):
    listed = Prepared(select(Account.id).where(Account.id.in_([1, 2])))
    with write_session(any_app) as session, pytest.raises(TypeError, match="text of the statement"):
        rows(session, listed)


def test_two_columns_of_one_name_are_refused(any_app):
    twice = Prepared(select(Organisation.id, Account.id).join(Account, true()))
    with write_session(any_app) as session, pytest.raises(TypeError, match="one name"):
        rows(session, twice)


def test_a_refused_row_is_told_as_by_sqlalchemy_and_without_its_values(any_app):
    draft = Prepared(insert(Draft.__table__))
    values = DRAFT | {"consultation_id": 10**6, "expires_on": today()}
    with pytest.raises(IntegrityError) as refusal, write_session(any_app) as session:
        rows(session, draft, values)
    assert "0101" not in str(refusal.value)
    assert r"\x01" not in str(refusal.value)


def test_a_page_that_reads_cannot_write_through_it(any_app, monkeypatch):
    told = []

    def write(session, _actor):
        with pytest.raises(DBAPIError, match=r"read.?only") as refusal:
            rows(session, Prepared(delete(Draft)))
        told.append(refusal.value)
        return []

    monkeypatch.setattr("consult.web.views.open_now", write)
    assert any_app.test_client().get("/fr/").status_code == 200
    assert told


def test_a_page_holds_one_connection_however_it_reads(any_app, monkeypatch):
    held = []

    def both(session, _actor):
        rows(session, Prepared(select(Account.id)))
        session.execute(select(Account.id)).all()
        rows(session, Prepared(select(Account.id)))
        held.append([engine.pool.checkedout() for engine in db.engines.values()])
        return []

    monkeypatch.setattr("consult.web.views.open_now", both)
    assert any_app.test_client().get("/fr/").status_code == 200
    with any_app.app_context():
        assert sum(held[0]) == 1
        assert not any(engine.pool.checkedout() for engine in db.engines.values())


def test_readers_recover_at_once_when_the_database_comes_back(on_postgresql):
    client = on_postgresql.test_client()
    assert client.get("/fr/").status_code == 200
    with write_session(on_postgresql) as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert client.get("/fr/").status_code == 503
    assert client.get("/fr/").status_code == 200
