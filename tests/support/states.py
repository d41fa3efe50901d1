"""Bring the demo into every state that a page can show, and name each of them."""

import io
import json
import re
from collections.abc import Callable, Iterator

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from consult.accounts.models import Account
from consult.consultations.models import Consultation
from consult.core.clock import today
from consult.core.codes import derive_keys, new_code
from consult.core.db import read_session, write_session
from consult.core.mail import MailMessage
from consult.core.paths import PACKAGE
from consult.demo.texts import COMMON, CONSULTATIONS
from consult.surveys.models import Response
from consult.surveys.visits import pepper
from consult.tables.models import AdvisoryTable, Grant, Mandate, Seat
from tests.support.people import Citizen, Person, Staff, answered_before

QUESTIONNAIRE = (PACKAGE / "demo/data/se-deplacer.json").read_bytes()
MOVED = {"q-top3_order": ["food"], "page-move": "top3_order.add.housing"}
SAME = dict.fromkeys(("q-measures.1.best", "q-measures.1.worst"), "garden")
TOO_MANY = {"q-top3": ["food", "housing", "transport", "climate"], "q-why": "42"}
READ = (
    "show",
    "results",
    "texts",
    "assist",
    "breakdown",
    "participation",
)  # the others are about a questionnaire in preparation
Answers = Iterator[tuple[str, TestResponse]]
Collector = Callable[["Cast"], Answers]
_collectors: list[Collector] = []


def state(collector: Collector) -> Collector:
    """Add a group of states to the gallery."""
    _collectors.append(collector)
    return collector


def collect(cast: "Cast") -> Answers:
    """Yield (name, answer) for every state."""
    for collector in _collectors:
        yield from collector(cast)


class Cast:
    """The people of the demo, each at the point where their pages can be opened."""

    def __init__(self, app: Flask, address: str, lang: str) -> None:
        self.app, self.address, self.lang = app, address, lang
        self._find()
        self.visitor = Person(app, address, lang)
        self.camille = Staff(app, address, lang, "facilitator")
        self.josee = Staff(app, address, lang, "admin")
        self.sylvie = Staff(app, address, lang, "co_lead_staff")
        begin = self.camille.url("surveys_desk.start", code=self.codes["draft"])
        begun = self.camille.send(begin, {"model": "essential"}).status_code
        assert begun == (303 if lang == "fr" else 409), "French comes first"
        self.drafter = self.citizen().start().fill()
        self.sender = self.citizen().start().fill()
        self.sender.follow(self.sender.send())
        self.returner = self.citizen().start().fill()
        self.returner.send()
        self.returner.follow(self.returner.come_back())

    def _find(self) -> None:
        with read_session(self.app) as session:
            rows = session.scalars(select(Consultation).order_by(Consultation.id)).all()
            self.codes = {row.state: row.code for row in reversed(rows)}
            table = session.scalars(
                select(AdvisoryTable).where(AdvisoryTable.state == "forming")
            ).one()
            self.forming = table.code
            self.seat = session.scalars(
                select(Seat.id).where(Seat.table_id == table.id, Seat.role == "facilitator")
            ).one()
            open_one = next(row for row in rows if row.state == "open")
            self.table = open_one.table.code
            self.numbers = {
                "seat_id": self.seat,
                "mandate_id": session.scalar(
                    select(Mandate.id).join(Seat).where(Seat.table_id == open_one.table_id).limit(1)
                ),
                "grant_id": session.scalar(select(Grant.id).where(Grant.role == "analyst")),
                "account_id": session.scalar(
                    select(Account.id).where(Account.email == "camille@demo.invalid")
                ),
            }

    def citizen(self) -> Citizen:
        return Citizen(self.app, self.address, self.lang, self.codes["open"])

    def link(self) -> str:
        """Invite somebody new on a new seat; return the path in the mail."""
        seats = self.josee.url("tables_desk.add_seat", code=self.forming)
        self.josee.send(seats, {"role": "partner"})
        with read_session(self.app) as session:
            newest = session.scalars(select(Seat.id).order_by(Seat.id.desc())).first()
        address = f"seat-{newest}@example.org"
        person = {"name": "Zoé Roy", "email": address, "locale": self.lang}
        invite = self.josee.url("tables_desk.invite", seat_id=newest)
        assert self.josee.send(invite, person).status_code == 303
        with read_session(self.app) as session:
            text = session.scalars(
                select(MailMessage.text).where(MailMessage.recipient == address)
            ).one()
        return re.search(re.escape(self.address) + r"(/\S+)", text)[1]

    def open(self, rule: Rule) -> TestResponse:
        """Return the page of a route, for the first person who may see it."""
        for person in self._people():
            response = person.get(self._address(rule, person))
            if response.status_code == 200:
                return response
        raise AssertionError(f"nobody can open {rule.rule}")

    def _people(self) -> tuple[Person, ...]:
        citizens = (self.drafter, self.sender, self.returner)
        return (self.visitor, *citizens, self.camille, self.josee)

    def _address(self, rule: Rule, person: Person) -> str:
        """Build an address; KeyError names the argument that no fixture gives."""
        desk = rule.endpoint.split(".")[0].endswith("_desk")
        of_table = rule.endpoint.startswith("tables") or rule.endpoint.endswith("desk.create")
        known = self.numbers | {"item": "change", "number": 1}
        known["code"] = self.codes["analysing" if desk else "open"]
        known |= {"step": "you", "what": "item", "name": "change"}
        if rule.endpoint.startswith("surveys_desk") and rule.endpoint.split(".")[1] not in READ:
            known["code"] = self.codes["draft"]
        if of_table:
            known["code"] = self.table
        if "token" in rule.arguments:
            known["token"] = self.link().rpartition("/")[2]
        return person.url(
            rule.endpoint, **{name: known[name] for name in rule.arguments - {"lang"}}
        )


@state
def errors(cast: Cast) -> Answers:
    visitor = cast.visitor
    yield "404", visitor.get(f"/{cast.lang}/nowhere")
    start = visitor.url("surveys.start", code=cast.codes["open"])
    foreign = {"q": "42"}
    yield "403 with what was typed", visitor.post(start, foreign, Origin="https://evil.example")
    yield "405", visitor.post(visitor.url("web.home"))


@state
def sign_in(cast: Cast) -> Answers:
    visitor = Person(cast.app, cast.address, cast.lang)
    page, reset = visitor.url("accounts.sign_in"), visitor.url("accounts.reset_password")
    yield "sign-in empty", visitor.post(page)
    wrong = {"email": "nobody@example.org", "password": "x" * 14}
    yield "sign-in failed", visitor.post(page, wrong)
    yield "reset empty", visitor.post(reset)
    yield "reset sent", visitor.post(reset, {"email": "nobody@example.org"})
    link = cast.link()
    yield "password too short", visitor.post(link, {"password": "short"})
    yield "dead link", visitor.get(link[:-3] + "xxx")
    lapsed = Person(cast.app, cast.address, cast.lang)
    with lapsed.client.session_transaction(base_url=cast.address) as cookie:
        cookie["sid"] = "gone"
    edit = lapsed.url("consultations_desk.edit", code=cast.codes["draft"])
    yield "send again, session over", lapsed.post(edit, {"summary-fr": "42"})


@state
def tables(cast: Cast) -> Answers:
    josee = cast.josee
    yield "new table empty", josee.send(josee.url("tables_desk.create_table"))
    edit = josee.url("tables_desk.edit_table", code=cast.forming)
    yield "table without a name", josee.send(edit, {"name-fr": "", "version": "1"})
    typed = {"name-fr": "Autre nom", "name-en": "Other name", "purpose-fr": "Autre", "version": "0"}
    typed |= {"visibility": "public", "state": "forming"}
    yield "table changed meanwhile", josee.send(edit, typed)
    page = josee.get(edit).text
    typed["version"] = re.search(r'name="version" value="(\d+)"', page)[1]
    yield "table saved", josee.follow(josee.send(edit, typed))
    yield "invitation empty", josee.send(josee.url("tables_desk.invite", seat_id=cast.seat))


def _texts() -> dict[str, str]:
    fields = {**CONSULTATIONS["se-deplacer"], **COMMON}
    typed = {f"{name}-{lang}": text[lang] for name, text in fields.items() for lang in ("fr", "en")}
    return typed | {"iap2_level": "consult", "response_due": "2031-01-01", "retention_months": "24"}


@state
def gate(cast: Cast) -> Answers:
    camille, table = cast.camille, cast.table
    create = camille.url("consultations_desk.create", code=table)
    yield "new consultation empty", camille.send(create)
    made = camille.send(create, {"title-fr": "Essai", "title-en": "42"})
    code = made.location.split("/")[-2]
    edit = camille.url("consultations_desk.edit", code=code)
    yield "texts to fill", camille.follow(made)
    show = camille.url("consultations_desk.show", code=code)
    yield "gate with gaps", camille.get(show)
    yield "public page of a draft", camille.get(camille.url("consultations.show", code=code))
    wrong = {"retention_months": "two years", "response_due": "soon", "version": "1"}
    yield "texts refused", camille.send(edit, _texts() | wrong)
    yield "texts changed meanwhile", camille.send(edit, _texts() | {"version": "0"})
    yield from _calendar(cast, code)
    yield from _questionnaire(cast, code)
    now = re.search(r'name="version" value="(\d+)"', camille.get(edit).text)[1]
    assert camille.send(edit, _texts() | {"version": now}).status_code == 303
    yield "ready for review", camille.get(show)
    camille.send(camille.url("consultations_desk.move", code=code), {"target": "review"})
    cast.sylvie.send(cast.sylvie.url("consultations_desk.sign", code=code), {"target": "announced"})
    yield "one signature of two", cast.sylvie.get(show)
    yield "send again", camille.post(edit, {"summary-fr": "42"})


def _calendar(cast: Cast, code: str) -> Answers:
    camille = cast.camille
    calendar = camille.url("consultations_desk.edit_phases", code=code)
    yield "calendar to fill", camille.get(calendar)
    phase = {"phase-0-kind": "answer", "phase-0-opens": today().isoformat()}
    yield "calendar refused", camille.send(calendar, phase | {"phase-0-closes": "2020-01-01"})
    assert camille.send(calendar, phase | {"phase-0-closes": "2030-12-31"}).status_code == 303


def _questionnaire(cast: Cast, code: str) -> Answers:
    camille = cast.camille
    show = camille.url("surveys_desk.show", code=code)
    upload = camille.url("surveys_desk.upload", code=code)
    yield "no questionnaire", camille.get(show)
    yield "results of nothing", camille.get(camille.url("surveys_desk.results", code=code))
    wrong = {"questionnaire": b'{"format": "other/1"}', "foreign file": b'{"pages": [{}]}'}
    for name, raw in wrong.items():
        yield f"{name} refused", camille.send(upload, {"file": (io.BytesIO(raw), "q.json")})
    half = json.loads(QUESTIONNAIRE)
    half["pages"][1]["title"]["en"] = half["pages"][1]["items"][0]["title"]["en"] = ""
    camille.send(upload, {"file": (io.BytesIO(json.dumps(half).encode()), "q.json")})
    yield "questionnaire without a text", camille.get(show)
    camille.send(upload, {"file": (io.BytesIO(QUESTIONNAIRE), "q.json")})


@state
def desk(cast: Cast) -> Answers:
    camille = cast.camille
    create = camille.url("consultations_desk.create", code=cast.table)
    sentence = {"title-fr": "Ce que nous voulons pour les enfants de la région"}
    only_french = camille.send(create, sentence).location.split("/")[-2]
    for endpoint in ("show", "edit", "edit_phases"):
        path = camille.url(f"consultations_desk.{endpoint}", code=only_french)
        yield f"French only, {endpoint}", camille.get(path)
    yield "French only, public", camille.get(camille.url("consultations.show", code=only_french))
    yield (
        "desk of an open consultation",
        camille.get(camille.url("consultations_desk.show", code=cast.codes["open"])),
    )
    yield (
        "published calendar",
        camille.get(camille.url("consultations_desk.edit_phases", code=cast.codes["open"])),
    )
    yield (
        "table of a facilitator",
        camille.get(camille.url("tables_desk.show_table", code=cast.table)),
    )
    yield (
        "seats to fill",
        cast.josee.get(cast.josee.url("tables_desk.show_table", code=cast.forming)),
    )
    yield (
        "public page of a table",
        cast.visitor.get(cast.visitor.url("tables.show_table", code=cast.forming)),
    )


@state
def answering(cast: Cast) -> Answers:
    drafter = cast.drafter
    yield "questionnaire begun", drafter.get(drafter.at("start"))
    for number in (1, 2, 3, 4):
        yield f"step {number}", drafter.get(drafter.at("step", number=number))
    yield "step refused", drafter.answer(2, TOO_MANY)
    yield "points missing", drafter.answer(2, {"q-goals.near": "60"})
    yield "ranking moved", drafter.follow(drafter.answer(3, MOVED))
    yield "most and least the same", drafter.answer(4, SAME)
    hasty = cast.citizen().start()
    yield "step without answers", hasty.get(hasty.at("step", number=2))
    hasty.answer(2, TOO_MANY | {"later": "1"})
    yield "review refused", hasty.send()
    carer = cast.citizen().start()
    carer.answer(1, {"q-role": "caregiver", "q-age": "a14"})
    yield "step of a branch", carer.get(carer.at("step", number=5))
    yield "step doubted", carer.answer(5, {"q-care_hours": "more", "q-care_help": "respite"})
    yield "step with more to ask", carer.follow(carer.answer(5, {"q-care_help": "respite"}))
    older = {"q-role": "citizen", "page-base": "0" * 16, "page-window": "another"}
    yield "page changed in another window", carer.answer(1, older)
    yield "review of a branch", carer.get(carer.at("review"))
    empty = cast.citizen().start()
    empty.answer(1, {})
    yield "review without answers", empty.get(empty.at("review"))


@state
def being_helped(cast: Cast) -> Answers:
    camille, helped = cast.camille, cast.citizen()
    page = camille.get(camille.url("surveys_desk.assist", code=helped.consultation))
    yield "help somebody answer", page
    given = re.search(r'name="assisted" value="(\w+)"', page.text)[1]
    first = helped.follow(helped.post(helped.at("start"), {"assisted": given}))
    yield "step with help", first
    helped.code = re.search(r'name="code" value="([^"]+)"', first.text)[1]
    helped.fill()
    yield "review with help", helped.get(helped.at("review"))
    yield "receipt with help", helped.follow(helped.send())


@state
def coming_back(cast: Cast) -> Answers:
    citizen = cast.citizen().start().fill()
    citizen.send()
    page = citizen.at("come_back")
    typed = citizen.code[:-1] + ("1" if citizen.code[-1] != "1" else "2")
    yield "code mistyped", citizen.post(page, {"typed": typed})
    yield "code too short", citizen.post(page, {"typed": "abc"})
    with cast.app.app_context():
        unknown = new_code(pepper())
    stranger = cast.citizen()
    yield "code unknown", stranger.follow(stranger.post(page, {"typed": unknown}))
    citizen.come_back()
    citizen.post(citizen.at("correct"), {"code": citizen.code})
    yield "correcting", citizen.get(citizen.at("step", number=2))
    citizen.answer(2, {"q-measure": "shuttle"})
    cast.citizen().post(citizen.at("withdraw"), {"code": citizen.code})
    yield "withdrawn", citizen.get(citizen.at("mine"))


@state
def too_late(cast: Cast) -> Answers:
    closed = Citizen(cast.app, cast.address, cast.lang, cast.codes["analysing"])
    yield "start, closed", closed.get(closed.at("start"))
    yield "closed", closed.post(closed.at("start"))
    yield (
        "public page, closed",
        closed.get(closed.url("consultations.show", code=closed.consultation)),
    )
    closed.code = answered_before(cast.app, closed.consultation, {})
    yield "my answers, closed", closed.follow(closed.come_back())
    yield "stale", _corrected_elsewhere(cast)


def _corrected_elsewhere(cast: Cast) -> TestResponse:
    """Send a correction after another one won the race; return what is read then."""
    citizen = cast.citizen().start().fill()
    citizen.send()
    citizen.post(citizen.at("correct"), {"code": citizen.code})
    with cast.app.app_context():
        key = derive_keys(pepper(), citizen.consultation, citizen.code).response
    with write_session(cast.app) as session:
        session.get(Response, key).revision += 1
    return citizen.send()


@state
def amendments(cast: Cast) -> Answers:
    camille, code = cast.camille, cast.codes["open"]
    day = camille.url("consultations_desk.change_days", code=code)
    yield "another day empty", camille.send(day)
    correct = camille.url("consultations_desk.correct", code=code)
    yield "correction to propose", camille.get(correct)
    yield "correction empty", camille.send(correct)
    password = camille.url("accounts.change_password")
    yield "new password empty", camille.send(password)


@state
def french_only(cast: Cast) -> Answers:
    """Show a table whose organisation speaks French only; undo it for what follows."""
    for policy in ("fr_only", "bilingual"):
        with write_session(cast.app) as session:
            table = session.scalars(
                select(AdvisoryTable).where(AdvisoryTable.code == cast.forming)
            ).one()
            before = table.organisation.language_policy
            table.organisation.language_policy = policy
        page = cast.visitor.get(cast.visitor.url("tables.show_table", code=cast.forming))
        yield f"table of an organisation, {policy}", page
    assert before == "fr_only"
