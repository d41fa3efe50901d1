"""Read tables, seats, organisations and what a person's roles are (floor 3)."""

from collections.abc import Sequence
from datetime import date
from functools import cache

from sqlalchemy import Date, Integer, and_, bindparam, cast, null, or_, select, union_all
from sqlalchemy.sql import ColumnElement

from consult.accounts.models import Account
from consult.core.authz import Actor, Role
from consult.core.db import AnyCompound, AnyRow, AnySelect, Session, rows
from consult.core.pages import Page, page_of
from consult.tables import rules
from consult.tables.models import AdvisoryTable, Grant, Mandate, Organisation, Seat, Territory


def live(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Return the condition of a mandate that gives access on ``day``."""
    return and_(
        Mandate.status == "active",
        Mandate.starts_on <= day,
        or_(Mandate.ends_on.is_(None), Mandate.ends_on >= day),
    )


def roles_of(session: Session, account_id: int, day: date) -> tuple[Role, ...]:
    """Return the roles that live mandates and grants give a person, in one query."""
    return tuple(
        Role(role, table_id=table_id) if table_id is not None else Role(role, path=path)
        for role, table_id, path in rows(session, _roles(), {"account": account_id, "day": day})
    )


@cache
def _roles() -> AnyCompound:
    # Every page of the desk asks this: to build the statement costs as much as to run it.
    mandates = (
        select(Seat.role, Seat.table_id, Organisation.path)
        .join(Mandate, Mandate.seat_id == Seat.id)
        .join(AdvisoryTable, AdvisoryTable.id == Seat.table_id)
        .join(Organisation, Organisation.id == AdvisoryTable.organisation_id)
        .where(Mandate.account_id == bindparam("account"), live(bindparam("day", type_=Date)))
    )
    grants = (
        select(Grant.role, cast(null(), Integer), Organisation.path)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(Grant.account_id == bindparam("account"))
    )
    return union_all(mandates, grants)


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """Return the one rule of which tables stand in lists for ``actor``."""
    conditions: list[ColumnElement[bool]] = [AdvisoryTable.visibility == "public"]
    for role in actor.roles if actor else ():
        if role.name not in rules.READERS_OF_PRIVATE:
            continue
        if role.table_id is not None:
            conditions.append(AdvisoryTable.id == role.table_id)
        elif role.path is not None:
            conditions.append(Organisation.path.startswith(role.path, autoescape=True))
    return or_(*conditions)


@cache
def _listed() -> AnySelect:
    return select(
        AdvisoryTable.id,
        AdvisoryTable.code,
        AdvisoryTable.name,
        AdvisoryTable.purpose,
        AdvisoryTable.state,
        AdvisoryTable.visibility,
        Organisation.name.label("organisation"),
    ).join(Organisation, Organisation.id == AdvisoryTable.organisation_id)


def directory(session: Session, actor: Actor | None, cursor: str | None) -> Page:
    """Return a page of the tables that ``actor`` may find."""
    statement = _listed().where(visible_to(actor))
    return page_of(session, statement, [(AdvisoryTable.id, "asc")], cursor)


def administered(session: Session, actor: Actor, cursor: str | None) -> Page:
    """Return a page of the tables that ``actor`` works for."""
    conditions = [
        AdvisoryTable.id == role.table_id
        if role.table_id is not None
        else Organisation.path.startswith(role.path or "/?", autoescape=True)
        for role in actor.roles
        if role.name in rules.DESK
    ]
    statement = _listed().where(or_(*conditions) if conditions else AdvisoryTable.id < 0)
    return page_of(session, statement, [(AdvisoryTable.id, "asc")], cursor)


def seats_of(session: Session, table_id: int) -> Sequence[AnyRow]:
    """Return each seat with its holder, if any, in order."""
    holder = and_(Mandate.seat_id == Seat.id, Mandate.status != "ended")
    return session.execute(
        select(
            Seat.id,
            Seat.role,
            Seat.title,
            Mandate.id.label("mandate_id"),
            Mandate.status,
            Mandate.starts_on,
            Mandate.ends_on,
            Mandate.is_named_publicly,
            Account.name,
            Account.email,
        )
        .outerjoin(Mandate, holder)
        .outerjoin(Account, Account.id == Mandate.account_id)
        .where(Seat.table_id == table_id)
        .order_by(Seat.position, Seat.id)
    ).all()


def holders(session: Session, table_id: int, day: date) -> dict[str, int]:
    """Return the account that holds each co-lead seat on ``day``, by role."""
    rows = session.execute(
        select(Seat.role, Mandate.account_id)
        .join(Mandate, Mandate.seat_id == Seat.id)
        .where(Seat.table_id == table_id, Seat.role.in_(rules.CO_LEADS), live(day))
    )
    return {row.role: row.account_id for row in rows}


def organisations_for(session: Session, actor: Actor) -> Sequence[AnyRow]:
    """Return the organisations on which ``actor`` may create a table (at most 400)."""
    paths = [r.path for r in actor.roles if r.name in rules.ADMINS and r.path]
    conditions = [Organisation.path.startswith(path, autoescape=True) for path in paths]
    statement = select(Organisation.id, Organisation.code, Organisation.name).where(
        or_(*conditions) if conditions else Organisation.id < 0
    )
    return session.execute(statement.order_by(Organisation.code).limit(400)).all()


def territory_counts(session: Session) -> dict[str, int]:
    """Return how many territories of each level are loaded."""
    counts: dict[str, int] = {}
    for level in session.scalars(select(Territory.level)):
        counts[level] = counts.get(level, 0) + 1
    return counts
