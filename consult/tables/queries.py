"""Read tables, seats, organisations and what a person's roles are (floor 3)."""

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy import Integer, Select, and_, cast, literal, null, or_, select, union_all
from sqlalchemy.sql import ColumnElement

from consult.accounts.models import Account
from consult.core.authz import Actor, Role
from consult.core.db import AnyRow, AnySelect, Session
from consult.core.pages import Page, page_of
from consult.tables import rules
from consult.tables.models import AdvisoryTable, Grant, Mandate, Organisation, Seat, Territory


def live(day: date) -> ColumnElement[bool]:
    """Return the condition of a mandate that gives access on ``day``."""
    return and_(
        Mandate.status == "active",
        Mandate.starts_on <= day,
        or_(Mandate.ends_on.is_(None), Mandate.ends_on >= day),
    )


def roles_of(session: Session, account_id: int, day: date) -> tuple[Role, ...]:
    """Return the roles that live mandates and grants give a person, in one query."""
    mandates = (
        select(Seat.role, Seat.table_id, Organisation.path)
        .join(Mandate, Mandate.seat_id == Seat.id)
        .join(AdvisoryTable, AdvisoryTable.id == Seat.table_id)
        .join(Organisation, Organisation.id == AdvisoryTable.organisation_id)
        .where(Mandate.account_id == account_id, live(day))
    )
    grants = (
        select(Grant.role, cast(null(), Integer), Organisation.path)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(Grant.account_id == account_id)
    )
    return tuple(
        Role(role, table_id=table_id) if table_id is not None else Role(role, path=path)
        for role, table_id, path in session.execute(union_all(mandates, grants))
    )


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


class Addressee(msgspec.Struct, frozen=True):
    """Somebody to write to: where, in which language, under which name."""

    account_id: int
    email: str
    locale: str
    name: str


def _addressees() -> Select[int, str, str, str]:
    return (
        select(Account.id, Account.email, Account.locale, Account.name)
        .where(Account.state != "suspended")
        .distinct()
        .order_by(Account.id)
    )


def members(session: Session, table_id: int, day: date) -> list[Addressee]:
    """Return the people who hold a live mandate of a table on ``day``."""
    statement = (
        _addressees()
        .join(Mandate, Mandate.account_id == Account.id)
        .join(Seat, Seat.id == Mandate.seat_id)
        .where(Seat.table_id == table_id, live(day))
    )
    return [Addressee(*row) for row in session.execute(statement)]


def co_leads(session: Session, table_id: int, day: date) -> dict[str, Addressee]:
    """Return who may sign as co-lead on ``day``, by role; a vacant seat is absent."""
    holding = holders(session, table_id, day)
    statement = _addressees().where(Account.id.in_(holding.values()))
    found = {row[0]: Addressee(*row) for row in session.execute(statement)}
    return {role: found[number] for role, number in holding.items() if number in found}


def organisation_admins(session: Session, path: str) -> list[Addressee]:
    """Return who administers the organisation at ``path`` or one above it."""
    statement = (
        _addressees()
        .join(Grant, Grant.account_id == Account.id)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(Grant.role == "organisation_admin", literal(path).startswith(Organisation.path))
    )
    return [Addressee(*row) for row in session.execute(statement)]
