"""Read who may do what, and make a world of people, tables and consultations to try it in."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select

from consult.accounts.models import Account
from consult.accounts.services import make_link, open_session
from consult.consultations import rules
from consult.consultations import services as consultations
from consult.consultations.models import Consultation
from consult.consultations.services import signing
from consult.core.authz import Actor
from consult.core.clock import today
from consult.core.codes import Pepper, derive_keys, new_code
from consult.core.db import write_session
from consult.core.paths import PACKAGE
from consult.core.textmap import TextMap
from consult.demo.texts import COMMON, CONSULTATIONS
from consult.exports import services as exports
from consult.exports.writing import Wanted
from consult.surveys import queries as sheets
from consult.surveys import services as surveys
from consult.surveys.rules import parse_definition
from consult.tables import services as tables
from consult.tables.models import AdvisoryTable, Grant, Mandate, Organisation, Seat
from tests.support.pages import BASE

POLICY = Path(__file__).parents[1] / "house" / "who_may_do_what.md"
STATES = rules.STATES
SEATS = {
    "partner": "M",
    "staff": "M",
    "observer": "W",
    "facilitator": "F",
    "co_lead_partner": "C",
    "co_lead_staff": "C",
}
GRANTS = {
    "translator": "T",
    "officer": "O",
    "analyst": "A",
    "researcher": "R",
    "organisation_admin": "G",
    "privacy_officer": "Y",
}
SIDES = {"A": ("9912", "public"), "B": ("9911", "private"), "L": ("9913", "listed")}
VISITORS = frozenset("VPZ")  # a suspended account is one
CSRF = "c" * 40
AGAIN = re.compile(r'href="/(?:fr/connexion|en/sign-in)" target=')


class Rule(msgspec.Struct, frozen=True):
    """One row of the page: an address and who may use it, for which tables and states."""

    what: str
    methods: frozenset[str]
    endpoint: str
    tables: frozenset[str]
    states: frozenset[str]
    who: frozenset[str]


class Who(msgspec.Struct, frozen=True):
    """One person: what she is, her letter, the side where she is it, and her browser."""

    name: str
    letter: str
    side: str = ""
    account_id: int = 0
    cookie: str = ""
    codes: tuple[str, ...] = ()


class Thing(msgspec.Struct, frozen=True):
    """What an address is about: its side, and the numbers and codes that stand in it."""

    side: str
    visibility: str
    state: str
    values: dict[str, object]


def read_policy(path: Path = POLICY) -> list[Rule]:
    """Return the rows of the page in order."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or cells[0] in {"what", "---"}:
            continue
        what, methods, endpoint, seen, states, who = cells
        found.append(
            Rule(
                what,
                frozenset(methods.split()),
                endpoint,
                frozenset(seen.split()),
                frozenset(states.split()),
                frozenset(who.split() if who not in {"everybody", "signed in"} else [who]),
            )
        )
    return found


def is_allowed(policy: list[Rule], call: tuple[str, str], thing: Thing, who: Who) -> bool:
    """Tell whether the page lets ``who`` call (endpoint, method) on ``thing``."""
    letter = who.letter
    if who.side and thing.side and who.side != thing.side:
        letter = "N"
    names = {"everybody", letter} | (set() if letter in VISITORS else {"signed in"})
    return any(
        rule.endpoint == call[0]
        and call[1] in rule.methods
        and (not rule.tables or thing.visibility in rule.tables)
        and (not rule.states or thing.state in rule.states)
        and rule.who & names
        for rule in policy
    )


class World:
    """An application with two tables of everybody, one public and one private, and a third."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.people: list[Who] = [Who("visitor", "V")]
        self.tables: dict[str, Thing] = {}
        self.consultations: list[Thing] = []
        self.codes: dict[str, str] = {}
        with (
            write_session(app) as session,
            app.test_request_context(base_url=BASE),
        ):
            self.session = session
            for side in SIDES:
                self._make_side(side)
            root = session.scalars(
                select(Organisation).where(Organisation.code == tables.ROOT_CODE)
            ).one()
            self._grant("platform_admin", "S", "", root)
            answers = tuple(f"consult_code_{c}={code}" for c, code in self.codes.items())
            answers += tuple(f"consult_receipt_{c}={code}" for c, code in self.codes.items())
            self.people.append(Who("person who answered", "P", codes=answers))
            account = self._account("link", "active")
            self.link = make_link(session, account, "reset").rsplit("/", 1)[1]
        self.token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(CSRF)
        self.client = FlaskClient(app, app.response_class, use_cookies=False)

    def _make_side(self, side: str) -> None:
        session = self.session
        code, visibility = SIDES[side]
        place = session.scalars(select(Organisation).where(Organisation.code == code)).one()
        name = TextMap({"fr": f"Table {side}", "en": f"Table {side}"})
        table = tables.create_table(session, None, place, name)
        table.visibility, table.state = visibility, "active"
        for role in ("partner", "staff", "observer"):
            tables.add_seat(session, None, table, role)
        session.flush()
        values = self._targets(table, place, side)
        self.tables[side] = Thing(side, visibility, "", values)
        if side == "L":
            return
        self._fill(table, side)
        for role, letter in GRANTS.items():
            self._grant(role, letter, side, place)
        for state in STATES:
            made = self._consultation(table, state)
            wanted = Wanted(made.code, "csv", "fr")
            job = exports.ask(session, self._somebody(), made, wanted)
            values = {"consultation": made.code, "version": made.version, "token": job}
            self.consultations.append(Thing(side, visibility, state, values))

    def _targets(self, table: AdvisoryTable, place: Organisation, side: str) -> dict[str, object]:
        """Make what the addresses of a table are about: a vacant seat, a guest, a role."""
        session = self.session
        vacant = tables.add_seat(session, None, table, "partner")
        guest = tables.add_seat(session, None, table, "partner")
        person = tables.Invitation(f"guest.{side}@t.invalid", "Guest", "fr")
        mandate = tables.fill_seat(session, None, guest, person)
        grant = tables.grant(session, session.get(Account, mandate.account_id), place, "officer")
        session.flush()
        return {
            "table": table.code,
            "version": table.version,
            "organisation": place.id,
            "seat_id": vacant.id,
            "mandate_id": mandate.id,
            "grant_id": grant.id,
            "account_id": mandate.account_id,
        }

    def _somebody(self) -> Actor:
        return Actor(self.people[-1].account_id, "somebody")

    def _account(self, name: str, state: str) -> Account:
        email = f"{name.replace(' ', '.')}@t.invalid"
        account = Account(email=email, name=name, state=state)
        self.session.add(account)
        self.session.flush()
        return account

    def _person(self, name: str, letter: str, side: str) -> Account:
        account = self._account(f"{name} {side}", "suspended" if letter == "Z" else "active")
        cookie = self._cookie(open_session(self.session, account, 12))
        self.people.append(Who(name, letter, side, account.id, cookie))
        return account

    def _cookie(self, token: str) -> str:
        interface = self.app.session_interface
        serializer = interface.get_signing_serializer(self.app)
        value = serializer.dumps({"sid": token, "csrf_token": CSRF})
        return f"{self.app.config['SESSION_COOKIE_NAME']}={value}"

    def _fill(self, table: AdvisoryTable, side: str) -> None:
        session, started = self.session, today() - timedelta(days=9)
        seats = {
            seat.role: seat
            for seat in session.scalars(select(Seat).where(Seat.table_id == table.id))
            if seat.id != self.tables[side].values["seat_id"]
        }
        people = [(role, letter, seats[role]) for role, letter in SEATS.items()]
        standing_in = tables.add_seat(session, None, table, "", seats["co_lead_partner"])
        people.append(("alternate", "L", standing_in))
        for name, letter in (("suspended facilitator", "Z"), ("former facilitator", "N")):
            people.append((name, letter, tables.add_seat(session, None, table, "facilitator")))
        for name, letter, seat in people:
            account = self._person(name, letter, side)
            ended = letter == "N"
            if session.scalar(
                select(func.count()).select_from(Mandate).where(Mandate.seat_id == seat.id)
            ):
                seat = tables.add_seat(session, None, table, seat.role)
            session.add(
                Mandate(
                    seat_id=seat.id,
                    account_id=account.id,
                    status="active",
                    starts_on=started,
                    # The last day has passed: nobody had to end it by hand.
                    ends_on=today() - timedelta(days=1) if ended else None,
                )
            )
        session.flush()

    def _grant(self, role: str, letter: str, side: str, place: Organisation) -> None:
        account = self._person(role, letter, side)
        self.session.add(Grant(account_id=account.id, organisation_id=place.id, role=role))
        self.session.flush()

    def _consultation(self, table: AdvisoryTable, state: str) -> Consultation:
        session, day = self.session, today()
        texts = CONSULTATIONS["se-deplacer"]
        made = consultations.create(session, None, table, texts["title"])
        due = day + timedelta(days=90)
        consultations.edit(session, None, made, **texts, **COMMON, response_due=due)
        phase = consultations.PhaseInput("answer", day - timedelta(days=1), day + timedelta(days=5))
        consultations.set_phases(session, None, made, [phase])
        source = (PACKAGE / "demo/data/se-deplacer.json").read_bytes()
        surveys.load_definition(session, None, made, parse_definition(source))
        made.state = state
        if state in rules.PUBLIC:
            signing.publish_notice(session, made)
            surveys.publish(session, made)
            self._answer(made)
        session.flush()
        return made

    def _answer(self, made: Consultation) -> None:
        pepper = Pepper.load(self.app.extensions["consult_settings"].pepper_path)
        code = self.codes[made.code] = new_code(pepper)
        keys = derive_keys(pepper, made.code, code)
        surveys.write_progress(self.session, keys, made, surveys.Progress(), 30)
        sheet = sheets.sheet(self.session, made.id)
        surveys.submit(self.session, keys, made, sheet, "fr")

    def things(self, endpoint: str, method: str) -> list[Thing]:
        """Return what an address may be about: consultations, tables, or nothing."""
        arguments = self.arguments(endpoint)
        of_table = endpoint.startswith("tables") or endpoint == "consultations_desk.create"
        if "code" in arguments and not of_table:
            return self.consultations
        # These two learn from the form for which organisation they are asked.
        asked = endpoint in {"tables_desk.create_table", "tables_desk.give_grant"}
        if (of_table and arguments) or (asked and method == "POST"):
            return list(self.tables.values())
        return [Thing("", "", "", {})]

    def arguments(self, endpoint: str) -> set[str]:
        """Return what stands in an address beside its language."""
        rules_of = self.app.url_map.iter_rules(endpoint)
        return {name for rule in rules_of for name in rule.arguments} - {"lang"}

    def tries(self, endpoint: str, method: str) -> Iterator[tuple[Thing, Who]]:
        """Yield each thing with each person; people of another table meet the states in turn."""
        people = self.people
        if not self.app.view_functions[endpoint].uses_session:
            # Such a view never learns who is signed in: a few people show it.
            people = [who for who in people if who.letter in "VPFS"]
        for thing in self.things(endpoint, method):
            for turn, who in enumerate(people):
                elsewhere = who.side and thing.side and who.side != thing.side
                met = {STATES[turn % len(STATES)]}
                if not elsewhere or not thing.state or thing.state in met:
                    yield thing, who

    def path(self, endpoint: str, lang: str, thing: Thing, *, absent: bool = False) -> str:
        """Return the address of ``thing``, or of one that does not exist."""
        rule = next(
            r
            for r in self.app.url_map.iter_rules(endpoint)
            if (r.defaults or {}).get("lang", lang) == lang
        )
        values = {"item": "role", "number": 1, "token": self.link, **thing.values}
        values |= {"step": "you", "what": "item", "name": "role"}
        values["code"] = thing.values.get("table") or thing.values.get("consultation")
        given = {name: values[name] for name in rule.arguments - {"lang"}}
        if absent:
            given |= {
                name: 2_000_000_000 if name.endswith("_id") else "zzzzzz"
                for name in given.keys() - {"item", "number"}
            }
        if rule.defaults:
            given["lang"] = lang
        return self.app.url_map.bind("consult.test").build(endpoint, given)

    def form(self, endpoint: str, thing: Thing) -> dict[str, object]:
        """Return a form that the service behind the address would take where there is a simple one."""
        texts = {f"{name}-{lang}": "Texte" for name in ("name", "title") for lang in ("fr", "en")}
        person = {"name": "New", "email": "new@example.org", "locale": "fr", "role": "analyst"}
        moves = rules.TRANSITIONS.get(thing.state, ())
        return {
            **texts,
            **person,
            "visibility": "public",
            "state": "active",
            "role": "partner" if endpoint.endswith("add_seat") else "analyst",
            "organisation": thing.values.get("organisation", 1),
            "version": thing.values.get("version", 1),
            "target": moves[-1] if moves else "",
            "format": "csv",
            "labels": "fr",
            "person": "facilitator",
            "csrf_token": self.token,
        }

    def call(self, who: Who, method: str, path: str, form: dict[str, object]) -> tuple[str, str]:
        """Send one request; return ``in`` or ``out`` (or the status when neither), and the page."""
        cookies = "; ".join([who.cookie, *who.codes]).strip("; ")
        headers = {"Origin": BASE} | ({"Cookie": cookies} if cookies else {})
        data = form if method == "POST" else None
        answer = self.client.open(path, method=method, base_url=BASE, headers=headers, data=data)
        place = answer.headers.get("Location", "").split("?")[0]
        is_page = answer.mimetype == "text/html" and not place
        page = answer.get_data(as_text=True) if is_page else ""
        answer.close()
        led_away = re.search(r"/(connexion|sign-in|questionnaire|mon-code|my-code)$", place)
        if answer.status_code == 404 or led_away:
            return "out", page
        # Somebody signed out who typed something is shown it again, before anything is looked up.
        if answer.status_code == 422 and AGAIN.search(page):
            return "out", ""
        if answer.status_code in {200, 302, 303, 409, 422}:
            return "in", page
        return str(answer.status_code), page


def without_what_was_sent(page: str) -> str:
    """Return a page without its addresses and what was typed: the rest must not tell a refusal."""
    page = re.sub(r"<dl class=\"summary\">.*?</dl>", "", page, flags=re.DOTALL)
    return re.sub(r'(?:href|action)="[^"]*"', "", page)


def calls(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield every (endpoint, method) of the site."""
    found = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    yield from sorted(found)
