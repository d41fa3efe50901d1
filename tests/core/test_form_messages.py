"""A form tells what to mend in our words, once for each field, and keeps what was typed."""

import importlib

import pytest
from wtforms.fields.core import UnboundField

from consult.core.forms import Form

MODULES = ("accounts", "consultations", "tables")


def forms() -> list[type[Form]]:
    for name in MODULES:
        importlib.import_module(f"consult.{name}.forms")
    return Form.__subclasses__()


def test_no_field_takes_the_place_of_a_method() -> None:
    assert len(forms()) >= 9
    for form in forms():
        fields = {n for n in dir(form) if isinstance(getattr(form, n), UnboundField)}
        assert fields
        assert fields & {n for n in dir(Form) if not n.startswith("_")} == set(), form


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("fr", ["Raccourcissez ce texte\u00a0: la limite est de 120 caractères.", "AAAA-MM-JJ"]),
        ("en", ["Shorten this text: the limit is 120 characters.", "YYYY-MM-DD"]),
    ],
)
def test_the_words_of_the_library_are_never_shown(app, lang, told) -> None:
    from consult.tables.forms import InviteForm

    data = {"name": "x" * 121, "email": "a@b.ca", "locale": "de", "ends_on": "tomorrow"}
    with app.test_request_context(f"/{lang}/", method="POST", data=data):
        form = InviteForm()
        assert not form.validate()
        rows = {row["href"]: row["text"] for row in form.error_rows()}
        assert form.typed("ends_on") == "tomorrow"
    assert set(rows) == {"#name", "#locale", "#ends_on"}
    assert rows["#name"] == told[0]
    assert told[1] in rows["#ends_on"]
    assert not [text for text in rows.values() if "alid" in text]
