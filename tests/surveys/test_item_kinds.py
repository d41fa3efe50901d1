"""A key of the file belongs to its kinds, and a kind that is not built is refused by name."""

from typing import get_args

import pytest

from consult.core.paths import shipped
from consult.surveys.rules import KINDS, DefinitionError, parse_definition
from consult.surveys.rules.definition import SILENT, Item, Kind
from tests.surveys.test_conditions import questionnaire

OPTIONS = [{"code": c, "label": {"fr": c, "en": c}} for c in "abc"]
TITLE = {"fr": "Titre", "en": "Title"}
# What the least item of a kind needs.
LEAST = {
    "one_choice": {"options": OPTIONS},
    "several_choices": {"options": OPTIONS},
    "scale": {"options": OPTIONS},
    "matrix": {"options": OPTIONS, "rows": [{"code": "r", "label": TITLE}]},
    "ranking": {"options": OPTIONS},
    "points": {"options": OPTIONS},
    "best_worst": {"options": OPTIONS, "set_size": 3},
    "computed": {"calculation": "1"},
    "consent": {"purpose": "research"},
}
# One value of each key that belongs to some kinds only.
GIVEN = {
    "required": True,
    "options": OPTIONS,
    "max_choices": 2,
    "min_choices": 1,
    "max_length": 50,
    "non_answers": ["dont_know"],
    "constraints": [{"test": "true()", "message": TITLE}],
    "calculation": "1",
    "rows": [{"code": "r", "label": TITLE}],
    "minimum": 1,
    "maximum": 9,
    "decimals": 2,
    "unit": TITLE,
    "options_from": "other",
    "total": 50,
    "set_size": 3,
    "sets": 5,
    "seed": 7,
    "purpose": "quote",
}


def faults(**keys):
    raw = {"code": "it", "title": TITLE, **keys}
    try:
        parse_definition(questionnaire({"code": "p", "title": TITLE, "items": [raw]}))
    except DefinitionError as error:
        return [(fault.place, fault.english) for fault in error.faults]
    return []


def test_every_key_of_an_item_is_tried_here() -> None:
    own = set(Item.__struct_fields__) - {"code", "kind", "title", "hint", "relevant"}
    assert own == set(GIVEN)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", GIVEN)
def test_a_key_is_refused_at_its_place_where_it_does_not_belong(kind, key) -> None:
    found = faults(kind=kind, **LEAST.get(kind, {}) | {key: GIVEN[key]})
    strange = f"“{key}” does not belong to the kind “{kind}”."
    at = f"$.pages[0].items[0].{key}"
    assert ((at, strange) in found) is (key not in KINDS[kind].fields)


@pytest.mark.parametrize("kind", sorted(set(get_args(Kind)) - set(KINDS)))
def test_a_kind_that_is_not_built_is_refused_by_name(kind) -> None:
    place = "$.pages[0].items[0].kind"
    assert faults(kind=kind) == [(place, f"The kind “{kind}” is not supported yet.")]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"computed"}))
def test_every_kind_that_is_asked_has_a_template(kind) -> None:
    text = (shipped("templates") / f"surveys/kinds/{kind}.html").read_text("utf-8")
    assert "macro question(item, typed, errors)" in text
    assert ("macro answer(item, typed)" in text) is (kind not in SILENT)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"min_choices": 4}, "This is more than may be chosen."),
        ({"min_choices": 3, "max_choices": 2}, "This is more than may be chosen."),
        ({"min_choices": 2, "max_choices": 2}, ""),
    ],
)
def test_the_least_number_of_choices_must_be_possible(keys, told) -> None:
    found = faults(kind="several_choices", options=OPTIONS, **keys)
    assert [text for _place, text in found] == ([told] if told else [])
