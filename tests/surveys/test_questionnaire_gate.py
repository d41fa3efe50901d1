"""What a questionnaire lacks is judged by the languages of its consultation, not by its own word."""

import io
import json
import re

import pytest

from consult.consultations.models import Consultation
from consult.core.db import write_session
from consult.surveys.rules import parse_definition
from consult.surveys.services import load_definition
from tests.consultations.test_staff_path import QUESTIONNAIRE, prepare, the


def without_english(definition, **changes):
    """Return the file with no English text at all."""

    def walk(value):
        if isinstance(value, dict):
            return {k: walk(v) for k, v in value.items() if not (k == "en" and "fr" in value)}
        return [walk(v) for v in value] if isinstance(value, list) else value

    return json.dumps(walk(definition) | changes).encode()


def gaps_of(camille, desk):
    found = re.findall(r'<div class="gaps">(.*?)</div>', camille.client.get(desk).text, re.DOTALL)
    return "".join(found)


@pytest.mark.parametrize("languages", [["fr"], []])
def test_a_questionnaire_cannot_excuse_itself_from_a_language_of_its_consultation(app, languages):
    camille, _code, desk = prepare(app)
    assert gaps_of(camille, desk) == "", "control: nothing is missing"
    file = without_english(json.loads(QUESTIONNAIRE), languages=languages)
    sent = camille.post(f"{desk}/questionnaire/file", {"file": (io.BytesIO(file), "q.json")})
    assert sent.status_code == 303
    assert "the English text is missing" in gaps_of(camille, desk)
    assert "What is missing" in camille.client.get(f"{desk}/questionnaire").text


def test_a_consultation_in_french_asks_for_no_english_questions(app):
    camille, code, desk = prepare(app)
    with write_session(app) as session:
        row = session.get(Consultation, the(app, Consultation, code=code).id)
        row.languages = ["fr"]
        definition = parse_definition(without_english(json.loads(QUESTIONNAIRE)))
        load_definition(session, None, row, definition)
    assert gaps_of(camille, desk) == ""
    assert "What is missing" not in camille.client.get(f"{desk}/questionnaire").text


def test_a_questionnaire_of_notes_alone_is_not_published(app):
    camille, _code, desk = prepare(app)
    definition = json.loads(QUESTIONNAIRE)
    note = {"code": "hello", "kind": "note", "title": {"fr": "Bonjour", "en": "Hello"}}
    page = definition["pages"][0] | {"items": [note]}
    file = json.dumps(definition | {"pages": [page]}).encode()
    camille.post(f"{desk}/questionnaire/file", {"file": (io.BytesIO(file), "q.json")})
    assert "The questionnaire asks no question." in gaps_of(camille, desk)
