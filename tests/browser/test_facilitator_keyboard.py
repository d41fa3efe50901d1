"""From a new table to an open consultation with the keyboard alone, in both languages.

Tab, arrows, Space, Enter and typing: nothing else. Each page is first walked from end to end:
every control is met once, ringed and in view, and nothing keeps the focus.
"""

import re
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from consult.core.clock import today
from tests.browser.test_facilitator_path import (
    NAMES,
    PASSWORD,
    PEOPLE,
    ROLES,
    TEXTS,
    Team,
    administrator,
)
from tests.support.browser import DESKTOP, PHONE, no_sideways_scroll, watched_page
from tests.support.keyboard import press, tab_to, walk
from tests.support.states import QUESTIONNAIRE

__all__ = ["administrator"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
GO = "main form button.primary"


def arrive(page: Page, path: str) -> None:
    """Wait for a page, and walk through it."""
    expect(page).to_have_url(re.compile(re.escape(path) + r"([?#].*)?$"))
    no_sideways_scroll(page)
    walk(page)


def type_in(page: Page, control: str, text: str) -> None:
    tab_to(page, control)
    page.keyboard.type(text)


def type_day(page: Page, control: str, day: date) -> None:
    """Type a day as the browser of these tests asks for it: month, day, year."""
    type_in(page, control, day.strftime("%m%d%Y"))
    expect(page.locator(control)).to_have_value(day.isoformat())


def choose(page: Page, control: str, value: str) -> None:
    """Go down the list of a control, and to its top again, until it holds ``value``."""
    tab_to(page, control)
    page.keyboard.press("Home")
    for _ in range(400):
        if page.evaluate("document.activeElement.value") == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(control)


def tick(page: Page, name: str, value: str) -> None:
    """Go round a group of radio buttons until the one of ``value`` is chosen."""
    tab_to(page, f"input[name={name}]")
    for _ in range(10):
        if page.locator(f"input[name={name}][value={value}]").is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(name)


def sign_in(team: Team, page: Page, address: str) -> None:
    page.goto(team.where("accounts.sign_in"))
    arrive(page, team.where("accounts.sign_in"))
    type_in(page, "#email", address)
    type_in(page, "#password", PASSWORD)
    page.keyboard.press("Enter")
    arrive(page, team.where("web.desk"))


def make_a_table(team: Team, page: Page) -> str:
    """Make a public table with one seat more; return the path of its desk page."""
    press(page, f'.desk-nav a[href="{team.where("tables_desk.list_tables")}"]')
    arrive(page, team.where("tables_desk.list_tables"))
    press(page, f'main a[href="{team.where("tables_desk.create_table")}"]')
    arrive(page, team.where("tables_desk.create_table"))
    tab_to(page, "#organisation")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    for lang in ("fr", "en"):
        type_in(page, f"#name-{lang}", NAMES[lang])
    press(page, GO)
    expect(page.locator("h1")).to_have_text(NAMES[team.lang])
    desk = re.sub("^https?://[^/]+", "", page.url)
    arrive(page, desk)
    edit = f"{desk}/{'modifier' if team.lang == 'fr' else 'edit'}"
    press(page, f'main a[href="{edit}"]')
    arrive(page, edit)
    tick(page, "visibility", "public")
    tick(page, "state", "active")
    press(page, GO)
    arrive(page, desk)
    before = page.locator("tbody tr").count()
    choose(page, "#role", "observer")
    press(page, "form.sheet button")
    expect(page.locator("tbody tr")).to_have_count(before + 1)
    return desk


def invite(team: Team, page: Page, desk: str, role: str, person: tuple[str, str]) -> None:
    row = page.locator("tbody tr").filter(has=page.get_by_role("rowheader", name=role, exact=True))
    link = row.filter(has=page.locator("em")).first.get_by_role("link").get_attribute("href")
    press(page, f'main a[href="{link}"]')
    arrive(page, link or "")
    type_in(page, "#name", person[0])
    type_in(page, "#email", person[1])
    tick(page, "locale", team.lang)
    press(page, GO)
    arrive(page, desk)
    expect(page.get_by_role("cell", name=person[0]).first).to_be_visible()


def choose_a_password(team: Team, page: Page, address: str) -> None:
    link = team.link_for(address)
    page.goto(link)
    arrive(page, link)
    type_in(page, "#password", PASSWORD)
    page.keyboard.press("Enter")
    arrive(page, team.where("web.desk"))
    press(page, ".desk-nav form button")
    arrive(page, team.where("web.home"))


def create_the_consultation(team: Team, page: Page, desk: str) -> str:
    """Make the draft, and fill every text; return the path of its desk page."""
    press(page, f'main a[href="{desk}"]')
    arrive(page, desk)
    press(page, "main section a.button.primary")
    expect(page.locator("#title-fr")).to_be_visible()
    for lang in ("fr", "en"):
        type_in(page, f"#title-{lang}", TEXTS["title"][lang])
    press(page, GO)
    expect(page).to_have_url(re.compile(r"/(modifier|edit)$"))
    gate = re.sub("^https?://[^/]+|/(modifier|edit)$", "", page.url)
    walk(page)
    fields = page.locator("main form textarea, main form input[lang]").evaluate_all(
        "all => all.map(e => e.id)"
    )
    for field in fields:
        name, _dash, lang = field.rpartition("-")
        type_in(page, f"#{field}", TEXTS[name][lang])
        if field == "cannot_change-en":
            type_day(page, "#response_due", date(2031, 1, 1))
    press(page, GO)
    arrive(page, gate)
    expect(page.locator(".gaps").first).to_be_visible()
    return gate


def set_the_calendar(team: Team, page: Page, gate: str) -> None:
    calendar = f"{gate}/{'calendrier' if team.lang == 'fr' else 'calendar'}"
    press(page, f'main a[href="{calendar}"]')
    arrive(page, calendar)
    choose(page, "#phase-0-kind", "answer")
    type_day(page, "#phase-0-opens", today())
    type_day(page, "#phase-0-closes", date(2030, 12, 31))
    press(page, GO)
    arrive(page, gate)


def upload(page: Page, gate: str, folder: Path) -> None:
    file = folder / "questionnaire.json"
    file.write_bytes(QUESTIONNAIRE)
    press(page, "main article.card a")
    arrive(page, f"{gate}/questionnaire")
    press(page, "details:has(#file) > summary")
    tab_to(page, "#file")
    page.locator("#file").set_input_files(file)  # what the window of the system gives back
    press(page, "form:has(#file) button")
    arrive(page, f"{gate}/questionnaire")
    expect(page.locator("main ol.outline").first).to_be_visible()
    press(page, "nav.trail a")
    arrive(page, gate)
    expect(page.locator(".gaps")).to_have_count(0)


def take(page: Page, gate: str, step: str) -> None:
    press(page, f"section[aria-labelledby=step-{step}] button.primary")
    arrive(page, gate)
    expect(page.locator(".notice.success")).to_be_visible()


@pytest.mark.parametrize(("lang", "viewport"), [("fr", DESKTOP), ("en", PHONE)])
def test_from_a_new_table_to_an_open_consultation_by_keyboard_alone(
    browser: Browser,
    served: tuple[str, Flask],
    administrator: str,
    tmp_path: Path,
    lang: str,
    viewport: dict[str, int],
) -> None:
    team = Team(browser, served, (lang, True, viewport))
    look = {"viewport": viewport, "reduced_motion": "reduce"}
    with watched_page(browser, team.site, **look) as page:
        sign_in(team, page, administrator)
        desk = make_a_table(team, page)
        for role, person in zip(ROLES[lang], PEOPLE, strict=True):
            invite(team, page, desk, role, person)
    for _name, address in PEOPLE:
        with watched_page(browser, team.site, **look) as page:
            choose_a_password(team, page, address)
    with watched_page(browser, team.site, **look) as page:
        sign_in(team, page, PEOPLE[0][1])
        gate = create_the_consultation(team, page, desk)
        set_the_calendar(team, page, gate)
        upload(page, gate, tmp_path)
        take(page, gate, "review")
        take(page, gate, "open")
    with watched_page(browser, team.site, **look) as page:
        sign_in(team, page, PEOPLE[1][1])
        press(page, f'main a[href="{gate}"]')
        arrive(page, gate)
        take(page, gate, "open")
        take(page, gate, "open")
        expect(page.locator("section[aria-labelledby=step-open]")).to_have_count(0)
        expect(page.locator("section[aria-labelledby=step-analysing]")).to_be_visible()
