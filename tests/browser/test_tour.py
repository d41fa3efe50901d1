"""The tour of the README is true: every step, in its own words, on a fresh demo."""

import re

import pytest

from tests.support.browser import watched_page
from tests.support.tree import ROOT

README = (ROOT / "README.md").read_text("utf-8")


@pytest.fixture
def visitor(browser, site):
    with watched_page(browser, site) as page:
        page.set_default_timeout(10_000)
        page.goto("/en/")
        yield page


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def follow(page, name):
    page.get_by_role("link", name=name).first.click()


def shows(page, *words):
    text = page.locator("main").inner_text()
    for word in words:
        assert word in text, (word, page.url)


@pytest.mark.browser
def test_a_visitor_answers_and_comes_back(visitor):
    page = visitor
    follow(page, "Getting around, eating, housing")
    shows(page, "What can change", "What cannot", "Calendar", "Pointe-au-Phare")
    follow(page, "Answer the questionnaire")
    press(page, "Start")
    page.get_by_role("radio").first.check()
    press(page, "Continue")
    boxes = page.get_by_role("checkbox")
    boxes.first.check()
    press(page, "Français")
    assert boxes.first.is_checked()
    press(page, "English")
    for _step in range(2):
        press(page, "Continue")
    press(page, "Save and review")
    page.get_by_role("button", name=re.compile("^Send")).click()
    code = re.search(r"[A-Z0-9]{4}(?:-[A-Z0-9]{4}){4}", page.locator("main").inner_text())[0]
    press(page, "Finish on this device")
    page.goto("/en/")
    follow(page, "Getting around, eating, housing")
    follow(page, "I already have a code")
    page.get_by_role("textbox").fill(code)
    page.locator("main form button[type=submit]").first.click()
    shows(page, "Correct", "Withdraw")


@pytest.mark.browser
def test_a_facilitator_sees_results_exports_and_gaps(visitor):
    page = visitor
    assert page.get_by_role("heading", name="See it as").is_visible()
    press(page, "Camille Roy")
    follow(page, "Les Coteaux advisory table")
    follow(page, "Aging well at home")
    follow(page, "Results")
    shows(page, "Base")
    page.go_back()
    follow(page, "Export the answers")
    shows(page, "CSV", "XLSX", "JSON lines")
    page.go_back()
    follow(page, "Les Coteaux advisory table")
    page.get_by_role("link", name="Un plan pour les canicules").first.click()
    shows(page, "missing")


def test_every_name_that_the_tour_tells_is_one_the_browser_meets():
    tour = README.partition("five minutes")[2].partition("## Documentation")[0]
    quoted = set(re.findall(r"“([^”]+)”", tour))
    walked = (ROOT / "tests/browser/test_tour.py").read_text("utf-8")
    assert len(quoted) > 5
    assert {name for name in quoted if name not in walked} == set()
