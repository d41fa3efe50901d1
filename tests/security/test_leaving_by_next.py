"""No spelling of ``next`` leads anybody off the site."""

from itertools import product
from urllib.parse import quote, urljoin, urlsplit

import pytest

from consult.accounts.models import Account
from consult.accounts.passwords import hash_password
from consult.accounts.views import safe_next
from consult.core.db import write_session
from tests.conftest import close, copied, make_app
from tests.support import crawl
from tests.support.pages import BASE

STARTS = (
    "//", "///", "////", "/\\", "\\\\", "\\/", "/\t/", "\t//", "/\n/", "\r\n//", " //", "\x00//",
    "/%2f", "%2f%2f", "/%5c", "/%09/", "http:", "https:", "http:/", "https:/", "http:\\\\",
    "https://", "HTTPS://", "javascript://", "data:text/html,", "//consult.test@",
    "https://consult.test@", "https://consult.test\\@", "https:consult.test:80@", "／／", "/／",
    "∕∕", "/。", "/fr/..//", "/fr/../../", "/fr/%2e%2e//", "/fr//", "/en//", "/fr/\\", "/fr/\t/",
    "/fr@", "/fr/@", "fr/", "../", "./", "?next=//", "#//", ";//", "/;@", "//[::1]@",
)  # fmt: skip
HOSTS = ("evil.example", "evil。example", "evil%2eexample", "3232235521", "evil.example/fr/tables")
SPELLINGS = [start + host for start, host in product(STARTS, HOSTS)]


def leaves(location: str) -> bool:
    """Tell whether a browser that stands on the site would leave it for ``location``."""
    # A browser drops tabs and line ends, and takes a backslash for a slash.
    seen = "".join(c for c in location if c not in "\t\r\n").replace("\\", "/").strip()
    try:
        place = urlsplit(urljoin(f"{BASE}/en/sign-in", seen))
    except ValueError:
        return False  # no address at all (some releases of Python say so): nowhere to go
    return (place.scheme, place.netloc) != ("http", "consult.test")


def is_harmless(response, spelling: str) -> bool:
    """Tell whether somebody is led within the site; a NUL is refused altogether."""
    if "\x00" in spelling and response.status_code == 404:
        return True
    return response.status_code == 303 and not leaves(response.location)


@pytest.fixture
def client(app):
    crawl.plain(app)
    with write_session(app) as session:
        account = Account(email="n@t.invalid", name="N", state="active")
        account.password_hash = hash_password("quatre mots bien longs")
        session.add(account)
    return app.test_client()


def test_there_are_over_200_spellings_and_most_would_leave():
    assert len(set(SPELLINGS)) > 200
    assert sum(leaves(spelling) for spelling in SPELLINGS) > 100, "control"
    assert not leaves("/fr/tables?after=x")


def test_sign_in_takes_no_spelling(app, client, monkeypatch):
    monkeypatch.setattr(
        "consult.accounts.passwords.is_right", lambda stored, _password: bool(stored)
    )
    data = {"email": "n@t.invalid", "password": "quatre mots bien longs"}
    for spelling in [*SPELLINGS, "/fr/tables?x=//evil.example"]:
        for query in (quote(spelling), quote(quote(spelling))):
            response = client.post(f"/en/sign-in?next={query}", data=data)
            assert is_harmless(response, spelling), (spelling, response.location)
            client.delete_cookie("consult_session", domain="consult.test")


def test_a_plain_place_of_the_site_is_kept(app, client):
    data = {"email": "n@t.invalid", "password": "quatre mots bien longs"}
    response = client.post("/en/sign-in?next=/fr/tables%3Fafter%3Dx", data=data)
    assert response.location == "/fr/tables?after=x"


def test_the_statement_for_english_takes_no_spelling(sqlite_master, tmp_path):
    app = crawl.plain(make_app(copied(sqlite_master, tmp_path), english_access="attest"))
    client = app.test_client()
    asked = client.get("/en/tables")
    assert asked.location == "/en/access?next=/en/tables"
    assert client.post(asked.location).location == "/en/tables"
    for spelling in SPELLINGS:
        response = client.post(f"/en/access?next={quote(spelling)}")
        assert is_harmless(response, spelling), (spelling, response.location)
    close(app)


def test_next_must_name_a_page(app):
    with app.test_request_context("/en/", base_url=BASE):
        assert safe_next("/fr/tables") == "/fr/tables"
        assert [s for s in SPELLINGS if safe_next(s) and leaves(safe_next(s) or "")] == []
        for target in (None, "", "/", "/fr/no-such-page", "/fr/deconnexion", "/static/x"):
            assert safe_next(target) is None
