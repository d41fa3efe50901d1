"""Nothing happens by itself: no page leaves, no form is sent, because a control was met or changed."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import PHONE, watched_page
from tests.support.gallery import Gallery

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# Focus and change every control, and say which requests for a page that brought about.
_MEET = """() => {
    for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary')) {
        if (e.type === 'hidden' || !e.checkVisibility()) continue;
        e.focus();
        if (e.matches('[type=radio], [type=checkbox]')) e.click();
        else if (e.matches('select')) e.selectedIndex = e.options.length - 1;
        else if (e.matches('textarea, [type=text]')) e.value = 'x';
        else continue;
        for (const kind of ['input', 'change'])
            e.dispatchEvent(new Event(kind, {bubbles: true}));
    }
    document.activeElement?.blur();
}"""


def left_by(page: Page) -> list[str]:
    """Return the pages and forms that were asked for while every control was met."""
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if r.is_navigation_request() else None)
    opened: list[object] = []
    page.on("popup", lambda window: opened.append(window))
    page.evaluate(_MEET)
    page.wait_for_timeout(60)
    return asked + [str(window) for window in opened]


def test_meeting_and_changing_controls_leads_nowhere(browser: Browser, gallery: Gallery) -> None:
    wrong = {}
    with watched_page(browser, gallery.address) as page:
        for shot in gallery.of("fr"):
            if "<form" in shot.html:
                page.goto(gallery.url(shot))
                if left := left_by(page):
                    wrong[shot.name] = left
    assert wrong == {}


def test_a_form_that_sends_itself_is_seen(browser: Browser, gallery: Gallery) -> None:
    with watched_page(browser, gallery.address) as page:
        page.goto(gallery.url(gallery.one("step 1")))
        page.evaluate(
            "document.querySelector('#answers').addEventListener('change', e => e.currentTarget.submit())"
        )
        assert left_by(page) != []


def test_what_the_script_says_is_announced(browser: Browser, gallery: Gallery) -> None:
    with watched_page(browser, gallery.address, viewport=PHONE) as page:
        page.goto(gallery.url(gallery.one("step 4", "en")))
        area = page.locator("textarea").first
        area.fill("x" * int(area.get_attribute("data-max")))
        status = page.locator("[role=status].visually-hidden").first
        expect(status).to_have_text(re.compile(r"Characters left: 0"), timeout=10_000)
        page.goto(gallery.url(gallery.one("table saved", "en")))
        expect(page.locator(".notice.success[role=status]")).to_be_visible()
        page.goto(gallery.url(gallery.one("surveys.receipt", "en")))
        page.locator("[data-copy]").click()
        expect(page.locator("[role=status][data-copy-status]")).to_have_text("Code copied.")


def test_the_copied_code_can_be_pasted_to_come_back(browser: Browser, gallery: Gallery) -> None:
    with watched_page(browser, gallery.address) as page:
        page.goto(gallery.url(gallery.one("surveys.receipt")))
        code = page.locator("#receipt-code").inner_text()
        page.locator("[data-copy]").click()
        page.goto(gallery.url(gallery.one("surveys.come_back")))
        page.locator("#typed").focus()
        page.keyboard.press("Control+V")
        expect(page.locator("#typed")).to_have_value(code.strip())
