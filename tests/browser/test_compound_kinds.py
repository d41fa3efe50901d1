"""Kinds with parts in Chromium: by keys alone, by clicks alone, with and without script."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import read_session, write_session
from consult.surveys.models import Response
from consult.surveys.rules import parse_definition
from tests.support.browser import overflow, watched_page
from tests.support.compound import questionnaire
from tests.support.questionnaires import put_in_force
from tests.surveys.test_answering import open_consultation

GO = {"fr": "Continuer", "en": "Continue"}
SAID = {"fr": "L’alimentation\u00a0: 1 sur 3", "en": "Food: 1 of 3"}
LANGUAGES = pytest.mark.parametrize("lang", ["fr", "en"])
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


@pytest.fixture
def compound(served: tuple[str, Flask]) -> Iterator[tuple[str, Flask, str]]:
    """Return the address and the code of a consultation that asks every kind with parts."""
    address, app = served
    code = open_consultation(app)
    with write_session(app) as session:
        found = session.scalars(select(Consultation).where(Consultation.code == code)).one()
        session.query(Response).delete()
        put_in_force(session, found, parse_definition(questionnaire()))
    yield address, app, code


def begin(page: Page, lang: str, code: str) -> None:
    page.goto(f"/{lang}/c/{code}/questionnaire")
    page.locator("main form button[type=submit]").first.click()
    for topic in ("housing", "food", "transport"):
        page.locator(f"input[value={topic}]").check()
    go(page, lang)


def go(page: Page, lang: str, keys: bool = False) -> None:
    button = page.get_by_role("button", name=GO[lang], exact=True)
    if not button.count():
        button = page.locator("#answers .actions button").first
    if keys:
        button.focus()
        page.keyboard.press("Enter")
    else:
        button.click()


def act(page: Page, option: str, what: str, keys: bool) -> None:
    """Press one button of a ranking; the focus is then on a button of the same item."""
    button = page.locator(f'[id="q-order.{option}.{what}"]')
    if keys:
        button.focus()
        page.keyboard.press("Enter")
    else:
        button.click(force=True)  # one that leads nowhere may be pressed too
    after = {"add": "up", "out": "add"}.get(what, what)
    expect(page.locator(f'[id="q-order.{option}.{after}"]')).to_be_focused()


def ranked(page: Page) -> list[str]:
    found = page.locator("ol.rank input").evaluate_all("all => all.map((one) => one.value)")
    return [str(one) for one in found]


def share(page: Page, lang: str, script: bool, keys: bool) -> None:
    """Share points, 12 too few at first."""
    page.locator('[id="q-share.near"]').fill("60")
    page.locator('[id="q-share.fast"]').fill("28")
    go(page, lang, keys)
    expect(page.locator(".error-summary a")).to_contain_text("12")
    page.locator(".error-summary a").click()
    expect(page.locator('[id="q-share.near"]')).to_be_focused()
    page.locator('[id="q-share.fast"]').fill("40")
    if script:
        expect(page.locator(".count")).to_contain_text("0")
    go(page, lang, keys)


def most_and_least(page: Page, lang: str, keys: bool) -> tuple[str, str]:
    """Choose on the first screen, the same twice at first; return both choices."""
    best = page.locator('input[name="q-useful.1.best"]').first.get_attribute("value") or ""
    choose(page, "q-useful.1.best", best, keys)
    choose(page, "q-useful.1.worst", best, keys)
    go(page, lang, keys)
    expect(page.locator(".error-summary a")).to_have_count(1)
    others = page.locator(f'input[name="q-useful.1.worst"]:not([value="{best}"])')
    other = others.first.get_attribute("value") or ""
    choose(page, "q-useful.1.worst", other, keys)
    assert overflow(page) == 0
    go(page, lang, keys)
    return best, other


@pytest.mark.browser
@SCRIPT
@pytest.mark.parametrize(
    ("lang", "keys"), [("fr", True), ("en", False)], ids=["fr-keys", "en-clicks"]
)
def test_a_whole_sheet_of_kinds_with_parts(browser, compound, script, lang, keys) -> None:
    address, app, code = compound
    with watched_page(browser, address, script=script) as page:
        begin(page, lang, code)
        choose(page, "q-access.line", "better", keys)
        choose(page, "q-access.home", "dont_know", keys)
        assert overflow(page) == 0
        go(page, lang, keys)
        for option, what in (
            ("transport", "add"), ("food", "add"), ("housing", "add"), ("housing", "out"),
            ("food", "up"), ("food", "up"), ("food", "down"), ("food", "up"),
        ):  # fmt: skip
            act(page, option, what, keys)
        if script:
            expect(page.get_by_role("status").filter(has_text=SAID[lang])).to_have_count(1)
        assert ranked(page) == ["food", "transport"]
        assert overflow(page) == 0
        go(page, lang, keys)
        share(page, lang, script, keys)
        best, other = most_and_least(page, lang, keys)
        page.locator("main form button[type=submit]").last.click()
        assert page.url.partition("#")[0].endswith(("/recu", "/receipt"))
    with read_session(app) as session:
        document = dict(session.scalars(select(Response.answers)).one())
    assert document["access"] == {"rows": {"line": "better", "home": {"na": "dont_know"}}}
    assert document["order"] == {"rank": ["food", "transport"]}
    assert document["share"] == {"points": {"near": 60, "fast": 40, "kind": 0}}
    assert document["useful"]["sets"] == [[best, other], None, None, None, None]


def choose(page: Page, name: str, value: str, keys: bool) -> None:
    """Choose a radio button; by keys, from its group with the arrows."""
    if not keys:
        page.locator(f'input[name="{name}"][value="{value}"]').check()
        return
    group = page.locator(f'input[name="{name}"]')
    checked = page.locator(f'input[name="{name}"]:checked')
    (checked if checked.count() else group.first).focus()
    page.keyboard.press("Space")
    for _ in range(group.count()):
        if page.evaluate("document.activeElement.value") == value:
            break
        page.keyboard.press("ArrowDown")
    expect(page.locator(f'input[name="{name}"][value="{value}"]')).to_be_checked()


@pytest.mark.browser
@LANGUAGES
def test_each_choice_is_heard_with_its_row_or_option(browser, compound, lang) -> None:
    address, _app, code = compound
    heard = {
        "fr": ("Info-Santé 811", "Mieux", "Le plus\u00a0: "),
        "en": ("Info-Santé 811", "Better", "The most: "),
    }[lang]
    with watched_page(browser, address) as page:
        begin(page, lang, code)
        row = page.get_by_role("group", name=heard[0], exact=True)
        expect(row.get_by_role("radio", name=heard[1], exact=True)).to_have_count(1)
        go(page, lang)
        go(page, lang)
        go(page, lang)
        first = page.locator('input[name="q-useful.1.best"]').first
        name = first.evaluate("(input) => input.labels[0].textContent").strip()
        assert name.startswith(heard[2])
        assert len(name) > len(heard[2]) + 3


@pytest.mark.browser
def test_enter_in_a_field_never_moves_a_ranking(browser, compound) -> None:
    address, _app, code = compound
    with watched_page(browser, address, script=False) as page:
        begin(page, "en", code)
        go(page, "en")
        act(page, "food", "add", keys=False)
        before = page.url.partition("#")[0]
        page.evaluate("document.querySelector('#answers').requestSubmit()")
        page.wait_for_url(lambda url: url.partition("#")[0] != before)
