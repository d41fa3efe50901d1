"""Words found in open texts whatever their case and accents, on both databases."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import write_session
from consult.core.seeking import folded
from consult.surveys.models import Response, ResponseText
from tests.support.staff import Staff

ITEM = "change"
TEXTS = ("L’Été, ma SŒUR garçonne", "100 % gratuit_ici", "E\u0301TE\u0301 plain\\e")


@pytest.fixture
def address(any_app):
    with write_session(any_app) as session:
        made = session.scalars(select(Consultation).where(Consultation.state == "analysing")).one()
        keys = session.scalars(
            select(Response.key)
            .outerjoin(ResponseText, ResponseText.key == Response.key)
            .where(Response.consultation_id == made.id, ResponseText.key.is_(None))
            .limit(3)
        ).all()
        for key, body in zip(keys, TEXTS, strict=True):
            session.add(ResponseText(key=key, item=ITEM, lang="fr", body=body))
        return f"/en/desk/consultations/{made.code}/results/{ITEM}"


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("l'ete, ma soeur", {0}),
        ("SŒUR GARCONNE", {0}),
        ("0 % grat", {1}),
        ("gratuit_i", {1}),
        ("gratuit%i", set()),
        ("été plain\\e", {2}),
        ("qqqq", set()),
    ],
)
def test_a_search_finds_exactly_the_texts_that_say_it(any_app, address, sought, found):
    camille = Staff(any_app, "facilitator")
    page = camille.client.get(address, query_string={"q": sought})
    assert page.status_code == 200
    bodies = [unescape(body) for body in re.findall(r"<blockquote[^>]*>([^<]+)<", page.text)]
    assert set(bodies) == {TEXTS[n] for n in found}
    assert ("No text says this" in page.text) == (not found)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text):
    assert folded(folded(text)) == folded(text)
