"""The calendar: phases with activities and moderation, never overwritten, odd days told."""

import contextlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from consult.consultations import rules, services
from consult.consultations.models import Consultation
from consult.core.clock import today, travel
from consult.core.formats import date_long
from tests.consultations.test_staff_path import Staff, prepare, the


def phase(number, opens, closes, kind="answer", **more):
    values = {"kind": kind, "opens": opens.isoformat(), "closes": closes.isoformat(), **more}
    return {f"phase-{number}-{name}": value for name, value in values.items()}


def calendar(app, code):
    return [(p.kind, p.activities, p.moderation) for p in the(app, Consultation, code=code).phases]


DAY = date(2030, 5, 1)
LATER = DAY + timedelta(days=20)


def test_activities_and_moderation_are_stored_shown_and_edited(any_app):
    camille, code, desk = prepare(any_app)
    version = the(any_app, Consultation, code=code).calendar_version
    data = phase(0, DAY, LATER, "discuss", activities=["questionnaire"], moderation="first_posts")
    assert camille.post(f"{desk}/calendar", data | {"version": version}).status_code == 303
    assert calendar(any_app, code) == [("discuss", ["questionnaire"], "first_posts")]
    page = camille.client.get(f"{desk}/calendar").text
    assert re.search(r'value="questionnaire"[^>]* checked', page)
    assert 'value="first_posts" selected' in page
    data = phase(0, DAY, LATER, moderation="open")
    assert camille.post(f"{desk}/calendar", data | {"version": version + 1}).status_code == 303
    assert calendar(any_app, code) == [("answer", ["questionnaire"], "open")]


def test_an_unknown_activity_or_moderation_is_not_stored(app):
    camille, code, desk = prepare(app)
    version = the(app, Consultation, code=code).calendar_version
    data = phase(0, DAY, LATER, activities=["questionnaire", "<b>"], moderation="never")
    assert camille.post(f"{desk}/calendar", data | {"version": version}).status_code == 303
    assert calendar(app, code) == [("answer", ["questionnaire"], "before_publication")]


def test_people_answer_exactly_in_the_phases_that_allow_the_questionnaire():
    talk = rules.Span("discuss", DAY, DAY, ("questionnaire",))
    look = rules.Span("answer", LATER, LATER, ())
    noon = datetime(2030, 5, 1, 16, tzinfo=UTC)
    assert rules.is_starting_open("open", [talk, look], noon)
    assert not rules.is_starting_open("open", [talk, look], noon + timedelta(days=20))


@pytest.mark.parametrize("typed", ["", "version"])
def test_a_stale_calendar_shows_both_and_stores_nothing(any_app, typed):
    camille, code, desk = prepare(any_app)
    stale = {"version": "1"} if typed else {}
    answer = camille.post(f"{desk}/calendar", phase(0, DAY, LATER) | stale)
    assert answer.status_code == 409
    assert 'value="2030-05-21"' in answer.text
    assert date_long(date(2030, 12, 31), "en") in answer.text
    assert 'name="version" value="2"' in answer.text
    assert the(any_app, Consultation, code=code).phases[0].closes_on == date(2030, 12, 31)
    again = camille.post(f"{desk}/calendar", phase(0, DAY, LATER) | {"version": "2"})
    assert again.status_code == 303


def race(monkeypatch, name):
    """Let nobody into a service before both are there (SQLite lets one in at a time)."""
    gate, service = threading.Barrier(2), getattr(services, name)

    def waiting(*args, **kwargs):
        with contextlib.suppress(threading.BrokenBarrierError):
            gate.wait(timeout=1)
        return service(*args, **kwargs)

    monkeypatch.setattr(services, name, waiting)


def together(*acts):
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


def test_of_two_calendars_saved_at_once_one_is_told_and_nothing_typed_is_lost(any_app, monkeypatch):
    camille, code, desk = prepare(any_app)
    sylvie = Staff(any_app, "co_lead_staff")
    version = {"version": the(any_app, Consultation, code=code).calendar_version}
    days = (date(2030, 6, 7), date(2030, 8, 9))
    race(monkeypatch, "set_phases")
    answers = together(
        lambda: camille.post(f"{desk}/calendar", phase(0, DAY, days[0]) | version),
        lambda: sylvie.post(f"{desk}/calendar", phase(0, DAY, days[1]) | version),
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    won = [answer.status_code for answer in answers].index(303)
    told = answers[1 - won].text
    assert f'value="{days[1 - won].isoformat()}"' in told
    assert date_long(days[won], "en") in told
    assert [p.closes_on for p in the(any_app, Consultation, code=code).phases] == [days[won]]


def test_of_two_texts_saved_at_once_one_is_told_and_nothing_typed_is_lost(any_app, monkeypatch):
    camille, code, desk = prepare(any_app)
    sylvie = Staff(any_app, "co_lead_staff")
    version = the(any_app, Consultation, code=code).version
    race(monkeypatch, "edit")

    def save(person, text):
        data = {"title-fr": text, "iap2_level": "consult", "retention_months": "24"}
        return person.post(f"{desk}/edit", data | {"version": version})

    words = ("Le titre de Camille", "Le titre de Sylvie")
    answers = together(lambda: save(camille, words[0]), lambda: save(sylvie, words[1]))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    told = next(answer.text for answer in answers if answer.status_code == 409)
    assert all(text in told for text in words)


def span(kind, first, last):
    return rules.Span(kind, DAY + timedelta(days=first), DAY + timedelta(days=last))


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        ([span("answer", 0, 9), span("synthesise", 10, 20)], []),
        ([span("answer", 0, 9), span("discuss", 0, 9), span("inform", 3, 5)], []),
        ([span("answer", 0, 9), span("synthesise", 9, 20)], ["overlap"]),
        ([span("answer", 0, 9), span("answer", 5, 20)], ["overlap"]),
        ([span("respond", 0, 4), span("answer", 5, 9)], ["order"]),
        ([span("respond", 0, 9), span("synthesise", 5, 20)], ["order"]),
    ],
)
def test_phases_that_share_days_or_come_in_an_odd_order_are_found(spans, found):
    assert [clash.kind for clash in rules.clashes(spans)] == found


def test_odd_days_hours_and_zone_are_told_on_the_desk(app):
    camille, code, desk = prepare(app)
    version = {"version": the(app, Consultation, code=code).calendar_version}
    data = phase(0, DAY, LATER) | phase(1, LATER, LATER + timedelta(days=9), "synthesise")
    assert camille.post(f"{desk}/calendar", data | version).status_code == 303
    for page in (desk, f"{desk}/calendar"):
        shown = camille.client.get(page).text
        assert "share days" in shown
        assert "23:59:59, Eastern time" in shown
    preview = camille.client.get(f"/fr/c/{code}").text
    assert "59 s, heure de l’Est" in preview.replace("\u00a0", " ")


def test_a_draft_is_previewed_as_the_public_will_see_it_in_both_languages(app):
    camille, code, desk = prepare(app)
    page = camille.client.get(desk).text
    for lang, words in (("fr", "Aperçu"), ("en", "Preview")):
        assert f'href="/{lang}/c/{code}"' in page
        shown = camille.client.get(f"/{lang}/c/{code}").text
        assert words in shown
        assert 'rel="canonical"' not in shown
        assert (
            f"/{'bureau' if lang == 'fr' else 'desk'}/consultations/{code}/questionnaire" in shown
        )
    assert app.test_client().get(f"/fr/c/{code}").status_code == 404


def test_when_the_calendar_ends_the_page_says_closed_and_the_desk_offers_the_analysis(any_app):
    open_one = the(any_app, Consultation, state="open")
    desk = f"/en/desk/consultations/{open_one.code}"
    last = max(p.closes_on for p in open_one.phases if p.kind == "answer")
    midnight = rules.end_of_day(last)
    visitor = any_app.test_client()

    def tries():
        Staff(any_app, "facilitator").post(f"{desk}/step", {"target": "analysing"})
        return the(any_app, Consultation, code=open_one.code).state

    assert "Closed to answers" not in visitor.get(f"/en/c/{open_one.code}").text
    assert open_one.code in visitor.get("/en/").text
    assert tries() == "open"
    with travel(midnight + timedelta(minutes=29)):
        assert "Closed to answers" in visitor.get(f"/en/c/{open_one.code}").text
        assert "Answers are taken until" in Staff(any_app, "facilitator").client.get(desk).text
        assert tries() == "open"
    with travel(midnight + timedelta(minutes=31)):
        assert open_one.code not in visitor.get("/en/").text
        assert "Closed to answers" in visitor.get("/en/consultations").text
        shown = Staff(any_app, "facilitator").client.get(desk).text
        assert "The calendar has ended the answers" in shown
        assert tries() == "analysing"


def test_the_official_response_cannot_be_due_before_people_have_answered(app):
    camille, code, desk = prepare(app)
    version = {"version": the(app, Consultation, code=code).calendar_version}
    data = phase(0, today(), date(2031, 1, 1))
    assert camille.post(f"{desk}/calendar", data | version).status_code == 303
    assert "is due before people have finished" in camille.client.get(desk).text
