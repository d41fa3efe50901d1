"""People who use a site over HTTP: a visitor, somebody who answers, somebody who works for a table."""

import re

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from consult.consultations.models import Consultation
from consult.core.codes import derive_keys, new_code
from consult.core.db import write_session
from consult.surveys import queries, services
from consult.surveys.visits import pepper

CODE = re.compile(r'name="code" value="([^"]+)"')
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
FIRST_DEMO_ANSWERS = (
    {"q-role": "citizen", "q-age": "a25", "q-area": "coteaux"},
    {
        "q-top3": ["food", "housing"],
        "q-measure": "kitchen",
        "q-why": "1\n2",
        "q-goals.near": "60",
        "q-goals.fast": "40",
    },
    {
        "q-heat": "4",
        "q-lonely": "prefer_not",
        "q-top3_order": ["food", "housing"],
        "q-access_year.clinic": "worse",
        "q-access_year.home": "dont_know",
    },
    {"q-change": "Bus +"},
)


class Person:
    """Somebody with a browser without script, on the site at ``address``, in one language."""

    def __init__(self, app: Flask, address: str, lang: str = "fr") -> None:
        self.app, self.address, self.lang = app, address, lang
        self.client = app.test_client()

    def url(self, endpoint: str, **arguments: object) -> str:
        """Return the path of a page in the language of this person."""
        adapter = self.app.url_map.bind("consult.test")
        if self.app.url_map.is_endpoint_expecting(endpoint, "lang"):
            arguments.setdefault("lang", self.lang)
        return adapter.build(endpoint, arguments)

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=self.address)

    def post(self, path: str, data: dict | None = None, **headers: str) -> TestResponse:
        sent = {"Origin": self.address} | headers
        return self.client.post(path, data=data or {}, base_url=self.address, headers=sent)

    def follow(self, response: TestResponse) -> TestResponse:
        """Go where a 303 leads."""
        assert response.status_code == 303, (response.status_code, response.request.path)
        return self.get(response.location)


class Staff(Person):
    """One of the fictional people of the demo, signed in."""

    def __init__(self, app: Flask, address: str, lang: str, key: str) -> None:
        super().__init__(app, address, lang)
        self.follow(self.post(self.url("web.take_role"), {"person": key}))

    def send(self, path: str, data: dict | None = None) -> TestResponse:
        """Post a form with this session's token."""
        page = self.get(self.url("accounts.my_account")).text
        return self.post(path, {"csrf_token": TOKEN.search(page)[1], **(data or {})})


class Citizen(Person):
    """Somebody who answers the questionnaire of one consultation."""

    def __init__(self, app: Flask, address: str, lang: str, consultation: str) -> None:
        super().__init__(app, address, lang)
        self.consultation, self.code = consultation, ""

    def at(self, page: str, **arguments: object) -> str:
        """Return the path of one of the citizen's pages."""
        return self.url(f"surveys.{page}", code=self.consultation, **arguments)

    def start(self) -> "Citizen":
        self.code = CODE.search(self.follow(self.post(self.at("start"))).text)[1]
        return self

    def answer(self, number: int, data: dict) -> TestResponse:
        return self.post(self.at("step", number=number), {"code": self.code, **data})

    def fill(self) -> "Citizen":
        """Answer every page of the questionnaire that the demo has open."""
        for number, data in enumerate(FIRST_DEMO_ANSWERS, 1):
            assert self.answer(number, data).status_code == 303
        return self

    def send(self) -> TestResponse:
        return self.post(self.at("review"), {"code": self.code})

    def come_back(self) -> TestResponse:
        """Type the code on another device."""
        self.client = self.app.test_client()
        return self.post(self.at("come_back"), {"typed": self.code})


def answered_before(app: Flask, consultation: str, typed: dict) -> str:
    """Store a response as it was sent while ``consultation`` was open; return its code."""
    with app.app_context():
        code = new_code(pepper())
        keys = derive_keys(pepper(), consultation, code)
    with write_session(app) as session:
        row = session.scalars(select(Consultation).where(Consultation.code == consultation)).one()
        sheet = queries.sheet(session, row.id)
        services.write_progress(session, keys, row, services.Progress(typed), 30)
        services.submit(session, keys, row, sheet, "fr")
    return code
