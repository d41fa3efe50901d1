"""Read tables, seats, organisations and what a person's roles are (floor 3)."""

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache

import msgspec
from sqlalchemy import (
    BindParameter,
    Date,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement

from consult.accounts.models import Account
from consult.core.authz import Actor, Role
from consult.core.db import AnyRow, AnySelect, Prepared, Session, rows
from consult.core.pages import Page, page_of
from consult.tables import rules
from consult.tables.models import AdvisoryTable, Grant, Mandate, Organisation, Seat


class Person(msgspec.Struct, frozen=True):
    """An account and the places of all its roles: what decides who may look after it."""

    account_id: int
    paths: tuple[str, ...]
    is_platform_admin: bool


Day = date | BindParameter[date]


def may_act() -> ColumnElement[bool]:
    """Return the condition of an account that is not suspended: its seat counts as held."""
    return Account.state != "suspended"


def live(day: Day, mandate: type[Mandate] = Mandate) -> ColumnElement[bool]:
    """Return the condition of a mandate that gives access on ``day``."""
    return and_(
        mandate.status == "active",
        mandate.starts_on <= day,
        or_(mandate.ends_on.is_(None), mandate.ends_on >= day),
    )


def _roles() -> Prepared:
    """Return the statement that reads the roles of one account on one day.

    An alternate is a member, and has the role of the seat she stands in for while nobody holds
    it who may act: while it is vacant, or its holder suspended.
    """
    account, day = bindparam("account", type_=Integer), bindparam("day", type_=Date)
    other = aliased(Mandate)
    is_held = (
        select(other.id)
        .join(Account, Account.id == other.account_id)
        .where(other.seat_id == Seat.alternate_of_id, live(day, other), may_act())
    )
    role = case((is_held.exists(), rules.ALTERNATE), else_=Seat.role)
    mandates = (
        select(role.label("role"), Seat.table_id, cast(null(), String).label("path"))
        .join(Mandate, Mandate.seat_id == Seat.id)
        .where(Mandate.account_id == account, live(day))
    )
    grants = (
        select(Grant.role, cast(null(), Integer), Organisation.path)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(Grant.account_id == account)
    )
    return Prepared(union_all(mandates, grants))


_ROLES = _roles()  # built once: every page of a signed-in person asks it


def roles_of(session: Session, account_id: int, day: date) -> tuple[Role, ...]:
    """Return the roles that live mandates and grants give a person, in one query."""
    found = rows(session, _ROLES, {"account": account_id, "day": day})
    return tuple(Role(name, table_id=table_id, path=path) for name, table_id, path in found)


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
        Organisation.path,
    ).join(Organisation, Organisation.id == AdvisoryTable.organisation_id)


def directory(session: Session, actor: Actor | None, cursor: str | None) -> Page:
    """Return a page of the tables that ``actor`` may find."""
    statement = _listed().where(visible_to(actor))
    return page_of(session, statement, [(AdvisoryTable.id, "asc")], cursor)


def working(session: Session, actor: Actor, cursor: str | None) -> Page:
    """Return a page of the tables where ``actor`` has a seat or a grant above."""
    shape, values = _work_of(actor)
    statement = _worked(*shape).params(values)
    return page_of(session, statement, [(AdvisoryTable.id, "asc")], cursor)


def at_work(session: Session, actor: Actor, most: int = 50) -> Sequence[AnyRow]:
    """Return the first tables of ``working``, one more than ``most`` when there are more."""
    shape, values = _work_of(actor)
    return rows(session, _at_work(*shape), values | {"most": most + 1})


Shape = tuple[int, tuple[bool, ...]]


def _work_of(actor: Actor) -> tuple[Shape, dict[str, object]]:
    """Return how many seats and which grants above tables ``actor`` has, and where they are."""
    tables = [role.table_id for role in actor.roles if role.table_id is not None]
    places = [(r.path, r.name in rules.READERS_OF_PRIVATE) for r in actor.roles if r.path]
    values: dict[str, object] = {f"table_{n}": number for n, number in enumerate(tables)}
    values |= {f"path_{n}": path for n, (path, _reads) in enumerate(places)}
    return (len(tables), tuple(reads for _path, reads in places)), values


def _worked(tables: int, places: tuple[bool, ...]) -> AnySelect:
    """Return the one rule of the tables somebody works for, with so many seats and grants."""
    conditions: list[ColumnElement[bool]] = [
        AdvisoryTable.id == bindparam(f"table_{n}", type_=Integer) for n in range(tables)
    ]
    for n, reads_private in enumerate(places):
        path = bindparam(f"path_{n}", type_=String)
        below = func.substr(Organisation.path, 1, func.length(path)) == path
        conditions.append(
            below if reads_private else below & (AdvisoryTable.visibility != "private")
        )
    return _listed().where(or_(false(), *conditions))


@lru_cache(maxsize=256)
def _at_work(tables: int, places: tuple[bool, ...]) -> Prepared:
    """Return the statement for so many tables and places; the desk asks it each time."""
    statement = _worked(tables, places).order_by(AdvisoryTable.id)
    return Prepared(statement.limit(bindparam("most", type_=Integer)))


def seats_of(session: Session, table_id: int, day: date) -> Sequence[AnyRow]:
    """Return each seat with its holder on ``day``, if any, in order."""
    holder = and_(Mandate.seat_id == Seat.id, live(day))
    return session.execute(
        select(
            Seat.id,
            Seat.role,
            Seat.title,
            Seat.alternate_of_id,
            Mandate.id.label("mandate_id"),
            Mandate.starts_on,
            Mandate.ends_on,
            Mandate.is_named_publicly,
            Account.name,
            Account.email,
            Account.state.label("account_state"),
        )
        .outerjoin(Mandate, holder)
        .outerjoin(Account, Account.id == Mandate.account_id)
        .where(Seat.table_id == table_id)
        .order_by(Seat.position, Seat.id)
    ).all()


def holders(session: Session, table_id: int, day: date) -> dict[str, int]:
    """Return the account that holds each co-lead seat on ``day``, by role.

    A suspended account holds none: whoever may not sign in keeps nobody from signing.
    """
    found = session.execute(_co_leading(table_id, day).where(Seat.alternate_of_id.is_(None)))
    return {row.role: row.account_id for row in found}


def alternates(session: Session, table_id: int, day: date) -> dict[str, set[int]]:
    """Return the accounts that may stand in for each co-lead seat on ``day``, by role."""
    pairs = session.execute(_co_leading(table_id, day).where(Seat.alternate_of_id.is_not(None)))
    found: dict[str, set[int]] = {}
    for role, account_id in pairs:
        found.setdefault(role, set()).add(account_id)
    return found


def _co_leading(table_id: int, day: date) -> Select[str, int]:
    return (
        select(Seat.role, Mandate.account_id)
        .join(Mandate, Mandate.seat_id == Seat.id)
        .join(Account, Account.id == Mandate.account_id)
        .where(
            Seat.table_id == table_id,
            Seat.role.in_(rules.CO_LEADS),
            live(day),
            may_act(),
        )
    )


def mandates_of(session: Session, account_id: int, day: date) -> Sequence[Mandate]:
    """Return the mandates of an account that live on ``day``."""
    statement = select(Mandate).where(Mandate.account_id == account_id, live(day))
    return session.scalars(statement.order_by(Mandate.id)).all()


def grants_of(session: Session, account_id: int) -> Sequence[Grant]:
    """Return the grants of an account."""
    statement = select(Grant).where(Grant.account_id == account_id)
    return session.scalars(statement.order_by(Grant.id)).all()


def person_of(session: Session, account_id: int, day: date) -> Person:
    """Return the places where an account has a role on ``day``."""
    grants = grants_of(session, account_id)
    mandates = mandates_of(session, account_id, day)
    paths = {mandate.seat.table.organisation.path for mandate in mandates}
    paths |= {grant.organisation.path for grant in grants}
    is_platform_admin = any(grant.role == "platform_admin" for grant in grants)
    return Person(account_id, tuple(sorted(paths)), is_platform_admin)


def _administered(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of the organisations whose people ``actor`` looks after."""
    paths = [role.path for role in actor.roles if role.name in rules.ADMINS and role.path]
    return or_(false(), *(Organisation.path.startswith(path, autoescape=True) for path in paths))


def people(session: Session, actor: Actor, day: date, sought: str, cursor: str | None) -> Page:
    """Return a page of accounts, by address: all for S, those with a role below G's place.

    ``sought`` is part of a name or of an address; SQLite folds the case of plain letters only.
    """
    statement = select(Account.id, Account.email, Account.name, Account.state)
    if not actor.holds_any(frozenset({"platform_admin"})):
        seated = (
            select(Mandate.account_id)
            .join(Seat, Seat.id == Mandate.seat_id)
            .join(AdvisoryTable, AdvisoryTable.id == Seat.table_id)
            .join(Organisation, Organisation.id == AdvisoryTable.organisation_id)
            .where(live(day), _administered(actor))
        )
        granted = (
            select(Grant.account_id)
            .join(Organisation, Organisation.id == Grant.organisation_id)
            .where(_administered(actor))
        )
        statement = statement.where(Account.id.in_(seated) | Account.id.in_(granted))
    for word in sought.split()[:5]:
        statement = statement.where(
            or_(
                Account.name.icontains(word, autoescape=True),
                Account.name.contains(word.title(), autoescape=True),
                Account.email.contains(word.lower(), autoescape=True),
            )
        )
    return page_of(session, statement, [(Account.email, "asc")], cursor, sealed=True)


def grants(session: Session, actor: Actor, cursor: str | None) -> Page:
    """Return a page of the grants at or below the places that ``actor`` administers."""
    statement = (
        select(
            Grant.id,
            Grant.role,
            Grant.account_id,
            Account.name,
            Account.email,
            Account.state,
            Organisation.name.label("organisation"),
            Organisation.path,
        )
        .join(Account, Account.id == Grant.account_id)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(_administered(actor))
    )
    return page_of(session, statement, [(Grant.id, "asc")], cursor)


def has_role(session: Session, account_id: int, day: date) -> bool:
    """Tell whether an account has a live mandate or a grant."""
    mandate = select(Mandate.id).where(Mandate.account_id == account_id, live(day))
    grant = select(Grant.id).where(Grant.account_id == account_id)
    return bool(session.scalar(select(mandate.exists() | grant.exists())))


def organisations_for(session: Session, actor: Actor) -> Sequence[AnyRow]:
    """Return the organisations on which ``actor`` may create a table (at most 400)."""
    statement = select(Organisation.id, Organisation.code, Organisation.name).where(
        _administered(actor)
    )
    return session.execute(statement.order_by(Organisation.code).limit(400)).all()


class Addressee(msgspec.Struct, frozen=True):
    """Somebody to write to: where, in which language, under which name."""

    account_id: int
    email: str
    locale: str
    name: str


def _addressees() -> Select[int, str, str, str]:
    return (
        select(Account.id, Account.email, Account.locale, Account.name)
        .where(may_act())
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
