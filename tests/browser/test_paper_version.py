"""The paper version, printed by Chromium."""

import pytest

from consult.core.i18n import LANGUAGES
from tests.support.browser import watched_page


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_paper_version_prints_to_pages_without_anything_cut(browser, site, lang):
    with watched_page(browser, site) as page:
        page.goto(f"/{lang}/consultations")
        page.locator("main .cards a").first.click()
        page.locator('main .panel a[href$="/questionnaire"]').first.click()
        page.locator('main a[href$="/papier"], main a[href$="/paper"]').first.click()
        page.emulate_media(media="print")
        size = page.locator(".large-print").evaluate("e => getComputedStyle(e).fontSize")
        assert float(size.removesuffix("px")) >= 21, "16 points"
        printed = page.pdf(format="Letter")
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") >= 4
