"""Whatever refuses a form, its text comes back in the page."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from consult.accounts.models import AccountSession
from consult.consultations.models import Consultation, Phase
from consult.core.clock import now, travel
from consult.core.db import DatabaseBusyError, write_session
from tests.conftest import close, copied, make_app
from tests.support import crawl

TEXT = "Ne me perdez pas : « <b>l’autobus</b> » & le train"


@pytest.fixture
def site(app):
    return crawl.plain(app)


def holds(response) -> bool:
    return TEXT in html.unescape(response.text)


def fail_with(monkeypatch, place, error):
    def fail(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(place, fail)


class Writer:
    """A facilitator who edits the texts of the draft consultation."""

    def __init__(self, app):
        self.app, self.client = app, crawl.signed_in(app, "camille@demo.invalid")
        self.page = f"/en/desk/consultations/{crawl.open_code(app, 'draft')}/edit"
        self.token = crawl.csrf(self.client)

    def send(self, headers=None, **data):
        page = self.client.get(self.page).text
        found = re.search(r'name="version"[^>]*value="(\d+)"', page)
        fields = {"title-fr": "Titre", "summary-fr": TEXT, "retention_months": "24"}
        fields |= {"iap2_level": "consult", "csrf_token": self.token}
        fields |= {"version": found[1] if found else "1"} | data
        fields = {name: value for name, value in fields.items() if value is not None}
        return self.client.post(self.page, data=fields, headers=headers)


def test_staff_control_what_is_right_is_kept(site):
    writer = Writer(site)
    assert not holds(writer.client.get(writer.page)), "control: it is not there before"
    assert writer.send().status_code == 303
    assert holds(writer.client.get(writer.page))


@pytest.mark.parametrize("token", [None, "", "x"])
def test_staff_a_token_that_is_missing_or_wrong(site, token):
    response = Writer(site).send(csrf_token=token)
    assert (response.status_code, holds(response)) == (422, True)


def test_staff_a_session_ended_elsewhere(site):
    writer = Writer(site)
    with write_session(site) as session:
        session.query(AccountSession).delete()
    response = writer.send()
    assert (response.status_code, holds(response)) == (422, True)
    assert "Sign in" in response.text


def test_staff_a_session_of_yesterday_is_taken_up_again(site):
    writer = Writer(site)
    with travel(now() + timedelta(hours=13)):
        first = writer.send()
        assert (first.status_code, holds(first)) == (422, True)
    again = crawl.signed_in(site, "camille@demo.invalid")
    kept = again.get_cookie("consult_session", domain="consult.test").value
    writer.client.set_cookie("consult_session", kept, domain="consult.test")
    second = writer.send()  # the token is of the session before
    assert (second.status_code, holds(second)) == (422, True)
    fresh = re.search(r'name="csrf_token" value="([^"]+)"', second.text)[1]
    assert writer.send(csrf_token=fresh).status_code == 303


def test_staff_a_cookie_that_is_gone(site):
    writer = Writer(site)
    writer.client.delete_cookie("consult_session", domain="consult.test")
    response = writer.send()
    assert (response.status_code, holds(response)) == (422, True)


def test_staff_a_page_of_another_site(site):
    response = Writer(site).send(headers={"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, holds(response)) == (403, True)


@pytest.mark.parametrize(
    "wrong", [{"retention_months": "x"}, {"title-fr": ""}, {"iap2_level": "x"}]
)
def test_staff_a_fault_in_another_field(site, wrong):
    response = Writer(site).send(**wrong)
    assert (response.status_code, holds(response)) == (422, True)


def test_staff_a_change_by_somebody_else(site):
    response = Writer(site).send(version="77")
    assert (response.status_code, holds(response)) == (409, True)


def test_staff_a_consultation_published_meanwhile(site):
    writer = Writer(site)
    with write_session(site) as session:
        session.execute(text("UPDATE consultation SET state = 'open' WHERE state = 'draft'"))
    response = writer.send()
    assert (response.status_code, holds(response)) == (409, True)


@pytest.mark.parametrize(
    ("error", "status"), [(DatabaseBusyError("x"), 503), (RuntimeError("x"), 500)]
)
def test_staff_a_database_that_is_busy_or_a_fault_of_ours(site, monkeypatch, error, status):
    writer = Writer(site)
    fail_with(monkeypatch, "consult.consultations.services.edit", error)
    response = writer.send()
    assert (response.status_code, holds(response)) == (status, True)


def test_staff_even_when_nobody_can_be_asked_who_is_signed_in(site, monkeypatch):
    writer = Writer(site)
    page = writer.client.get(writer.page).text
    fail_with(monkeypatch, "consult.tables.signed_in", DatabaseBusyError("x"))
    data = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1], "why": TEXT}
    response = writer.client.post(writer.page, data=data)
    assert (response.status_code, holds(response)) == (503, True)
    response = writer.client.post(writer.page, data={"why": TEXT})
    assert (response.status_code, holds(response)) == (503, True)


class Answering:
    """A citizen at the page of the long text."""

    def __init__(self, app):
        self.app, self.client, self.consultation = app, app.test_client(), crawl.open_code(app)
        self.code = crawl.start(self.client, self.consultation)
        self.base = f"/en/c/{self.consultation}"

    def send(self, headers=None, **data):
        fields = {"code": self.code, "q-measure": "kitchen", "q-why": TEXT} | data
        page = f"{self.base}/questionnaire/step/2"
        return self.client.post(page, data=fields, headers=headers)


def test_citizens_control_what_is_right_is_kept(site):
    citizen = Answering(site)
    assert not holds(citizen.client.get(f"{citizen.base}/questionnaire/step/2"))
    assert citizen.send().status_code == 303
    assert holds(citizen.client.get(f"{citizen.base}/questionnaire/step/2"))


def test_citizens_a_wrong_answer(site):
    response = Answering(site).send(**{"q-measure": "nonsense"})
    assert (response.status_code, holds(response)) == (422, True)


def test_citizens_a_page_of_another_site(site):
    response = Answering(site).send(headers={"Origin": "null"})
    assert (response.status_code, holds(response)) == (403, True)


def test_citizens_too_many_fields(site):
    many = {f"x{n}": "x" for n in range(3000)}
    response = Answering(site).send(**many)
    assert (response.status_code, holds(response)) == (413, True)


def test_citizens_too_many_bytes(site):
    response = Answering(site).send(**{"q-zzz": "x" * 300_000})
    assert (response.status_code, holds(response)) == (413, True)


@pytest.mark.parametrize("code", ["", "ABCD-EFGH-JKMN-PQRS-TVWX"])
def test_citizens_a_code_that_is_lost(site, code):
    citizen = Answering(site)
    citizen.client = site.test_client()
    response = citizen.send(code=code)
    assert (response.status_code, holds(response)) == (409, True)


@pytest.mark.parametrize(
    ("error", "status"), [(DatabaseBusyError("x"), 503), (RuntimeError("x"), 500)]
)
def test_citizens_a_database_that_is_busy_or_a_fault_of_ours(site, monkeypatch, error, status):
    citizen = Answering(site)
    fail_with(monkeypatch, "consult.surveys.services.save_page", error)
    response = citizen.send()
    assert (response.status_code, holds(response)) == (status, True)
    assert ("Retry-After" in response.headers) == (status == 503)


def close_doors(site):
    with write_session(site) as session:
        chosen = select(Consultation.id).where(Consultation.state == "open").scalar_subquery()
        for phase in session.scalars(select(Phase).where(Phase.consultation_id == chosen)):
            phase.opens_on, phase.closes_on = (
                phase.opens_on.replace(2020),
                phase.opens_on.replace(2020),
            )


def test_citizens_a_questionnaire_closed_meanwhile(site):
    citizen, sent = Answering(site), Answering(site)
    assert sent.send().status_code == 303
    close_doors(site)
    response = citizen.send()
    assert (response.status_code, holds(response)) == (409, True)
    response = crawl.send(sent.client, sent.consultation, sent.code)
    assert (response.status_code, holds(response)) == (409, True)


def test_citizens_a_correction_that_came_too_late(site):
    citizen = Answering(site)
    crawl.write(citizen.client, citizen.consultation, citizen.code)
    assert crawl.send(citizen.client, citizen.consultation, citizen.code).status_code == 303
    correct = f"{citizen.base}/correct"
    assert citizen.client.post(correct, data={"code": citizen.code}).status_code == 303
    assert citizen.send().status_code == 303
    with write_session(site) as session:
        session.execute(text("UPDATE response SET revision = revision + 1"))
    response = crawl.send(citizen.client, citizen.consultation, citizen.code)
    assert (response.status_code, holds(response)) == (409, True)


def test_too_many_tries_give_back_what_was_typed(sqlite_master, tmp_path):
    app = make_app(
        copied(sqlite_master, tmp_path), code_rate="1 per minute", signin_rate="1 per minute"
    )
    crawl.plain(app)
    client, code = app.test_client(), crawl.open_code(app)
    for path, name in ((f"/en/c/{code}/my-code", "typed"), ("/en/password", "email")):
        client.post(path, data={name: TEXT})
        response = client.post(path, data={name: TEXT})
        assert (response.status_code, holds(response)) == (429, True)
    secret = {"email": "x@example.org", "password": "quatre mots secrets"}
    client.post("/en/sign-in", data=secret)
    response = client.post("/en/sign-in", data=secret)
    assert response.status_code == 429
    assert "quatre mots secrets" not in response.text, "a password is never shown"
    close(app)
