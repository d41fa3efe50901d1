"""A citizen answers in Chromium: both languages, with and without script, on narrow screens."""

import threading

import pytest
from werkzeug.serving import make_server

from tests.conftest import _copy


@pytest.fixture
def site(sqlite_master, tmp_path):
    for app in _copy(sqlite_master, tmp_path):
        server = make_server("127.0.0.1", 0, app, threaded=True)
        app.extensions["consult_hosts"] = frozenset({f"consult.test:{server.server_port}"})
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://consult.test:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()


WORDS = {
    "fr": {"go": "Continuer", "found": "Étape 2 sur 4", "receipt": "Votre code"},
    "en": {"go": "Continue", "found": "Step 2 of 4", "receipt": "Your code"},
}


def no_sideways_scroll(page):
    wide = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    assert not wide, page.url


def start_a_sheet(page, home, check):
    """Go from the home page to the first questions."""
    page.goto(home)
    check()
    page.locator("main .card h3 a").first.click()
    check()
    page.locator("main a.button.primary").first.click()
    check()
    page.locator("main form button[type=submit]").first.click()


def choose_too_many(page, go, *, script):
    """Choose four of three: the summary says so, takes the focus, and nothing chosen is lost."""
    boxes = page.locator("input[name=q-top3]")
    for index in range(4):
        boxes.nth(index).check()
    page.get_by_role("button", name=go, exact=True).click()
    assert page.locator(".error-summary").count() == 1
    if script:
        assert page.evaluate("document.activeElement.className").startswith("error-summary")
    assert all(boxes.nth(index).is_checked() for index in range(4))


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_from_the_home_page_to_the_receipt(browser, site, lang, script, width, scheme):
    context = browser.new_context(
        java_script_enabled=script, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page = context.new_page()
    told = []
    page.on("console", lambda message: told.append(message.text))
    words = WORDS[lang]

    def check():
        if script:
            no_sideways_scroll(page)

    start_a_sheet(page, f"{site}/{lang}/", check)
    page.get_by_role("radio").first.check()
    check()
    page.get_by_role("button", name=words["go"], exact=True).click()
    assert words["found"] in page.content()
    boxes = page.locator("input[name=q-top3]")
    choose_too_many(page, words["go"], script=script)
    check()
    boxes.nth(0).uncheck()
    page.locator("textarea").first.fill("Un autobus l’hiver <script>alert(1)</script>")
    page.get_by_role("button", name=words["go"], exact=True).click()
    page.locator("button.switch").click()
    assert f"/{'en' if lang == 'fr' else 'fr'}/" in page.url
    page.locator("button.switch").click()
    page.locator("main form .actions button[type=submit]").first.click()
    page.locator("main form .actions button[type=submit]").first.click()
    check()
    assert "<script>alert(1)" not in page.content()
    page.locator("main form button[type=submit]").last.click()
    assert words["receipt"] in page.content()
    check()
    page.reload()
    assert words["receipt"] in page.content()
    refused = [text for text in told if "Content Security" in text or "Refused" in text]
    assert not refused
    context.close()


@pytest.mark.browser
def test_the_keyboard_alone_reaches_the_second_step(browser, site):
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{site}/fr/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.locator("main .card h3 a").first.focus()
    page.keyboard.press("Enter")
    page.locator("main a.button.primary").first.focus()
    page.keyboard.press("Enter")
    page.locator("main form button[type=submit]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/etape/1")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert page.locator("input[type=radio]:checked").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/etape/2")
    context.close()
