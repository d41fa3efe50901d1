"""Every public page names its own address and its address in each language; personal ones none."""

import html5lib
import pytest

from consult.consultations.models import Consultation
from consult.tables.models import AdvisoryTable
from tests.consultations.test_staff_path import Staff, the
from tests.support.pages import BASE
from tests.surveys.test_answering import Citizen


def links(page):
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    found = [link for link in tree.iter("link") if link.get("rel") in {"canonical", "alternate"}]
    canonical = [link.get("href") for link in found if link.get("rel") == "canonical"]
    return canonical, {
        link.get("hreflang"): link.get("href") for link in found if link.get("hreflang")
    }


PUBLIC = {
    "/fr/": "/en/",
    "/fr/consultations": "/en/consultations",
    "/fr/tables": "/en/tables",
    "/fr/aide": "/en/help",
    "/fr/confidentialite": "/en/privacy",
    "/fr/accessibilite": "/en/accessibility",
    "/fr/c/{code}": "/en/c/{code}",
    "/fr/c/{code}/questionnaire": "/en/c/{code}/questionnaire",
    "/fr/tables/{table}": "/en/tables/{table}",
}


@pytest.fixture
def names(app):
    code = the(app, Consultation, state="open").code
    return {"code": code, "table": the(app, AdvisoryTable, state="active").code}


@pytest.mark.parametrize(("french", "english"), PUBLIC.items())
def test_a_public_page_names_itself_and_its_twin(app, names, french, english):
    french, english = french.format(**names), english.format(**names)
    expected = {
        "fr-CA": BASE + french, "en-CA": BASE + english, "x-default": BASE + french
    }  # fmt: skip
    for address in (french, english):
        canonical, alternates = links(app.test_client().get(address).text)
        assert canonical == [BASE + address]
        assert alternates == expected


def test_only_the_place_in_a_list_belongs_to_an_address(app):
    page = app.test_client().get("/en/consultations?after=abc&utm_source=x").text
    canonical, alternates = links(page)
    assert canonical == [f"{BASE}/en/consultations?after=abc"]
    assert alternates["fr-CA"] == f"{BASE}/fr/consultations?after=abc"


def test_errors_and_previews_have_no_address(app):
    draft = the(app, Consultation, state="draft").code
    camille = Staff(app, "facilitator")
    for client, address in (
        (app.test_client(), "/fr/c/nothere"),
        (app.test_client(), "/fr/nothing"),
        (camille.client, f"/fr/c/{draft}"),
    ):
        assert links(client.get(address).text) == ([], {})


def test_personal_pages_have_no_address(app, names):
    citizen = Citizen(app, "fr", names["code"]).start()
    citizen.fill()
    base = f"/fr/c/{names['code']}"
    pages = [f"{citizen.steps}/1", citizen.review, f"{base}/plus-tard", f"{base}/mon-code"]
    shown = [citizen.client.get(address) for address in pages]
    citizen.client.post(citizen.review, data={"code": citizen.code})
    shown.append(citizen.client.get(f"{base}/recu"))
    camille = Staff(app, "facilitator").client
    shown += [camille.get("/en/desk"), camille.get(f"/en/desk/consultations/{names['code']}")]
    shown += [camille.get("/en/my-account"), app.test_client().get("/fr/connexion")]
    assert [page.status_code for page in shown] == [200] * len(shown)
    assert [links(page.text) for page in shown] == [([], {})] * len(shown)
