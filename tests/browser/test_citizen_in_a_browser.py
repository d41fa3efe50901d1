"""A citizen answers in Chromium: both languages, with and without script, on narrow screens."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import no_sideways_scroll, watched_page

WORDS = {
    "fr": {"go": "Continuer", "found": "Étape 2 sur 4", "receipt": "Votre code"},
    "en": {"go": "Continue", "found": "Step 2 of 4", "receipt": "Your code"},
}
TYPED = "Un autobus l’hiver <script>alert(1)</script>"


def start_a_sheet(page, home):
    """Go from the home page to the first questions."""
    page.goto(home)
    no_sideways_scroll(page)
    page.locator("main .card h3 a").first.click()
    expect(page).to_have_url(re.compile(r"/c/[^/]+$"))
    no_sideways_scroll(page)
    page.locator("main a.button.primary").first.click()
    expect(page).to_have_url(re.compile(r"/questionnaire$"))
    no_sideways_scroll(page)
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile(r"/(etape|step)/1"))


def choose_too_many(page, go, *, script):
    """Choose four of three: the summary says so, takes the focus, and nothing chosen is lost."""
    boxes = page.locator("input[name=q-top3]")
    for index in range(4):
        boxes.nth(index).check()
    page.get_by_role("button", name=go, exact=True).click()
    expect(page.locator(".error-summary")).to_have_count(1)
    if script:
        expect(page.locator(".error-summary")).to_be_focused()
    for index in range(4):
        expect(boxes.nth(index)).to_be_checked()


def switch_twice(page, lang):
    """Go to the other language and back, in the middle of the answers."""
    other = "en" if lang == "fr" else "fr"
    for expected in (other, lang):
        page.locator("button.switch").click()
        expect(page).to_have_url(re.compile(rf"/{expected}/"))


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_from_the_home_page_to_the_receipt(browser, site, lang, script, width, scheme):
    words = WORDS[lang]
    look = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with watched_page(browser, site, script=script, **look) as page:
        start_a_sheet(page, f"{site}/{lang}/")
        page.get_by_role("radio").first.check()
        page.get_by_role("button", name=words["go"], exact=True).click()
        expect(page.get_by_text(words["found"])).to_be_visible()
        choose_too_many(page, words["go"], script=script)
        no_sideways_scroll(page)
        page.locator("input[name=q-top3]").nth(0).uncheck()
        page.locator("textarea").first.fill(TYPED)
        page.get_by_role("button", name=words["go"], exact=True).click()
        expect(page).to_have_url(re.compile(r"/(etape|step)/3"))
        switch_twice(page, lang)
        page.locator("main form .actions button[type=submit]").first.click()
        expect(page).to_have_url(re.compile(r"/(etape|step)/4"))
        page.locator("main form .actions button[type=submit]").first.click()
        expect(page).to_have_url(re.compile(r"/(verifier|review)$"))
        expect(page.get_by_text(TYPED)).to_be_visible()
        no_sideways_scroll(page)
        page.locator("main form button[type=submit]").last.click()
        expect(page.get_by_text(words["receipt"]).first).to_be_visible()
        no_sideways_scroll(page)
        page.reload()
        expect(page.get_by_text(words["receipt"]).first).to_be_visible()


@pytest.mark.browser
def test_the_keyboard_alone_reaches_the_second_step(browser, site):
    with watched_page(browser, site) as page:
        page.goto("/fr/")
        page.keyboard.press("Tab")
        expect(page.locator("a.skip")).to_be_focused()
        page.locator("main .card h3 a").first.press("Enter")
        page.locator("main a.button.primary").first.press("Enter")
        page.locator("main form button[type=submit]").first.press("Enter")
        page.wait_for_url("**/etape/1")
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.type") == "radio":
                break
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        expect(page.locator("input[type=radio]:checked")).to_have_count(1)
        page.keyboard.press("Enter")
        page.wait_for_url("**/etape/2")
