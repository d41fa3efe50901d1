"""axe finds nothing, and doubts nothing, on any page; with CONSULT_TEST_FULL in every look.

``make test`` looks at French, light, 1280 px and at English, dark, 390 px; ``make test-full``
at every page in both languages and schemes at both widths.
"""

import itertools

import pytest
from playwright.sync_api import Browser

from tests.conftest import FULL
from tests.support.axe import findings
from tests.support.browser import watched_page
from tests.support.gallery import Gallery
from tests.support.looking import all_well

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
EVERY = itertools.product(("fr", "en"), ("light", "dark"), (1280, 390))
LOOKS = list(EVERY) if FULL else [("fr", "light", 1280), ("en", "dark", 390)]


@pytest.mark.parametrize(("lang", "scheme", "width"), LOOKS)
def test_axe_finds_nothing_on_any_page(
    browser: Browser, gallery: Gallery, lang: str, scheme: str, width: int
) -> None:
    look = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    # On a phone a wide table scrolls: axe doubts the ground of what is out of sight. The same
    # cells are judged at 1280 px, where nothing is hidden.
    reviewed = () if width == 1280 else ("color-contrast",)
    wrong = {}
    with watched_page(browser, gallery.address, reduced_motion="reduce", **look) as page:
        for shot in gallery.of(lang):
            answer = page.goto(gallery.url(shot))
            assert answer.status == shot.status
            if found := findings(page, reviewed):
                wrong[shot.name] = found
    all_well(wrong)


@pytest.mark.parametrize(
    ("spoilt", "rule"),
    [
        ("document.querySelector('main p').style.color = '#ccc'", "color-contrast"),
        ("document.querySelector('label').remove()", "label"),
        ("document.querySelector('h1').outerHTML = '<h3>x</h3>'", "page-has-heading-one"),
        ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
    ],
)
def test_axe_sees_a_page_that_was_spoilt(
    browser: Browser, gallery: Gallery, spoilt: str, rule: str
) -> None:
    with watched_page(browser, gallery.address) as page:
        page.goto(gallery.url(gallery.one("accounts.sign_in")))
        assert findings(page) == []
        page.evaluate(spoilt)
        assert rule in {line.split(":")[0] for line in findings(page)}
