"""A one-time link opens once, for one person, for a while, and only by what a person sends."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.accounts.models import Account, AccountSession, OneTimeLink
from consult.accounts.queries import token_hash
from consult.accounts.services import LINK_HOURS
from consult.core.clock import now, travel
from consult.core.db import read_session, write_session
from consult.core.mail import MailMessage
from tests.support import crawl
from tests.support.pages import BASE

EMAIL = "camille@demo.invalid"
PASSWORD = "quatre mots bien longs"


@pytest.fixture
def token(any_app):
    crawl.plain(any_app)
    return crawl.live_link(any_app)


def spend(app, token, password=PASSWORD):
    return app.test_client().post(f"/en/link/{token}", data={"password": password})


def sign_in(app, password=PASSWORD):
    data = {"email": EMAIL, "password": password}
    return app.test_client().post("/en/sign-in", data=data).status_code


def test_a_link_is_spent_by_its_first_use(any_app, token):
    assert spend(any_app, token).status_code == 303
    again = spend(any_app, token, "un autre mot de passe")
    assert again.status_code == 404
    assert (sign_in(any_app), sign_in(any_app, "un autre mot de passe")) == (303, 422)


def test_looking_at_a_link_does_not_spend_it(any_app, token):
    """A mail scanner fetches each address before the person does."""
    for method in ("GET", "HEAD", "OPTIONS", "GET"):
        for lang in ("fr/lien", "en/link"):
            assert any_app.test_client().open(f"/{lang}/{token}", method=method).status_code == 200
    assert spend(any_app, token, "short").status_code == 422, "nor does a refused password"
    assert spend(any_app, token).status_code == 303


def test_a_link_without_its_token_opens_nothing(any_app, token):
    client = any_app.test_client()
    for wrong in ("", "x", token[:-1], token + "x", token.swapcase(), "%20" + token):
        for method in ("GET", "POST"):
            data = {"password": PASSWORD} if method == "POST" else None
            response = client.open(f"/en/link/{wrong}", method=method, data=data)
            assert response.status_code == 404, (wrong, method)
    assert sign_in(any_app) == 422


def test_a_newer_link_ends_the_older_one(any_app, token):
    newer = crawl.live_link(any_app)
    assert spend(any_app, token).status_code == 404
    assert spend(any_app, newer).status_code == 303


def test_a_password_set_by_one_link_ends_links_and_sessions_of_before(any_app, token):
    client = crawl.signed_in(any_app, EMAIL)
    with write_session(any_app) as session:
        account = session.scalars(select(Account).where(Account.email == EMAIL)).one()
        session.add(
            OneTimeLink(
                token_hash=token_hash("an older invitation"),
                account_id=account.id,
                purpose="invitation",
                expires_at=now() + timedelta(days=9),
            )
        )
    assert client.get("/en/my-account").status_code == 200
    assert spend(any_app, token).status_code == 303
    assert spend(any_app, "an older invitation").status_code == 404
    assert client.get("/en/my-account").status_code == 303


def test_a_link_is_refused_once_its_hours_are_over(any_app, token):
    assert LINK_HOURS["reset"] == 1
    with travel(now() + timedelta(minutes=61)):
        assert spend(any_app, token).status_code == 404
        assert any_app.test_client().get(f"/en/link/{token}").status_code == 404
    with travel(now() + timedelta(minutes=59)):
        assert spend(any_app, token).status_code == 303


def test_a_suspended_person_gets_in_by_no_link(any_app, token):
    with write_session(any_app) as session:
        session.scalars(select(Account).where(Account.email == EMAIL)).one().state = "suspended"
    assert spend(any_app, token).status_code == 404
    client = any_app.test_client()
    client.post("/en/password", data={"email": EMAIL})
    with read_session(any_app) as session:
        assert session.scalars(select(MailMessage)).first() is None
        assert session.scalars(select(AccountSession)).first() is None


def test_what_is_stored_of_a_link_opens_nothing(any_app, token):
    with read_session(any_app) as session:
        stored = session.scalars(select(OneTimeLink.token_hash)).one()
    assert token.encode() not in stored
    assert spend(any_app, stored.hex()).status_code == 404


def test_the_page_of_a_link_lets_its_address_go_nowhere(any_app, token):
    response = any_app.test_client().get(f"/en/link/{token}", base_url=BASE)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert not re.findall(r'(?:href|src|action)="https?:', response.text)
