"""What axe cannot see: groups, errors, names, sizes, titles, help, languages, on every page."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import NARROW, watched_page
from tests.support.gallery import Gallery, Shot
from tests.support.looking import all_well, complaints, guessed_language, misread, texts

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
CHECKS = (
    "ungrouped",
    "split_radios",
    "untied_errors",
    "dead_error_links",
    "bad_ids",
    "small_targets",
    "titles_alone",
    "unnamed_as_seen",
)


def everywhere(
    browser: Browser, gallery: Gallery, look: Callable[[Page, Shot], list]
) -> dict[tuple[str, str], list]:
    """Return what ``look`` finds on each page, in both languages, on a narrow phone."""
    wrong = {}
    with watched_page(browser, gallery.address, viewport=NARROW) as page:
        for shot in gallery.shots:
            page.goto(gallery.url(shot))
            if found := look(page, shot):
                wrong[shot.name, shot.lang] = found
    return wrong


def test_groups_errors_names_and_sizes_hold_on_every_page(
    browser: Browser, gallery: Gallery
) -> None:
    all_well(everywhere(browser, gallery, lambda page, _shot: complaints(page, *CHECKS)))


def test_every_text_is_marked_with_its_own_language(browser: Browser, gallery: Gallery) -> None:
    all_well(everywhere(browser, gallery, lambda page, _shot: misread(texts(page))))


SPOILT = {
    "ungrouped": "radio.closest('fieldset').replaceWith(radio.closest('.choices'))",
    "split_radios": "radio.name = 'other'",
    "untied_errors": "document.querySelector('p.error').id = 'elsewhere'",
    "dead_error_links": "document.querySelector('.error-summary a').href = '#nothing'",
    "bad_ids": "radio.id = 'two words'",
    "small_targets": "document.querySelector('main .actions .button').style.cssText = "
    "'min-height: 0; height: 16px; padding: 0; font-size: 8px'",
    "titles_alone": "radio.title = 'Only for a mouse'",
    "unnamed_as_seen": "document.querySelector('main .actions .button')"
    ".setAttribute('aria-label', 'Something else')",
}


@pytest.mark.parametrize("check", CHECKS)
def test_each_check_sees_a_page_that_was_spoilt(
    browser: Browser, gallery: Gallery, check: str
) -> None:
    with watched_page(browser, gallery.address) as page:
        page.goto(gallery.url(gallery.one("step refused")))
        assert complaints(page, *CHECKS) == []
        page.evaluate(f"const radio = document.querySelector('input[type=radio]'); {SPOILT[check]}")
        assert complaints(page, check) != []


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Thank you. Your answers are received and they count.", "en"),
        ("Merci. Vos réponses sont reçues et elles comptent dans la suite.", "fr"),
        ("Write it down or print it. Without it, nobody can find your answers again.", "en"),
        ("Sans lui, personne ne peut retrouver vos réponses, pas même nous.", "fr"),
        ("CISSS de l’Estrie", ""),
        ("Consult", ""),
        ("1 204", ""),
    ],
)
def test_the_guess_of_a_language_is_right_or_says_nothing(text: str, lang: str) -> None:
    assert guessed_language(text) == lang


def test_an_english_sentence_in_a_french_page_is_seen(browser: Browser, gallery: Gallery) -> None:
    with watched_page(browser, gallery.address) as page:
        page.goto(gallery.url(gallery.one("web.home")))
        page.evaluate(
            "document.querySelector('.lead').textContent = 'You can stop and finish this later.'"
        )
        assert [lang for lang, _text in misread(texts(page))] == ["fr"]


def test_titles_are_unique_and_say_when_something_is_wrong(gallery: Gallery) -> None:
    for lang, error in (("fr", "Erreur"), ("en", "Error")):
        titles = {}
        for shot in gallery.of(lang):
            title = re.search(r"<title>(.*?)</title>", shot.html, re.DOTALL)[1]
            has_summary = 'class="error-summary"' in shot.html
            assert title.startswith(error) == has_summary, (shot.name, title)
            if shot.route:
                titles.setdefault(title, []).append(shot.name)
        assert {title: names for title, names in titles.items() if len(names) > 1} == {}


def test_every_refusal_has_a_summary_that_leads_to_each_fault(gallery: Gallery) -> None:
    refused = [shot for shot in gallery.shots if re.search("refused|empty|failed|short", shot.name)]
    assert len(refused) >= 20
    for shot in refused:
        assert shot.status == 422, shot.name
        assert re.search(r'class="error-summary" role="alert".*?<a href="#', shot.html, re.DOTALL)


def test_help_is_the_same_link_at_the_same_place_on_every_page(gallery: Gallery) -> None:
    for lang, path in (("fr", "/fr/aide"), ("en", "/en/help")):
        for shot in gallery.of(lang):
            footer = shot.html[shot.html.index("<footer") :]
            assert re.findall(r'href="([^"]+)"', footer)[0] == path, shot.name


AUTOCOMPLETE = {
    "accounts.sign_in": {"email": "username", "password": "current-password"},
    "accounts.reset_password": {"email": "username"},
    "accounts.open_link": {"password": "new-password"},
    "sign-in failed": {"email": "username", "password": "current-password"},
    # Another person's address is not the reader's own: the browser must not offer it.
    "tables_desk.invite": {"name": "off", "email": "off"},
    "surveys.come_back": {"typed": "off"},
}


@pytest.mark.parametrize("name", AUTOCOMPLETE)
def test_a_browser_may_fill_what_is_the_readers_own(gallery: Gallery, name: str) -> None:
    html = gallery.one(name).html
    found = {
        re.search(r'name="([^"]+)"', control)[1]: match[1]
        for control in re.findall(r"<input[^>]+>", html)
        if (match := re.search(r'autocomplete="([^"]+)"', control))
    }
    assert found == AUTOCOMPLETE[name]
    assert "onpaste" not in html
