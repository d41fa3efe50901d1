"""A refused form is shown with what was typed, each text under the name its page shows."""

import re

import pytest
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import read_session
from tests.support.pages import BASE
from tests.support.staff import Staff

ROW = re.compile(r'<dt>([^<]*)</dt><dd><span class="lines"(?: lang="")?>([^<]*)</span>')


def draft_of(app):
    with read_session(app) as session:
        return session.scalars(
            select(Consultation.code).where(Consultation.state == "draft")
        ).first()


@pytest.mark.parametrize(
    ("lang", "path", "names"),
    [
        ("fr", "/fr/bureau/consultations/{}/modifier", ["Résumé en langage simple – Anglais"]),
        ("en", "/en/desk/consultations/{}/edit", ["Plain-language summary – English"]),
    ],
)
def test_a_form_without_its_token_is_shown_under_the_names_of_its_page(app, lang, path, names):
    camille = Staff(app, "facilitator")
    sent = {"summary-en": "Two\nlines", "version": "3", "csrf_token": "lost"}
    page = camille.client.post(path.format(draft_of(app)), data=sent)
    assert page.status_code == 422
    assert ROW.findall(page.text) == [(names[0], "Two\nlines")], lang
    assert 'name="version" value="3"' in page.text, "it is sent again all the same"


def test_an_answer_refused_for_its_origin_is_shown_without_its_field(app):
    with read_session(app) as session:
        code = session.scalars(
            select(Consultation.code).where(Consultation.state == "open")
        ).first()
    page = app.test_client().post(
        f"/en/c/{code}/questionnaire/step/4",
        data={"q-change": "More buses"},
        headers={"Origin": "https://evil.example"},
        base_url=BASE,
    )
    assert page.status_code == 403
    assert ROW.findall(page.text) == [("Your text", "More buses")]
