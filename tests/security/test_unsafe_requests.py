"""Only our own pages change anything, and only by a POST."""

import json
import re

import pytest

from consult.core.gate import SAFE
from tests.conftest import close, copied, make_app
from tests.support import crawl
from tests.support.pages import BASE

FOREIGN = {
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "none": {"Sec-Fetch-Site": "none"},
    "an unknown word": {"Sec-Fetch-Site": "same-origin, cross-site"},
    "a foreign origin": {"Origin": "https://evil.example"},
    "an origin that begins like ours": {"Origin": BASE + ".evil.example"},
    "an origin that holds ours": {"Origin": "https://evil.example/" + BASE},
    "ours under another port": {"Origin": BASE + ":8443"},
    "null": {"Origin": "null"},
    "an empty origin": {"Origin": ""},
    "a broken origin": {"Origin": "http://["},
    "a referrer alone": {"Origin": None, "Referer": BASE + "/en/"},
}


@pytest.fixture
def site(any_app):
    return crawl.plain(any_app)


def targets(app):
    """Return one address for each route and unsafe method, in one language."""
    objects, found = crawl.Objects(app), set()
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - SAFE:
            address = next(objects.addresses(rule))
            if not address.startswith("/fr/"):
                found.add((method, address, rule.endpoint))
    assert len(found) > 18, found
    return sorted(found)


def test_a_request_of_another_site_is_refused_everywhere_and_changes_nothing(site):
    clients = {"facilitator": crawl.staff(site)["facilitator"], "holder": crawl.drafting(site)}
    token = crawl.csrf(clients["facilitator"])
    tried, before = targets(site), crawl.fingerprint(site)
    for method, address, endpoint in tried:
        for name, headers in FOREIGN.items():
            for who, client in clients.items():
                if who == "holder" and headers.get("Origin", "") is None:
                    continue  # neither header and no session: no cookie of a person acts
                data = {"csrf_token": token, "title-fr": "Volé", "person": "admin"}
                response = client.open(address, method=method, data=data, headers=headers)
                assert response.status_code == 403, (endpoint, name, who, response.status_code)
                assert "Set-Cookie" not in response.headers
    assert crawl.fingerprint(site) == before


def test_a_form_in_disguise_is_refused_and_changes_nothing(site):
    """A page of another site may send text/plain without asking."""
    client, tried = crawl.staff(site)["facilitator"], targets(site)
    before = crawl.fingerprint(site)
    body = json.dumps({"csrf_token": crawl.csrf(client), "title-fr": "Volé"})
    for method, address, endpoint in tried:
        for kind in ("text/plain", "application/json", "application/csp-report"):
            for headers in (FOREIGN["cross-site"], FOREIGN["null"], {"Origin": None}):
                response = client.open(
                    address, method=method, data=body, content_type=kind, headers=headers
                )
                assert response.status_code == 403, (endpoint, kind)
    assert crawl.fingerprint(site) == before


def test_without_its_token_a_session_changes_nothing(site):
    client = crawl.staff(site)["facilitator"]
    other = crawl.csrf(crawl.staff(site)["administrator"])
    addresses, before, tried = targets(site), crawl.fingerprint(site), 0
    for method, address, endpoint in addresses:
        if not site.view_functions[endpoint].uses_session:
            continue
        for token in (None, "", "x", other, "IjEi.aaaa.bbbb"):
            data = {"title-fr": "Volé", "target": "review"}
            data |= {} if token is None else {"csrf_token": token}
            response = client.open(address, method=method, data=data)
            assert response.status_code == 422, (endpoint, token)
            tried += 1
    assert tried > 40
    assert crawl.fingerprint(site) == before


def test_with_all_of_them_something_changes(site):
    """Control: what the tests above refuse does act when it comes from our page."""
    before = crawl.fingerprint(site)
    admin = crawl.signed_in(site, crawl.emails()["administrator"])
    page = admin.get("/en/desk/tables").text
    table = re.search(r"/en/desk/tables/(\w{6})\b", page)[1]
    data = {"csrf_token": crawl.csrf(admin), "role": "partner"}
    assert admin.post(f"/en/desk/tables/{table}/seats", data=data).status_code == 303
    after = crawl.fingerprint(site)
    assert {name for name in after if after[name] != before[name]} >= {"seat", "audit_entry"}


def test_reading_changes_nothing_whoever_reads(site):
    people, addresses = crawl.everybody(site), crawl.all_addresses(site)
    english = [a for a in addresses if not a.startswith("/fr/")]
    is_sqlite = site.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    before, statuses = crawl.fingerprint(site), set()
    for who, client in people.items():
        for address in addresses if is_sqlite and who == "visitor" else english:
            response = client.get(address)
            statuses.add(response.status_code)
            assert response.status_code < 500, (who, address)
    for who in ("visitor", "holder of a receipt", "facilitator"):
        for address in english:
            seen = people[who].get(address)
            head = people[who].head(address)
            assert head.status_code == seen.status_code, (who, address)
            assert not head.data
            assert people[who].options(address).status_code in {200, 404}, (who, address)
    assert crawl.fingerprint(site) == before
    assert {200, 303, 404} <= statuses


def test_over_tls_a_page_that_came_without_is_foreign(sqlite_master, tmp_path):
    app = crawl.plain(make_app(copied(sqlite_master, tmp_path), public_url="https://consult.test"))
    code, client = crawl.open_code(app), app.test_client()
    for origin, expected in (("http://consult.test", 403), ("https://consult.test", 303)):
        response = client.post(
            f"/en/c/{code}/questionnaire",
            base_url="https://consult.test",
            headers={"Origin": origin},
        )
        assert response.status_code == expected
    close(app)
