"""What is typed is saved between pages, in Chromium: offline, in two windows, and in races."""

import json
import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from consult.consultations.models import Phase
from consult.core.clock import today
from consult.core.codes import derive_keys
from consult.core.db import read_session, write_session
from consult.surveys import services
from consult.surveys.models import Response
from consult.surveys.visits import pepper
from tests.support.browser import watched_context, watched_page

CODE = re.compile(r'name="code" value="([^"]+)"')
SAVED = {"fr": "Enregistré.", "en": "Saved."}
OFFLINE = "no connection. A copy stays"
pytestmark = pytest.mark.browser


@pytest.fixture
def window(browser, served):
    """Return a phone of one person, with script."""
    with watched_context(browser, served[0]) as context:
        yield context


def begin(page: Page, lang: str = "en") -> tuple[str, str]:
    """Start a sheet; return (code of the consultation, code of the sheet)."""
    page.goto(f"/{lang}/consultations")
    page.locator("main .cards a").first.click()
    page.locator('main .panel a[href$="/questionnaire"]').first.click()
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile(r"/(etape|step)/1$"))
    return page.url.split("/")[5], CODE.search(page.content())[1]


def kept(app, place: tuple[str, str]) -> dict:
    with app.app_context():
        keys = derive_keys(pepper(), *place)
    with read_session(app) as session:
        progress = services.read_progress(session, keys)
    return progress.typed if progress else {}


def copies(page: Page) -> list[str]:
    return page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('draft:'))")


def status(page: Page):
    return page.locator("form [role=status].autosave")


def to_step(page: Page, number: int) -> None:
    page.goto(re.sub(r"/\d+$", f"/{number}", page.url))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_choice_is_saved_by_itself_and_said_in_the_language_of_the_page(window, served, lang):
    page = window.new_page()
    place = begin(page, lang)
    page.locator("input[value=caregiver]").check()
    expect(status(page)).to_have_text(SAVED[lang])
    assert kept(served[1], place) == {"role": "caregiver"}
    assert copies(page) == [], "what is saved leaves no copy on the device"


def test_a_page_is_never_judged_while_somebody_types(window, served):
    page = window.new_page()
    place = begin(page)
    to_step(page, 2)
    for box in page.locator("input[name=q-top3]").all()[:4]:
        box.check()
    expect(status(page)).to_have_text(SAVED["en"])
    assert len(kept(served[1], place)["top3"]) == 4
    expect(page.locator(".error-summary")).to_have_count(0)


def test_offline_and_back(window, served):
    page = window.new_page()
    place = begin(page)
    to_step(page, 4)
    window.set_offline(True)
    page.locator("textarea").first.fill("Typed in the train")
    expect(status(page)).to_contain_text(OFFLINE)
    assert len(copies(page)) == 1
    assert place[1] not in json.dumps(page.evaluate("({...localStorage})")), "never the code"
    window.set_offline(False)
    expect(status(page)).to_have_text(SAVED["en"])
    assert kept(served[1], place)["change"] == "Typed in the train"
    assert copies(page) == []


def test_a_window_closed_offline_gives_back_what_was_typed(window, served):
    page = window.new_page()
    place = begin(page)
    to_step(page, 4)
    address, base = page.url, page.locator("[name=page-base]").input_value()
    window.set_offline(True)
    page.locator("textarea").first.fill("Typed in the train")
    page.locator("input[type=radio]").first.check()
    expect(status(page)).to_contain_text(OFFLINE)
    page.close()
    window.set_offline(False)
    assert kept(served[1], place) == {}
    again = window.new_page()
    again.goto(address)
    expect(again.locator("textarea").first).to_have_value("Typed in the train")
    expect(again.locator("input[type=radio]").first).to_be_checked()
    expect(status(again)).to_contain_text("is back")
    expect(again.locator("[name=page-base]")).not_to_have_value(base)
    assert copies(again) == []
    assert kept(served[1], place)["change"] == "Typed in the train"


def test_on_a_shared_device_no_copy_is_kept(window, served):
    page = window.new_page()
    begin(page)
    page.locator("[data-shared]").check()
    window.set_offline(True)
    page.locator("input[value=caregiver]").check()
    expect(status(page)).to_contain_text("Keep this page open")
    assert copies(page) == []
    window.set_offline(False)
    expect(status(page)).to_have_text(SAVED["en"])


def test_where_storage_is_refused_typing_goes_on_and_says_the_truth(window, served):
    window.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused'); }})"
    )
    page = window.new_page()
    place = begin(page)
    window.set_offline(True)
    page.locator("input[value=caregiver]").check()
    expect(status(page)).to_contain_text("Keep this page open")
    window.set_offline(False)
    expect(status(page)).to_have_text(SAVED["en"])
    assert kept(served[1], place) == {"role": "caregiver"}


def test_a_closed_tab_is_taken_up_again_on_another_device_by_code(browser, window, served):
    page = window.new_page()
    _consultation, code = begin(page)
    address = page.url.partition("/questionnaire")[0] + "/my-code"
    page.locator("input[value=caregiver]").check()
    expect(status(page)).to_have_text(SAVED["en"])
    page.close()
    with watched_page(browser, served[0]) as other:
        other.goto(address)
        other.locator("#typed").fill(code.lower())
        press(other, "Open my answers")
        expect(other.locator("input[value=caregiver]")).to_be_checked()


def test_leaving_at_once_saves_what_was_just_typed(window, served):
    page = window.new_page()
    place = begin(page)
    page.locator("input[value=caregiver]").check()
    page.goto("/en/")
    for _try in range(20):
        page.goto(f"/en/c/{place[0]}/questionnaire/step/1")
        if page.locator("input[value=caregiver]").is_checked():
            break
    assert kept(served[1], place) == {"role": "caregiver"}


def test_a_switch_of_language_keeps_what_is_not_saved_yet(window, served):
    page = window.new_page()
    begin(page)
    to_step(page, 4)
    page.locator("textarea").first.fill("À l’instant")
    page.locator("button.switch").click()
    expect(page).to_have_url(re.compile(r"/fr/.*/etape/4"))
    expect(page.locator("textarea").first).to_have_value("À l’instant")


def test_a_save_that_comes_after_the_sheet_was_sent_changes_nothing(window, served):
    page = window.new_page()
    place = begin(page)
    page.locator("input[value=caregiver]").check()
    expect(status(page)).to_have_text(SAVED["en"])
    late = window.new_page()
    late.goto(page.url)
    page.goto(page.url.partition("/step")[0] + "/review")
    press(page, "Send my answers")
    expect(page).to_have_url(re.compile("/receipt$"))
    late.locator("input[value=citizen]").check()
    expect(status(late)).to_contain_text("Not saved")
    assert kept(served[1], place) == {}, "no correction is begun behind the back of who sent"
    with served[1].app_context():
        key = derive_keys(pepper(), *place).response
    with read_session(served[1]) as session:
        assert session.get(Response, key).answers["role"] == "caregiver"


def test_an_older_save_that_arrives_after_the_page_was_left_is_passed_over(window, served):
    page = window.new_page()
    place = begin(page)
    to_step(page, 4)
    held = []
    page.route("**/save", lambda route: held.append(route))
    page.locator("textarea").first.fill("First")
    expect(page.locator("[name=page-turn]")).to_have_value("1")
    body = held[0].request.post_data
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": served[0]}
    page.locator("textarea").first.fill("First and second")
    press(
        page,
        "Continue" if page.get_by_role("button", name="Continue").count() else "Save and review",
    )
    expect(page).to_have_url(re.compile("/review$"))
    url = f"/en/c/{place[0]}/questionnaire/step/4/save"
    client = served[1].test_client()
    answer = client.post(url, data=body, headers=headers, base_url=served[0])
    assert answer.status_code == 200
    assert kept(served[1], place)["change"] == "First and second"


def test_after_a_withdrawal_nothing_is_saved_and_the_page_says_why(window, served):
    page = window.new_page()
    place = begin(page)
    page.locator("input[value=caregiver]").check()
    expect(status(page)).to_have_text(SAVED["en"])
    client = served[1].test_client()
    base = f"/en/c/{place[0]}"
    sent = {"base_url": served[0], "headers": {"Origin": served[0]}, "data": {"code": place[1]}}
    client.post(f"{base}/questionnaire/review", **sent)
    assert client.post(f"{base}/withdraw", **sent).status_code == 303
    page.locator("input[value=citizen]").check()
    expect(status(page)).to_contain_text("Not saved")
    assert kept(served[1], place) == {}
    press(page, "Continue")
    expect(page.locator("h1")).to_have_text("Your answers were changed elsewhere")


def test_once_closing_and_its_grace_have_passed_the_page_shows_what_was_typed(window, served):
    page = window.new_page()
    place = begin(page)
    with write_session(served[1]) as session:
        for phase in session.scalars(select(Phase)):
            phase.opens_on = phase.closes_on = today().replace(year=2020)
    page.locator("input[value=caregiver]").check()
    expect(status(page)).to_contain_text("Not saved")
    assert kept(served[1], place) == {}
    press(page, "Continue")
    expect(page.locator("h1")).to_have_text("This questionnaire is not taking answers")
    expect(page.get_by_text("Caregiver")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("mine", [True, False], ids=["typed here", "kept"])
def test_two_windows_on_one_page_are_both_shown(browser, served, script, mine):
    with watched_context(browser, served[0], script=script) as context:
        first, second = context.new_page(), context.new_page()
        place = begin(first)
        second.goto(first.url)
        first.locator("input[name=q-role][value=caregiver]").check()
        press(first, "Continue")
        second.locator("input[name=q-role][value=citizen]").check()
        if script:
            expect(status(second)).to_contain_text("Not saved")
            assert kept(served[1], place)["role"] == "caregiver"
        press(second, "Continue")
        expect(second.locator("h1")).to_have_text("This page was changed in another window")
        expect(second.get_by_text("Caregiver")).to_be_visible()
        expect(second.get_by_text("Member of the public")).to_be_visible()
        if mine:
            press(second, "Go on with what was typed here")
            expect(second).to_have_url(re.compile("/step/2$"))
        else:
            second.get_by_role("link", name="Go on with what is kept").click()
            expect(second.locator("input[value=caregiver]")).to_be_checked()
        assert kept(served[1], place)["role"] == ("citizen" if mine else "caregiver")


def test_a_reply_that_was_lost_makes_no_conflict_with_oneself(window, served):
    page = window.new_page()
    place = begin(page)

    def lose_the_reply(route):
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": served[0]}
        sent = {"data": route.request.post_data, "headers": headers, "base_url": served[0]}
        url = route.request.url.removeprefix(served[0])
        assert served[1].test_client().post(url, **sent).status_code == 200
        route.abort()

    page.route("**/save", lose_the_reply, times=1)
    page.locator("input[value=caregiver]").check()
    expect(status(page)).to_contain_text(OFFLINE)
    assert kept(served[1], place)["role"] == "caregiver", "it was stored, and nobody was told"
    page.locator("input[value=citizen]").check()
    expect(status(page)).to_have_text(SAVED["en"], timeout=15_000)
    assert kept(served[1], place)["role"] == "citizen"


def test_finishing_on_this_device_takes_the_copies_away(window, served):
    page = window.new_page()
    begin(page)
    page.evaluate("localStorage.setItem('draft:other:x:1', 'of another consultation')")
    window.set_offline(True)
    page.locator("input[value=caregiver]").check()
    expect(status(page)).to_contain_text(OFFLINE)
    window.set_offline(False)
    page.evaluate("localStorage.setItem(document.forms.answers.dataset.draft, '{}')")
    page.goto(page.url.partition("/step")[0])
    press(page, "Finish on this device")
    expect(page).to_have_url(re.compile(r"/c/[\w-]+$"))
    assert copies(page) == ["draft:other:x:1"]


def test_control_without_the_module_nothing_is_saved_between_pages(window, served):
    window.route("**/answering.js", lambda route: route.abort())
    page = window.new_page()
    place = begin(page)
    page.locator("input[value=caregiver]").check()
    press(page, "Save and finish later")
    expect(page).to_have_url(re.compile("/later$"))
    to_code = kept(served[1], place)
    assert to_code == {"role": "caregiver"}
    page.go_back()
    page.locator("input[value=citizen]").check()
    page.goto("/en/")
    assert kept(served[1], place) == {"role": "caregiver"}


def test_control_windows_are_told_apart_by_what_the_form_says(window, served):
    """Without its window and its base a page overwrites: so the forms must carry them."""
    page = window.new_page()
    place = begin(page)
    form = page.locator("form#answers")
    names = {"page-base", "page-window", "page-turn"}
    drawn = {i.get_attribute("name") for i in form.locator("input[type=hidden]").all()}
    assert names <= drawn
    page.locator("input[value=caregiver]").check()
    expect(status(page)).to_have_text(SAVED["en"])
    client = served[1].test_client()
    url = f"/en/c/{place[0]}/questionnaire/step/1/save"
    sent = {"base_url": served[0], "headers": {"Origin": served[0]}}
    bare = {"code": place[1], "q-role": "citizen"}
    told = bare | {"page-base": "0" * 16, "page-window": "another"}
    assert client.post(url, data=told, **sent).status_code == 409
    assert kept(served[1], place)["role"] == "caregiver"
    assert client.post(url, data=bare, **sent).status_code == 200
    assert kept(served[1], place)["role"] == "citizen"
