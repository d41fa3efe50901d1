"""A code that says why there is no answer is labelled like any other, in the chosen language."""

import pytest
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import read_session
from consult.core.i18n import in_language
from consult.surveys.exporting import ResponsesExport


@pytest.mark.parametrize(
    ("lang", "title", "label"),
    [
        ("fr", "Réponses", "Je préfère ne pas répondre"),
        ("en", "Responses", "I prefer not to answer"),
    ],
)
def test_a_non_answer_has_its_words_in_the_rows_and_in_the_codebook(app, lang, title, label):
    kind = ResponsesExport()
    with read_session(app) as session, in_language(lang):
        consultation = session.scalars(select(Consultation).filter_by(state="open")).one()
        codebook = set(kind.codebook(session, consultation, lang))
        assert kind.title(lang) == title
        columns = [column.code for column in kind.columns(session, consultation, lang)]
        rows = [
            dict(zip(columns, row, strict=True)) for row in kind.rows(session, consultation, lang)
        ]
    assert ("prefer_not", label) in {entry[3:5] for entry in codebook}
    assert {entry[0] for entry in codebook} <= set(columns), "every row names a column there is"
    declined = [row for row in rows if row["lonely"] == "prefer_not"]
    assert declined, "control: somebody preferred not to answer"
    assert {row["lonely.label"] for row in declined} == {label}
