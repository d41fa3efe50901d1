"""Every answer carries the same headers; nothing personal is kept by a cache; cookies are closed."""

import re
from contextlib import contextmanager

import pytest

from consult.core.db import DatabaseBusyError
from consult.web.headers import CSP, HEADERS
from tests.conftest import close, copied, make_app
from tests.support import crawl
from tests.support.pages import BASE

ANSWERS = re.compile(r"/c/\w+/|/lien/|/link/")
TLS = "https://consult.test"


def faults(response, *, tls: bool = False) -> list[str]:
    """Return what the headers of an answer lack or should not say."""
    found = [
        f"{name}: {response.headers.getlist(name)}"
        for name, value in HEADERS.items()
        if response.headers.getlist(name) != [value]
    ]
    if ("Strict-Transport-Security" in response.headers) != tls:
        found.append("Strict-Transport-Security")
    found += [n for n in ("Access-Control-Allow-Origin", "X-Powered-By") if n in response.headers]
    return found


@pytest.fixture
def site(app):
    return crawl.plain(app)


@contextmanager
def failing(monkeypatch, error):
    """Make the list of tables fail."""

    def fail(*_args):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("consult.tables.queries.directory", fail)
        yield


def test_the_policy_lets_nothing_inline_and_nobody_else_in():
    rules = dict(part.strip().split(" ", 1) for part in CSP.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert {"script-src", "style-src", "form-action", "connect-src"} <= set(rules)
    assert not re.search(r"unsafe|\*|https?:|data:(?!;)", CSP.replace("img-src 'self' data:", ""))


def test_every_page_carries_the_headers_and_what_is_personal_is_kept_by_nobody(site):
    statuses = set()
    for who, client in crawl.everybody(site).items():
        for address in crawl.all_addresses(site):
            if who != "visitor" and not address.startswith("/en/"):
                continue
            response = client.get(address)
            statuses.add(response.status_code)
            assert faults(response) == [], (who, address)
            if who == "visitor":
                assert "Set-Cookie" not in response.headers, address
            if who != "visitor" or ANSWERS.search(address):
                assert response.headers["Cache-Control"] == "no-store", (who, address)
            if response.mimetype == "text/html":
                assert "Cookie" in response.vary, (who, address)
    assert {200, 303, 404} <= statuses


def answers(app, monkeypatch):
    """Yield one answer of every status that the site gives, by its status."""
    code, visitor = crawl.open_code(app), app.test_client()
    closed = crawl.open_code(app, "analysing")
    fetches = (
        (200, "GET", "/fr/tables", {}),
        (302, "GET", "/", {}),
        (308, "GET", "/fr", {}),
        (303, "GET", "/en/desk", {}),
        (404, "GET", "/fr/nothing", {}),
        (404, "GET", "/static/nothing.css", {}),
        (405, "PUT", "/fr/tables", {}),
        (400, "GET", "/fr/tables", {"headers": {"Host": "evil.example"}}),
        (403, "POST", f"/fr/c/{code}/questionnaire", {"headers": {"Origin": "null"}}),
        (409, "POST", f"/fr/c/{closed}/questionnaire", {}),
        (413, "POST", f"/fr/c/{code}/questionnaire", {"data": {"x": "x" * 300_000}}),
        (422, "POST", f"/fr/c/{code}/mon-code", {"data": {"typed": "x"}}),
        (200, "OPTIONS", "/fr/tables", {}),
        (200, "HEAD", "/fr/tables", {}),
        (200, "GET", "/healthz", {}),
        (200, "GET", "/metrics", {}),
    )
    for status, method, path, values in fetches:
        yield status, visitor.open(path, method=method, **values)
    for status, error in ((503, DatabaseBusyError("x")), (500, RuntimeError("x"))):
        with failing(monkeypatch, error):
            yield status, visitor.get("/fr/tables")
    for _ in range(3):
        last = visitor.post("/en/password", data={"email": "x@example.org"})
    yield 429, last


def test_every_status_carries_the_headers(sqlite_master, tmp_path, monkeypatch):
    app = make_app(copied(sqlite_master, tmp_path), signin_rate="2 per minute")
    crawl.plain(app)
    seen = set()
    for status, response in answers(app, monkeypatch):
        assert response.status_code == status, response.request.path
        assert faults(response) == [], (status, response.request.path)
        if status >= 400:
            assert response.headers["Cache-Control"] == "no-store", status
            assert "<h1>" in response.text, status
        seen.add(status)
    assert seen >= {200, 302, 303, 308, 400, 403, 404, 405, 409, 413, 422, 429, 500, 503}
    close(app)


def test_the_search_for_missing_headers_finds_one(site):
    """Control: an answer without the headers is told."""

    @site.after_request
    def strip(response):
        response.headers.pop("X-Content-Type-Options", None)
        return response

    site.after_request_funcs[None].insert(0, site.after_request_funcs[None].pop())  # runs last
    assert faults(site.test_client().get("/fr/tables"))


def test_files_carry_the_headers_too(site):
    names = site.extensions["consult_assets"]
    assert len(names) > 5
    for name, digest in names.items():
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            with site.test_client().open(f"/static/{digest}/{name}", method=method) as response:
                assert faults(response) == [], (name, method)
                if method == "GET":
                    assert "immutable" in response.headers["Cache-Control"]


def test_one_page_differs_by_cookie_and_says_so(site):
    for path in ("/en/help", "/en/", "/en/tables"):
        for client in (site.test_client(), crawl.staff(site)["analyst"]):
            assert "Cookie" in client.get(path).vary, path


def cookies(response) -> list[tuple[str, set[str]]]:
    found = []
    for line in response.headers.getlist("Set-Cookie"):
        name, *rest = [part.strip() for part in line.split(";")]
        found.append((name.partition("=")[0], set(rest)))
    return found


@pytest.mark.parametrize("tls", [True, False])
def test_cookies_are_closed(sqlite_master, tmp_path, tls):
    base = TLS if tls else BASE
    app = make_app(copied(sqlite_master, tmp_path), public_url=base, english_access="attest")
    code, client = crawl.open_code(crawl.plain(app)), app.test_client()
    headers = {"Origin": base}
    steps = [
        ("/en/access", {}),
        (f"/en/c/{code}/questionnaire", {}),
        ("/en/demo/role", {"person": "facilitator"}),
        (f"/en/c/{code}/finish", {}),
    ]
    seen = []
    for path, data in steps:
        response = client.post(path, data=data, base_url=base, headers=headers)
        assert response.status_code == 303, path
        assert faults(response, tls=tls) == [], path
        seen += cookies(response)
    assert len(seen) >= 5
    for name, attributes in seen:
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= attributes, name
        assert not any(a.startswith("Domain") for a in attributes), name
        assert ("Secure" in attributes) == tls, name
        assert name.startswith("__Host-") == tls, name
    close(app)


def test_a_cookie_kept_aside_is_worth_nothing_after_signing_out(site):
    for path in ("/en/sign-out", "/en/sign-out/everywhere"):
        client = crawl.signed_in(site, "camille@demo.invalid")
        token = crawl.csrf(client)
        kept = client.get_cookie("consult_session", domain="consult.test").value
        assert client.post(path, data={"csrf_token": token}).status_code == 303
        thief = site.test_client()
        thief.set_cookie("consult_session", kept, domain="consult.test")
        assert thief.get("/en/my-account").status_code == 303
        assert thief.get("/en/desk").status_code == 303


def test_signing_in_makes_another_session(site):
    """Whoever planted a cookie before sign-in holds nothing after it."""
    client = site.test_client()
    client.set_cookie("consult_session", "planted", domain="consult.test")
    assert client.post("/en/demo/role", data={"person": "analyst"}).status_code == 303
    assert client.get_cookie("consult_session", domain="consult.test").value != "planted"
    first = client.get_cookie("consult_session", domain="consult.test").value
    client.post("/en/demo/role", data={"person": "analyst"})
    assert client.get_cookie("consult_session", domain="consult.test").value != first
