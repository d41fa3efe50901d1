"""What a screen reader is given: each answer in a group named by its question, each fault tied."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import watched_page
from tests.support.gallery import Gallery

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TREES = Path(__file__).parent / "trees"


@pytest.fixture
def page(browser: Browser, gallery: Gallery):
    with watched_page(browser, gallery.address) as opened:
        yield opened


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("number", [2, 3])
def test_the_tree_of_a_page_of_questions_is_the_one_on_record(
    page: Page, gallery: Gallery, number: int, lang: str
) -> None:
    """The record is what was read and approved; remove a file to have it written anew."""
    page.goto(gallery.url(gallery.one(f"step {number}", lang)))
    tree = page.locator("main").aria_snapshot() + "\n"
    record = TREES / f"step-{number}-{lang}.yaml"
    if not record.exists():
        record.write_text(tree, encoding="utf-8")
        pytest.fail(f"{record.name} was written: read it, then keep it")
    assert tree == record.read_text("utf-8")


def test_every_answer_stands_in_a_group_named_by_its_question(page: Page, gallery: Gallery) -> None:
    for number in (1, 2, 3, 4):
        for lang in ("fr", "en"):
            page.goto(gallery.url(gallery.one(f"step {number}", lang)))
            # The innermost group: a row of a matrix, a set of options; a ranking has buttons.
            for question in page.locator("fieldset:not(:has(fieldset)):not(:has(.rank))").all():
                name = question.locator("legend").inner_text()
                named = page.get_by_role("group", name=name, exact=True)
                kinds = named.get_by_role("radio").or_(named.get_by_role("checkbox"))
                kinds = kinds.or_(named.get_by_role("textbox"))
                assert kinds.count() == question.locator("input:not([type=hidden])").count()
                assert kinds.count() >= 2
            answers = page.locator("main form input[name]:not([type=hidden])").count()
            assert page.locator("fieldset input:not([type=hidden])").count() == answers


def test_a_fault_is_read_with_its_question_and_its_control(page: Page, gallery: Gallery) -> None:
    page.goto(gallery.url(gallery.one("step refused", "en")))
    alert = page.get_by_role("alert")
    expect(alert).to_match_aria_snapshot(
        """
- alert "There is a problem":
  - heading "There is a problem" [level=2]
  - list:
    - listitem:
      - link /Choose at most 3 answers; 4 are chosen/
"""
    )
    expect(page.get_by_role("group").first).to_have_accessible_description(
        "Choose up to 3 answers. Error: Choose at most 3 answers; 4 are chosen."
    )
    page.goto(gallery.url(gallery.one("sign-in failed", "en")))
    email = page.get_by_role("textbox", name="E-mail address")
    page.goto(gallery.url(gallery.one("sign-in empty", "en")))
    expect(email).to_have_accessible_description("Error: Write your e-mail address.")
    expect(email).to_have_attribute("aria-invalid", "true")


def test_the_landmarks_are_the_same_on_every_page(page: Page, gallery: Gallery) -> None:
    for name in ("web.home", "surveys.step", "web.desk", "404"):
        page.goto(gallery.url(gallery.one(name, "en")))
        for role in ("banner", "main", "contentinfo"):
            expect(page.get_by_role(role)).to_have_count(1)
        expect(page.get_by_role("navigation", name="Main")).to_have_count(1)
        expect(page.get_by_role("navigation", name="Help and information")).to_have_count(1)


def test_an_answer_without_its_group_is_seen(page: Page, gallery: Gallery) -> None:
    page.goto(gallery.url(gallery.one("step 1", "en")))
    before = page.get_by_role("group").count()
    page.evaluate("document.querySelector('legend').remove()")
    assert page.get_by_role("group").count() == before
    with pytest.raises(AssertionError):
        expect(page.get_by_role("group").first).to_have_accessible_name("role", timeout=500)
