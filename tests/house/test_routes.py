"""Every route names a policy; nobody reaches another table's desk; denial looks like absence."""

import re

import pytest
from sqlalchemy import select

from consult.accounts.models import Account, AccountSession
from consult.accounts.services import open_session
from consult.consultations.models import Consultation
from consult.core.authz import known_policies
from consult.core.db import read_session, write_session
from consult.tables.models import AdvisoryTable, Grant, Mandate, Seat

KEBAB = re.compile(r"^[a-z0-9-]*$")


def values(app):
    """Return an object of the first table for each argument of a route."""
    with read_session(app) as session:
        consultation = session.scalars(
            select(Consultation).where(Consultation.state == "analysing")
        ).one()
        seat = session.scalars(
            select(Seat).where(Seat.table_id == consultation.table_id).order_by(Seat.id)
        ).first()
        mandate = session.scalars(select(Mandate).where(Mandate.seat_id == seat.id)).one()
        table = session.get(AdvisoryTable, consultation.table_id)
        grant = session.scalars(select(Grant)).first()
        return {
            "grant_id": grant.id,
            "account_id": grant.account_id,
            "consultation": consultation.code,
            "table": table.code,
            "seat_id": seat.id,
            "mandate_id": mandate.id,
        }


def address(app, rule, objects):
    known = dict(objects, item="role", number=1, token="x" * 30)
    known |= {"step": "you", "what": "item", "name": "role"}
    tables = rule.endpoint.startswith("tables") or rule.endpoint == "consultations_desk.create"
    known["code"] = objects["table"] if tables else objects["consultation"]
    arguments = {name: known[name] for name in rule.arguments - {"lang"}}
    arguments |= dict(rule.defaults or {})
    adapter = app.url_map.bind("consult.test")
    return adapter.build(rule.endpoint, arguments, method=None)


def staff_rules(app):
    return [r for r in app.url_map.iter_rules() if r.endpoint.split(".")[0].endswith("_desk")]


def test_every_route_names_a_policy_and_reads_well(app):
    rules = list(app.url_map.iter_rules())
    assert len(rules) > 60
    for rule in rules:
        assert app.view_functions[rule.endpoint].permission in known_policies(), rule.endpoint
        for part in re.sub(r"<[^>]+>", "", rule.rule).split("/"):
            assert KEBAB.match(part), rule.rule
    spoken = {}
    for rule in rules:
        if rule.defaults:
            spoken.setdefault(rule.endpoint, set()).add(rule.defaults["lang"])
    assert all(langs == {"fr", "en"} for langs in spoken.values())


def test_a_visitor_is_led_to_sign_in_from_every_desk_route(app):
    objects = values(app)
    client = app.test_client()
    rules = staff_rules(app)
    assert len(rules) >= 30
    for rule in rules:
        for method in rule.methods & {"GET", "POST"}:
            response = client.open(address(app, rule, objects), method=method)
            assert response.status_code == 303, (rule.rule, method)
            assert re.search(r"/(connexion|sign-in)", response.location), rule.rule


ROLES = ("partner of another table", "facilitator of another table", "partner of this table")


@pytest.fixture
def people(app):
    """Make one person for each role; return a signed-in client for each."""
    clients = {}
    objects = values(app)
    with write_session(app) as session:
        mine = session.scalars(
            select(AdvisoryTable).where(AdvisoryTable.code == objects["table"])
        ).one()
        other = session.scalars(select(AdvisoryTable).where(AdvisoryTable.state == "forming")).one()
        day = __import__("consult.core.clock", fromlist=["today"]).today()
        for number, name in enumerate(ROLES):
            account = Account(email=f"p{number}@t.invalid", name=name, state="active")
            seat = Seat(
                table_id=mine.id if "this" in name else other.id,
                role=name.split()[0],
                title=mine.mandate,
            )
            session.add_all([account, seat])
            session.flush()
            session.add(
                Mandate(seat_id=seat.id, account_id=account.id, status="active", starts_on=day)
            )
            clients[name] = open_session(session, account, 12)
    signed = {}
    for name, token in clients.items():
        client = app.test_client()
        with client.session_transaction(base_url="http://consult.test") as cookie:
            cookie["sid"] = token
        signed[name] = client
    with read_session(app) as session:
        assert session.scalars(select(AccountSession)).first() is not None
    return signed


@pytest.mark.parametrize("role", ROLES)
def test_the_desk_of_a_table_is_closed_to_whoever_does_not_work_for_it(app, people, role):
    objects = values(app)
    client = people[role]
    page = client.get("/en/my-account").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    tried = 0
    for rule in staff_rules(app):
        if not rule.arguments - {"lang"}:
            continue
        for method in rule.methods & {"GET", "POST"}:
            data = {"csrf_token": token} if method == "POST" else None
            response = client.open(address(app, rule, objects), method=method, data=data)
            assert response.status_code == 404, (role, rule.rule, method)
            tried += 1
    assert tried > 30
    absent = client.get("/en/desk/consultations/nothere").text
    hidden = client.get(f"/en/desk/consultations/{objects['consultation']}").text
    cleaned = [
        re.sub(r"/(nothere|" + objects["consultation"] + ")", "", t) for t in (absent, hidden)
    ]
    assert cleaned[0] == cleaned[1]


def test_a_draft_consultation_is_absent_for_the_public(app):
    with read_session(app) as session:
        code = session.scalars(select(Consultation.code).where(Consultation.state == "draft")).one()
    client = app.test_client()
    assert client.get(f"/fr/c/{code}").status_code == 404
    assert client.get(f"/fr/c/{code}/questionnaire").status_code == 404
    assert code not in client.get("/fr/consultations").text
