"""What is wrong with a questionnaire file is said in the language of the page."""

import json

import pytest

from consult.core.i18n import in_language
from consult.core.paths import PACKAGE
from consult.surveys.faults import fault_text
from consult.surveys.rules import DefinitionError, Fault, parse_definition

WHOLE = (PACKAGE / "demo/data/se-deplacer.json").read_text("utf-8")
ITEM, OPTION = ("pages", 1, "items", 0), ("pages", 1, "items", 0, "options", 1)


def spoilt(path: tuple, value: object) -> bytes:
    """Return the demo's questionnaire with one value changed, or taken away (``...``)."""
    made = json.loads(WHOLE)
    *way, last = path
    inside = made
    for step in way:
        inside = inside[step]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    return json.dumps(made).encode()


BROKEN = {
    "not JSON": b"{not json",
    "cut short": WHOLE.encode()[:500],
    "not text": b"\xff\xfe{}",
    "field missing": spoilt(("code",), ...),
    "field unknown": spoilt(("colour",), "red"),
    "format": spoilt(("format",), "other/1"),
    "kind of value": spoilt(("pages",), 7),
    "code shape": spoilt((*ITEM, "code"), "Not A Code"),
    "no page": spoilt(("pages",), []),
    "no choice": spoilt((*ITEM, "max_choices"), 0),
    "text too long": spoilt(("title", "fr"), "x" * 5001),
    "limit too large": spoilt(("pages", 1, "items", 2, "max_length"), 9999),
    "code twice": spoilt((*ITEM, "code"), "role"),
    "page twice": spoilt(("pages", 1, "code"), "you"),
    "option twice": spoilt((*OPTION, "code"), "housing"),
    "options missing": spoilt((*ITEM, "options"), []),
    "options of a text": spoilt(
        ("pages", 1, "items", 2, "options"),
        [{"code": c, "label": {"fr": c, "en": c}} for c in "ab"],
    ),
    "too many choices": spoilt((*ITEM, "max_choices"), 99),
    "exclusive": spoilt(("pages", 0, "items", 1, "max_choices"), 2),
    "reserved": spoilt((*OPTION, "code"), "dont_know"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_is_said_in_both_languages(app, name: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse_definition(BROKEN[name])
    with app.test_request_context("/fr/"):
        for fault in refused.value.faults:
            with in_language("fr"):
                french = fault_text(fault)
            with in_language("en"):
                english = fault_text(fault)
            assert len({french, english, fault.message}) == 3, (french, english, fault.message)


def test_a_text_that_is_translated_already_passes(app) -> None:
    with app.test_request_context("/fr/"):
        assert fault_text(Fault("$", "Choisissez un fichier.")) == "Choisissez un fichier."
