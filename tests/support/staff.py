"""Sign in as somebody and work on the desk, as browsers do."""

import re
from collections.abc import Mapping

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from consult.accounts.models import Account
from consult.accounts.services import open_session
from consult.core.db import read_session, write_session
from consult.core.mail import MailMessage
from tests.support.pages import BASE

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Staff:
    """A signed-in person: a role of the demo, or any account by its address."""

    def __init__(self, app: Flask, person: str) -> None:
        self.app, self.client = app, app.test_client()
        if "@" not in person:
            answer = self.client.post("/en/demo/role", data={"person": person})
            assert answer.status_code == 303
            return
        with write_session(app) as session:
            account = session.scalars(select(Account).where(Account.email == person)).one()
            token = open_session(session, account, 12)
        with self.client.session_transaction(base_url=BASE) as cookie:
            cookie["sid"] = token

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, data: Mapping[str, object] | None = None) -> TestResponse:
        token = TOKEN.search(self.client.get("/en/my-account").text)
        assert token is not None
        return self.client.post(path, data={"csrf_token": token[1], **(data or {})})

    def session_id(self) -> str:
        with self.client.session_transaction(base_url=BASE) as cookie:
            return cookie.get("sid", "")


def account_of(app: Flask, email: str) -> Account:
    with read_session(app) as session:
        account = session.scalars(select(Account).where(Account.email == email)).one()
        session.expunge_all()
        return account


def link_sent_to(app: Flask, email: str) -> str:
    """Return the path of the link in the last mail to an address."""
    statement = select(MailMessage.text).where(MailMessage.recipient == email)
    with read_session(app) as session:
        text = session.scalars(statement.order_by(MailMessage.id.desc())).first()
    found = re.search(rf"{BASE}(\S+)", text or "")
    assert found is not None
    return found[1]
