"""A question may depend on one row, one share or one rank of its own page: at once with script."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import write_session
from consult.surveys.models import Response
from consult.surveys.rules import parse_definition
from tests.support.browser import watched_page
from tests.support.questionnaires import put_in_force
from tests.surveys.test_answering import open_consultation

WHEN = {
    "row": "${access.emergency} = 'worse'",
    "share": "${points.near} > 50",
    "first": "${order.1} = 'food'",
    "any_row": "selected(${access}, 'clinic')",
}


def words(text: str) -> dict[str, str]:
    return {"fr": f"{text} fr", "en": f"{text} en"}


def options(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "label": words(code)} for code in codes]


def questionnaire() -> dict[str, Any]:
    asked = [
        {"code": f"why_{name}", "kind": "long_text", "title": words(name), "relevant": when}
        for name, when in WHEN.items()
    ]
    items = [
        {
            "code": "access",
            "kind": "matrix",
            "title": words("Access"),
            "rows": options("clinic", "emergency"),
            "options": options("better", "worse"),
        },
        {
            "code": "points",
            "kind": "points",
            "title": words("Points"),
            "options": options("near", "fast"),
        },
        {
            "code": "order",
            "kind": "ranking",
            "title": words("Order"),
            "options": options("housing", "food"),
        },
        *asked,
    ]
    return {
        "format": "consult-questionnaire/1",
        "code": "parts",
        "title": words("Parts"),
        "pages": [{"code": "one", "title": words("One"), "items": items}],
    }


@pytest.fixture
def parts(served: tuple[str, Flask]) -> Iterator[tuple[str, str]]:
    """Return the address and the code of a consultation whose questions depend on parts."""
    address, app = served
    code = open_consultation(app)
    with write_session(app) as session:
        found = session.scalars(select(Consultation).where(Consultation.code == code)).one()
        session.query(Response).delete()
        put_in_force(session, found, parse_definition(questionnaire()))
    yield address, code


def asked(page: Page) -> list[str]:
    return [name for name in WHEN if page.locator(f'[name="q-why_{name}"]').is_visible()]


@pytest.mark.browser
def test_what_depends_on_a_part_comes_and_goes_at_once(browser, parts) -> None:
    address, code = parts
    with watched_page(browser, address, script=True) as page:
        page.goto(f"/en/c/{code}/questionnaire")
        page.locator("main form button[type=submit]").first.click()
        assert asked(page) == []
        page.locator('[name="q-access.emergency"][value=worse]').check()
        assert asked(page) == ["row"]
        page.locator('[name="q-access.emergency"][value=better]').check()
        page.locator('[name="q-access.clinic"][value=better]').check()
        assert asked(page) == ["any_row"]
        page.locator('[id="q-points.near"]').fill("51")
        assert asked(page) == ["share", "any_row"]
        page.locator('[id="q-points.near"]').fill("50")
        assert asked(page) == ["any_row"]
        page.locator('[id="q-order.food.add"]').click()
        expect(page.locator('[name="q-why_first"]')).to_be_visible()
        page.locator('[id="q-order.food.out"]').click()
        expect(page.locator('[name="q-why_first"]')).to_be_hidden()


@pytest.mark.browser
def test_the_server_asks_the_same_without_script(browser, parts) -> None:
    address, code = parts
    with watched_page(browser, address, script=False) as page:
        page.goto(f"/fr/c/{code}/questionnaire")
        page.locator("main form button[type=submit]").first.click()
        page.locator('[id="q-order.food.add"]').click()
        assert asked(page) == ["first"]
        page.locator('[name="q-access.emergency"][value=worse]').check()
        page.locator('[id="q-points.near"]').fill("60")
        page.locator('[id="q-points.fast"]').fill("40")
        page.locator("#answers .actions button").first.click()
        assert asked(page) == ["row", "share", "first"]
