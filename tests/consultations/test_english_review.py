"""English that was not read since its French changed is told, blocks, and is confirmed by a click."""

import re

from consult.consultations import rules
from consult.consultations.models import Consultation
from consult.consultations.queries import stale_texts
from tests.consultations.test_staff_path import Staff, prepare, state, texts, the

CO_LEADS = ("co_lead_partner", "co_lead_staff")


def save(app, camille, code, desk, **changed):
    version = the(app, Consultation, code=code).version
    data = texts() | changed | {"iap2_level": "consult", "version": str(version)}
    data |= {"response_due": "2031-01-01", "retention_months": "24"}
    assert camille.post(f"{desk}/edit", data).status_code == 303


def stale(app, code):
    return stale_texts(the(app, Consultation, code=code))


def test_a_changed_french_marks_its_english_and_blocks_until_confirmed(any_app):
    camille, code, desk = prepare(any_app)
    assert stale(any_app, code) == []
    save(any_app, camille, code, desk, **{"promise-fr": "Nous lirons tout."})
    assert stale(any_app, code) == ["promise"]
    told = "the English was not reviewed since the French changed"
    assert f"{code}/english#row-promise" in camille.client.get(desk).text
    assert told in camille.client.get(desk).text
    assert told[1:] in camille.client.get(f"{desk}/edit").text
    for person in CO_LEADS:
        Staff(any_app, person).post(f"{desk}/sign", {"target": "open"})
    camille.post(f"{desk}/step", {"target": "open"})
    assert state(any_app, code) == "review"
    page = camille.client.get(f"{desk}/english").text
    assert "Nous lirons tout." in page
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    confirmed = camille.post(f"{desk}/english", {"field": "promise", "seen": seen})
    assert confirmed.status_code == 303
    assert stale(any_app, code) == []
    for person in CO_LEADS:
        Staff(any_app, person).post(f"{desk}/sign", {"target": "open"})
    camille.post(f"{desk}/step", {"target": "open"})
    assert state(any_app, code) == "open"


def test_writing_the_english_anew_is_reading_the_french(app):
    camille, code, desk = prepare(app)
    save(app, camille, code, desk, **{"who-fr": "Tout le monde.", "title-fr": "Autre titre"})
    assert stale(app, code) == ["title", "who"]
    save(
        app,
        camille,
        code,
        desk,
        **{"who-fr": "Tout le monde.", "who-en": "Everybody.", "title-fr": "Autre titre"},
    )
    assert stale(app, code) == ["title"]


def test_taking_the_change_back_needs_no_review(app):
    camille, code, desk = prepare(app)
    save(app, camille, code, desk, **{"promise-fr": "Nous lirons tout."})
    save(app, camille, code, desk)
    assert stale(app, code) == []


def test_a_confirmation_of_an_older_french_counts_for_nothing(app):
    camille, code, desk = prepare(app)
    save(app, camille, code, desk, **{"promise-fr": "Nous lirons tout."})
    old = rules.source_hash("Nous lirons tout.")
    save(app, camille, code, desk, **{"promise-fr": "Nous ne lirons rien."})
    answer = camille.post(f"{desk}/english", {"field": "promise", "seen": old})
    assert answer.status_code == 303
    assert stale(app, code) == ["promise"]


def test_a_field_that_waits_for_nothing_cannot_be_confirmed(app):
    camille, _code, desk = prepare(app)
    for name in ("promise", "state", ""):
        assert camille.post(f"{desk}/english", {"field": name, "seen": ""}).status_code == 409


def test_the_demo_shows_an_english_text_to_review(app):
    draft = the(app, Consultation, state="draft")
    assert stale_texts(draft) == ["summary"]
