"""Load territories; make tables; fill seats; invite people (floor 3)."""

import csv
from datetime import date
from importlib import resources

import msgspec
from sqlalchemy import func, select, update
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
from consult.tables.models import AdvisoryTable, Grant, Mandate, Organisation, Seat, Territory

DIVISION_DATE = date(2020, 4, 1)
ROOT_CODE = "MSSS"
ROOT_NAME = "Ministère de la Santé et des Services sociaux"
_KINDS = {"rss": "network", "rts": "institution", "rls": "local_network"}


class SeatTakenError(ValueError):
    """Say that somebody holds this seat already."""


class Invitation(msgspec.Struct, frozen=True):
    """Whom to invite on a seat."""

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


def grant(session: Session, account: Account, organisation: Organisation, role: str) -> None:
    """Give a staff role on an organisation and everything below it."""
    session.add(Grant(account_id=account.id, organisation_id=organisation.id, role=role))


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


def add_seat(session: Session, actor: Actor | None, table: AdvisoryTable, role: str) -> Seat:
    """Add a vacant seat of ``role`` at the end of the list."""
    position = session.scalar(
        select(func.count()).select_from(Seat).where(Seat.table_id == table.id)
    )
    seat = Seat(table_id=table.id, role=role, title=TextMap({}), position=position or 0)
    session.add(seat)
    session.flush()
    record(session, actor, "seat.added", _subject(table), {"seat": seat.id, "role": role})
    return seat


def fill_seat(session: Session, actor: Actor | None, seat: Seat, person: Invitation) -> Mandate:
    """Give a seat to a person and invite her; raises SeatTakenError when it is held."""
    account = accounts.ensure_account(session, person.email, person.name, person.locale)
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
        with in_language(account.locale):
            reason = gettext(
                "You are invited to the table “%(table)s”.",
                table=seat.table.name.pick(account.locale).text,
            )
        accounts.invite(session, actor, account, reason)
    return mandate


def end_mandate(session: Session, actor: Actor | None, mandate: Mandate) -> None:
    """End a mandate now: access stops with it, and the seat is vacant."""
    session.execute(
        update(Mandate)
        .where(Mandate.id == mandate.id, Mandate.status != "ended")
        .values(status="ended", ends_on=max(today(), mandate.starts_on))
    )
    record(session, actor, "mandate.ended", _subject(mandate.seat.table), {"mandate": mandate.id})


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
