"""A QR code opens a sheet on a telephone: the code travels as a fragment, which nobody receives."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import watched_page
from tests.support.people import Citizen


@pytest.mark.browser
def test_the_fragment_fills_the_field_and_leaves_the_address(browser, served):
    address, app = served
    from_list = app.test_client().get("/fr/consultations", base_url=address).text
    consultation = re.search(r'href="/fr/c/([\w-]+)"', from_list)[1]
    citizen = Citizen(app, address, "fr", consultation).start()
    citizen.answer(1, {"q-role": "caregiver"})
    page_of_code = citizen.get(citizen.at("later")).text
    assert '<svg class="qr"' in page_of_code
    asked = []
    with watched_page(browser, address) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"/fr/c/{consultation}/mon-code#{citizen.code}")
        expect(page.locator("#typed")).to_have_value(citizen.code)
        assert page.url.endswith("/mon-code")
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/etape/1")
        expect(page.locator("input[value=caregiver]")).to_be_checked()
    sent = [url for url in asked if citizen.code in url.partition("#")[0]]
    assert sent == []
