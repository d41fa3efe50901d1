"""A newcomer makes, translates, checks and opens a questionnaire without a file; a citizen answers."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_facilitator_path import (
    NAMES,
    PEOPLE,
    ROLES,
    RUNS,
    TEXTS,
    Team,
    administrator,  # noqa: F401  a fixture
    at,
    choose_a_password,
    create_the_consultation,
    fill_all_texts,
    invite,
    make_a_table,
    send,
    set_the_calendar,
    take,
)
from tests.support.browser import no_sideways_scroll

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WORDS = {
    "page": {"fr": "Près de chez vous", "en": "Near you"},
    "question": {"fr": "Qui vous aide en attendant?", "en": "Who helps you meanwhile?"},
    "option-0": {"fr": "Une pharmacie", "en": "A pharmacy"},
    "option-1": {"fr": "Personne", "en": "Nobody"},
    "changed": {"fr": "Votre âge", "en": "Your age"},
}
DOCTOR = {"fr": "Avez-vous un médecin de famille", "en": "Do you have a family doctor"}
NO = {"fr": "Non", "en": "No"}


def other(lang: str) -> str:
    return "en" if lang == "fr" else "fr"


def begin_with_a_model(team: Team, page: Page, gate: str) -> str:
    """Begin with the first model; return the path of the questionnaire's desk."""
    page.goto(gate)
    page.locator("main article.card a").first.click()
    desk = re.sub("^https?://[^/]+", "", page.url)
    page.locator("#begin ~ ul li").first.get_by_role("button").click()
    at(page, desk)
    expect(page.locator("main ol.outline")).to_have_count(4)
    expect(page.locator(".gaps")).to_have_count(0)
    return desk


def change_a_question(team: Team, page: Page, desk: str) -> None:
    """Change one language of a question; its translation is then to review, and is confirmed."""
    page.locator("#item-age a").first.click()
    page.locator(f"#title-{team.lang}").fill(WORDS["changed"][team.lang])
    send(page)
    at(page, desk)
    expect(page.locator("#item-age")).to_contain_text(WORDS["changed"][team.lang])
    review = page.locator("section[aria-labelledby=stale]")
    expect(review).to_contain_text(WORDS["changed"][team.lang])
    review.get_by_role("button").click()
    at(page, desk)
    expect(review).to_have_count(0)


def add_a_page_and_a_question(team: Team, page: Page, desk: str) -> None:
    """Write a page and a question with two options in the reader's language only."""
    lang = team.lang
    page.locator(
        "main form[action$='/pages/nouvelle'], main form[action$='/pages/new']"
    ).get_by_role("button").click()
    page.locator(f"#title-{lang}").fill(WORDS["page"][lang])
    page.locator(f"#title-{other(lang)}").fill("")
    send(page)
    at(page, desk)
    page.locator("main section.sheet").last.locator(".actions a").last.click()
    no_sideways_scroll(page)
    page.locator(f"#title-{lang}").fill(WORDS["question"][lang])
    page.locator("input[name=kind][value=one_choice]").check()
    send(page)
    for number in (0, 1):
        page.locator(f"#new-option-{number}-{lang}").fill(WORDS[f"option-{number}"][lang])
    no_sideways_scroll(page)
    send(page)
    at(page, desk)


def ask_it_only_without_a_doctor(team: Team, page: Page, desk: str) -> None:
    """Say in a sentence that the new question is for people without a family doctor."""
    item = page.locator("main section.sheet").last.locator("ol.outline li")
    item.locator("summary").click()
    item.locator("a[href*='/condition/']").click()
    no_sideways_scroll(page)
    doctor = page.locator("#new-item option", has_text=DOCTOR[team.lang])
    page.locator("#new-item").select_option(value=doctor.get_attribute("value"))
    page.locator("button[value=add]").click()
    no_sideways_scroll(page)
    page.locator("button[value=save]").click()
    expect(page.locator(".error-summary a")).to_have_count(1)
    page.locator("#line-0-value").select_option(label=NO[team.lang])
    page.locator("button[value=save]").click()
    at(page, desk)
    last = page.locator("main section.sheet").last
    expect(last.locator("li .tag").first).to_be_visible()


def translate_what_is_missing(team: Team, page: Page, desk: str) -> None:
    """Follow each thing that is missing to its field, and write it."""
    lang, told = other(team.lang), page.locator(".gaps a")
    expect(told).to_have_count(4)
    while told.count():
        before = told.count()
        told.first.click()
        field = page.locator("#" + page.url.partition("#")[2])
        expect(field).to_be_in_viewport()
        here = page.locator(f"[id='{field.get_attribute('id').removesuffix(lang)}{team.lang}']")
        wanted = next(w for w in WORDS.values() if w[team.lang] == here.input_value())
        field.fill(wanted[lang])
        send(page)
        at(page, desk)
        expect(told).to_have_count(before - 1)
    expect(page.locator(".notice.success").first).to_be_visible()


def answers_it(team: Team) -> None:
    """Answer as somebody without a doctor: the new question comes, and is answered."""
    with team.somebody() as page:
        page.goto(team.where("web.home"))
        page.get_by_role("link", name=TEXTS["title"][team.lang]).first.click()
        page.locator("main a.button.primary").first.click()
        send(page)
        for number in range(1, 6):
            expect(page).to_have_url(re.compile(rf"/(etape|step)/{number}$"))
            no_sideways_scroll(page)
            if page.locator("input[name=q-doctor]").count():
                page.locator("input[name=q-doctor][value=no]").check()
            if number == 5:
                expect(page.locator("h1")).to_contain_text(WORDS["page"][team.lang])
                page.get_by_label(WORDS["option-0"][team.lang], exact=True).check()
            page.locator("#answers .actions button.primary").click()
        expect(page.locator("main")).to_contain_text(WORDS["option-0"][team.lang])
        send(page)
        expect(page).to_have_url(re.compile(r"/(recu|receipt)$"))
        expect(page.locator("main")).to_contain_text(re.compile(r"\b2 \D+ 13 questions"))


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run[0]}-{run[1]}-{run[2]['width']}")
def test_a_newcomer_makes_a_questionnaire_and_a_citizen_answers_it(
    browser: Browser,
    served: tuple[str, Flask],
    administrator: str,  # noqa: F811
    run: tuple[str, bool, dict[str, int]],
) -> None:
    team = Team(browser, served, run)
    with team.signed_in(administrator) as page:
        table = make_a_table(team, page, NAMES)
        for role, person in zip(ROLES[team.lang], PEOPLE, strict=True):
            invite(team, page, table, role, person)
    for _name, address in PEOPLE:
        choose_a_password(team, address)
    with team.signed_in(PEOPLE[0][1]) as page:
        gate = create_the_consultation(team, page, table)
        fill_all_texts(page, gate)
        set_the_calendar(page, gate)
        desk = begin_with_a_model(team, page, gate)
        change_a_question(team, page, desk)
        add_a_page_and_a_question(team, page, desk)
        ask_it_only_without_a_doctor(team, page, desk)
        translate_what_is_missing(team, page, desk)
        page.goto(gate)
        take(page, gate, "review")
        take(page, gate, "open")
    with team.signed_in(PEOPLE[1][1]) as page:
        page.goto(gate)
        take(page, gate, "open")
        take(page, gate, "open")
    answers_it(team)
