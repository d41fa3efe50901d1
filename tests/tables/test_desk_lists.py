"""The tables on the desk and in the list of one's tables are those of one rule."""

from sqlalchemy import select

from consult.accounts.models import Account
from consult.core.authz import Actor, Role
from consult.core.clock import today
from consult.core.db import read_session, write_session
from consult.tables import queries, rules
from consult.tables.models import AdvisoryTable, Organisation


def listed(session, actor):
    """Return the ids of the desk, then those of every page of the list."""
    desk = [row.id for row in queries.at_work(session, actor, 1000)]
    page = queries.working(session, actor, None)
    found = [row.id for row in page.rows]
    while page.next:
        page = queries.working(session, actor, page.next)
        found += [row.id for row in page.rows]
    return desk, found


def expected(tables, actor):
    """Return the ids of the tables of a seat, and of those below a grant that one may read."""
    return [
        t.id
        for t in tables
        if any(
            role.table_id == t.id
            or (
                role.path is not None
                and t.path.startswith(role.path)
                and (role.name in rules.READERS_OF_PRIVATE or t.visibility != "private")
            )
            for role in actor.roles
        )
    ]


def every_table(session):
    statement = select(AdvisoryTable.id, AdvisoryTable.visibility, Organisation.path)
    joined = statement.join(Organisation, Organisation.id == AdvisoryTable.organisation_id)
    return session.execute(joined.order_by(AdvisoryTable.id)).all()


def test_every_person_of_the_demo_has_the_same_tables_on_both(any_app):
    with read_session(any_app) as session:
        tables, seen = every_table(session), 0
        for account in session.scalars(select(Account)).all():
            actor = Actor(account.id, "x", roles=queries.roles_of(session, account.id, today()))
            desk, found = listed(session, actor)
            assert desk == found == expected(tables, actor)
            seen += len(desk)
    assert seen


def test_every_role_at_every_place_has_the_same_tables_on_both(any_app):
    with write_session(any_app) as session:
        hidden = session.scalars(select(AdvisoryTable).order_by(AdvisoryTable.id)).first()
        hidden.visibility = "private"
    with read_session(any_app) as session:
        tables = every_table(session)
        assert {"private", "public"} <= {table.visibility for table in tables}
        paths = session.scalars(select(Organisation.path)).all()
        roles = [Role(name, path=path) for name in rules.GRANT_ROLES for path in paths]
        roles += [Role(name, table_id=t.id) for name in rules.SEAT_ROLES for t in tables]
        beside = Role("partner", table_id=tables[0].id)
        for held in [(), *((role,) for role in roles), *((role, beside) for role in roles)]:
            actor = Actor(1, "x", roles=held)
            desk, found = listed(session, actor)
            assert desk == found == expected(tables, actor), held
