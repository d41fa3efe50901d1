"""Everything is done with the keyboard alone: in order, without a trap, always in view."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import DESKTOP, PHONE, watched_page
from tests.support.gallery import Gallery
from tests.support.keyboard import press, tab_to, walk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
GO = "main form .actions button[type=submit]:not([name])"


def answer_with_keys(page: Page) -> None:
    """Answer four pages of questions, of every kind."""
    tab_to(page, "input[type=radio]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("input[type=radio]:checked")).to_have_count(1)
    press(page, GO)
    expect(page).to_have_url(re.compile(r"/(etape|step)/2$"))
    tab_to(page, "input[type=checkbox]")
    page.keyboard.press("Space")
    tab_to(page, "input[type=checkbox]")
    page.keyboard.press("Space")
    expect(page.locator("input[type=checkbox]:checked")).to_have_count(2)
    tab_to(page, "textarea")
    page.keyboard.type("Deux\nlignes")
    press(page, GO)
    expect(page).to_have_url(re.compile(r"/(etape|step)/3$"))
    press(page, GO)
    expect(page).to_have_url(re.compile(r"/(etape|step)/4$"))
    press(page, GO)
    # The second role is that of a caregiver, who is asked one page more.
    expect(page).to_have_url(re.compile(r"/(etape|step)/5$"))
    press(page, GO)
    expect(page).to_have_url(re.compile(r"/(verifier|review)$"))


def send_and_note_the_code(page: Page) -> str:
    press(page, GO)
    expect(page).to_have_url(re.compile(r"/(recu|receipt)$"))
    return page.locator("#receipt-code").inner_text()


def come_back(page: Page, code: str) -> None:
    press(page, "main p > a")
    expect(page).to_have_url(re.compile(r"/c/[^/]+$"))
    press(page, "main .actions a.quiet")
    expect(page).to_have_url(re.compile(r"/(mon-code|my-code)$"))
    tab_to(page, "#typed")
    page.keyboard.type(code.lower().replace("-", ""))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/(ma-reponse|my-response)$"))


def correct(page: Page) -> None:
    press(page, GO)
    expect(page).to_have_url(re.compile(r"/(etape|step)/1$"))
    tab_to(page, "input[type=radio]")
    page.keyboard.press("ArrowDown")
    for number in (2, 3, 4):
        press(page, GO)
        expect(page).to_have_url(re.compile(rf"/(etape|step)/{number}$"))
    press(page, GO)
    expect(page).to_have_url(re.compile(r"/(verifier|review)$"))


@pytest.mark.parametrize(("lang", "viewport"), [("fr", PHONE), ("en", DESKTOP)])
def test_a_citizen_answers_comes_back_corrects_and_withdraws(
    browser: Browser, site: str, lang: str, viewport: dict[str, int]
) -> None:
    with watched_page(browser, site, viewport=viewport, reduced_motion="reduce") as page:
        page.goto(f"/{lang}/")
        press(page, "main .card h3 a")
        expect(page).to_have_url(re.compile(r"/c/[^/]+$"))
        press(page, "main a.button.primary")
        expect(page).to_have_url(re.compile(r"/questionnaire$"))
        press(page, "main form button")
        expect(page).to_have_url(re.compile(r"/(etape|step)/1$"))
        answer_with_keys(page)
        code = send_and_note_the_code(page)
        come_back(page, code)
        correct(page)
        assert send_and_note_the_code(page) == code
        press(page, "main form .actions button.secondary")
        expect(page).to_have_url(re.compile(r"/(ma-reponse|my-response)$"))
        expect(page.locator(".lead")).to_contain_text({"fr": "Corrigé", "en": "Corrected"}[lang])
        press(page, "main form .actions a")
        expect(page).to_have_url(re.compile(r"/(retirer|withdraw)$"))
        press(page, GO)
        expect(page).to_have_url(re.compile(r"/(ma-reponse|my-response)$"))
        expect(page.locator("main form button")).to_have_count(1)


def test_a_refused_page_hands_the_focus_to_the_summary_and_on_to_the_fault(
    browser: Browser, gallery: Gallery
) -> None:
    with watched_page(browser, gallery.address, reduced_motion="reduce") as page:
        for name in ("step refused", "sign-in empty", "texts refused", "code mistyped"):
            page.goto(gallery.url(gallery.one(name)))
            expect(page.locator(".error-summary")).to_be_focused()
            press(page, ".error-summary a")
            page.wait_for_url(re.compile(r"#.+"))
            target = page.locator("#" + page.url.partition("#")[2])
            expect(target).to_be_focused()
            expect(target).to_be_in_viewport()


@pytest.mark.parametrize(("lang", "viewport"), [("fr", DESKTOP), ("en", PHONE)])
def test_tab_meets_every_control_once_in_the_order_of_the_page(
    browser: Browser, gallery: Gallery, lang: str, viewport: dict[str, int]
) -> None:
    with watched_page(browser, gallery.address, viewport=viewport, reduced_motion="reduce") as page:
        for shot in gallery.of(lang):
            if shot.route:
                page.goto(gallery.url(shot))
                walk(page)


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ("link.style.outline = 'none'", "no ring"),
        ("link.style.cssText = 'position: fixed; left: -900px'", "out of view"),
        ("link.onkeydown = e => e.preventDefault()", "trapped"),
        ("link.tabIndex = 1; document.querySelector('h1').tabIndex = 2", "goes back"),
        (
            "document.querySelector('header').style.cssText = 'position: fixed; inset: 0; z-index: 9'",
            "out of view",
        ),
    ],
)
def test_the_walk_sees_a_page_that_was_spoilt(
    browser: Browser, gallery: Gallery, spoilt: str, told: str
) -> None:
    with watched_page(browser, gallery.address, reduced_motion="reduce") as page:
        page.goto(gallery.url(gallery.one("accounts.sign_in")))
        page.evaluate(f"(() => {{ const link = document.querySelector('main p a'); {spoilt}; }})()")
        with pytest.raises(AssertionError, match=told):
            walk(page)


def test_the_walk_counts_a_control_that_tab_does_not_reach(
    browser: Browser, gallery: Gallery
) -> None:
    with watched_page(browser, gallery.address, reduced_motion="reduce") as page:
        page.goto(gallery.url(gallery.one("accounts.sign_in")))
        page.evaluate("document.querySelector('main button').inert = true")
        with pytest.raises(AssertionError, match="connexion"):
            walk(page)
