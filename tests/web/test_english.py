"""English opens as the institution and each organisation decided; French is never touched."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from consult.consultations import services
from consult.consultations.models import Consultation
from consult.core.db import write_session
from consult.core.english import ATTESTED
from consult.core.textmap import TextMap
from consult.tables.commands import make_command, set_language_policy
from consult.tables.models import AdvisoryTable, Organisation
from consult.tables.services import add_organisation
from tests.conftest import close, copied, make_app
from tests.consultations.test_staff_path import the
from tests.support.pages import BASE
from tests.surveys.test_answering import Citizen, counts
from tests.surveys.test_answering import Response as Stored

STATEMENT = "/en/access"
NOTICE = "French is the language of public bodies in Quebec."


@pytest.fixture
def site(sqlite_master, tmp_path):
    """Make the demo under another setting of English."""
    made = []

    def make(access):
        app = make_app(copied(sqlite_master, tmp_path), english_access=access)
        made.append(app)
        return app

    yield make
    for app in made:
        close(app)


def code_of(app):
    return the(app, Consultation, state="open").code


def set_policy(app, policy):
    with write_session(app) as session:
        session.execute(update(Organisation).values(language_policy=policy))


def attest(client, address):
    """Press the one button of the statement; return where it leads."""
    page = client.get(address)
    assert page.status_code == 200
    assert page.text.count("<form") == 1
    assert page.text.count('<button class="button primary"') == 1
    return client.post(address).location


def test_open_shows_english_at_once_and_without_a_word(site):
    app = site("open")
    for address in ("/en/", f"/en/c/{code_of(app)}", "/fr/"):
        page = app.test_client().get(address)
        assert page.status_code == 200
        assert NOTICE not in page.text


def test_notice_says_it_on_english_pages_only(site):
    app = site("notice")
    assert NOTICE in app.test_client().get(f"/en/c/{code_of(app)}").text
    french = app.test_client().get(f"/fr/c/{code_of(app)}").text
    assert "langue des organismes publics" not in french


def test_attest_asks_once_and_leads_back_to_the_wanted_page(site):
    app = site("attest")
    visitor, wanted = app.test_client(), f"/en/c/{code_of(app)}"
    answer = visitor.get(wanted)
    assert answer.status_code == 303
    assert answer.location.startswith(STATEMENT)
    assert attest(visitor, answer.location) == wanted
    for address in (wanted, "/en/", "/en/tables"):
        assert visitor.get(address).status_code == 200


def test_the_statement_is_a_cookie_of_the_session_and_nothing_else(site):
    app = site("attest")
    before = counts(app, Stored)
    answer = app.test_client().post(STATEMENT)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 1
    assert cookies[0].startswith(f"{ATTESTED}=1;")
    assert "HttpOnly" in cookies[0]
    assert "SameSite=Lax" in cookies[0]
    assert not {"expires", "max-age"} & {
        part.partition("=")[0].strip().lower() for part in cookies[0].split(";")
    }
    assert counts(app, Stored) == before


def test_the_statement_leads_nowhere_else(site):
    app = site("attest")
    for target in ("https://evil.example/", "//evil.example", "/en/\\evil", "/en/nothing"):
        answer = app.test_client().post(STATEMENT, query_string={"next": target})
        assert answer.location == "/en/"


def test_the_statement_offers_the_same_page_in_french(site):
    app = site("attest")
    code = code_of(app)
    answer = app.test_client().get("/en/consultations?after=x")
    assert 'href="/fr/consultations?after=x"' in app.test_client().get(answer.location).text
    answer = app.test_client().get(f"/en/c/{code}/questionnaire")
    assert f'href="/fr/c/{code}/questionnaire"' in app.test_client().get(answer.location).text


@pytest.mark.parametrize("access", ["open", "notice", "attest"])
def test_french_is_never_held_back(site, access):
    app = site(access)
    code = code_of(app)
    citizen = Citizen(app, "fr", code).start()
    citizen.fill()
    sent = citizen.client.post(citizen.review, data={"code": citizen.code})
    assert "/recu" in sent.location
    assert citizen.client.get(sent.location).status_code == 200
    assert ATTESTED not in str(citizen.client.get(f"/fr/c/{code}").headers)


def test_a_language_switch_in_the_middle_of_answers_loses_nothing(site):
    app = site("attest")
    citizen = Citizen(app, "fr", code_of(app)).start()
    data = {"code": citizen.code, "q-role": "citizen", "switch": "en"}
    switched = citizen.client.post(f"{citizen.steps}/1", data=data)
    assert "/en/" in switched.location
    asked = citizen.client.get(switched.location)
    assert asked.location.startswith(STATEMENT)
    back = attest(citizen.client, asked.location)
    assert back == switched.location
    assert 'value="citizen" checked' in citizen.client.get(back).text


def test_answers_sent_from_an_english_page_are_kept_although_the_statement_is_gone(site):
    app = site("attest")
    citizen = Citizen(app, "en", code_of(app))
    citizen.client.post(STATEMENT)
    citizen.start()
    citizen.client.delete_cookie(ATTESTED, domain="consult.test")
    kept = citizen.answer(1, role="citizen", age="a25", area="coteaux")
    assert kept.status_code == 303
    asked = citizen.client.get(f"{citizen.steps}/1")
    assert asked.location.startswith(STATEMENT)
    back = attest(citizen.client, asked.location)
    assert 'value="citizen" checked' in citizen.client.get(back).text


def of_organisation(app):
    """Return addresses of English pages that belong to an organisation."""
    code, table = code_of(app), the(app, AdvisoryTable, state="active").code
    return [f"/en/c/{code}", f"/en/c/{code}/questionnaire", f"/en/tables/{table}"]


@pytest.mark.parametrize("access", ["open", "notice"])
def test_a_gated_organisation_asks_for_the_statement_on_its_own_pages(site, access):
    app = site(access)
    set_policy(app, "fr_first_en_gated")
    for address in of_organisation(app):
        visitor = app.test_client()
        answer = visitor.get(address)
        assert answer.status_code == 303
        assert attest(visitor, answer.location) == address
        assert visitor.get(address).status_code == 200
        assert app.test_client().get(address.replace("/en/", "/fr/")).status_code == 200
    for address in ("/en/", "/en/consultations", "/en/help"):
        assert app.test_client().get(address).status_code == 200


def test_an_organisation_never_loosens_what_the_institution_asks(site):
    app = site("attest")
    set_policy(app, "bilingual")
    for address in of_organisation(app):
        assert app.test_client().get(address).location.startswith(STATEMENT)


@pytest.mark.parametrize("access", ["open", "attest"])
def test_an_organisation_in_french_only_says_so_and_leads_to_the_french_page(site, access):
    app = site(access)
    set_policy(app, "fr_only")
    visitor = app.test_client()
    visitor.post(STATEMENT)
    for address in of_organisation(app):
        page = visitor.get(address)
        assert page.status_code == 200
        assert "Available in French only" in page.text
        french = address.replace("/en/", "/fr/")
        assert f'href="{french}"' in page.text
        shown = visitor.get(french)
        assert shown.status_code == 200
        assert f'href="{address}"' not in shown.text  # no switch, no alternate


def test_answers_to_a_french_only_consultation_are_taken_whatever_the_page(site):
    app = site("open")
    citizen = Citizen(app, "en", code_of(app)).start()
    set_policy(app, "fr_only")
    assert citizen.answer(1, role="citizen", age="a25", area="coteaux").status_code == 303


def test_a_french_only_organisation_owes_no_english_text(site):
    app = site("open")
    set_policy(app, "fr_only")
    with write_session(app) as session, app.test_request_context(base_url=BASE):
        table = session.scalars(select(AdvisoryTable)).first()
        made = services.create(session, None, table, TextMap({"fr": "Essai"}))
        gaps = [gap.text for gap in services.gaps(session, made, "review")]
    assert made.languages == ["fr"]
    assert not [text for text in gaps if "anglais" in text]
    assert [text for text in gaps if "Résumé" in text]


def test_the_policy_is_set_for_everything_below_and_for_what_comes_later(any_app):
    with write_session(any_app) as session:
        assert set_language_policy(session, "991", "fr_only") == 4
        assert set_language_policy(session, "nothere", "fr_only") == 0
        found = session.execute(select(Organisation.code, Organisation.language_policy))
        policies = dict(found.all())
        assert {policies[code] for code in ("991", "9911", "9912", "9913")} == {"fr_only"}
        assert policies["99"] == "bilingual"
        above = session.scalars(select(Organisation).where(Organisation.code == "991")).one()
        made = add_organisation(session, "9914", "Un partenaire", "partner", above)
        assert made.language_policy == "fr_only"


def test_the_command_sets_the_policy_and_knows_no_other(app):
    command = make_command(lambda: app)
    done = CliRunner().invoke(command, ["991", "--policy", "fr_first_en_gated"])
    assert done.output == "4 organisations: fr_first_en_gated\n"
    assert CliRunner().invoke(command, ["nothere", "--policy", "bilingual"]).exit_code == 1
    assert CliRunner().invoke(command, ["991", "--policy", "english"]).exit_code == 2
