"""Forced colours and print: what is chosen, current or counted still shows; paper has no buttons."""

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import DESKTOP, watched_page
from tests.support.gallery import Gallery
from tests.support.looking import computed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def look(page: Page, selector: str, pseudo: str = "") -> tuple[str, ...]:
    """Return the computed colours, borders and outlines of an element or its pseudo-element."""
    names = ("color", "backgroundColor", "outline", "borderBottom", "fontWeight", "fill", "stroke")
    return tuple(
        page.eval_on_selector(
            selector,
            "(e, [pseudo, names]) => names.map(n => getComputedStyle(e, pseudo || null)[n])",
            [pseudo, list(names)],
        )
    )


@pytest.fixture
def forced(browser: Browser, gallery: Gallery):
    """Return a page under forced colours."""
    with watched_page(browser, gallery.address, viewport=DESKTOP, forced_colors="active") as page:
        page.goto(gallery.url(gallery.one("web.home")))
        assert page.evaluate("matchMedia('(forced-colors: active)').matches")
        yield page


def test_the_current_page_differs_from_the_others_in_the_navigation(
    forced: Page, gallery: Gallery
) -> None:
    forced.goto(gallery.url(gallery.one("tables_desk.list_tables")))
    for nav in (".site-nav", ".desk-nav"):
        here, there = (
            [look(forced, f"{nav} a{which}", part) for part in ("", "::before", "::after")]
            for which in ("[aria-current]", ":not([aria-current])")
        )
        assert here != there, nav


def test_a_chosen_answer_differs_from_the_others(forced: Page, gallery: Gallery) -> None:
    for name, kind in (("step 1", "radio"), ("step 2", "checkbox")):
        forced.goto(gallery.url(gallery.one(name)))
        chosen = look(forced, f".choice:has([type={kind}]:checked)")
        other = look(forced, f".choice:not(:has(:checked)):has([type={kind}])")
        assert chosen != other
        # The system draws the mark itself: our own drawing would lose its colours.
        assert computed(forced, f"[type={kind}]:checked", "appearance") == ["auto"]


def test_bars_differ_from_their_tracks(forced: Page, gallery: Gallery) -> None:
    for name in ("surveys_desk.results", "step 1"):
        forced.goto(gallery.url(gallery.one(name)))
        track, value = (
            computed(forced, f"main svg .{part}", "fill") for part in ("track", "value")
        )
        assert track != value, name


def test_tags_panels_and_errors_keep_a_border(forced: Page, gallery: Gallery) -> None:
    for name, selector in (
        ("web.home", ".tag"),
        ("consultations.show", ".panel"),
        ("surveys.receipt", ".receipt"),
        ("step refused", ".error-summary"),
        ("step refused", ".has-error"),
        ("gate with gaps", ".gaps"),
    ):
        forced.goto(gallery.url(gallery.one(name)))
        width, style = computed(forced, selector, "borderLeftWidth", "borderLeftStyle")
        assert float(width.removesuffix("px")) >= 1, selector
        assert style != "none", selector


def test_without_its_rules_forced_colours_would_lose_the_chosen_answer(
    forced: Page, gallery: Gallery
) -> None:
    forced.goto(gallery.url(gallery.one("step 1")))
    forced.evaluate(
        """() => { for (const sheet of document.styleSheets) for (const rule of [...sheet.cssRules])
            if (rule.media?.mediaText.includes('forced-colors')) while (rule.cssRules.length)
                rule.deleteRule(0); }"""
    )
    assert computed(forced, "[type=radio]:checked", "appearance") == ["none"]


PAPER = (
    "surveys.receipt",
    "surveys.mine",
    "surveys.review",
    "surveys_desk.results",
    "surveys.later",
)


@pytest.mark.parametrize("name", PAPER)
def test_paper_has_no_navigation_and_no_button(
    browser: Browser, gallery: Gallery, name: str
) -> None:
    with watched_page(browser, gallery.address, viewport=DESKTOP, color_scheme="dark") as page:
        page.goto(gallery.url(gallery.one(name)))
        seen = "nav, button, .button, .change a, .tools, footer"
        visible = "s => [...document.querySelectorAll(s)].filter(e => e.checkVisibility()).length"
        assert page.evaluate(visible, seen) > 0
        page.emulate_media(media="print")
        assert page.evaluate(visible, seen) == 0
        assert page.locator("h1").is_visible()
        assert computed(page, "body", "backgroundColor", "color") == [
            "rgb(255, 255, 255)",
            "rgb(0, 0, 0)",
        ]


def test_the_printed_receipt_shows_the_code_in_full(browser: Browser, gallery: Gallery) -> None:
    with watched_page(browser, gallery.address) as page:
        page.goto(gallery.url(gallery.one("surveys.receipt")))
        page.emulate_media(media="print")
        code = page.locator("#receipt-code").inner_text()
        assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}", code.strip())


def test_ticks_and_bars_are_printed_as_they_are_seen(browser: Browser, gallery: Gallery) -> None:
    with watched_page(browser, gallery.address) as page:
        page.emulate_media(media="print")
        for name, selector in (
            ("step 1", "[type=radio]:checked"),
            ("step 2", "[type=checkbox]:checked"),
            ("surveys_desk.results", ".chart-bar"),
        ):
            page.goto(gallery.url(gallery.one(name)))
            assert page.locator(selector).first.is_visible()
            assert computed(page, selector, "printColorAdjust") == ["exact"], selector
        page.goto(gallery.url(gallery.one("step 2")))
        mark = (
            "getComputedStyle(document.querySelector('[type=checkbox]:checked'), '::after').content"
        )
        assert page.evaluate(mark) == '""'


def test_a_page_prints_as_a_tagged_document(browser: Browser, gallery: Gallery) -> None:
    with watched_page(browser, gallery.address) as page:
        page.goto(gallery.url(gallery.one("surveys.receipt")))
        paper = page.pdf(tagged=True, format="Letter")
        assert b"/StructTreeRoot" in paper
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
