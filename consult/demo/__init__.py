"""Build the fictional territory of the demo (floor 10).

Everything is invented, under codes outside the Ministry's ranges, so that no false answer
is put in a real institution's mouth. Dates are relative to the day of the run; the seed is
fixed. The whole takes a few seconds.
"""

from datetime import datetime, time, timedelta
from importlib import resources

import msgspec
from flask import Flask
from sqlalchemy import select

from consult.accounts.models import Account
from consult.consultations import services as consultations
from consult.consultations.models import Consultation
from consult.core.authz import Actor, Role
from consult.core.clock import LOCAL_ZONE, today, travel
from consult.core.db import Session, write_session
from consult.core.events import settle
from consult.core.textmap import ProperName
from consult.demo.responses import Shape, add_responses
from consult.demo.texts import (
    COMMON,
    CONSULTATIONS,
    DRAFT_SUMMARIES,
    DRAFT_TITLE,
    EXTENSION,
    MANDATE,
    NAMES,
    PURPOSE,
    both,
)
from consult.surveys import queries
from consult.surveys import services as surveys
from consult.surveys.rules import parse_definition
from consult.tables import services as tables
from consult.tables.models import AdvisoryTable, Mandate, Organisation, Seat, Territory
from consult.web.people import PEOPLE

PLACES = (
    ("99", "rss", "", "Région de démonstration", None),
    ("991", "rts", "99", "CISSS de la Rivière-aux-Aulnes (établissement fictif)", None),
    ("9911", "rls", "991", "Pointe-au-Phare", 31_400),
    ("9912", "rls", "991", "Les Coteaux", 58_200),
    ("9913", "rls", "991", "Haute-Rivière", 12_700),
)
KINDS = {"rss": "network", "rts": "institution", "rls": "local_network"}
HOLDERS = ("facilitator", "co_lead_staff", "co_lead_partner")


class World(msgspec.Struct):
    """What the steps of the build hand to one another."""

    places: dict[str, Organisation]
    people: dict[str, Account]


def build(app: Flask) -> None:
    """Fill a migrated database with the demo; nothing happens when it is there already."""
    settings = app.extensions["consult_settings"]
    with write_session(app) as session, app.test_request_context(base_url=settings.public_url):
        if session.scalar(select(Organisation.id).where(Organisation.code == "991")):
            return
        tables.load_territories(session)
        world = World(_places(session), _people(session))
        root = session.scalars(
            select(Organisation).where(Organisation.code == tables.ROOT_CODE)
        ).one()
        tables.grant(session, world.people["analyst"], world.places["991"], "analyst")
        for role in ("platform_admin", "organisation_admin"):
            tables.grant(session, world.people["admin"], root, role)
        coteaux = _table(session, world, "9912", seats=14, vacant=0)
        phare = _table(session, world, "9911", seats=12, vacant=2)
        _forming(session, world)
        _closed(session, coteaux, world)
        _open(session, phare, world)
        _draft(session, coteaux, world)
        settle(session)  # nobody is written to about what the demo invents


def _places(session: Session) -> dict[str, Organisation]:
    made: dict[str, Organisation] = {}
    root = session.scalars(select(Organisation).where(Organisation.code == tables.ROOT_CODE)).one()
    for code, level, parent, name, population in PLACES:
        session.add(
            Territory(
                code=code,
                level=level,
                parent_code=parent or None,
                name=ProperName.of(name),
                population=population,
                population_year=today().year if population else None,
                valid_from=today(),
                is_fictional=True,
            )
        )
        session.flush()
        above = made.get(parent, root)
        made[code] = tables.add_organisation(session, code, name, KINDS[level], above)
        made[code].territory_code = code
    return made


def _people(session: Session) -> dict[str, Account]:
    accounts = {}
    for person in PEOPLE:
        account = Account(email=person.email, name=person.name, locale="fr", state="active")
        session.add(account)
        accounts[person.key] = account
    session.flush()
    return accounts


def _table(session: Session, world: World, code: str, *, seats: int, vacant: int) -> AdvisoryTable:
    place = world.places[code]
    name = place.name.pick("fr").text
    label = both(f"Table consultative {_of(name)}", f"{name} advisory table")
    table = tables.create_table(session, None, place, label)
    table.purpose, table.mandate, table.state = PURPOSE, MANDATE, "active"
    places = list(session.scalars(select(Seat).where(Seat.table_id == table.id)))
    places += [tables.add_seat(session, None, table, "partner") for _ in range(seats - 3)]
    holders = {seat.role: world.people[seat.role] for seat in places if seat.role in HOLDERS}
    names = iter(NAMES)
    for seat in places[: seats - vacant]:
        account = holders.get(seat.role) or _member(session, next(names), code)
        session.add(
            Mandate(
                seat_id=seat.id,
                account_id=account.id,
                status="active",
                starts_on=today() - timedelta(days=400),
                is_named_publicly=True,
            )
        )
    session.flush()
    return table


def _of(name: str) -> str:
    return f"des {name[4:]}" if name.startswith("Les ") else f"de {name}"


def _member(session: Session, name: str, code: str) -> Account:
    email = f"{name.split(maxsplit=1)[0].lower()}.{code}@demo.invalid"
    account = Account(email=email, name=name, locale="fr", state="active")
    session.add(account)
    session.flush()
    return account


def _forming(session: Session, world: World) -> None:
    label = both("Table consultative de Haute-Rivière", "Haute-Rivière advisory table")
    table = tables.create_table(session, None, world.places["9913"], label)
    table.purpose, table.mandate = PURPOSE, MANDATE


def _actor(world: World, key: str, table: AdvisoryTable) -> Actor:
    account = world.people[key]
    return Actor(account.id, account.name, roles=(Role(key, table_id=table.id),))


def _prepare(
    session: Session, table: AdvisoryTable, world: World, file: str, days: tuple[int, int]
) -> Consultation:
    """Make a consultation whose answering phase runs from day to day (relative), and open it."""
    opens, closes = (today() + timedelta(days=n) for n in days)
    facilitator = _actor(world, "facilitator", table)
    source = resources.files("consult.demo").joinpath(f"data/{file}.json").read_bytes()
    moment = datetime.combine(opens, time(9), LOCAL_ZONE)
    with travel(moment):
        made = consultations.create(session, facilitator, table, CONSULTATIONS[file]["title"])
        due = closes + timedelta(days=90)
        consultations.edit(
            session, facilitator, made, **CONSULTATIONS[file], **COMMON, response_due=due
        )
        phases = [
            consultations.PhaseInput("answer", opens, closes),
            consultations.PhaseInput(
                "synthesise", closes + timedelta(days=8), closes + timedelta(days=60)
            ),
            consultations.PhaseInput("respond", closes + timedelta(days=61), due),
        ]
        consultations.set_phases(session, facilitator, made, phases)
        surveys.load_definition(session, facilitator, made, parse_definition(source))
        consultations.move(session, facilitator, made, "review")
        for key in ("co_lead_partner", "co_lead_staff"):
            consultations.sign(session, _actor(world, key, table), made, "open")
        consultations.move(session, facilitator, made, "open")
    return made


def _shapes() -> dict[str, Shape]:
    """Return who answered, by the state of the consultation: one is closed, one is open."""
    first, since = (today() - timedelta(days=n) for n in (160, 19))
    closed = Shape({"web": 402, "paper": 47, "assisted": 37}, 135, 61, 214, first, 42)
    return {
        "analysing": closed,
        "open": Shape({"web": 151, "paper": 22}, 38, 24, 90, since, 19, newsletter=9),
    }


def _hope(
    session: Session, made: Consultation, actor: Actor, numbers: tuple[int, int, int]
) -> None:
    goals = dict(zip(surveys.GOALS, numbers, strict=True))
    surveys.set_goals(session, actor, made, goals, 0)


def _fill(session: Session, made: Consultation, shape: Shape, seed: str | int) -> None:
    sheet = queries.sheet(session, made.id)
    if sheet is None:
        message = "the demo questionnaire was not published"
        raise RuntimeError(message)
    add_responses(session, made, sheet, shape, seed)


def _closed(session: Session, table: AdvisoryTable, world: World) -> None:
    made = _prepare(session, table, world, "bien-vieillir", (-160, -118))
    _fill(session, made, _shapes()["analysing"], 11)
    _hope(session, made, _actor(world, "facilitator", table), (450, 340, 110))
    consultations.move(session, _actor(world, "facilitator", table), made, "analysing")


def _open(session: Session, table: AdvisoryTable, world: World) -> None:
    made = _prepare(session, table, world, "se-deplacer", (-19, 16))
    _fill(session, made, _shapes()["open"], 12)
    _hope(session, made, _actor(world, "facilitator", table), (400, 320, 80))
    _extend(session, table, world, made)


def _extend(session: Session, table: AdvisoryTable, world: World, made: Consultation) -> None:
    """Give people a week more, as both co-leads agreed three days ago."""
    moment = datetime.combine(today() - timedelta(days=3), time(10), LOCAL_ZONE)
    answering = made.phases[0]
    later = answering.closes_on + timedelta(days=7)
    with travel(moment):
        wanted = consultations.NewDay("extend", answering, later)
        facilitator = _actor(world, "facilitator", table)
        proposal = consultations.propose_day(session, facilitator, made, wanted, EXTENSION)
        for key in ("co_lead_partner", "co_lead_staff"):
            signer = _actor(world, key, table)
            consultations.sign_amendment(session, signer, made, proposal.id)


def _draft(session: Session, table: AdvisoryTable, world: World) -> None:
    """Leave a draft whose French changed after its English was written, and no English title."""
    facilitator = _actor(world, "facilitator", table)
    made = consultations.create(session, facilitator, table, DRAFT_TITLE)
    for summary in DRAFT_SUMMARIES:
        consultations.edit(session, facilitator, made, summary=summary)


def scale(app: Flask, count: int) -> int:
    """Bring both consultations to ``count`` responses together, in the same shapes.

    The same count after the same count gives the same responses. Return how many were added.
    """
    shapes, added, left = _shapes(), 0, count
    whole = sum(shape.total for shape in shapes.values())
    with write_session(app) as session:
        for seed, (state, shape) in enumerate(shapes.items(), start=13):
            made = session.scalars(
                select(Consultation).where(Consultation.state == state).limit(1)
            ).one()
            before = queries.count(session, made.id)
            share = left if state == "open" else count * shape.total // whole
            left -= share
            missing = share - before
            if missing > 0:
                _fill(session, made, shape.at(missing), f"{seed}/{before}/{missing}")
                added += missing
    return added
