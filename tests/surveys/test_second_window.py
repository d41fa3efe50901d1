"""One code in two windows: what is typed in either is stored, or shown with what to do."""

import threading

import pytest
from sqlalchemy import select

from consult.core.codes import derive_keys
from consult.core.db import read_session
from consult.surveys import services
from consult.surveys.models import Response, ResponseText
from consult.surveys.visits import pepper
from tests.surveys.test_answering import Citizen, corrected_twice, counts


def keys_of(app, citizen):
    with app.app_context():
        return derive_keys(pepper(), citizen.consultation, citizen.code)


def text_of(app, citizen, item):
    with read_session(app) as session:
        statement = select(ResponseText.body).where(
            ResponseText.key == keys_of(app, citizen).response, ResponseText.item == item
        )
        return session.scalar(statement)


def test_a_page_sent_from_an_older_window_corrects_the_response_it_finds(any_app):
    citizen = Citizen(any_app, "en").start().fill()
    citizen.send()
    before = counts(any_app, Response)
    citizen.answer(4, change="From the window left open")
    review = citizen.client.get(citizen.review).text
    assert "From the window left open" in review
    assert "Parce que" in review, "the answers of the other pages are still there"
    assert citizen.send().location.endswith("/receipt")
    assert text_of(any_app, citizen, "change") == "From the window left open"
    assert text_of(any_app, citizen, "why").endswith("oui</b>")
    assert counts(any_app, Response) == before


def test_who_withdrew_may_answer_again_under_a_new_code(any_app):
    citizen = Citizen(any_app, "en").start().fill()
    citizen.send()
    citizen.client.post(f"/en/c/{citizen.consultation}/my-code", data={"typed": citizen.code})
    citizen.client.post(f"/en/c/{citizen.consultation}/withdraw", data={"code": citizen.code})
    before, first = counts(any_app, Response)[0], citizen.code
    assert first not in citizen.client.get(citizen.base).text
    again = citizen.start().fill()
    assert again.code != first
    assert again.send().location.endswith("/receipt")
    assert counts(any_app, Response)[0] == before + 1


def test_a_page_typed_after_a_withdrawal_is_shown_and_not_stored(any_app):
    citizen = Citizen(any_app, "en").start().fill()
    citizen.send()
    citizen.client.post(f"/en/c/{citizen.consultation}/withdraw", data={"code": citizen.code})
    late = citizen.answer(4, change="Typed in a window left open")
    assert late.status_code == 409
    assert "Typed in a window left open" in late.text
    assert text_of(any_app, citizen, "change") is None


def test_opening_another_code_tells_first_the_one_of_the_sheet_begun_here(app):
    citizen = Citizen(app, "en").start()
    page = f"/en/c/{citizen.consultation}/my-code"
    assert citizen.code not in citizen.client.get(page).text, "nothing is kept under it yet"
    citizen.answer(1, role="citizen")
    for shown in (citizen.client.get(page), citizen.client.post(page, data={"typed": "abc"})):
        assert citizen.code in shown.text


@pytest.mark.parametrize("attempt", range(4))
def test_the_first_pages_of_two_windows_are_both_kept(any_app, attempt):
    citizen = Citizen(any_app, "en").start()
    barrier = threading.Barrier(2)

    def type_in(number, answers):
        client = any_app.test_client()
        barrier.wait()
        data = {"code": citizen.code} | answers
        assert client.post(f"{citizen.steps}/{number}", data=data).status_code == 303

    windows = [
        threading.Thread(target=type_in, args=(1, {"q-area": "coteaux"})),
        threading.Thread(target=type_in, args=(4, {"q-change": f"Window {attempt}"})),
    ]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    with read_session(any_app) as session:
        kept = services.read_progress(session, keys_of(any_app, citizen)).typed
    assert (kept.get("area"), kept.get("change")) == ("coteaux", f"Window {attempt}")


def test_correcting_again_never_replaces_what_another_window_has_not_sent(any_app):
    citizen, correct = corrected_twice(any_app)
    citizen.answer(4, change="Not sent, in a window left open")
    pressed = citizen.client.post(correct, data={"code": citizen.code})
    assert pressed.status_code == 409
    for version in ("From the first window", "Not sent, in a window left open"):
        assert version in pressed.text
    with read_session(any_app) as session:
        kept = services.read_progress(session, keys_of(any_app, citizen)).typed
    assert kept["change"] == "Not sent, in a window left open"
