"""Know every route, an object for every argument, and every kind of person."""

import hashlib
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from consult.accounts.models import Account, OneTimeLink
from consult.accounts.services import make_link, open_session
from consult.consultations.models import Consultation
from consult.core.db import Base, db, read_session, write_session
from consult.core.progress import Job, run_waiting
from consult.tables.models import AdvisoryTable
from consult.web.people import PEOPLE as DEMO_PEOPLE
from tests.support.pages import BASE

STAFF = {
    "facilitator": "facilitator",
    "co-lead": "co_lead_staff",
    "analyst": "analyst",
    "administrator": "admin",
}
SAFE = {"GET", "HEAD", "OPTIONS"}
ITEMS = ("why", "role")
LIVE_TOKEN = "live-" + "t" * 30


class PlainClient(FlaskClient):
    """A visitor whose pages nobody judges; it sends the Origin that browsers send."""

    def open(self, *args, **kwargs) -> TestResponse:
        kwargs.setdefault("base_url", BASE)
        kwargs.setdefault("buffered", True)  # a stream left open would leave its session open
        headers = dict(kwargs.pop("headers", None) or {})
        if kwargs.get("method", "GET") not in SAFE:
            headers.setdefault("Origin", BASE)
        headers = {name: value for name, value in headers.items() if value is not None}
        return super().open(*args, headers=headers, **kwargs)


def plain(app: Flask) -> Flask:
    """Let the application make clients that judge nothing, and answer 500 as it does in service."""
    app.test_client_class = PlainClient
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def emails() -> dict[str, str]:
    """Return the address of each member of staff of the demo."""
    known = {person.key: person.email for person in DEMO_PEOPLE}
    return {name: known[key] for name, key in STAFF.items()}


def signed_in(app: Flask, email: str) -> FlaskClient:
    """Return a client signed in as the account of ``email``."""
    with write_session(app) as session:
        account = session.scalars(select(Account).where(Account.email == email)).one()
        token = open_session(session, account, 12)
    client = app.test_client()
    with client.session_transaction(base_url=BASE) as cookie:
        cookie["sid"] = token
    return client


def staff(app: Flask) -> dict[str, FlaskClient]:
    """Return a signed-in client for each kind of staff."""
    return {name: signed_in(app, email) for name, email in emails().items()}


def open_code(app: Flask, state: str = "open") -> str:
    """Return the code of the consultation of that state."""
    with read_session(app) as session:
        return session.scalars(
            select(Consultation.code)
            .where(Consultation.state == state)
            .order_by(Consultation.id)
            .limit(1)
        ).one()


def start(client: FlaskClient, consultation: str) -> str:
    """Start a sheet and return its code."""
    response = client.post(f"/en/c/{consultation}/questionnaire")
    assert response.status_code == 303, response.status_code
    page = client.get(response.location).text
    return re.search(r'name="code" value="([^"]+)"', page)[1]


def write(client: FlaskClient, consultation: str, code: str, text: str = "A bus") -> None:
    """Fill two pages of the open questionnaire."""
    steps = f"/en/c/{consultation}/questionnaire/step"
    first = {"code": code, "q-role": "citizen", "q-age": "a25", "q-area": "coteaux"}
    assert client.post(f"{steps}/1", data=first).status_code == 303
    second = {"code": code, "q-top3": ["food"], "q-measure": "kitchen", "q-why": text}
    assert client.post(f"{steps}/2", data=second).status_code == 303


def send(client: FlaskClient, consultation: str, code: str) -> TestResponse:
    """Send the sheet."""
    return client.post(f"/en/c/{consultation}/questionnaire/review", data={"code": code})


def drafting(app: Flask, text: str = "A bus") -> FlaskClient:
    """Return somebody who has begun to answer."""
    client, consultation = app.test_client(), open_code(app)
    code = start(client, consultation)
    write(client, consultation, code, text)
    return client


def answered(app: Flask, text: str = "A bus") -> FlaskClient:
    """Return somebody who has answered, and came back with the code."""
    client, consultation = app.test_client(), open_code(app)
    code = start(client, consultation)
    write(client, consultation, code, text)
    assert send(client, consultation, code).status_code == 303
    came = client.post(f"/en/c/{consultation}/my-code", data={"typed": code})
    assert came.status_code == 303
    return client


def everybody(app: Flask) -> dict[str, FlaskClient]:
    """Return one client for each kind of person."""
    return {
        "visitor": app.test_client(),
        "holder of a begun sheet": drafting(app),
        "holder of a receipt": answered(app),
        **staff(app),
    }


def csrf(client: FlaskClient) -> str:
    """Return the token of a signed-in client's session."""
    page = client.get("/en/my-account").text
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def exported(app: Flask, client: FlaskClient, code: str, kind: str, labels: str) -> TestResponse:
    """Take a file of answers away; one that is prepared apart is prepared first."""
    page = f"/en/desk/consultations/{code}/export"
    data = {"csrf_token": csrf(client), "format": kind, "labels": labels}
    answer = client.post(f"{page}/file", data=data)
    if answer.status_code != 303:
        return answer
    answer.close()
    assert run_waiting(app, app.extensions["consult_settings"]) == 1
    with read_session(app) as session:
        token = session.scalars(select(Job.token).order_by(Job.id.desc())).first()
    return client.post(f"{page}/{token}", data={"csrf_token": csrf(client)})


def live_link(app: Flask, email: str = "camille@demo.invalid") -> str:
    """Make a reset link; return its token."""
    with write_session(app) as session, app.test_request_context(base_url=BASE):
        account = session.scalars(select(Account).where(Account.email == email)).one()
        return make_link(session, account, "reset").rpartition("/")[2]


class Objects:
    """Give an object of the demo for every argument of every route."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.token = live_link(app)
        with read_session(app) as session:
            self.consultations = [
                session.scalars(
                    select(Consultation.code)
                    .where(Consultation.state == s)
                    .order_by(Consultation.id)
                    .limit(1)
                ).one()
                for s in ("open", "analysing", "draft")
            ]
            self.tables = [
                session.scalars(
                    select(AdvisoryTable.code).where(AdvisoryTable.state == s).limit(1)
                ).one()
                for s in ("active", "forming")
            ]
            self.numbers = {
                mapper.class_.__name__.lower(): session.scalars(
                    select(mapper.primary_key[0]).limit(1)
                ).first()
                for mapper in Base.registry.mappers
                if len(mapper.primary_key) == 1
            }

    def values(self, rule: Rule, name: str) -> list[Any]:
        """Return what may stand for the argument ``name`` of ``rule``; unknown ones fail."""
        known = {"number": [1, 2, 99], "item": list(ITEMS), "token": [self.token, "x" * 43]}
        known |= {"step": ["you", "nowhere"], "what": ["item", "page"], "name": ["role", "you"]}
        if name in known:
            return known[name]
        if name == "code":
            before = rule.rule.split("<code>")[0].rstrip("/").rpartition("/")[2]
            return self.tables if before == "tables" else self.consultations
        stem = name.removesuffix("_id").replace("_", "")
        found = [number for kind, number in self.numbers.items() if stem in kind]
        assert name.endswith("_id") and found, f"teach the crawl a value for <{name}>"
        return [found[0] or 1, 999_999]

    def addresses(self, rule: Rule) -> Iterator[str]:
        """Yield the addresses of a rule, one for each combination of objects."""
        adapter = self.app.url_map.bind("consult.test")
        fixed = dict(rule.defaults or {})
        names = sorted(rule.arguments - set(fixed))
        for chosen in product(*(self.values(rule, name) for name in names)):
            arguments = fixed | dict(zip(names, chosen, strict=True))
            yield adapter.build(rule.endpoint, arguments, method=None)


def rules(app: Flask, method: str) -> list[Rule]:
    """Return the rules that take ``method``; no rule at all is a failure."""
    found = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or set())]
    assert len(found) > 30, (method, len(found))
    return found


def all_addresses(app: Flask, method: str = "GET") -> list[str]:
    """Return every address that takes ``method``."""
    objects = Objects(app)
    return sorted({a for rule in rules(app, method) for a in objects.addresses(rule)})


def fingerprint(app: Flask) -> dict[str, str]:
    """Return a hash of the rows of each table."""
    found = {}
    with read_session(app) as session:
        for table in Base.metadata.sorted_tables:
            keys = list(table.primary_key.columns)
            rows = session.execute(select(table).order_by(*keys)).all()
            content = repr([tuple(row) for row in rows]).encode()
            found[table.name] = hashlib.sha256(content).hexdigest()
    assert len(found) > 15
    return found


def forget_links(app: Flask) -> None:
    """Erase every one-time link."""
    with write_session(app) as session:
        session.query(OneTimeLink).delete()


def dispose(app: Flask) -> None:
    """Let go of the connections of an application made within a test."""
    with app.app_context():
        db.engine.dispose()
