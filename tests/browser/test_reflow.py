"""Every page keeps within its window, and cuts nothing off, however it is looked at."""

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import FULL
from tests.support.browser import DESKTOP, NARROW, overflow, watched_page
from tests.support.gallery import Gallery
from tests.support.looking import all_well, complaints, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
LANDSCAPE = {"width": 640, "height": 320}
# French is the longer of the two; the long run looks at both.
LANGUAGES = ("fr", "en") if FULL else ("fr",)
DOUBLED = "document.documentElement.style.fontSize = '200%'"
SPACED = """(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important;'
        + ' word-spacing: .16em !important } p { margin-bottom: 2em !important }');
    document.adoptedStyleSheets = [sheet];
})()"""
WAYS = {
    "320 px": (NARROW, ""),
    "landscape": (LANDSCAPE, ""),
    "text of 200 % on a desktop": (DESKTOP, DOUBLED),
    "text of 200 % on a tablet": ({"width": 768, "height": 1024}, DOUBLED),
    "spaced text on a phone": (NARROW, SPACED),
    "spaced text on a desktop": (DESKTOP, SPACED),
}


def faults(page: Page) -> list[str]:
    settle(page)
    wide = [f"{overflow(page)} px too wide"] if overflow(page) else []
    return wide + complaints(page, "clipped", "outside", "overlapping")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("way", WAYS)
def test_every_page_fits_and_shows_all_of_itself(
    browser: Browser, gallery: Gallery, way: str, lang: str
) -> None:
    viewport, change = WAYS[way]
    wrong = {}
    with watched_page(browser, gallery.address, viewport=viewport) as page:
        for shot in gallery.of(lang):
            page.goto(gallery.url(shot))
            if change:
                page.evaluate(change)
            if found := faults(page):
                wrong[shot.name] = found
    all_well(wrong)


def test_the_title_doubles_with_the_text(browser: Browser, gallery: Gallery) -> None:
    with watched_page(browser, gallery.address, viewport=DESKTOP) as page:
        for name in ("web.home", "surveys.step", "consultations_desk.edit"):
            page.goto(gallery.url(gallery.one(name)))
            size = "parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)"
            before = page.evaluate(size)
            page.evaluate(DOUBLED)
            assert page.evaluate(size) >= 1.5 * before, name


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("h1.style.width = '2000px'", "too wide"),
        ("h1.style.cssText = 'height: 5px; overflow: hidden'", "clipped"),
        ("h1.style.cssText = 'position: relative; left: -40px'", "outside"),
        ("document.querySelector('main button').style.marginTop = '-70px'", "overlapping"),
    ],
)
def test_the_measures_see_a_page_that_was_spoilt(
    browser: Browser, gallery: Gallery, spoil: str, told: str
) -> None:
    with watched_page(browser, gallery.address, viewport=NARROW) as page:
        page.goto(gallery.url(gallery.one("accounts.sign_in")))
        assert faults(page) == []
        page.evaluate(f"const h1 = document.querySelector('h1'); {spoil}")
        assert [line for line in faults(page) if told in line]


MOVING = """() => [...document.querySelectorAll('*')].filter(e => {
    const style = getComputedStyle(e);
    return style.scrollBehavior === 'smooth' || parseFloat(style.animationDuration) > 0
        || style.transitionDuration.split(',').some(d => parseFloat(d) > 0);
}).map(e => e.tagName)"""


def test_nothing_moves_for_who_asks_for_rest(browser: Browser, gallery: Gallery) -> None:
    for motion, expected in (("no-preference", ["HTML"]), ("reduce", [])):
        with watched_page(browser, gallery.address, reduced_motion=motion) as page:
            for name in ("web.home", "surveys.step", "surveys.receipt", "web.desk"):
                page.goto(gallery.url(gallery.one(name)))
                assert page.evaluate(MOVING) == expected, name
