"""SQLite's rows arrive whole in PostgreSQL, or not at all."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from consult import migrations
from consult.accounts.models import Account
from consult.cli import main
from consult.consultations.models import Consultation
from consult.core.codes import Pepper, derive_keys, new_code
from consult.core.db import read_session, write_session
from consult.surveys import services as surveys
from consult.surveys.models import Response
from consult.surveys.queries import sheet
from consult.tables.models import Organisation
from consult.tables.services import add_organisation
from consult.upkeep import contents, moving, state
from tests.conftest import close, make_app
from tests.support.databases import PostgresqlDatabase, need, postgresql_is_up

pytestmark = pytest.mark.database


@pytest.fixture
def target():
    need("postgresql", postgresql_is_up())
    with PostgresqlDatabase() as url:
        yield url


def settings_of(app):
    return app.extensions["consult_settings"]


def answer(app):
    """Send one response; return the consultation's code and the receipt."""
    pepper = Pepper.load(settings_of(app).pepper_path)
    code = new_code(pepper)
    with write_session(app) as session:
        made = session.scalars(select(Consultation).where(Consultation.state == "open")).one()
        keys, live = derive_keys(pepper, made.code, code), sheet(session, made.id)
        surveys.write_progress(session, keys, made, surveys.Progress({"role": "citizen"}), 30)
        surveys.submit(session, keys, made, live, "fr")
        return made.code, code


def test_every_row_arrives_and_a_receipt_opens(on_sqlite, target):
    state.remember_pepper(on_sqlite)
    consultation, code = answer(on_sqlite)
    arrived = make_app(settings_of(on_sqlite).home_path, target)
    told = {}
    moved = moving.move(on_sqlite, settings_of(arrived), told.__setitem__)
    with read_session(on_sqlite) as session:
        assert contents.counts(session.connection()) == moved == told
    assert moved["response"] > 600
    page = arrived.test_client().post(
        f"/fr/c/{consultation}/mon-code", data={"typed": code}, follow_redirects=True
    )
    assert page.request.path == f"/fr/c/{consultation}/ma-reponse"
    state.refuse_unready(arrived)
    close(arrived)


def test_what_is_added_afterwards_takes_the_next_number(on_sqlite, target):
    arrived = make_app(settings_of(on_sqlite).home_path, target)
    moving.move(on_sqlite, settings_of(arrived), lambda *_: None)
    with write_session(arrived) as session:
        last = session.scalars(select(Organisation.id).order_by(Organisation.id.desc())).first()
        root = session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).first()
        made = add_organisation(session, "zz", "Organisme Untel", "partner", root)
        session.flush()
        assert made.id == last + 1
    close(arrived)


def test_a_child_older_than_its_parent_still_arrives(on_sqlite, target):
    """Rows point to rows of their own table in any order; PostgreSQL checks each at once."""
    with write_session(on_sqlite) as session:
        first, second, *_rest = session.scalars(
            select(Organisation)
            .where(Organisation.parent_id.is_not(None))
            .order_by(Organisation.id)
        )
        first.parent_id = second.id
    arrived = make_app(settings_of(on_sqlite).home_path, target)
    moved = moving.move(on_sqlite, settings_of(arrived), lambda *_: None)
    assert moved["organisation"] > 100
    close(arrived)


def test_rows_that_change_on_the_way_are_not_kept(on_sqlite, target, monkeypatch):
    arrived = make_app(settings_of(on_sqlite).home_path, target)
    honest = moving._copy

    def careless(table, departure, arrival):
        moved = honest(table, departure, arrival)
        if table.name == "response":
            arrival.exec_driver_sql("UPDATE response SET lang = 'en' WHERE lang = 'fr'")
        return moved

    monkeypatch.setattr(moving, "_copy", careless)
    with pytest.raises(moving.MoveError, match="nothing was kept"):
        moving.move(on_sqlite, settings_of(arrived), lambda *_: None)
    with read_session(arrived) as session:
        assert session.scalars(select(Response.key)).all() == []
    close(arrived)


def test_a_row_that_postgresql_refuses_is_told_and_nothing_is_kept(on_sqlite, target):
    """SQLite holds any length; PostgreSQL does not. What the row says stays out of the message."""
    with write_session(on_sqlite) as session:
        session.execute(update(Account).values(name="a very long name " * 40))
    arrived = make_app(settings_of(on_sqlite).home_path, target)
    with pytest.raises(moving.MoveError, match="nothing was kept") as caught:
        moving.move(on_sqlite, settings_of(arrived), lambda *_: None)
    assert "very long name" not in str(caught.value)
    with read_session(arrived) as session:
        assert session.scalars(select(Response.key)).all() == []
    close(arrived)


def test_a_database_with_rows_is_not_a_target(on_sqlite, target, monkeypatch):
    arrived = make_app(settings_of(on_sqlite).home_path, target)
    migrations.upgrade(arrived)
    state.remember_pepper(arrived)
    monkeypatch.setenv("CONSULT_HOME", str(settings_of(on_sqlite).home_path))
    told = CliRunner().invoke(main, ["move-database", "--to", target])
    assert told.exit_code == 1
    assert "not empty (audit_entry); nothing was changed" in told.output
    close(arrived)


def test_the_command_says_what_to_set(on_sqlite, target, monkeypatch):
    monkeypatch.setenv("CONSULT_HOME", str(settings_of(on_sqlite).home_path))
    plain = target.replace("postgresql+psycopg", "postgresql")
    told = CliRunner().invoke(main, ["move-database", "--to", plain])
    assert told.exit_code == 0, told.output
    assert "set CONSULT_DATABASE_URL" in told.output
    assert CliRunner().invoke(main, ["move-database", "--to", "mysql://h/d"]).exit_code == 1


def test_the_address_with_its_password_is_read_from_a_file_or_from_standard_input(
    app, target, monkeypatch, tmp_path
):
    monkeypatch.setenv("CONSULT_HOME", str(settings_of(app).home_path))
    file = tmp_path / "address.txt"
    file.write_text(f"{target}\n# the new database\n", encoding="utf-8")
    told = CliRunner().invoke(main, ["move-database", "--to-file", str(file)])
    assert told.exit_code == 0, told.output
    again = CliRunner().invoke(main, ["move-database", "--to-file", "-"], input=target)
    assert "not empty" in again.output, "the same database was reached"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "one of them"),
        (["--to", "postgresql://h/d", "--to-file", "-"], "one of them"),
        (["--to-file", "-"], "holds no address"),
    ],
)
def test_a_target_is_named_once(app, monkeypatch, arguments, told):
    monkeypatch.setenv("CONSULT_HOME", str(settings_of(app).home_path))
    result = CliRunner().invoke(main, ["move-database", *arguments], input="\n")
    assert result.exit_code == 2
    assert told in result.output


def test_a_password_in_the_command_is_remarked_upon_and_not_repeated(app, monkeypatch):
    monkeypatch.setenv("CONSULT_HOME", str(settings_of(app).home_path))
    address = "postgresql://consult:s3cret@127.0.0.1:9/consult"
    told = CliRunner().invoke(main, ["move-database", "--to", address])
    assert told.exit_code == 1
    assert "--to-file" in told.output
    assert "s3cret" not in told.output
