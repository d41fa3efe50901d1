"""Questions that depend on answers, in Chromium: at once with script, by coming back without."""

import pytest
from playwright.sync_api import Page

from tests.support.browser import overflow, watched_page

REVIEW = {"fr": "Enregistrer et vérifier", "en": "Save and review"}
GO = {"fr": "Continuer", "en": "Continue"}
LAST = {"fr": "Étape 5 sur 5", "en": "Step 5 of 5"}


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def to_the_caregivers_page(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/consultations")
    page.locator("main .cards a").first.click()
    page.locator('main a[href*="/questionnaire"]').first.click()
    page.locator("main form button[type=submit]").first.click()
    assert page.locator(".progress").inner_text().endswith("4")
    page.locator("input[name=q-role][value=caregiver]").check()
    for _ in range(4):
        press(page, GO[lang])
    assert page.locator(".progress").inner_text() == LAST[lang]


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_caregiver_is_asked_more_and_a_change_of_mind_takes_it_back(
    browser, site, lang, script
) -> None:
    with watched_page(browser, site, script=script) as page:
        to_the_caregivers_page(page, lang)
        respite = page.locator("input[value=respite]")
        when = page.locator("input[name=q-respite_when]")
        assert not when.first.is_visible()
        respite.check()
        assert when.first.is_visible() == script
        if not script:
            press(page, REVIEW[lang])
            assert page.url.endswith("#q-respite_when")
        when.nth(1).check()
        assert overflow(page) == 0
        if script:
            respite.uncheck()
            assert not when.first.is_visible()
            respite.check()
            assert when.nth(1).is_checked(), "what was hidden is kept"
        press(page, REVIEW[lang])
        assert page.locator("#row-respite_when").count() == 1
        page.locator("#row-role a").click()
        page.locator("input[name=q-role][value=citizen]").check()
        press(page, REVIEW[lang])
        assert page.locator("#row-role").count() == 1
        assert page.locator("#row-respite_when, #row-care_hours").count() == 0
        page.locator("main form button[type=submit]").last.click()
        assert page.url.partition("#")[0].endswith(("/recu", "/receipt"))
