"""Links in mails come from the settings alone, whatever a request says of itself."""

import re

import pytest
from sqlalchemy import select

from consult.app import create_app
from consult.cli import prepare_home
from consult.core.db import read_session
from consult.core.mail import MailMessage
from consult.core.settings import SettingsError, load_settings, public_url_fault
from consult.tables.models import AdvisoryTable, Seat
from tests.support import crawl

FORGED = (
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "1"},
    {"Forwarded": "host=evil.example;proto=https"},
    {"X-Original-Host": "evil.example", "X-Host": "evil.example", "X-Forwarded-Prefix": "/evil"},
    {"X-Original-URL": "//evil.example/", "X-Rewrite-URL": "//evil.example/"},
)
HOSTS = (
    "http://evil.example",
    "http://consult.test.evil.example",
    "http://evil-consult.test",
    "http://consult.test@evil.example",
    "http://consult.test:80@evil.example",
    "http://127.0.0.1",
)


def links(app):
    with read_session(app) as session:
        mails = session.scalars(select(MailMessage)).all()
        assert mails
        found = [
            re.findall(r"https?://[^\s\"<]+", part) for m in mails for part in (m.text, m.html)
        ]
    assert all(found)
    return [link for part in found for link in part]


def invite(app, headers):
    admin = crawl.signed_in(app, crawl.emails()["administrator"])
    with read_session(app) as session:
        table = session.scalars(select(AdvisoryTable).where(AdvisoryTable.state == "forming")).one()
        seat = session.scalars(select(Seat.id).where(Seat.table_id == table.id).limit(1)).one()
    data = {
        "csrf_token": crawl.csrf(admin),
        "name": "Zoé",
        "email": "z@example.org",
        "locale": "fr",
    }
    return admin.post(f"/en/desk/seats/{seat}/invite", data=data, headers=headers)


@pytest.mark.parametrize("headers", FORGED)
def test_a_forged_header_changes_no_link(app, headers):
    crawl.plain(app)
    reset = app.test_client().post(
        "/en/password", data={"email": "camille@demo.invalid"}, headers=headers
    )
    assert reset.status_code == 200
    assert invite(app, headers).status_code == 303
    assert all(link.startswith("http://consult.test/") for link in links(app))


@pytest.mark.parametrize("host", HOSTS)
def test_a_foreign_host_is_refused_and_sends_nothing(app, host):
    crawl.plain(app)
    client = app.test_client()
    name = host.removeprefix("http://")
    for path in ("/fr/", "/en/password", "/healthz", "/static/x", "/nothing"):
        response = client.get(path, headers={"Host": name})
        assert response.status_code == 400, path
        assert name not in response.text
        assert "<h1>" in response.text
    data = {"email": "camille@demo.invalid"}
    headers = {"Host": name, "Origin": host}
    assert client.post("/en/password", data=data, headers=headers).status_code == 400
    with read_session(app) as session:
        assert session.scalars(select(MailMessage)).first() is None


def test_a_redirect_names_no_host(app):
    crawl.plain(app)
    for path in ("/", "/fr", "/en/desk", "/fr//tables"):
        location = (
            app.test_client().get(path, headers={"X-Forwarded-Host": "evil.example"}).location
        )
        assert location.startswith(("/", "http://consult.test/")), location
        assert not location.startswith("//")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "consult.example.org",
        "ftp://consult.example.org",
        "https://",
        "https://consult.example.org/path",
        "https://consult.example.org/",
        "https://consult.example.org?x=1",
        "https://consult.example.org#x",
        "https://user@consult.example.org",
        "https://consult.example.org:port",
        "https://consult.example.org:99999",
        "https://consult example.org",
        "https://consult.example.org\n",
        "https://[::1",
        "https://[2001:db8::1]",
        "javascript:alert(1)",
    ],
)
@pytest.mark.parametrize("demo", [True, False])
def test_an_address_of_another_shape_stops_the_start(tmp_path, url, demo):
    settings = load_settings({}, home=str(tmp_path), public_url=url, demo=demo)
    prepare_home(settings)
    with pytest.raises(SettingsError, match="CONSULT_PUBLIC_URL"):
        create_app(settings)


@pytest.mark.parametrize(
    "others",
    [{"mail_transport": "smtp"}, {"proxy_hops": 1}, {"host": "0.0.0.0"}, {"host": "10.0.0.7"}],
)
@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "https://127.9.9.9"])
def test_an_address_of_this_machine_stops_the_start_once_others_take_part(tmp_path, others, url):
    values = {"home": str(tmp_path), "public_url": url, **others}
    settings = load_settings({}, **values)
    prepare_home(settings)
    with pytest.raises(SettingsError, match="names this machine only"):
        create_app(settings)
    assert public_url_fault(load_settings({}, **values, demo=True)) == ""


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"demo": True},
        {"public_url": "https://consult.example.org", "proxy_hops": 2, "mail_transport": "smtp"},
        {"public_url": "http://consult.example.org:8080", "host": "0.0.0.0"},
    ],
)
def test_a_usable_address_starts(tmp_path, values):
    settings = load_settings({}, home=str(tmp_path), **values)
    prepare_home(settings)
    app = create_app(settings)
    assert app.test_client().get("/fr/aide", base_url=settings.public_url).status_code == 200
    crawl.dispose(app)


def test_a_trusted_proxy_is_believed_for_the_address_of_the_visitor_only(tmp_path):
    values = {"public_url": "https://consult.example.org", "proxy_hops": 1}
    settings = load_settings({}, home=str(tmp_path), **values)
    prepare_home(settings)
    app = create_app(settings)
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    client = app.test_client()
    assert client.get("/fr/aide", base_url=settings.public_url, headers=headers).status_code == 200
    assert client.get("/fr/aide", base_url="https://evil.example").status_code == 400
    crawl.dispose(app)
