"""Show the kinds of items that the demo does not ask, as a citizen meets them."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from consult.consultations.models import Consultation
from consult.core.db import write_session
from consult.surveys.rules import parse_definition
from tests.support.people import Person
from tests.support.questionnaires import put_in_force


def said(fr: str, en: str) -> dict[str, str]:
    return {"fr": fr, "en": en}


ITEMS: list[dict[str, Any]] = [
    {
        "code": "about",
        "kind": "note",
        "title": said("Quelques mots sur vous", "A few words about you"),
        "hint": said("Rien de cela ne dit votre nom.", "Nothing here tells your name."),
    },
    {
        "code": "help",
        "kind": "section",
        "title": said("L’aide que vous donnez", "The help that you give"),
    },
    {
        "code": "town",
        "kind": "short_text",
        "title": said("Dans quelle ville vivez-vous?", "In which town do you live?"),
    },
    {
        "code": "hours",
        "kind": "number",
        "title": said("Combien d’heures par semaine aidez-vous?", "How many hours a week is it?"),
        "minimum": 0,
        "maximum": 168,
        "unit": said("heures", "hours"),
    },
    {
        "code": "since",
        "kind": "date",
        "title": said("Depuis quel jour aidez-vous?", "Since which day have you helped?"),
    },
    {
        "code": "research",
        "kind": "consent",
        "purpose": "research",
        "title": said(
            "Acceptez-vous que vos réponses servent à la recherche?",
            "Do you agree that your answers be used for the research?",
        ),
    },
]
DOCUMENT = {
    "format": "consult-questionnaire/1",
    "code": "simple-kinds",
    "title": said("L’aide de tous les jours", "The help of every day"),
    "pages": [
        {"code": "you", "title": said("Vous et votre aide", "You and your help"), "items": ITEMS}
    ],
}


def ask_every_simple_kind(app: Flask) -> None:
    """Put them in force, after all other states were shown."""
    with write_session(app) as session:
        found = session.scalars(select(Consultation).where(Consultation.state == "open")).first()
        put_in_force(session, found, parse_definition(DOCUMENT))


def collect(app: Flask, address: str, lang: str) -> Iterator[tuple[str, TestResponse]]:
    """Yield the page of these kinds, empty and refused, and its review."""
    with write_session(app) as session:
        code = session.scalars(
            select(Consultation.code).where(Consultation.state == "open")
        ).first()
    person = Person(app, address, lang)
    start = person.url("surveys.start", code=code)
    page = person.follow(person.post(start))
    yield "simple kinds", page
    step, held = page.request.path, re.search(r'name="code" value="([^"]+)"', page.text)[1]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    wrong = {"q-hours": "12,5x", "q-since.day": "31", "q-since.month": "2", "q-since.year": "2026"}
    yield "simple kinds with faults", person.post(step, hidden | wrong | {"code": held})
