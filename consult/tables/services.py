"""Load territories; make tables; fill seats; invite people (floor 3)."""

import csv
from datetime import date
from importlib import resources

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from consult.accounts import services as accounts
from consult.accounts.models import Account
from consult.audit.services import Subject, record
from consult.core.authz import Actor
from consult.core.clock import today
from consult.core.db import Session
from consult.core.i18n import gettext, in_language
from consult.core.ids import public_id
from consult.core.textmap import ProperName, TextMap
from consult.tables import rules
from consult.tables.models import AdvisoryTable, Grant, Mandate, Organisation, Seat, Territory
from consult.tables.queries import has_role

DIVISION_DATE = date(2020, 4, 1)
ROOT_CODE = "MSSS"
ROOT_NAME = "Ministère de la Santé et des Services sociaux"
_KINDS = {"rss": "network", "rts": "institution", "rls": "local_network"}


class SeatTakenError(ValueError):
    """Say that somebody holds this seat already."""


class GrantRefusedError(ValueError):
    """Say that a role cannot be given; the three reasons are below."""


class SuspendedPersonError(GrantRefusedError):
    """Say that the account of this person is suspended: it takes no role."""


class SeatExistsError(ValueError):
    """Say that a table has this co-lead seat already, or that no such seat can be stood in for."""


class GrantExistsError(GrantRefusedError):
    """Say that this person has this role on this organisation already."""


class WrongPlaceError(GrantRefusedError):
    """Say that the platform is administered from the top of the tree only."""


class LastAdministratorError(ValueError):
    """Say that nobody would be left to administer the platform."""


class Invitation(msgspec.Struct, frozen=True):
    """Whom to invite on a seat or to give a role."""

    email: str
    name: str
    locale: str
    ends_on: date | None = None


def load_territories(session: Session) -> int:
    """Load the packaged division of Quebec once; return how many territories were added."""
    if session.scalar(select(func.count()).select_from(Territory)):
        return 0
    root = add_organisation(session, ROOT_CODE, ROOT_NAME, "ministry", None)
    source = resources.files("consult.tables").joinpath("data/territories.csv")
    made: dict[str, Organisation] = {}
    with source.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        name = row["name_fr"].replace("'", "’")
        session.add(
            Territory(
                code=row["code"],
                level=row["level"],
                parent_code=row["parent_code"] or None,
                name=ProperName.of(name),
                population=int(row["population_2020"]) if row["population_2020"] else None,
                population_year=2020 if row["population_2020"] else None,
                valid_from=DIVISION_DATE,
            )
        )
        parent = made.get(row["parent_code"], root)
        made[row["code"]] = add_organisation(
            session, row["code"], name, _KINDS[row["level"]], parent
        )
        made[row["code"]].territory_code = row["code"]
    session.flush()
    return len(rows)


def add_organisation(
    session: Session, code: str, name: str, kind: str, parent: Organisation | None
) -> Organisation:
    """Add one organisation under ``parent``, with its language policy, and give it its path."""
    organisation = Organisation(
        code=code,
        name=ProperName.of(name),
        kind=kind,
        parent_id=parent.id if parent else None,
        language_policy=parent.language_policy if parent else "bilingual",
        path="",
        valid_from=DIVISION_DATE,
    )
    session.add(organisation)
    session.flush()
    organisation.path = f"{parent.path if parent else '/'}{organisation.id}/"
    return organisation


def grant(session: Session, account: Account, organisation: Organisation, role: str) -> Grant:
    """Give a staff role on an organisation and everything below it."""
    made = Grant(account_id=account.id, organisation_id=organisation.id, role=role)
    session.add(made)
    session.flush()
    return made


def give_grant(
    session: Session, actor: Actor, person: Invitation, organisation: Organisation, role: str
) -> Grant:
    """Give a role to a person, and invite her when she is new.

    Raises GrantExistsError when she has it, SuspendedPersonError when she is suspended,
    WrongPlaceError for a platform administrator below the top of the tree.
    """
    if role == "platform_admin" and organisation.parent_id is not None:
        raise WrongPlaceError
    account = _account(session, person)
    try:
        with session.begin_nested():
            made = grant(session, account, organisation, role)
    except IntegrityError as error:
        raise GrantExistsError from error
    details = {"account": account.id, "organisation": organisation.id, "role": role}
    record(session, actor, "grant.given", Subject("grant", str(made.id)), details)
    if account.state == "invited":
        accounts.invite(session, actor, account, _reason_of_grant(organisation, account.locale))
    return made


def end_grant(session: Session, actor: Actor, ended: Grant) -> None:
    """Take a role away at once; raises LastAdministratorError for the last one there is."""
    if ended.role == "platform_admin" and not _other_administrators(session, ended.account_id):
        raise LastAdministratorError
    gone = session.execute(delete(Grant).where(Grant.id == ended.id).returning(Grant.id))
    if gone.one_or_none() is None:
        return
    details = {
        "account": ended.account_id,
        "organisation": ended.organisation_id,
        "role": ended.role,
    }
    record(session, actor, "grant.ended", Subject("grant", str(ended.id)), details)
    _forget_invitation(session, actor, ended.account_id)


def _other_administrators(session: Session, account_id: int) -> list[int]:
    """Lock the grants of the platform, so that two people cannot end each other's."""
    rows = session.execute(
        select(Grant.account_id, Account.state)
        .join(Account, Account.id == Grant.account_id)
        .where(Grant.role == "platform_admin")
        .with_for_update(of=Grant)
    )
    return [row.account_id for row in rows if row.state == "active" and row[0] != account_id]


def _account(session: Session, person: Invitation) -> Account:
    account = accounts.ensure_account(session, person.email, person.name, person.locale)
    if account.state == "suspended":
        raise SuspendedPersonError
    return account


def _forget_invitation(session: Session, actor: Actor | None, account_id: int) -> None:
    """Let the link of somebody who never signed in die with her last role."""
    account = session.get_one(Account, account_id)
    if account.state == "invited" and not has_role(session, account_id, today()):
        accounts.cancel_invitation(session, actor, account)


def invite_again(session: Session, actor: Actor, role: Mandate | Grant) -> bool:
    """Send a new invitation; the earlier link dies. False when there is nobody to invite."""
    account = session.get_one(Account, role.account_id)
    if account.state != "invited":
        return False
    reason = (
        _reason_of_seat(role.seat, account.locale)
        if isinstance(role, Mandate)
        else _reason_of_grant(role.organisation, account.locale)
    )
    accounts.invite(session, actor, account, reason)
    return True


def _reason_of_seat(seat: Seat, locale: str) -> str:
    with in_language(locale):
        return gettext(
            "You are invited to the table “%(table)s”.", table=seat.table.name.pick(locale).text
        )


def _reason_of_grant(organisation: Organisation, locale: str) -> str:
    with in_language(locale):
        return gettext(
            "You are invited to work on consultations for “%(organisation)s”.",
            organisation=organisation.name.pick(locale).text,
        )


def create_table(
    session: Session, actor: Actor | None, organisation: Organisation, name: TextMap
) -> AdvisoryTable:
    """Make a table with its two co-lead seats and a facilitator's seat, all vacant."""
    table = AdvisoryTable(
        code=public_id(6),
        organisation_id=organisation.id,
        name=name,
        purpose=TextMap({}),
        mandate=TextMap({}),
    )
    session.add(table)
    session.flush()
    for role in ("co_lead_partner", "co_lead_staff", "facilitator"):
        add_seat(session, actor, table, role)
    record(session, actor, "table.created", _subject(table))
    return table


def add_seat(
    session: Session,
    actor: Actor | None,
    table: AdvisoryTable,
    role: str,
    alternate_of: Seat | None = None,
) -> Seat:
    """Add a vacant seat at the end of the list: of ``role``, or as alternate of another seat.

    Raises SeatExistsError: a table has one seat of each co-lead, and no alternate of an alternate.
    """
    if alternate_of is not None:
        if alternate_of.table_id != table.id or alternate_of.alternate_of_id is not None:
            raise SeatExistsError
        role = alternate_of.role
    # One at a time: the table is locked while its seats are counted (SQLite has one writer).
    session.execute(select(AdvisoryTable.id).where(AdvisoryTable.id == table.id).with_for_update())
    seats = session.execute(
        select(Seat.role, Seat.alternate_of_id).where(Seat.table_id == table.id)
    ).all()
    if (
        alternate_of is None
        and role in rules.CO_LEADS
        and (role, None) in {tuple(s) for s in seats}
    ):
        raise SeatExistsError
    seat = Seat(
        table_id=table.id,
        role=role,
        title=TextMap({}),
        position=len(seats),
        alternate_of_id=alternate_of.id if alternate_of else None,
    )
    session.add(seat)
    session.flush()
    details = {"seat": seat.id, "role": role, "alternate_of": seat.alternate_of_id}
    record(session, actor, "seat.added", _subject(table), details)
    return seat


def fill_seat(session: Session, actor: Actor | None, seat: Seat, person: Invitation) -> Mandate:
    """Give a seat to a person and invite her when she is new.

    Raises SeatTakenError when it is held, SuspendedPersonError when her account is suspended.
    """
    account = _account(session, person)
    # A mandate whose last day has passed holds nothing any more: the seat is vacant.
    session.execute(
        update(Mandate)
        .where(Mandate.seat_id == seat.id, Mandate.status != "ended", Mandate.ends_on < today())
        .values(status="ended")
    )
    mandate = Mandate(
        seat_id=seat.id,
        account_id=account.id,
        status="active",
        starts_on=today(),
        ends_on=person.ends_on,
    )
    try:
        with session.begin_nested():
            session.add(mandate)
    except IntegrityError as error:
        raise SeatTakenError from error
    details = {"seat": seat.id, "account": account.id}
    record(session, actor, "mandate.started", _subject(seat.table), details)
    if account.state == "invited":
        accounts.invite(session, actor, account, _reason_of_seat(seat, account.locale))
    return mandate


def end_mandate(session: Session, actor: Actor | None, mandate: Mandate) -> None:
    """End a mandate now: access stops with it, and the seat is vacant."""
    ended = session.execute(
        update(Mandate)
        .where(Mandate.id == mandate.id, Mandate.status != "ended")
        .values(status="ended", ends_on=max(today(), mandate.starts_on))
        .returning(Mandate.id)
    ).one_or_none()
    if ended is None:
        return
    table = mandate.seat.table
    record(session, actor, "mandate.ended", _subject(table), {"mandate": mandate.id})
    _forget_invitation(session, actor, mandate.account_id)


def edit_table(session: Session, actor: Actor, table: AdvisoryTable, **values: object) -> None:
    """Change the texts, visibility or state of a table; raises ConflictError (core/db.py)."""
    changed = [name for name, value in values.items() if getattr(table, name) != value]
    for name in changed:
        setattr(table, name, values[name])
    if changed:
        record(session, actor, "table.edited", _subject(table), {"fields": changed})
        session.flush()


def _subject(table: AdvisoryTable) -> Subject:
    return Subject("table", table.code, table.id)
