"""SurveyJS files: what each element becomes, and conditions as SurveyJS itself evaluates them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.surveys.expressions import evaluate, parse
from consult.surveys.importing import read

DATA = Path(__file__).parent / "data" / "imports"
VECTORS = json.loads((DATA / "surveyjs-expressions.json").read_text("utf-8"))["vectors"]
ITEMS = [
    {
        "type": "radiogroup",
        "name": "a",
        "choices": ["item1-0", "item2-0", "item2-3", "Other Value"],
    },
    {"type": "checkbox", "name": "m", "choices": ["x", "y", "z"]},
    {"type": "boolean", "name": "b"},
    {"type": "rating", "name": "r"},
    {"type": "comment", "name": "t"},
    {"type": "text", "inputType": "number", "name": "n"},
]


def survey(*elements, **more):
    return {
        "title": {"default": "Test", "fr": "Essai"},
        "pages": [{"name": "p", "elements": [*elements]}],
    } | more


def imported(*elements, **more):
    return read(json.dumps(survey(*elements, **more)).encode())


def items(found):
    assert found.faults == ()
    return {item["code"]: item for page in found.definition["pages"] for item in page["items"]}


def coded(values):
    """Return answers under our codes, as expressions see them."""
    codes = {
        "item1-0": "item1_0",
        "item2-0": "item2_0",
        "item2-3": "item2_3",
        "Other Value": "other_value",
    }
    made = {}
    for name, value in values.items():
        if isinstance(value, list):
            made[name] = tuple(value)
        elif isinstance(value, bool):
            made[name] = "true" if value else "false"
        elif name == "r":
            made[name] = str(value)
        else:
            made[name] = float(value) if name == "n" else codes.get(value, value)
    return made


@pytest.mark.parametrize(("source", "cases"), VECTORS, ids=[v[0] for v in VECTORS])
def test_a_condition_means_what_surveyjs_answers(source, cases):
    goal = {"type": "comment", "name": "goal", "visibleIf": source}
    condition = items(imported(*ITEMS, goal))["goal"]["relevant"]
    for values, truth in cases:
        assert evaluate(parse(condition), coded(values)) is truth, (condition, values)


@pytest.mark.parametrize(
    ("source", "code", "column"),
    [
        ("{nobody} = 1", "unknown_item", 1),
        ("{a} = 'item9'", "unknown_option", 7),
        ("{a} anyof ['item1-0', 'item9']", "unknown_option", 11),
        ("{a} = ", "ends_early", 7),
        ("{a} = 'x", "open_text", 7),
        ("age({t}) > 3", "unknown_function", 1),
        ("{a} = 'item1-0' ~", "bad_sign", 17),
        ("1 + 2", "not_condition", 3),
        ("iif({a})", "arguments", 1),
        ("(" * 70 + "{a} = 1" + ")" * 70, "too_deep", 65),
    ],
)
def test_a_condition_that_cannot_be_said_is_a_fault_with_place_and_column(source, code, column):
    found = imported(*ITEMS, {"type": "comment", "name": "goal", "visibleIf": source})
    (fault,) = found.faults
    assert (fault.place, fault.code, fault.column) == (
        "$.pages[0].elements[6].visibleIf",
        code,
        column,
    )
    assert found.definition is None


def test_what_can_never_be_asked_is_a_fault_at_its_place():
    found = imported(
        *ITEMS, {"type": "comment", "name": "g", "visibleIf": "{a} = 'item1-0' and {a} = 'item2-0'"}
    )
    assert [(f.place, f.code) for f in found.faults] == [
        ("$.pages[0].elements[6].visibleIf", "never_asked")
    ]


def test_choices_keep_their_extras():
    made = items(
        imported(
            {"type": "comment", "name": "t"},
            {
                "type": "checkbox", "name": "m", "isRequired": True, "maxSelectedChoices": 2,
                "choices": ["x", {"value": "y", "text": {"default": "Why", "fr": "Pourquoi"}, "visibleIf": "{t} notempty"}],
                "showNoneItem": True, "showDontKnowItem": True,
            },
        )
    )["m"]  # fmt: skip
    assert made["required"]
    assert made["max_choices"] == 2
    assert made["non_answers"] == ["dont_know"]
    assert [
        (o["code"], o.get("exclusive"), o.get("specify"), o.get("relevant"))
        for o in made["options"]
    ] == [
        ("x", None, None, None),
        ("y", None, None, "${t} != ''"),
        ("none", True, None, None),
    ]
    assert made["options"][1]["label"] == {"fr": "Pourquoi", "en": "Why"}


def test_a_word_beside_other_a_day_and_a_number_keep_their_bounds():
    made = items(
        imported(
            {"type": "radiogroup", "name": "a", "choices": ["x", "y"], "showOtherItem": True},
            {"type": "text", "inputType": "date", "name": "d"},
            {"type": "text", "inputType": "number", "name": "n", "min": 0, "max": 9.5, "step": 0.5},
            {"type": "comment", "name": "g", "visibleIf": "{d} > '2026-02-01'"},
        )
    )
    other = {"code": "other", "label": {"fr": "Autre", "en": "Other"}, "specify": True}
    assert made["a"]["options"][2] == other
    assert made["d"]["kind"] == "date"
    assert {k: made["n"][k] for k in ("kind", "minimum", "maximum", "decimals")} == {
        "kind": "number", "minimum": 0, "maximum": 9.5, "decimals": 1,
    }  # fmt: skip
    assert made["g"]["relevant"] == "${d} > date('2026-02-01')"


def test_a_text_without_a_language_is_taken_for_one_language_unless_both_write_it_alike():
    found = imported(
        {"type": "comment", "name": "q", "title": "Your opinion"},
        {"type": "rating", "name": "r", "title": "Consultations"},
    )
    made = items(found)
    assert made["q"]["title"] == {"en": "Your opinion"}
    assert made["r"]["title"] == {"fr": "Consultations", "en": "Consultations"}
    assert [o["label"]["fr"] for o in made["r"]["options"]] == ["1", "2", "3", "4", "5"]
    assert [(n.place, n.code) for n in found.notes if n.code == "text_alike"] == [
        ("$.pages[0].elements[1].title", "text_alike")
    ]


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ({"type": "file", "name": "f"}, "unknown_type"),
        ({"type": "matrixdynamic", "name": "f"}, "unknown_type"),
        ({"type": "paneldynamic", "name": "f"}, "unknown_type"),
        ({"type": ["x"], "name": "f"}, "unknown_type"),
        ({"type": "text", "inputType": "color", "name": "f"}, "unknown_type"),
        ({"type": "dropdown", "name": "f", "choicesByUrl": {"url": "x"}, "choices": ["a", "b"]}, "property_unknown"),
        ({"type": "dropdown", "name": "f", "choices": ["a", "a"]}, "value_used_twice"),
        ({"type": "comment", "name": "f", "requiredIf": "{t} notempty"}, "property_unknown"),
        ("nothing", "no_element"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_fault_at_its_place(element, code):
    found = imported({"type": "comment", "name": "t"}, element)
    assert found.definition is None
    assert {(f.place.startswith("$.pages[0].elements[1]"), f.code) for f in found.faults} == {
        (True, code)
    }


def test_a_property_that_is_not_carried_is_told_once_with_its_count():
    found = imported(*({"type": "comment", "name": f"q{n}", "tooltip": "x"} for n in range(3)))
    assert [(n.place, n.code, n.values["property"], n.values["count"]) for n in found.notes] == [
        ("$.pages[0].elements[0].tooltip", "property_not_carried", "tooltip", 3)
    ]


def test_names_become_codes_that_are_unique_and_stable():
    names = ["Âge-du répondant", "Âge du répondant", "1er choix", "déjà", "???", "x" * 90]
    made = items(imported(*({"type": "comment", "name": name} for name in names)))
    assert list(made) == [
        "age_du_repondant",
        "age_du_repondant_2",
        "q_1er_choix",
        "deja",
        "q",
        "x" * 60,
    ]


scalars = st.none() | st.booleans() | st.integers(-9, 99) | st.text(max_size=8) | st.sampled_from(
    ["{a} = 'x'", "radiogroup", "checkbox", "text", "panel", "matrix", "rating", "html", "expression", "multipletext", "item1", "<h1>x</h1>"]
)  # fmt: skip
keys = st.sampled_from(
    ["type", "name", "title", "choices", "elements", "visibleIf", "rows", "columns", "items", "html", "value", "text", "default", "fr", "rateMax",
     "rateValues", "validators", "inputType", "min", "choicesVisibleIf", "showOtherItem", "expression", "isRequired", "maxLength", "pages"]
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=25,
)


@given(st.lists(st.dictionaries(keys, anything, max_size=7), max_size=4))
def test_any_json_is_taken_or_refused_with_places(elements):
    found = read(json.dumps({"pages": [{"name": "p", "elements": elements}]}).encode())
    assert (found.definition is None) == bool(found.faults)
    assert all(fault.place for fault in found.faults)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode()))
def test_any_bytes_are_taken_or_refused(content):
    found = read(content)
    assert found.definition is None
    assert found.faults


def test_deep_nesting_is_refused():
    panel = {"type": "comment", "name": "q"}
    for n in range(30):
        panel = {"type": "panel", "name": f"p{n}", "elements": [panel]}
    assert [f.code for f in imported(panel).faults] == ["too_nested"]
    assert [f.code for f in read(b'{"pages":' + b"[" * 100_000).faults] == ["broken_json"]
