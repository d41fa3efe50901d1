"""After opening, days and texts change only by a proposal that both co-leads sign, in public."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.audit.models import AuditEntry
from consult.consultations import rules, services
from consult.consultations.models import Amendment, Consultation
from consult.consultations.queries import stale_texts
from consult.core.clock import end_of_day, today, travel
from consult.core.db import read_session, write_session
from consult.core.formats import date_long
from consult.core.registry import Gap, activities
from consult.core.textmap import TextMap
from tests.consultations.test_calendar import race, together
from tests.consultations.test_staff_path import Staff, prepare, state, texts, the

REASON = {"reason-fr": "La poste était en grève.", "reason-en": "The post was on strike."}
CO_LEADS = ("co_lead_partner", "co_lead_staff")


class Opened:
    """The open consultation of the demo, with the people of its table."""

    def __init__(self, app):
        self.app = app
        self.code = the(app, Consultation, state="open").code
        self.desk = f"/en/desk/consultations/{self.code}"
        self.camille = Staff(app, "facilitator")
        self.leads = [Staff(app, person) for person in CO_LEADS]

    @property
    def answering(self):
        return next(
            p for p in the(self.app, Consultation, code=self.code).phases if p.takes_answers
        )

    def propose(self, kind, day, **more):
        data = {"kind": kind, "phase": self.answering.id, "day": day.isoformat()}
        return self.camille.post(f"{self.desk}/new-day", data | REASON | more)

    def waiting(self):
        return the(self.app, Amendment, state="proposed")

    def sign(self, person):
        return person.post(f"{self.desk}/proposal/sign", {"amendment": self.waiting().id})

    def verbs(self):
        with read_session(self.app) as session:
            rows = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == self.code))
            return [row.verb.removeprefix("consultation.") for row in rows]


@pytest.fixture
def opened(any_app):
    return Opened(any_app)


def starts(app, code):
    return app.test_client().post(f"/fr/c/{code}/questionnaire").status_code == 303


def test_an_extension_counts_when_both_have_signed_and_the_public_reads_why(any_app, opened):
    old = opened.answering.closes_on
    new = old + timedelta(days=10)
    assert opened.propose("extend", new).status_code == 303
    after = end_of_day(old) + timedelta(hours=12)
    assert opened.sign(opened.leads[0]).status_code == 303
    assert opened.answering.closes_on == old
    with travel(after):
        assert not starts(any_app, opened.code)
    assert opened.sign(opened.leads[1]).status_code == 303
    assert opened.answering.closes_on == new
    with travel(after):
        assert starts(any_app, opened.code)
    for lang, reason in (("fr", "La poste était en grève."), ("en", "The post was on strike.")):
        assert reason in any_app.test_client().get(f"/{lang}/c/{opened.code}").text
    page = any_app.test_client().get(f"/en/c/{opened.code}").text
    assert page.count("Extended on") == 2
    assert f"It was {date_long(old, 'en')}." in page
    assert opened.verbs()[-4:] == [
        "change_proposed", "signed", "signed", "change_applied",
    ]  # fmt: skip


def test_an_early_closing_is_honoured_at_once_with_its_grace(any_app, opened):
    assert opened.propose("close", today()).status_code == 303
    for person in opened.leads:
        opened.sign(person)
    assert opened.answering.closes_on == today()
    assert "Shortened on" in any_app.test_client().get(f"/en/c/{opened.code}").text
    assert starts(any_app, opened.code)
    citizen = any_app.test_client()
    citizen.post(f"/fr/c/{opened.code}/questionnaire")
    step = f"/fr/c/{opened.code}/questionnaire/etape/1"
    with travel(end_of_day(today()) + timedelta(minutes=20)):
        assert not starts(any_app, opened.code)
        assert citizen.post(step, data={}).status_code == 303
    with travel(end_of_day(today()) + timedelta(minutes=40)):
        assert citizen.post(step, data={}).status_code == 409


def test_two_co_leads_who_sign_at_once_apply_the_change_once(any_app, opened, monkeypatch):
    new = opened.answering.closes_on + timedelta(days=5)
    opened.propose("extend", new)
    race(monkeypatch, "sign_amendment")
    answers = together(*[lambda p=person: opened.sign(p) for person in opened.leads])
    assert [answer.status_code for answer in answers] == [303, 303]
    assert opened.answering.closes_on == new
    assert opened.verbs().count("change_applied") == 2  # the demo's own, and this one


def test_nobody_signs_twice_or_without_a_place(any_app, opened):
    opened.propose("extend", opened.answering.closes_on + timedelta(days=5))
    assert opened.sign(opened.camille).status_code == 404
    assert opened.sign(opened.leads[0]).status_code == 303
    assert opened.sign(opened.leads[0]).status_code == 303
    assert opened.waiting() is not None
    assert opened.sign(Staff(any_app, "analyst")).status_code == 404


@pytest.mark.parametrize(
    ("kind", "shift", "told"),
    [
        ("extend", 0, "choose a day after the present last day"),
        ("extend", 400, "The official response is due by then"),
        ("close", 0, "choose a day before the present last day"),
        ("close", -400, "This day is over"),
    ],
)
def test_a_day_that_makes_no_sense_is_refused_and_what_was_typed_stays(app, kind, shift, told):
    opened = Opened(app)
    answer = opened.propose(kind, opened.answering.closes_on + timedelta(days=shift))
    assert answer.status_code == 422
    assert told in answer.text
    assert REASON["reason-en"] in answer.text
    assert opened.waiting() is None


def test_the_reason_is_owed_in_both_languages(app):
    opened = Opened(app)
    day = opened.answering.closes_on + timedelta(days=5)
    answer = opened.propose("extend", day, **{"reason-en": ""})
    assert answer.status_code == 422
    assert "write it in each language" in answer.text


def test_one_proposal_waits_at_a_time_and_may_be_taken_back(any_app, opened):
    day = opened.answering.closes_on + timedelta(days=5)
    assert opened.propose("extend", day).status_code == 303
    second = opened.propose("extend", day + timedelta(days=1))
    assert second.status_code == 409
    assert REASON["reason-fr"] in second.text
    waiting = {"amendment": opened.waiting().id}
    assert opened.camille.post(f"{opened.desk}/proposal/drop", waiting).status_code == 303
    assert opened.camille.post(f"{opened.desk}/proposal/drop", waiting).status_code == 409
    assert opened.leads[0].post(f"{opened.desk}/proposal/sign", waiting).status_code == 409
    assert opened.propose("extend", day).status_code == 303


def test_a_signature_after_the_day_went_by_changes_nothing(app):
    opened = Opened(app)
    day = opened.answering.closes_on + timedelta(days=2)
    opened.propose("extend", day)
    opened.sign(opened.leads[0])
    with travel(end_of_day(day) + timedelta(days=1)):
        assert opened.sign(Staff(app, CO_LEADS[1])).status_code == 409
    assert opened.answering.closes_on < day


def test_title_and_summary_are_corrected_in_public_and_no_other_text_is(any_app, opened):
    before = the(any_app, Consultation, code=opened.code)
    data = {
        "title-fr": before.title["fr"], "title-en": "Getting around, eating, a home",
        "summary-fr": before.summary["fr"], "summary-en": before.summary["en"],
        "promise-fr": "Nous ne promettons plus rien.", "promise-en": "We promise nothing.",
        "can_change-fr": "Rien", "cannot_change-fr": "Tout",
    }  # fmt: skip
    assert opened.camille.post(f"{opened.desk}/correction", data | REASON).status_code == 303
    for person in opened.leads:
        assert opened.sign(person).status_code == 303
    after = the(any_app, Consultation, code=opened.code)
    assert after.title["en"] == "Getting around, eating, a home"
    for name in set(rules.REQUIRED_TEXTS) - {"title"}:
        assert getattr(after, name) == getattr(before, name)
    page = any_app.test_client().get(f"/en/c/{opened.code}").text
    assert f"<del>{before.title['en']}</del>" in page
    assert "<ins>Getting around, eating, a home</ins>" in page
    assert REASON["reason-en"] in page
    assert stale_texts(after) == []  # both languages were read by both signers


def test_a_service_refuses_to_correct_the_promise(app):
    opened = Opened(app)
    both = TextMap({"fr": "Autre", "en": "Other"})
    with write_session(app) as session, app.test_request_context():
        made = session.scalars(select(Consultation).where(Consultation.code == opened.code)).one()
        with pytest.raises(services.NotReadyError):
            services.propose_correction(session, None, made, {"promise": both}, both)


def test_what_is_published_cannot_be_edited_and_what_was_typed_is_shown(app):
    opened = Opened(app)
    data = texts() | {"summary-fr": "Un autre résumé", "iap2_level": "consult"}
    version = the(app, Consultation, code=opened.code).version
    data |= {"version": version, "retention_months": "24"}
    answer = opened.camille.post(f"{opened.desk}/edit", data)
    assert answer.status_code == 409
    assert "Un autre résumé" in answer.text
    calendar = {"phase-0-kind": "answer", "phase-0-opens": "2030-01-01"}
    calendar |= {"phase-0-closes": "2030-01-02", "version": "3"}
    refused = opened.camille.post(f"{opened.desk}/calendar", calendar)
    assert refused.status_code == 409
    assert "2030-01-02" in refused.text


def announce(app):
    camille, code, desk = prepare(app)
    for person in CO_LEADS:
        Staff(app, person).post(f"{desk}/sign", {"target": "announced"})
    camille.post(f"{desk}/step", {"target": "announced"})
    assert state(app, code) == "announced"
    return camille, code, desk


def test_what_was_announced_is_taken_back_only_with_a_public_reason(any_app):
    camille, code, desk = announce(any_app)
    half = {"target": "draft", "reason-fr": REASON["reason-fr"]}
    refused = camille.post(f"{desk}/step", half)
    assert refused.status_code == 422
    assert REASON["reason-fr"] in refused.text
    assert state(any_app, code) == "announced"
    assert camille.post(f"{desk}/step", {"target": "draft"} | REASON).status_code == 303
    assert state(any_app, code) == "draft"
    assert any_app.test_client().get(f"/fr/c/{code}").status_code == 404
    camille.post(f"{desk}/step", {"target": "review"})
    for person in CO_LEADS:
        Staff(any_app, person).post(f"{desk}/sign", {"target": "open"})
    camille.post(f"{desk}/step", {"target": "open"})
    page = any_app.test_client().get(f"/fr/c/{code}").text
    assert REASON["reason-fr"] in page


def test_a_proposal_that_can_no_longer_apply_goes_with_the_step(any_app):
    camille, _code, desk = announce(any_app)
    data = {"title-fr": "Un titre", "title-en": "A title", "summary-fr": "a", "summary-en": "b"}
    assert camille.post(f"{desk}/correction", data | REASON).status_code == 303
    assert camille.post(f"{desk}/step", {"target": "draft"} | REASON).status_code == 303
    assert the(any_app, Amendment, state="proposed") is None
    assert camille.client.get(desk).status_code == 200


class Unanswered:
    """An activity that still owes an answer to a priority."""

    code = "priorities-trial"

    def name(self):
        return "Priorities"

    def card(self, session, consultation):
        return None

    def desk_card(self, session, consultation):
        return activities.get("questionnaire").desk_card(session, consultation)

    def gaps(self, session, consultation, target):
        return [Gap("Priority P-1 has no answer.", "/en/")] if target == "archived" else []

    def on_transition(self, session, consultation, target):
        assert target != "archived"

    def fingerprint(self, session, consultation):
        return ""

    def public_count(self, session, consultation_id):
        return 0


def test_a_consultation_is_not_archived_while_an_activity_owes_an_answer(any_app, monkeypatch):
    made = the(any_app, Consultation, state="analysing")
    desk = f"/en/desk/consultations/{made.code}"
    camille = Staff(any_app, "facilitator")
    for target in ("responding", "following"):
        camille.post(f"{desk}/step", {"target": target})
    monkeypatch.setitem(activities._kinds, "priorities-trial", Unanswered())
    camille.post(f"{desk}/step", {"target": "archived"})
    assert state(any_app, made.code) == "following"
    assert "Priority P-1 has no answer." in camille.client.get(desk).text
    monkeypatch.undo()
    camille.post(f"{desk}/step", {"target": "archived"})
    assert state(any_app, made.code) == "archived"


@pytest.mark.parametrize("name", ["necessity", "ethics"])
def test_nothing_is_published_without_necessity_and_ethics_in_both_languages(app, name):
    camille, code, desk = prepare(app)
    version = the(app, Consultation, code=code).version
    data = texts() | {f"{name}-en": "", "iap2_level": "consult", "version": version}
    data |= {"response_due": "2031-01-01", "retention_months": "24"}
    assert camille.post(f"{desk}/edit", data).status_code == 303
    assert f"{code}/edit#{name}-en" in camille.client.get(desk).text
    for person in CO_LEADS:
        Staff(app, person).post(f"{desk}/sign", {"target": "open"})
    camille.post(f"{desk}/step", {"target": "open"})
    assert state(app, code) == "review"


CHANGES = {
    **{name: TextMap({"fr": "Autre", "en": "Other"}) for name in rules.REQUIRED_TEXTS},
    "response_due": today() + timedelta(days=999),
    "retention_months": 77,
    "iap2_level": "involve",
    "languages": ["fr"],
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_signature_covers_every_text_and_promise(app, name):
    with write_session(app) as session:
        made = session.scalars(select(Consultation).where(Consultation.state == "open")).one()
        before = services.digest(session, made)
        setattr(made, name, CHANGES[name])
        assert services.digest(session, made) != before
        session.rollback()


@pytest.mark.parametrize(
    ("name", "value"),
    [("closes_on", today()), ("activities", []), ("moderation", "open"), ("kind", "discuss")],
)
def test_a_signature_covers_the_calendar(app, name, value):
    with write_session(app) as session:
        made = session.scalars(select(Consultation).where(Consultation.state == "open")).one()
        before = services.digest(session, made)
        setattr(made.phases[0], name, value)
        assert services.digest(session, made) != before
        session.rollback()


def test_necessity_and_ethics_are_public(app):
    page = app.test_client().get(f"/en/c/{the(app, Consultation, state='open').code}").text
    assert "No existing data tells" in page
    assert "Medium sensitivity" in page


def test_a_signature_under_a_proposal_is_taken_back_while_it_waits(opened):
    opened.propose("extend", opened.answering.closes_on + timedelta(days=3))
    before, (first, second) = opened.answering.closes_on, opened.leads
    opened.sign(first)
    address, data = (
        f"{opened.desk}/proposal/take-back-signature",
        {"amendment": opened.waiting().id},
    )
    assert "Take my signature back" in first.client.get(opened.desk).text
    assert first.post(address, data).status_code == 303
    opened.sign(second)
    assert opened.answering.closes_on == before, "the first signature no longer counts"
    opened.sign(first)
    assert opened.answering.closes_on == before + timedelta(days=3)
    assert first.post(address, data).status_code == 409
    assert opened.verbs().count("unsigned") == 1
