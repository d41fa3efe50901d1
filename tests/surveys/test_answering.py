"""A citizen answers: one code, one response, whatever the browser or the person repeats."""

import re
import threading
from datetime import date

import pytest
from sqlalchemy import func, select

from consult.consultations.models import Consultation
from consult.core.codes import derive_keys, new_code
from consult.core.db import read_session, write_session
from consult.surveys.models import (
    Draft,
    Response,
    ResponseRevision,
    ResponseText,
    WithdrawnResponse,
)
from consult.surveys.visits import pepper
from tests.support.pages import BASE


def open_consultation(app, state="open"):
    with read_session(app) as session:
        return session.scalars(select(Consultation).where(Consultation.state == state)).one().code


def counts(app, *models):
    with read_session(app) as session:
        return tuple(session.scalar(select(func.count()).select_from(m)) for m in models)


class Citizen:
    """Someone who answers with a browser without script."""

    def __init__(self, app, lang="fr", code=None):
        self.client = app.test_client()
        self.lang = lang
        self.consultation = code or open_consultation(app)
        words = {"fr": ("etape", "verifier"), "en": ("step", "review")}[lang]
        self.base = f"/{lang}/c/{self.consultation}/questionnaire"
        self.steps, self.review = f"{self.base}/{words[0]}", f"{self.base}/{words[1]}"
        self.code = ""

    def start(self):
        assert self.client.get(self.base).status_code == 200
        response = self.client.post(self.base)
        assert response.status_code == 303
        page = self.client.get(response.location).text
        self.code = re.search(r'name="code" value="([^"]+)"', page)[1]
        return self

    def answer(self, number, **answers):
        data = {"code": self.code} | {f"q-{k}": v for k, v in answers.items()}
        return self.client.post(f"{self.steps}/{number}", data=data)

    def fill(self):
        self.answer(1, role="citizen", age="a25", area="coteaux")
        self.answer(2, top3=["food", "housing"], measure="kitchen", why="=1+1 Parce que <b>oui</b>")
        self.answer(3, heat="4", lonely="prefer_not")
        last = self.answer(4, change="Un autobus le soir")
        assert last.location.endswith(self.review)
        return self

    def send(self):
        return self.client.post(self.review, data={"code": self.code})


def test_a_whole_visit_ends_with_a_receipt_that_shows_the_code(any_app):
    before = counts(any_app, Response)[0]
    citizen = Citizen(any_app).start().fill()
    review = citizen.client.get(citizen.review).text
    assert "Un autobus le soir" in review
    receipt = citizen.client.get(citizen.send().location)
    assert receipt.status_code == 200
    assert citizen.code in re.sub(r"<[^>]+>", "", receipt.text)
    assert counts(any_app, Response, Draft) == (before + 1, 0)


def test_repeating_the_last_submit_stores_nothing_more_and_shows_the_same_receipt(any_app):
    citizen = Citizen(any_app).start().fill()
    first = citizen.send()
    before = counts(any_app, Response, ResponseText)
    again = citizen.send()
    assert (again.status_code, again.location) == (303, first.location)
    assert counts(any_app, Response, ResponseText) == before


def test_24_threads_on_one_code_leave_one_response(any_app):
    before = counts(any_app, Response)[0]
    citizen = Citizen(any_app).start().fill()
    barrier, statuses = threading.Barrier(24), []

    def send():
        client = any_app.test_client()
        barrier.wait()
        statuses.append(client.post(citizen.review, data={"code": citizen.code}).status_code)

    threads = [threading.Thread(target=send) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {303, 503}
    assert 303 in statuses
    assert counts(any_app, Response)[0] == before + 1


def test_the_document_holds_codes_and_the_texts_lie_apart(any_app):
    citizen = Citizen(any_app, "en").start().fill()
    citizen.send()
    with any_app.app_context():
        key = derive_keys(pepper(), citizen.consultation, citizen.code).response
    with read_session(any_app) as session:
        stored = session.get(Response, key)
        assert stored.answers["top3"] == ["housing", "food"]
        assert stored.answers["lonely"] == {"na": "prefer_not"}
        assert stored.answers["change"] == {"text": True}
        assert (stored.lang, stored.channel, stored.revision) == ("en", "web", 1)


def test_the_code_brings_one_back_to_correct_and_to_withdraw(any_app):
    citizen = Citizen(any_app).start().fill()
    citizen.send()
    other = any_app.test_client()
    came = other.post(
        f"/fr/c/{citizen.consultation}/mon-code",
        data={"typed": citizen.code.lower().replace("-", " ")},
    )
    mine = other.get(came.location)
    assert "Un autobus le soir" in mine.text
    citizen.client = other
    assert (
        other.post(
            f"/fr/c/{citizen.consultation}/corriger", data={"code": citizen.code}
        ).status_code
        == 303
    )
    citizen.answer(4, change="Un train")
    citizen.send()
    assert counts(any_app, ResponseRevision) == (1,)
    assert (
        "Un train" in other.get(came.location).text
        if other.get(came.location).status_code == 200
        else True
    )
    before = counts(any_app, Response)[0]
    assert (
        other.post(f"/fr/c/{citizen.consultation}/retirer", data={"code": citizen.code}).status_code
        == 303
    )
    assert counts(any_app, Response, ResponseRevision, WithdrawnResponse) == (before - 1, 0, 1)
    citizen.answer(1, role="citizen")
    citizen.send()
    assert counts(any_app, Response)[0] == before - 1, "a withdrawn response must not come back"


def corrected_twice(app):
    """Correct one response in two windows; the second window sends last."""
    citizen = Citizen(app, "en").start().fill()
    citizen.send()
    correct = f"/en/c/{citizen.consultation}/correct"
    data = {"code": citizen.code}
    citizen.client.post(correct, data=data)
    citizen.answer(4, change="From the first window")
    with read_session(app) as session:
        keys = derive_keys(pepper_of(app), citizen.consultation, citizen.code)
        first = session.get(Draft, keys.draft).sealed
    citizen.send()
    citizen.client.post(correct, data=data)
    citizen.answer(4, change="From the second window")
    with write_session(app) as session:  # the first window's draft, as it was
        session.get(Draft, keys.draft).sealed = first
    return citizen, correct


def pepper_of(app):
    with app.app_context():
        return pepper()


def stored_text(app, item):
    with read_session(app) as session:
        found = session.scalars(select(ResponseText.body).where(ResponseText.item == item))
        return [body for body in found if "window" in body]


@pytest.mark.parametrize("keep", ["mine", "stored"])
def test_a_late_correction_shows_both_versions_and_overwrites_none(any_app, keep):
    citizen, correct = corrected_twice(any_app)
    citizen.answer(4, change="Written late, in another window")
    late = citizen.send()
    assert late.status_code == 409
    assert "Written late, in another window" in late.text
    assert "From the first window" in late.text
    assert stored_text(any_app, "change") == ["From the first window"]
    chosen = citizen.client.post(correct, data={"code": citizen.code, "keep": keep})
    page = citizen.client.get(chosen.location)
    kept = "Written late" if keep == "mine" else "From the first window"
    assert kept in citizen.client.get(citizen.review).text
    assert page.status_code == 200
    assert citizen.send().location.endswith("/receipt")
    assert [text.startswith(kept) for text in stored_text(any_app, "change")] == [True]


def test_what_was_not_sent_is_shown_when_the_response_was_withdrawn_meanwhile(any_app):
    citizen, _correct = corrected_twice(any_app)
    with write_session(any_app) as session:
        keys = derive_keys(pepper_of(any_app), citizen.consultation, citizen.code)
        sealed = session.get(Draft, keys.draft).sealed
    citizen.client.post(f"/en/c/{citizen.consultation}/withdraw", data={"code": citizen.code})
    with write_session(any_app) as session:
        consultation = session.scalars(
            select(Consultation.id).where(Consultation.code == citizen.consultation)
        ).one()
        session.add(
            Draft(
                key=keys.draft,
                consultation_id=consultation,
                sealed=sealed,
                expires_on=date(2100, 1, 1),
            )
        )
    late = citizen.send()
    assert late.status_code == 409
    assert "From the first window" in late.text
    assert stored_text(any_app, "change") == []


def test_a_correction_under_way_is_gone_on_with(any_app):
    citizen = Citizen(any_app, "en").start().fill()
    citizen.send()
    correct = f"/en/c/{citizen.consultation}/correct"
    citizen.client.post(correct, data={"code": citizen.code})
    citizen.answer(4, change="Not sent yet, in this window")
    citizen.client.post(correct, data={"code": citizen.code})
    assert "Not sent yet, in this window" in citizen.client.get(f"{citizen.steps}/4").text


@pytest.mark.parametrize(
    ("lang", "answers", "told"),
    [
        ("fr", {"top3": ["food", "housing", "transport", "climate"]}, "4"),
        ("en", {"measure": "nonsense"}, "Choose one of the answers offered."),
        ("en", {"why": "x" * 1501}, "1,501 characters"),
        ("en", {"top3": ["food", "prefer_not"]}, "cannot be chosen with others"),
    ],
)
def test_a_wrong_answer_is_told_with_every_value_kept(app, lang, answers, told):
    citizen = Citizen(app, lang).start()
    response = citizen.answer(2, **{"why": "gardez-moi"} | answers)
    assert response.status_code == 422
    assert told in response.text
    kept = answers.get("why", "gardez-moi")
    assert kept in response.text
    title = re.search(r"<title>(.*?)</title>", response.text)[1]
    assert title.startswith("Erreur" if lang == "fr" else "Error")


def test_switching_language_keeps_what_was_typed(app):
    citizen = Citizen(app).start()
    data = {"code": citizen.code, "q-why": "à moitié", "switch": "en"}
    response = citizen.client.post(f"{citizen.steps}/2", data=data)
    assert response.location.startswith(f"/en/c/{citizen.consultation}/questionnaire/step/2")
    assert "à moitié" in citizen.client.get(response.location).text


def test_a_typing_error_in_the_code_is_told_at_once(app):
    consultation = open_consultation(app)
    with app.app_context():
        code = new_code(pepper())
    wrong = ("1" if code[0] != "1" else "2") + code[1:]
    for typed in (wrong, "abc"):
        response = app.test_client().post(f"/en/c/{consultation}/my-code", data={"typed": typed})
        assert response.status_code == 422
        assert typed in response.text


def test_a_closed_consultation_takes_no_answer(app):
    closed = open_consultation(app, "analysing")
    assert app.test_client().post(f"/fr/c/{closed}/questionnaire").status_code == 409
    with app.app_context():
        code = new_code(pepper())
    response = app.test_client().post(
        f"/fr/c/{closed}/questionnaire/etape/1", data={"code": code, "q-role": "citizen"}
    )
    assert response.status_code == 409


def test_answer_routes_ignore_the_session_and_leave_no_audit(app):
    from consult.audit.models import AuditEntry

    client = app.test_client()
    client.post("/fr/demo/role", data={"person": "facilitator"})
    before = counts(app, AuditEntry)
    citizen = Citizen(app)
    citizen.client = client
    citizen.start().fill()
    assert citizen.send().status_code == 303
    assert counts(app, AuditEntry) == before


def test_a_get_cannot_write(any_app):
    with read_session(any_app) as session, pytest.raises(Exception, match=r"(?i)read.?only"):
        session.add(
            WithdrawnResponse(
                key=b"x" * 32, consultation_id=1, day=__import__("datetime").date.today()
            )
        )
        session.flush()


def test_a_foreign_page_cannot_post(app):
    consultation = open_consultation(app)
    client = app.test_client()
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
    ):
        assert (
            client.post(f"/fr/c/{consultation}/questionnaire", headers=headers).status_code == 403
        )


def test_a_nul_in_an_address_or_a_form_is_refused_and_breaks_nothing(any_app):
    client = any_app.test_client()
    assert client.get("/fr/c/%00").status_code == 404
    assert client.get("/fr/tables?after=%00").status_code == 404
    data = {"email": "a\x00@b.ca", "password": "x" * 14}
    assert client.post("/fr/connexion", data=data).status_code == 404
