"""From a new table to an open consultation, in a browser: both languages, with and without script."""

import email
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from consult.accounts.models import Account
from consult.accounts.passwords import hash_password
from consult.core.clock import today
from consult.core.db import write_session
from consult.core.mail import deliver_pending
from consult.demo.texts import COMMON, CONSULTATIONS
from tests.support.browser import DESKTOP, NARROW, no_sideways_scroll, watched_page
from tests.support.people import Person
from tests.support.states import QUESTIONNAIRE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PASSWORD = "quatre mots assez longs"
TEXTS = {**CONSULTATIONS["se-deplacer"], **COMMON}
RUNS = [
    ("fr", True, NARROW),
    ("fr", False, DESKTOP),
    ("en", True, DESKTOP),
    ("en", False, NARROW),
]


class Team:
    """The people of one run: each in a browser of her own, with or without script."""

    def __init__(
        self, browser: Browser, served: tuple[str, Flask], run: tuple[str, bool, dict[str, int]]
    ) -> None:
        self.browser, (self.site, self.app) = browser, served
        self.lang, self.script, self.viewport = run
        self.where = Person(self.app, self.site, self.lang).url

    @contextmanager
    def somebody(self) -> Iterator[Page]:
        look = {"script": self.script, "viewport": self.viewport}
        with watched_page(self.browser, self.site, **look) as page:
            yield page

    @contextmanager
    def signed_in(self, address: str) -> Iterator[Page]:
        with self.somebody() as page:
            page.goto(self.where("accounts.sign_in"))
            page.locator("#email").fill(address)
            page.locator("#password").fill(PASSWORD)
            send(page)
            at(page, self.where("web.desk"))
            yield page

    def link_for(self, address: str) -> str:
        """Send what waits; return the link in the newest mail to ``address``."""
        settings = self.app.extensions["consult_settings"]
        deliver_pending(self.app, settings)
        for file in sorted((settings.home_path / "mail").glob("*.eml"), reverse=True):
            message = email.message_from_bytes(file.read_bytes(), policy=default)
            if message["To"] == address:
                text = message.get_body(("plain",)).get_content()
                return re.search(re.escape(self.site) + r"/\S+", text)[0]
        raise AssertionError(f"no mail to {address}")


def at(page: Page, path: str) -> None:
    """Wait for a page, which must not scroll sideways."""
    expect(page).to_have_url(re.compile(re.escape(path) + r"([?#].*)?$"))
    no_sideways_scroll(page)


def send(page: Page) -> None:
    """Press the main button of the page's last form."""
    page.locator("main form button.primary").last.click()


def make_a_table(team: Team, page: Page, names: dict[str, str]) -> str:
    """Make a public table from the desk; return the path of its desk page."""
    page.locator(".desk-nav").get_by_role("link").nth(1).click()
    at(page, team.where("tables_desk.list_tables"))
    page.locator(f'main a[href="{team.where("tables_desk.create_table")}"]').click()
    at(page, team.where("tables_desk.create_table"))
    send(page)
    expect(page.locator(".error-summary a")).to_have_count(2)
    page.locator("#organisation").select_option(index=3)
    for lang in ("fr", "en"):
        page.locator(f"#name-{lang}").fill(names[lang])
    send(page)
    expect(page.locator("h1")).to_have_text(names[team.lang])
    desk = re.sub("^https?://[^/]+", "", page.url)
    page.locator(f'main a[href="{desk}/{"modifier" if team.lang == "fr" else "edit"}"]').click()
    page.locator("input[name=visibility][value=public]").check()
    page.locator("input[name=state][value=active]").check()
    send(page)
    at(page, desk)
    seats = page.locator("tbody tr")
    before = seats.count()
    page.locator("#role").select_option("observer")
    page.locator("form.sheet button").click()
    expect(seats).to_have_count(before + 1)
    return desk


def invite(team: Team, page: Page, desk: str, role: str, person: tuple[str, str]) -> None:
    """Give the first vacant seat of ``role`` to somebody by mail."""
    row = page.locator("tbody tr").filter(has=page.get_by_role("rowheader", name=role, exact=True))
    row.filter(has=page.locator("em")).first.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/(inviter|invite)$"))
    no_sideways_scroll(page)
    page.locator("#name").fill(person[0])
    page.locator("#email").fill(person[1])
    page.locator(f"input[name=locale][value={team.lang}]").check()
    send(page)
    at(page, desk)
    expect(page.get_by_role("cell", name=person[0]).first).to_be_visible()


def choose_a_password(team: Team, address: str) -> None:
    with team.somebody() as page:
        page.goto(team.link_for(address))
        no_sideways_scroll(page)
        page.locator("#password").fill(PASSWORD)
        send(page)
        at(page, team.where("web.desk"))
        page.locator(".desk-nav form button").click()
        at(page, team.where("web.home"))


def create_the_consultation(team: Team, page: Page, desk: str) -> str:
    """Make the draft; return the path of its desk page, whose gate shows the gaps."""
    page.goto(desk)
    page.locator("main section a.button.primary").click()
    for lang in ("fr", "en"):
        page.locator(f"#title-{lang}").fill(TEXTS["title"][lang])
    send(page)
    expect(page).to_have_url(re.compile(r"/(modifier|edit)$"))
    send(page)
    expect(page).to_have_url(re.compile(r"/consultations/[^/]+$"))
    no_sideways_scroll(page)
    return re.sub("^https?://[^/]+", "", page.url)


def each_gap_leads_to_its_field(page: Page, gate: str) -> None:
    gaps = page.locator(".gaps a")
    assert gaps.count() >= 25
    links = [gap.get_attribute("href") for gap in gaps.all()]
    for link in (links[0], links[-1], next(x for x in links if x.endswith("#response_due"))):
        page.goto(gate)
        page.locator(f'.gaps a[href="{link}"]').first.click()
        expect(page).to_have_url(re.compile(re.escape(link) + "$"))
        if "#" in link:
            expect(page.locator("#" + link.partition("#")[2])).to_be_in_viewport()


def fill_all_texts(page: Page, gate: str) -> None:
    page.goto(gate)
    page.locator("main > .actions a").first.click()
    for name, text in TEXTS.items():
        for lang in ("fr", "en"):
            page.locator(f"#{name}-{lang}").fill(text[lang])
    page.locator("input[name=iap2_level][value=consult]").check()
    page.locator("#response_due").fill("2031-01-01")
    page.locator("#retention_months").fill("24")
    send(page)
    at(page, gate)


def set_the_calendar(page: Page, gate: str) -> None:
    page.locator("main > .actions a").nth(1).click()
    page.locator("#phase-0-kind").select_option("answer")
    page.locator("#phase-0-opens").fill(today().isoformat())
    page.locator("#phase-0-closes").fill("2030-12-31")
    send(page)
    at(page, gate)


def load_file(page: Page, file: Path) -> None:
    page.locator("#file").set_input_files(file)
    page.locator("form:has(#file) button").click()


def upload(page: Page, gate: str, folder: Path) -> None:
    """Load a file with a fault, which is told, then the mended one."""
    page.locator("main article.card a").first.click()
    broken = folder / "broken.json"
    broken.write_text('{"format": "other/1"}', encoding="utf-8")
    page.locator("details:has(#file) > summary").click()
    load_file(page, broken)
    expect(page.locator(".error-summary")).to_contain_text("$.format")
    no_sideways_scroll(page)
    mended = folder / "questionnaire.json"
    definition = json.loads(QUESTIONNAIRE)
    definition["title"] |= {"fr": "Nos questions", "en": "Our questions"}
    mended.write_text(json.dumps(definition), encoding="utf-8")
    load_file(page, mended)
    expect(page.locator("main ol.outline")).to_have_count(len(definition["pages"]))
    no_sideways_scroll(page)
    page.goto(gate)
    expect(page.locator(".gaps")).to_have_count(0)


def take(page: Page, gate: str, step: str) -> None:
    """Press the button of one step on the gate."""
    page.locator(f"section[aria-labelledby=step-{step}] button.primary").click()
    at(page, gate)
    expect(page.locator(".notice.success")).to_be_visible()


def a_citizen_finds_it(team: Team) -> None:
    with team.somebody() as page:
        page.goto(team.where("web.home"))
        page.get_by_role("link", name=TEXTS["title"][team.lang]).first.click()
        no_sideways_scroll(page)
        page.locator("main a.button.primary").first.click()
        expect(page.locator("h1")).to_have_text(
            {"fr": "Nos questions", "en": "Our questions"}[team.lang]
        )
        no_sideways_scroll(page)
        send(page)
        expect(page).to_have_url(re.compile(r"/(etape|step)/1$"))
        no_sideways_scroll(page)


@pytest.fixture
def administrator(served: tuple[str, Flask]) -> str:
    """Give the demo's administrator a password; return her address."""
    with write_session(served[1]) as session:
        account = session.scalars(
            select(Account).where(Account.email == "admin@demo.invalid")
        ).one()
        account.password_hash = hash_password(PASSWORD)
    return "admin@demo.invalid"


ROLES = {
    "fr": ("Coresponsable, partenaire", "Coresponsable, membre du personnel"),
    "en": ("Co-lead, partner", "Co-lead, staff"),
}
PEOPLE = (("Zoé Bérubé", "zoe@example.org"), ("Noah Awashish", "noah@example.org"))
NAMES = {"fr": "Table consultative du Phare", "en": "Lighthouse advisory table"}


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run[0]}-{run[1]}-{run[2]['width']}")
def test_from_a_new_table_to_an_open_consultation(
    browser: Browser,
    served: tuple[str, Flask],
    administrator: str,
    tmp_path: Path,
    run: tuple[str, bool, dict[str, int]],
) -> None:
    team = Team(browser, served, run)
    with team.signed_in(administrator) as page:
        desk = make_a_table(team, page, NAMES)
        for role, person in zip(ROLES[team.lang], PEOPLE, strict=True):
            invite(team, page, desk, role, person)
    for _name, address in PEOPLE:
        choose_a_password(team, address)
    with team.signed_in(PEOPLE[0][1]) as page:
        gate = create_the_consultation(team, page, desk)
        each_gap_leads_to_its_field(page, gate)
        fill_all_texts(page, gate)
        set_the_calendar(page, gate)
        upload(page, gate, tmp_path)
        take(page, gate, "review")
        take(page, gate, "open")
        expect(page.locator("section[aria-labelledby=step-open] button.primary")).to_have_count(0)
    with team.signed_in(PEOPLE[1][1]) as page:
        page.goto(gate)
        take(page, gate, "open")
        take(page, gate, "open")
        expect(page.locator("section[aria-labelledby=step-open]")).to_have_count(0)
    a_citizen_finds_it(team)
