"""On a phone, with script and without, people read and answer."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import overflow

pytestmark = pytest.mark.browser

PAGES = ("/fr/", "/en/", "/fr/aide", "/fr/confidentialite", "/fr/consultations", "/fr/tables")


def test_the_measure_sees_a_page_that_is_too_wide(page: Page) -> None:
    page.set_content("<!doctype html><table width=900><tr><td>x</table>")
    assert overflow(page) > 400


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    expect(page.locator("h1")).to_have_count(1)
    assert overflow(page) == 0


def test_the_first_tab_leads_past_the_navigation(page: Page) -> None:
    page.goto("/fr/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main$"))
    expect(page.locator("main#main")).to_have_count(1)


def test_a_citizen_starts_and_comes_to_the_first_question(page: Page) -> None:
    page.goto("/fr/consultations")
    page.locator("main .cards a").first.click()
    page.locator('main a[href*="/questionnaire"]').first.click()
    page.locator("main form button").first.click()
    expect(page).to_have_url(re.compile(r"/questionnaire/"))
    expect(page.locator("h1")).to_have_count(1)


def test_the_language_switch_keeps_the_page(page: Page) -> None:
    page.goto("/fr/aide")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en-CA")
    expect(page).to_have_url(re.compile(r"/en/help"))
