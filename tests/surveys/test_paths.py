"""The path of a respondent: pure, stable, the same in both languages, true to the conditions."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.surveys import answers
from consult.surveys.expressions import Value, evaluate, parse
from consult.surveys.rules import Definition, parse_definition, path, plan_of, shown_pages
from tests.support import conditions
from tests.support.conditions import TODAY
from tests.surveys.test_conditions import computed, many, one, page, questionnaire, text

seeds = st.integers(0, 2**48)


def planned(*pages):
    return plan_of(parse_definition(questionnaire(*pages)))


def steps(plan, **typed):
    return [(p.number, [i.code for i in p.items]) for p in path(plan, typed, TODAY).pages]


BRANCHING = (
    page("p", one("role"), many("needs", "a", "b", relevant="${role} = 'x'")),
    page("q", one("when", "d", "e"), relevant="selected(${needs}, 'a')"),
    page("r", text("why"), computed("score", "count-selected(${needs}) + 1")),
    page("s", one("last", "l", "m", offered={"m": "${score} > 2"})),
)


def test_pages_and_items_follow_the_answers():
    plan = planned(*BRANCHING)
    plain = [(1, ["role"]), (3, ["why"]), (4, ["last"])]
    assert steps(plan) == plain
    assert steps(plan, role="x") == [(1, ["role", "needs"]), *plain[1:]]
    whole = [(1, ["role", "needs"]), (2, ["when"]), *plain[1:]]
    assert steps(plan, role="x", needs=["a", "b"]) == whole


def test_an_answer_off_the_path_opens_nothing():
    plan = planned(*BRANCHING)
    assert steps(plan, role="y", needs=["a"], when="d") == [
        (1, ["role"]),
        (3, ["why"]),
        (4, ["last"]),
    ]


def test_options_follow_the_answers_and_a_choice_without_any_is_not_asked():
    plan = planned(*BRANCHING)
    found = path(plan, {"role": "x", "needs": ["a", "b"]}, TODAY)
    assert [o.code for o in found.questions[-1].options] == ["l", "m"]
    assert [o.code for o in path(plan, {}, TODAY).questions[-1].options] == ["l"]
    none = planned(
        page("p", one("a")),
        page("q", one("b", "v", "w", offered=dict.fromkeys("vw", "${a} = 'x'"))),
    )
    assert steps(none) == [(1, ["a"])]


def test_steps_are_counted_along_the_path():
    found = path(planned(*BRANCHING), {}, TODAY)
    assert [found.position(p.number) for p in found.pages] == [1, 2, 3]
    assert (found.after(1), found.before(3), found.after(4), found.before(1)) == (3, 1, None, None)


def test_a_page_of_notes_stands_for_itself_and_a_page_of_skipped_questions_does_not():
    note = {"code": "n", "kind": "note", "title": conditions.words("n")}
    plan = planned(
        page("p", one("a")),
        page("told", note),
        page("q", {**note, "code": "m"}, one("b", relevant="${a} = 'x'")),
    )
    assert steps(plan) == [(1, ["a"]), (2, ["n"])]
    assert steps(plan, a="x")[-1] == (3, ["m", "b"])


def test_the_document_tells_not_asked_from_no_answer_and_keeps_what_is_computed():
    definition = parse_definition(questionnaire(*BRANCHING))
    plan = plan_of(definition)
    typed = {"role": "y", "needs": ["a"], "when": "d", "why": "Parce que"}
    document, texts = answers.to_document(plan, path(plan, typed, TODAY), typed)
    assert document == {
        "role": "y",
        "why": {"text": True},
        "score": 1,
        "_not_asked": ["needs", "when"],
    }
    assert texts == {"why": "Parce que"}
    assert answers.to_typed(definition, document, texts) == {
        "role": "y",
        "why": "Parce que",
        "score": 1,
    }


def naive(definition: Definition, typed) -> tuple[list[tuple[int, list[str]]], dict[str, Value]]:
    """Walk a questionnaire by the words of its rules alone, with nothing prepared."""
    values: dict[str, Value] = {}
    found = []

    def holds(source):
        return not source or evaluate(parse(source), values, TODAY) is True

    for number, sheet in enumerate(definition.pages, 1):
        here = []
        for item in sheet.items if holds(sheet.relevant) else ():
            if not holds(item.relevant):
                continue
            if item.kind == "computed":
                values[item.code] = evaluate(parse(item.calculation), values, TODAY)
                continue
            codes = [o.code for o in item.options if holds(o.relevant)]
            if item.options and not codes:
                continue
            here.append(item)
            raw = typed.get(item.code)
            if isinstance(raw, list):
                alone = [code for code in raw if code in item.non_answers]
                values[item.code] = (
                    alone[0] if alone else tuple(c for c in raw if c in codes) or None
                )
            elif not item.options or raw in codes or raw in item.non_answers:
                values[item.code] = raw
        if any(i.is_question for i in here) or (
            here and not any(i.is_question for i in sheet.items)
        ):
            found.append((number, [i.code for i in here]))
    return found, values


@given(seeds)
def test_a_path_is_what_its_conditions_say_read_one_by_one(seed):
    chance = random.Random(seed)
    definition = conditions.questionnaire(chance)
    plan = plan_of(definition)
    for _ in range(5):
        typed = conditions.answers(chance, definition)
        found = path(plan, typed, TODAY)
        pages, values = naive(definition, typed)
        assert [(p.number, [i.code for i in p.items]) for p in found.pages] == pages
        assert all(
            found.values[code] == values.get(code) for code in found.values if code in values
        )


@given(seeds)
def test_a_path_is_stable_and_what_lies_off_it_does_not_matter(seed):
    chance = random.Random(seed)
    definition = conditions.questionnaire(chance)
    plan = plan_of(definition)
    typed = conditions.answers(chance, definition)
    before = dict(typed)
    found = path(plan, typed, TODAY)
    asked = {item.code for item in found.questions}
    on_path = {code: value for code, value in typed.items() if code in asked}
    assert path(plan, on_path, TODAY) == found == path(plan, typed, TODAY)
    assert typed == before
    document, texts = answers.to_document(plan, found, typed)
    again = answers.to_typed(definition, document, texts)
    kept = path(plan, again, TODAY)
    assert answers.to_document(plan, kept, again) == (document, texts)
    shown = shown_pages(plan, frozenset(document.get("_not_asked", ())), again)
    assert [i.code for p in shown for i in p.questions] == [i.code for i in found.questions]


@given(seeds)
def test_every_question_is_answered_not_answered_or_not_asked(seed):
    chance = random.Random(seed)
    definition = conditions.questionnaire(chance)
    plan = plan_of(definition)
    typed = conditions.answers(chance, definition)
    found = path(plan, typed, TODAY)
    document, _texts = answers.to_document(plan, found, typed)
    skipped = set(document.get("_not_asked", ()))
    assert not skipped & document.keys()
    assert skipped.isdisjoint(item.code for item in found.questions)
    for item in definition.items:
        if item.code not in skipped:
            assert item.code in {question.code for question in found.questions}


def test_a_questionnaire_without_conditions_shares_its_pages():
    plan = planned(page("p", one("a")), page("q", one("b")))
    first, second = (path(plan, {"a": answer}, TODAY) for answer in "xy")
    assert all(a is b for a, b in zip(first.pages, second.pages, strict=True))


@pytest.mark.parametrize("items", [50, 500])
def test_the_path_costs_its_conditions_not_its_items(items):
    """Ten conditions among fifty or five hundred items: the same number of steps of the program."""
    import sys

    pages = [page("first", *(one(f"r{n}") for n in range(10)))]
    per_page = items // 10
    for p in range(10):
        fixed = [one(f"i{p}_{n}") for n in range(per_page)]
        pages.append(page(f"p{p}", *fixed, relevant=f"${{r{p}}} = 'x'"))
    plan = planned(*pages)
    typed = {f"r{n}": "x" for n in range(10)} | {
        f"i{p}_{n}": "y" for p in range(10) for n in range(per_page)
    }
    calls = [0]

    def count(_frame, event, _argument):
        calls[0] += event == "call"

    sys.setprofile(count)
    try:
        found = path(plan, typed, TODAY)
    finally:
        sys.setprofile(None)
    assert len(found.pages) == 11
    assert calls[0] < 150
