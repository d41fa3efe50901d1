"""Migrations go up and down with rows, and end equal to the models, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from consult import demo, migrations
from consult.core.db import Base, db, write_session
from tests.conftest import close, make_app
from tests.support.databases import PostgresqlDatabase, need, postgresql_is_up


def differences(app):
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, Base.metadata)


def tables(app):
    with app.app_context():
        return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def journey(app):
    migrations.upgrade(app)
    assert differences(app) == []
    assert tables(app) == set(Base.metadata.tables)
    demo.build(app)
    migrations.downgrade(app)
    assert tables(app) == set()
    migrations.upgrade(app)
    assert differences(app) == []


def test_up_with_rows_down_and_up_again_on_sqlite(tmp_path):
    app = make_app(tmp_path / "home")
    journey(app)
    close(app)


@pytest.mark.database
def test_up_with_rows_down_and_up_again_on_postgresql(tmp_path):
    need("postgresql", postgresql_is_up())
    with PostgresqlDatabase() as url:
        app = make_app(tmp_path / "home", url)
        journey(app)
        close(app)


def test_the_tables_of_responses_have_no_physical_order_of_their_own(on_sqlite):
    with on_sqlite.app_context(), db.engine.connect() as connection:
        for name in ("response", "response_text", "response_consent", "response_revision", "draft"):
            made = connection.execute(
                text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name}
            ).scalar_one()
            assert "WITHOUT ROWID" in made


@pytest.mark.parametrize("verb", ["UPDATE audit_entry SET verb = 'x'", "DELETE FROM audit_entry"])
def test_the_audit_log_refuses_changes(any_app, verb):
    with pytest.raises(DBAPIError, match="append-only"), write_session(any_app) as session:
        session.execute(text(verb))
