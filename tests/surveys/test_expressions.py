"""The language of conditions: one text, one tree, one value, in Python and in the browser."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.surveys.expressions import (
    FUNCTIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    ExpressionError,
    Known,
    check,
    evaluate,
    parse,
    print_tree,
    to_json,
)
from tests.support import conditions
from tests.support.databases import need

ROOT = Path(__file__).resolve().parents[2]
SHARED = json.loads((Path(__file__).parent / "data/expressions.json").read_text("utf-8"))
VECTORS = SHARED["vectors"]
KNOWN = {code: Known(kind) for code, (kind, _values) in conditions.ITEMS.items()}
KINDS = ["number", "text", "words", "bool", "choice", "date"]
chances = st.integers(0, 2**48).map(random.Random)


def is_same(a, b) -> bool:
    """Compare as JavaScript does: true is not 1, and every number is a double."""
    if isinstance(a, bool) or isinstance(b, bool) or not isinstance(a, int | float):
        return a is b or (type(a) is type(b) and a == b)
    return isinstance(b, int | float) and float(a) == float(b)


def given_values() -> dict:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in SHARED["values"].items()}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["expression"])
def test_a_shared_vector_has_its_tree_and_value_in_python(vector) -> None:
    tree = parse(vector["expression"])
    assert to_json(tree) == vector["tree"]
    assert parse(print_tree(tree)) == tree
    assert is_same(evaluate(tree, given_values(), conditions.TODAY), vector["value"])


def test_the_vectors_use_every_function_and_sign() -> None:
    text = json.dumps([vector["tree"] for vector in VECTORS])
    signs = ["and", "or", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "neg"]
    assert [name for name in [*FUNCTIONS, *signs] if f'["{name}"' not in text] == []


SCRIPT = """
import { readFileSync } from "node:fs";
const source = readFileSync(process.argv[1]).toString("base64");
const { evaluate } = await import(`data:text/javascript;base64,${source}`);
const cases = JSON.parse(readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(cases.map(([tree, values]) => evaluate(tree, values))));
"""


def in_node(cases: list) -> list:
    need("node", shutil.which("node") is not None)
    module = ROOT / "consult/static/js/answering.js"
    command = ["node", "--input-type=module", "-e", SCRIPT, str(module)]
    done = subprocess.run(
        command, input=json.dumps(cases), capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def test_the_shared_vectors_have_the_same_values_in_javascript() -> None:
    found = in_node([[vector["tree"], SHARED["values"]] for vector in VECTORS])
    assert len(found) == len(VECTORS)
    wrong = [
        v["expression"] for v, f in zip(VECTORS, found, strict=True) if not is_same(f, v["value"])
    ]
    assert wrong == []


def test_two_thousand_random_trees_have_the_same_values_in_python_and_javascript() -> None:
    chance = random.Random(20261124)
    trees = [conditions.tree(chance, chance.choice(KINDS)) for _ in range(2000)]
    cases = [(tree, conditions.values(chance)) for tree in trees]
    day = conditions.TODAY.isoformat()
    found = in_node([[to_json(tree), {**values, "today()": day}] for tree, values in cases])
    expected = [evaluate(tree, values, conditions.TODAY) for tree, values in cases]
    wrong = [
        (print_tree(tree), values, want, got)
        for (tree, values), want, got in zip(cases, expected, found, strict=True)
        if not is_same(want, list(got) if isinstance(got, list) else got)
    ]
    assert wrong == []
    assert len({str(value) for value in expected}) > 30


@given(chances, st.sampled_from(KINDS))
def test_printing_and_parsing_give_the_tree_again(chance, kind) -> None:
    tree = conditions.tree(chance, kind)
    assert parse(print_tree(tree)) == tree


OF_TYPE = {
    "number": float,
    "text": str,
    "words": str,
    "bool": bool,
    "choice": str,
    "date": str,
}


@given(chances, st.sampled_from(KINDS))
def test_a_checked_tree_never_fails_and_gives_a_value_of_its_type(chance, kind) -> None:
    tree = conditions.tree(chance, kind)
    checked = check(tree, KNOWN)
    assert checked.faults == ()
    assert checked.type in {kind, "empty"}
    value = evaluate(tree, conditions.values(chance), conditions.TODAY)
    assert value is None or type(value) is OF_TYPE[kind]
    assert not isinstance(value, float) or abs(value) < float("inf")


@given(st.text(alphabet="${}abci'\"‘’().,<>=!+-*/ 0123456789andorivmt\n", max_size=60))
def test_any_text_is_a_tree_or_is_told_where_it_fails(text) -> None:
    try:
        tree = parse(text)
    except ExpressionError as error:
        assert 1 <= error.fault.column <= len(text) + 1
    else:
        assert parse(print_tree(tree)) == tree
        check(tree, KNOWN)


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("${one} = ", "ends_early", 10),
        ("${one} == 'a'", "unexpected", 9),
        ("${one} = 'a", "open_text", 10),
        ("${one} = 'a' && true()", "bad_sign", 14),
        ("(1 = 1", "ends_early", 7),
        ("1 = 1)", "unexpected", 6),
        ("selected(${one} 'a')", "unexpected", 17),
        ("${One} = 'a'", "bad_sign", 1),
        ("and = 1", "unexpected", 1),
        ("12345678901234567 = 1", "long_number", 1),
        ("(" * 100 + "1" + ")" * 100, "too_deep", MAX_DEPTH + 1),
        ("1" + " + 1" * 80, "too_deep", None),
        (" " * (MAX_LENGTH + 1), "too_long", MAX_LENGTH + 1),
    ],
)
def test_a_fault_of_syntax_is_told_with_its_column(text, code, column) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.fault.code == code
    assert column is None or caught.value.fault.column == column


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("${one} > 3", "wrong_type", 1),
        ("${one} = 3", "unlike", 8),
        ("${sum} = 'a'", "unlike", 8),
        ("${many} = 'a'", "set_equality", 9),
        ("${nobody} = 'a'", "unknown_item", 1),
        ("1 = 1 and ${sum}", "wrong_type", 11),
        ("regex(${free}, 'a+')", "unknown_function", 1),
        ("selected(${free}, 'a')", "wrong_type", 10),
        ("selected(${one})", "arguments", 1),
        ("if(true(), 1, 'a')", "unlike", 15),
        ("round(1, 9)", "wrong_type", 10),
        ("round(1, ${sum})", "wrong_type", 10),
        ("date('2026-02-30')", "no_day", 6),
        ("-${flag}", "wrong_type", 2),
        ("number(${free})", "wrong_type", 8),
    ],
)
def test_a_fault_of_type_is_told_with_its_column(text, code, column) -> None:
    faults = check(parse(text), KNOWN).faults
    assert [(fault.code, fault.column) for fault in faults] == [(code, column)]


def test_an_option_that_does_not_exist_is_told() -> None:
    known = {"one": Known("choice", frozenset({"a", "b"}))}
    (fault,) = check(parse("${one} = 'a' or selected(${one}, 'c')"), known).faults
    assert (fault.code, fault.column, fault.values["option"]) == ("unknown_option", 34, "c")


def test_curly_quotation_marks_are_read_and_printed_straight() -> None:
    assert (
        print_tree(parse("${leader} = ‘other’ or ${leader} = “x”"))
        == "${leader} = 'other' or ${leader} = 'x'"
    )


@pytest.mark.parametrize(
    "unit", ["(", "not(", "-", "1+", "'a'=", "${a} and ", "if(", "$", "‘", "1 or "]
)
def test_a_hostile_text_at_its_cap_costs_no_more_than_its_length(unit) -> None:
    text = (unit * MAX_LENGTH)[:MAX_LENGTH]
    calls = [0]

    def count(_frame, event, _argument):
        calls[0] += event == "call"

    sys.setprofile(count)
    try:
        check(parse(text), {})
    except ExpressionError:
        pass
    finally:
        sys.setprofile(None)
    assert 0 < calls[0] < 20 * MAX_LENGTH
