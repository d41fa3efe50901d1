"""Numbers, days and words beside “other”, in Chromium: what they bring up on their own page."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import write_session
from consult.surveys.rules import parse_definition
from tests.support.axe import findings
from tests.support.browser import overflow, watched_page
from tests.support.questionnaires import put_in_force

DATA = Path(__file__).resolve().parents[1] / "surveys/data/simple-kinds.json"


@pytest.fixture
def asking(served) -> tuple[str, str]:
    address, app = served
    with write_session(app) as session, app.test_request_context("/fr/"):
        found = session.scalars(select(Consultation).where(Consultation.state == "open")).one()
        put_in_force(session, found, parse_definition(DATA.read_bytes()))
        return address, found.code


def begin(page: Page, lang: str, code: str) -> None:
    page.goto(f"/{lang}/c/{code}/questionnaire")
    page.locator("main form button[type=submit]").first.click()


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_script_reads_numbers_days_and_words_as_the_server_does(browser, asking, lang) -> None:
    address, code = asking
    with watched_page(browser, address, script=True) as page:
        begin(page, lang, code)
        shown = {item: page.locator(f'[data-item="{item}"]') for item in ("by_bike", "very_far")}
        parking, since = (
            page.locator('[data-item="parking"]'),
            page.locator('[data-item="long_since"]'),
        )
        for box in (*shown.values(), parking, since):
            expect(box).to_be_hidden()
        page.locator("input[name=q-way][value=car]").check()
        expect(parking).to_be_visible()
        page.locator("input[name=q-way][value=other]").check()
        expect(parking).to_be_hidden()
        page.locator("#q-way_other").fill("À vélo")
        expect(shown["by_bike"]).to_be_visible()
        page.locator("#q-distance").fill("100,6" if lang == "fr" else "100.6")
        expect(shown["very_far"]).to_be_visible()
        page.locator("#q-distance").fill("100,6x")
        expect(shown["very_far"]).to_be_hidden()
        for part, typed in (("day", "1"), ("month", "2"), ("year", "2020")):
            page.locator(f'[id="q-since.{part}"]').fill(typed)
        expect(since).to_be_visible()
        assert overflow(page) == 0
        assert findings(page) == []


@pytest.mark.browser
def test_an_error_leads_to_its_control_and_the_group_of_a_day_takes_the_focus(
    browser, asking
) -> None:
    address, code = asking
    with watched_page(browser, address, script=False) as page:
        begin(page, "en", code)
        page.locator('[id="q-since.day"]').fill("31")
        page.locator("#q-distance").fill("12,5x")
        page.locator("main form button[type=submit]").first.click()
        links = page.locator(".error-summary a")
        assert links.count() == 2
        links.nth(1).click()
        assert re.search(r"#q-since$", page.url)
        assert page.evaluate("document.activeElement.id") == "q-since"
        assert page.locator("#q-distance").input_value() == "12,5x"
        group = page.get_by_role("group", name="Since when? (optional)")
        names = [group.get_by_label(name, exact=True).count() for name in ("Month", "Day", "Year")]
        assert names == [1, 1, 1]


def test_the_questionnaire_of_this_file_uses_each_simple_kind() -> None:
    kinds = {
        item["kind"] for page in json.loads(DATA.read_text())["pages"] for item in page["items"]
    }
    assert {"section", "short_text", "number", "date", "consent"} <= kinds
