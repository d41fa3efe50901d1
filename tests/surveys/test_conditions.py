"""Conditions of a questionnaire: compiled when it is loaded, refused with item and column."""

import itertools
import random

import pytest

from consult.core.i18n import in_language
from consult.surveys.commands import report
from consult.surveys.faults import fault_text
from consult.surveys.rules import (
    DefinitionError,
    Fault,
    missing_texts,
    parse_definition,
    path,
    plan_of,
)
from tests.support import conditions
from tests.support.conditions import TODAY, words

WORDS = words("mot")


def options(*codes, **relevant):
    return [
        {"code": c, "label": WORDS, **({"relevant": relevant[c]} if c in relevant else {})}
        for c in codes
    ]


def one(code, *codes, offered=None, **more):
    made = options(*(codes or "xyz"), **(offered or {}))
    return {"code": code, "kind": "one_choice", "title": WORDS, "options": made, **more}


def many(code, *codes, **more):
    return {**one(code, *codes, **more), "kind": "several_choices"}


def text(code, **more):
    return {"code": code, "kind": "long_text", "title": WORDS, **more}


def computed(code, calculation, **more):
    more = {"calculation": calculation, **more}
    return {"code": code, "kind": "computed", "title": WORDS, **more}


def page(code, *items, **more):
    return {"code": code, "title": WORDS, "items": list(items), **more}


def questionnaire(*pages):
    head = {"format": "consult-questionnaire/1", "code": "test", "title": WORDS}
    return head | {"pages": list(pages)}


def faults(*pages):
    with pytest.raises(DefinitionError) as caught:
        parse_definition(questionnaire(*pages))
    return [(f.code, f.item, f.column) for f in caught.value.faults]


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([one("a", relevant="${b} = 'x'"), one("b")], ("forward_item", "a", 1)),
        ([one("a", relevant="${a} = 'x'")], ("cycle", "a", 1)),
        ([one("a", relevant="${b} = 'x'"), one("b", relevant="${a} = 'x'")], ("cycle", "a", 1)),
        ([computed("a", "${b}"), computed("b", "${a}")], ("cycle", "a", 1)),
        ([one("a", relevant="1 = 1 and ${nobody} = 'x'")], ("unknown_item", "a", 11)),
        ([one("a"), one("b", relevant="${a} = 'q'")], ("unknown_option", "b", 8)),
        ([one("a"), one("b", relevant="${a} < 3")], ("wrong_type", "b", 1)),
        ([one("a"), one("b", relevant="1 + 1")], ("not_condition", "b", 1)),
        ([one("a"), one("b", relevant="${a} = ")], ("ends_early", "b", 8)),
        ([one("a", relevant=". = 'x'")], ("no_this", "a", 1)),
        ([text("a"), computed("b", "${a}")], ("words_copied", "b", 1)),
        ([many("a"), computed("b", "${a}")], ("not_storable", "b", 1)),
        ([one("a", offered={"x": "${a} = 'y'"})], ("cycle", "a", 1)),
        ([{"code": "n", "kind": "note", "title": WORDS}, one("a", relevant="${n} = 'x'")],
         ("note_item", "a", 1)),
    ],
)  # fmt: skip
def test_a_faulty_condition_is_refused_with_item_and_column(items, found):
    assert faults(page("p", *items))[0] == found


def test_a_page_cannot_depend_on_itself_and_a_cycle_may_pass_through_it():
    assert faults(page("p", one("a"), relevant="${a} = 'x'")) == [("cycle", "p", 1)]


@pytest.mark.parametrize(
    "pages",
    [
        [page("p", one("a"), one("b", relevant="${a} = 'x' and ${a} = 'y'"))],
        [page("p", one("a"), one("b", relevant="${a} = 'x'"),
              one("c", relevant="answered(${b}) and ${a} = 'y'"))],
        [page("p", one("a")), page("q", one("b", relevant="${a} = 'y'"), relevant="${a} = 'x'")],
        [page("p", one("a"), computed("n", "if(${a} = 'x', 1, 2)"), one("b", relevant="${n} > 2"))],
        [page("p", many("a"), one("b", relevant="count-selected(${a}) > 3"))],
        [page("p", many("a", max_choices=1),
              one("b", relevant="selected(${a}, 'x') and selected(${a}, 'y')"))],
        [page("p", text("t"), one("a"),
              one("b", relevant="string-length(${t}) > 3 and ${a} = 'x' and ${a} = 'z'"))],
        [page("p", one("a"), one("b", relevant="false()"))],
        [page("p", one("a", offered={"x": "1 = 2"}), one("b", relevant="${a} = 'x'"))],
    ],
)  # fmt: skip
def test_what_no_answers_can_reach_is_refused(pages):
    assert {code for code, _item, _column in faults(*pages)} <= {"never_asked", "never_offered"}


@pytest.mark.parametrize(
    "pages",
    [
        # Texts and days are not proven; neither is what has too many combinations.
        [page("p", text("t"), one("a", relevant="${t} = 'a' and ${t} = 'b'"))],
        [page("p", one("a", relevant="today() < date('2020-01-01')"))],
        [page("p", one("a"), one("b", offered={"y": "${a} = 'x'"}), one("c", relevant="${b} = 'y'"))],
        [page("p", one("a", offered={"y": "true()"}), one("b", relevant="answered(${a}) and ${a} != 'x'"))],
        [page("p", *(one(f"i{n}") for n in range(40)),
              one("z", relevant=" and ".join(f"${{i{n}}} = 'x'" for n in range(40))))],
    ],
)  # fmt: skip
def test_what_is_not_proven_unreachable_is_accepted(pages):
    assert parse_definition(questionnaire(*pages))


def test_a_constraint_that_refuses_every_answer_is_refused():
    never = {"test": "${a} = 'x' and . = 'y' and ${a} = 'z'", "message": WORDS}
    assert faults(page("p", one("a"), one("b", constraints=[never]))) == [
        ("never_accepted", "b", 1)
    ]


@pytest.mark.parametrize("seed", range(60))
def test_only_what_is_truly_out_of_reach_is_called_so(seed):
    """Every combination of answers of a small questionnaire is tried: nothing accepted is dead,
    and nothing alive was refused.
    """
    chance = random.Random(seed)
    definition = conditions.questionnaire(chance, closed=True)
    plan = plan_of(definition)
    alive: set[str] = set()
    for typed in every_answer(definition):
        found = path(plan, typed, TODAY)
        alive |= {item.code for item in found.questions} | set(found.computed)
        alive |= {f"{i.code}.{o.code}" for i in found.questions for o in i.options}
    for item in definition.variables:
        assert item.code in alive
        for option in item.options:
            assert not option.relevant or f"{item.code}.{option.code}" in alive


@pytest.mark.parametrize("seed", range(60, 100))
def test_nothing_within_reach_is_ever_refused(seed):
    chance = random.Random(seed)
    definition = conditions.questionnaire(chance, closed=True)
    target = chance.choice(definition.pages[-1].items)
    raw = conditions.raw(definition)
    condition = conditions.condition_over(chance, definition, target)
    raw["pages"][-1]["items"][definition.pages[-1].items.index(target)]["relevant"] = condition
    try:
        parse_definition(raw)
    except DefinitionError as error:
        refused = {fault.item for fault in error.faults if fault.code == "never_asked"}
        assert {fault.code for fault in error.faults} <= {
            "never_asked",
            "never_offered",
            "never_accepted",
        }
        plan = conditions.unchecked_plan(raw)
        for typed in every_answer(definition):
            found = path(plan, typed, TODAY)
            assert not refused & ({i.code for i in found.questions} | set(found.computed))


def every_answer(definition):
    choices = []
    for item in definition.items:
        codes = [option.code for option in item.options]
        if item.kind == "several_choices":
            sets = [
                list(c) for n in range(len(codes) + 1) for c in itertools.combinations(codes, n)
            ]
            choices.append([*sets, *([code] for code in item.non_answers)])
        else:
            choices.append([None, *codes, *item.non_answers])
    names = [item.code for item in definition.items]
    for values in itertools.islice(itertools.product(*choices), 6000):
        yield dict(zip(names, values, strict=True))


def test_the_report_of_the_command_gives_code_item_column_and_words():
    import json

    raw = questionnaire(page("p", one("a"), one("b", relevant="${a} = 'q'")))
    (fault,) = report(json.dumps(raw).encode())["faults"]
    assert fault == {
        "place": "$.pages[0].items[1].relevant",
        "message": "“b”, column 8: The item “a” has no option “q”.",
        "code": "unknown_option",
        "item": "b",
        "column": 8,
    }


def test_every_fault_has_words_in_both_languages(app):
    from consult.surveys import faults as wording

    samples = {"wanted": (1, 2), "found": "choice", "left": "text", "right": "number", "user": "+"}
    samples |= {"item": "a", "option": "q", "name": "f", "sign": "?", "limit": 3, "text": "t"}
    for code in [*wording._SYNTAX, *wording._TYPES, *wording._ROUTES]:
        fault = Fault("$", code=code, column=7, item="a", values=samples)
        told = {}
        for lang in ("fr", "en"):
            with app.test_request_context(f"/{lang}/"), in_language(lang):
                told[lang] = fault_text(fault)
        assert told["fr"] != told["en"]
        assert all("7" in said and "%(" not in said for said in told.values()), told


def test_the_message_of_a_constraint_is_demanded_in_both_languages():
    rule = {"test": ". != 'x'", "message": {"fr": "Non", "en": ""}}
    definition = parse_definition(questionnaire(page("p", one("a", constraints=[rule]))))
    assert [(m.place, m.lang) for m in missing_texts(definition)] == [
        ("a.constraints[0].message", "en")
    ]
    assert not report(b"{}")["ok"]


@pytest.mark.parametrize(
    "item",
    [
        {**one("a"), "calculation": "1"},
        computed("a", " "),
        computed("a", "1", required=True),
        computed("a", "1", options=options("x", "y")),
        one("a", "x", "not_asked"),
        {"code": "n", "kind": "note", "title": WORDS, "constraints": [{"test": "true()", "message": WORDS}]},
    ],
)  # fmt: skip
def test_keys_in_the_wrong_place_are_refused(item):
    assert faults(page("p", item))


def test_expressions_are_bounded_together():
    rule = "1 = 1 or " * 400 + "1 = 1"
    items = [one(f"i{n}", relevant=rule) for n in range(100)]
    with pytest.raises(DefinitionError, match="characters together"):
        parse_definition(questionnaire(page("p", *items)))


def test_a_long_chain_of_conditions_is_compiled_without_delay():
    """Three hundred items, each depending on the one before."""
    import sys

    items = [one("i0")] + [one(f"i{n}", relevant=f"${{i{n - 1}}} = 'x'") for n in range(1, 300)]
    calls = [0]

    def count(_frame, event, _argument):
        calls[0] += event == "call"

    sys.setprofile(count)
    try:
        parse_definition(questionnaire(page("p", *items)))
    finally:
        sys.setprofile(None)
    assert calls[0] < 3_000_000
