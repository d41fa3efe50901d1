"""Somebody is helped to answer: the same pages, the person's own code, and no trace of who helped."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from consult.audit.models import AuditEntry
from consult.core.clock import today
from consult.core.codes import derive_keys
from consult.core.db import read_session
from consult.core.i18n import LANGUAGES
from consult.surveys.assisting import make_pass
from consult.surveys.models import Draft, Response
from consult.surveys.visits import pepper
from tests.support.pages import BASE
from tests.support.people import CODE, Citizen, Staff
from tests.surveys.test_answering import counts, open_consultation

PASS = re.compile(r'name="assisted" value="(\w+)"')
BANNER = {"fr": "Mode assisté", "en": "Assisted mode"}


def helper(app, lang="fr"):
    return Staff(app, BASE, lang, "facilitator")


def pass_of(staff, consultation):
    page = staff.get(staff.url("surveys_desk.assist", code=consultation))
    assert page.status_code == 200
    return PASS.search(page.text)[1]


def begin(staff, consultation):
    """Start a sheet on the device of staff, as the form of the desk does."""
    person = Citizen(staff.app, BASE, staff.lang, consultation)
    person.client = staff.client
    first = person.follow(
        person.post(person.at("start"), {"assisted": pass_of(staff, consultation)})
    )
    person.code = CODE.search(first.text)[1]
    return person, first.text


def stored(app, person):
    with app.app_context():
        key = derive_keys(pepper(), person.consultation, person.code).response
    with read_session(app) as session:
        response = session.get(Response, key)
        return response.channel, response.lang


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_helped_person_says_is_stored_as_assisted(any_app, lang):
    person, first = begin(helper(any_app, lang), open_consultation(any_app))
    assert BANNER[lang] in first
    person.fill()
    assert BANNER[lang] in person.get(person.at("review")).text
    receipt = person.follow(person.send()).text
    assert BANNER[lang] in receipt
    assert person.code.split("-")[0] in receipt
    assert stored(any_app, person) == ("assisted", lang)


def test_the_banner_stays_on_a_page_that_is_refused(any_app):
    person, _first = begin(helper(any_app), open_consultation(any_app))
    too_many = {"q-top3": ["food", "housing", "transport", "climate"]}
    refused = person.answer(2, too_many)
    assert refused.status_code == 422
    assert BANNER["fr"] in refused.text
    person.answer(2, {**too_many, "later": "1"})
    refused = person.send()
    assert refused.status_code == 422
    assert BANNER["fr"] in refused.text


def test_the_draft_says_that_somebody_helps_only_to_who_holds_the_code(any_app):
    person, _first = begin(helper(any_app), open_consultation(any_app))
    with any_app.app_context():
        key = derive_keys(pepper(), person.consultation, person.code).draft
    with read_session(any_app) as session:
        assert b"assisted" not in session.get(Draft, key).sealed


def test_helping_writes_nothing_but_the_sheet(any_app):
    staff, consultation = helper(any_app), open_consultation(any_app)
    before = counts(any_app, AuditEntry)
    responses = counts(any_app, Response)[0]
    person, _first = begin(staff, consultation)
    person.fill()
    assert person.send().status_code == 303
    assert counts(any_app, AuditEntry) == before
    assert counts(any_app, Response)[0] == responses + 1


def test_all_who_help_hold_the_same_pass_on_a_day(any_app):
    consultation = open_consultation(any_app)
    passes = {
        pass_of(Staff(any_app, BASE, "fr", key), consultation)
        for key in ("facilitator", "co_lead_staff")
    }
    assert len(passes) == 1


def test_a_pass_holds_two_days_and_for_its_consultation_only(any_app):
    consultation = open_consultation(any_app)
    person = Citizen(any_app, BASE, "en", consultation)

    def leads_to(given):
        return person.post(person.at("start"), {"assisted": given}).location

    with any_app.app_context():
        secrets, day = pepper(), today()
    step, desk = person.at("step", number=1), person.url("surveys_desk.assist", code=consultation)
    for back in (0, 1):
        assert leads_to(make_pass(secrets, consultation, day - timedelta(days=back))) == step
    late = make_pass(secrets, consultation, day - timedelta(days=2))
    for given in (late, make_pass(secrets, "other", day), "", "é"):
        assert leads_to(given) == desk


def test_the_sheet_of_somebody_before_is_never_gone_on_with(any_app):
    staff, consultation = helper(any_app), open_consultation(any_app)
    first, _page = begin(staff, consultation)
    first.answer(1, {"q-role": "citizen"})
    second, page = begin(staff, consultation)
    assert second.code != first.code
    assert "checked" not in page


def test_who_corrects_alone_later_sees_no_banner_and_stays_assisted(any_app):
    person, _first = begin(helper(any_app), open_consultation(any_app))
    person.fill()
    person.send()
    person.come_back()
    page = person.follow(person.post(person.at("correct"), {"code": person.code})).text
    assert BANNER["fr"] not in page
    person.fill()
    assert person.send().status_code == 303
    assert stored(any_app, person) == ("assisted", "fr")


def test_outside_the_days_to_answer_the_desk_gives_no_pass(any_app):
    staff = helper(any_app)
    closed = open_consultation(any_app, "analysing")
    page = staff.get(staff.url("surveys_desk.assist", code=closed))
    assert page.status_code == 200
    assert not PASS.search(page.text)
    with read_session(any_app) as session:
        before = session.scalar(select(func.count()).select_from(Draft))
    person = Citizen(any_app, BASE, "fr", closed)
    with any_app.app_context():
        given = make_pass(pepper(), closed, today())
    assert person.post(person.at("start"), {"assisted": given}).status_code == 409
    assert counts(any_app, Draft)[0] == before
