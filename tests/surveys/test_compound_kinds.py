"""Kinds with parts, without pages: read, judged, stored, restored, valued, counted, exported."""

import copy
import json
from collections import Counter
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from consult.surveys import answers
from consult.surveys.rules import (
    Definition,
    DefinitionError,
    Voice,
    kind_of,
    moved,
    parse_definition,
    path,
    plan_of,
)
from consult.surveys.rules.kinds.best_worst import screens
from consult.surveys.rules.kinds.scores import best_worst_score, borda_mean
from consult.surveys.rules.merging import Edition, merge
from consult.surveys.tallies import Tallies
from tests.support.compound import questionnaire
from tests.support.conditions import TODAY

DEFINITION = parse_definition(questionnaire())
ITEMS = {item.code: item for item in DEFINITION.items}
PLAN = plan_of(DEFINITION)
SCREENS = screens(ITEMS["useful"])
ENGLISH = Voice("en", str)


def read(**fields):
    form = MultiDict([(f"q-{k.replace('__', '.')}", v) for k, v in fields.items()])
    return {k: v for page in DEFINITION.pages for k, v in answers.read_page(page, form).items()}


def reasons(code, raw):
    return [(p.reason, p.part) for p in kind_of(ITEMS[code]).judge(ITEMS[code], {code: raw})]


def stored(typed):
    return answers.to_document(PLAN, path(PLAN, typed, TODAY), typed)[0]


WHOLE = {
    "topics": ["housing", "food", "transport"],
    "access": {"line": "better", "home": "dont_know"},
    "order": ["transport", "housing"],
    "share": {"near": "60", "fast": "40"},
    "useful": {"2": [SCREENS[1][0], SCREENS[1][2]]},
}


def test_what_was_stored_comes_back_as_it_was_typed():
    document = stored(WHOLE)
    assert document["access"] == {"rows": {"line": "better", "home": {"na": "dont_know"}}}
    assert document["order"] == {"rank": ["transport", "housing"]}
    assert document["share"] == {"points": {"near": 60, "fast": 40, "kind": 0}}
    assert document["useful"] == {"sets": [None, WHOLE["useful"]["2"], None, None, None]}
    back = answers.to_typed(DEFINITION, document, {})
    assert back == WHOLE | {"share": {"near": "60", "fast": "40", "kind": "0"}}
    assert stored(back) == document


def test_a_form_is_read_part_by_part():
    best, worst, _rest = SCREENS[0]
    typed = read(
        access__line="better", order="food", share__near=" 1\u00a000 ",
        useful__1__best=best, useful__1__worst=worst, useful__3__worst=worst,
    )  # fmt: skip
    assert typed["access"] == {"line": "better"}
    assert typed["order"] == ["food"]
    assert typed["share"] == {"near": "1\u00a000"}
    assert typed["useful"] == {"1": [best, worst], "3": ["", worst]}


@pytest.mark.parametrize(
    ("code", "raw", "found"),
    [
        ("access", {"line": "better"}, []),
        ("access", {"clinic": "strange"}, [("unknown", "clinic")]),
        ("order", ["food", "strange"], [("unknown", "")]),
        ("share", {"near": "60", "fast": "40"}, []),
        ("share", {"near": "1 00"}, []),
        ("share", {"near": "60", "fast": "28"}, [("too_few", "near")]),
        ("share", {"near": "60", "fast": "41"}, [("too_many", "near")]),
        ("share", {"near": "60,5", "fast": "40"}, [("not_whole", "near")]),
        ("share", {"near": "160", "fast": "-60"}, [("not_whole", "fast")]),
        ("useful", {"1": list(SCREENS[0][:2])}, []),
        ("useful", {"1": [SCREENS[0][0]] * 2}, [("same", "1.worst")]),
        ("useful", {"2": [SCREENS[1][0], ""]}, [("half", "2.worst")]),
        ("useful", {"2": ["", SCREENS[1][0]]}, [("half", "2.best")]),
        ("useful", {"1": ["strange", SCREENS[0][0]]}, [("unknown", "1.worst")]),
    ],
)
def test_what_is_wrong_is_told_at_its_part(code, raw, found):
    assert reasons(code, raw) == found


def test_points_that_miss_are_counted():
    [problem] = kind_of(ITEMS["share"]).judge(ITEMS["share"], {"share": {"near": "88"}})
    assert problem.values["rest"] == 12


def test_a_required_matrix_needs_every_row_and_required_screens_each_a_choice():
    data = questionnaire()
    for page in data["pages"]:
        page["items"][0]["required"] = True
    items = {item.code: item for item in parse_definition(data).items}
    half = kind_of(items["access"]).judge(items["access"], {"access": {"line": "better"}})
    assert [(p.reason, p.part) for p in half] == [("row_missing", "clinic")]
    one = {"useful": {"1": list(SCREENS[0][:2])}}
    found = kind_of(items["useful"]).judge(items["useful"], one)
    assert [(p.reason, p.part) for p in found] == [("screen_missing", "2.best")]


def test_only_what_was_chosen_before_is_ranked():
    def asked(*chosen):
        found = path(PLAN, {"topics": list(chosen)}, TODAY)
        return {i.code: [o.code for o in i.options] for i in found.questions}.get("order")

    assert asked("food", "other") == ["food", "other"]
    assert asked("food") is None, "one is no choice"
    assert asked("nothing") is None
    assert asked() is None
    typed = {"topics": ["housing", "food"], "order": ["transport", "food"]}
    assert stored(typed)["order"] == {"rank": ["food"]}
    assert "order" in stored({"topics": ["food"], "order": ["food"]})["_not_asked"]


def test_the_words_of_other_are_its_label_in_the_ranking():
    data = questionnaire()
    data["pages"][0]["items"][0]["options"][3]["specify"] = True
    plan = plan_of(msgspec.convert(data, Definition))
    typed = {"topics": ["food", "other"], "topics_other": "Le bruit"}
    order = next(i for i in path(plan, typed, TODAY).questions if i.code == "order")
    assert [o.label.en for o in order.options] == ["Food", "Le bruit"]
    kind = kind_of(order)
    assert kind.memory(order, typed) is None, "what was typed is never remembered"


@pytest.mark.parametrize("source", ["nowhere", "access", "order"])
def test_a_ranking_borrows_from_an_earlier_choice_only(source):
    data = questionnaire()
    data["pages"][2]["items"][0]["options_from"] = source
    with pytest.raises(DefinitionError) as caught:
        parse_definition(data)
    assert caught.value.faults[0].place == "$.pages[2].items[0].options_from"


def test_a_definition_with_borrowed_options_is_read_again_as_it_was():
    assert parse_definition(msgspec.to_builtins(DEFINITION)) == DEFINITION
    data = questionnaire()
    data["pages"][2]["items"][0]["options"] = questionnaire()["pages"][3]["items"][0]["options"]
    with pytest.raises(DefinitionError):
        parse_definition(data)


def test_parts_can_be_referred_to():
    data = questionnaire()
    data["pages"][4]["relevant"] = (
        "${access.line} = 'better' and ${share.near} > 50 and ${order.1} = 'transport'"
        " and selected(${order}, 'housing') and count-selected(${access}) = 2"
    )
    plan = plan_of(parse_definition(data))
    assert path(plan, WHOLE, TODAY).page(5) is not None
    for code, raw in (("access", {"line": "same"}), ("share", {"near": "50"}), ("order", [])):
        assert path(plan, WHOLE | {code: raw}, TODAY).page(5) is None
    data["pages"][4]["relevant"] = "${access.line} = 'strange'"
    with pytest.raises(DefinitionError):
        parse_definition(data)


def test_a_row_may_depend_on_an_earlier_answer():
    data = questionnaire()
    data["pages"][1]["items"][0]["rows"] = [
        {**row, "relevant": "selected(${topics}, 'food')"} if row["code"] == "home" else row
        for row in copy.deepcopy(data["pages"][1]["items"][0]["rows"])
    ]
    plan = plan_of(parse_definition(data))

    def document(typed):
        return answers.to_document(plan, path(plan, typed, TODAY), typed)[0]

    typed = {"topics": ["food"], "access": {"line": "same", "home": "worse"}}
    assert document(typed)["access"] == {"rows": {"line": "same", "home": "worse"}}
    assert document(typed | {"topics": []})["access"] == {"rows": {"line": "same"}}


@given(st.permutations("abcde"), st.integers(0, 5), st.sampled_from("abcdef"),
       st.sampled_from(["add", "up", "down", "out", "?"]))  # fmt: skip
def test_a_press_moves_one_and_keeps_the_order_of_the_others(order, length, code, act):
    ranked = order[:length]
    found = moved(list(ranked), code, act, 4)
    assert len(set(found)) == len(found) <= max(4, length)
    assert [c for c in found if c != code] == [c for c in ranked if c != code]
    if code in ranked and act in {"up", "down"}:
        step = -1 if act == "up" else 1
        assert found.index(code) == min(max(ranked.index(code) + step, 0), length - 1)
    assert (code in found) == (act != "out" and (code in ranked or (act == "add" and length < 4)))


@given(st.lists(st.permutations("abcd").map(lambda p: p[: 1 + ord(p[0]) % 4]), min_size=1))
def test_borda_is_the_mean_over_all_ways_to_complete_a_ranking(rankings):
    """The averaged score of those left out is what a random completion would give."""
    lengths = Counter(map(len, rankings))
    for code in "abcd":
        places = Counter((r.index(code) + 1, len(r)) for r in rankings if code in r)
        slow = 0.0
        for ranking in rankings:
            rest = [c for c in "abcd" if c not in ranking]
            every = [[*ranking, *tail] for tail in permutations(rest)]
            slow += sum(3 - full.index(code) for full in every) / len(every)
        assert borda_mean(places, lengths, 4) == pytest.approx(slow / len(rankings))


def test_scores_without_a_base_are_none():
    assert borda_mean({}, {}, 3) is None
    assert best_worst_score(0, 0, 0) is None
    assert best_worst_score(3, 1, 4) == 0.5


def tallied(*typed):
    tallies = Tallies(merge([Edition(1, DEFINITION)]))
    for one in typed:
        tallies.add(json.loads(json.dumps(stored(one))), 1)
    return {result.code: result for result in tallies.results(ENGLISH)}


def test_answers_are_counted_over_their_own_base():
    second = {
        "topics": ["housing", "food", "transport"],
        "access": {"line": "worse"},
        "order": ["housing", "food", "transport"],
        "share": {"near": "0", "fast": "100"},
        "useful": {"2": [SCREENS[1][0], SCREENS[1][1]]},
    }
    found = tallied(WHOLE, second, {})
    access = {part.code: part for part in found["access"].parts}
    assert (access["line"].base, access["home"].base) == (2, 0), "a non-answer is no base"
    assert [(o.code, o.n) for o in access["line"].options] == [
        ("better", 1), ("same", 0), ("worse", 1),
    ]  # fmt: skip
    first = {o.code: o.n for o in found["order"].options}
    assert (first["transport"], first["housing"]) == (1, 1)
    means = {part.code: part.mean for part in found["order"].parts}
    assert means["housing"] == pytest.approx((2 + 3) / 2)
    assert sum(means.values()) == pytest.approx(3 + 2 + 1 + 0)
    share = {part.code: part for part in found["share"].parts}
    assert (share["near"].mean, share["fast"].mean, share["near"].base) == (30, 70, 2)
    assert sum(o.share for o in found["share"].options) == pytest.approx(1)
    useful = {part.code: part for part in found["useful"].parts}
    assert useful[SCREENS[1][0]].mean == 1
    assert {p.base for p in useful.values()} == {0, 2}


def test_a_column_for_each_part_and_a_code_for_each_value():
    document = stored(WHOLE)
    for item in ITEMS.values():
        kind = kind_of(item)
        for varies in (False, True):
            headings = [h.suffix for h in kind.columns(item, ENGLISH, varies=varies)]
            cells = kind.cells(item, (document, {}), ENGLISH, varies=varies)
            assert len(headings) == len(cells) == len(set(headings))
            gone = kind.cells(item, ({item.code: {"na": "not_asked"}}, {}), ENGLISH, varies=True)
            assert "not_asked" in gone
            told = {row.suffix for row in kind.codes(item, ENGLISH, varies=varies)}
            assert told <= set(headings)
    rank = dict(zip([h.suffix for h in kind_of(ITEMS["order"]).columns(ITEMS["order"], ENGLISH,
        varies=False)], kind_of(ITEMS["order"]).cells(ITEMS["order"], (document, {}), ENGLISH,
        varies=False), strict=True))  # fmt: skip
    assert (rank["1"], rank["1.label"], rank["3"]) == ("transport", "Transport", None)


@pytest.mark.parametrize(("most", "left"), [(3, 3), (None, None)])
def test_a_borrowed_ranking_ranks_no_more_than_could_be_chosen(most, left):
    document = copy.deepcopy(questionnaire())
    for page in document["pages"]:
        for item in page["items"]:
            if item["code"] == "topics" and most:
                item["max_choices"] = most
    made = parse_definition(document)
    ranking = next(item for item in made.items if item.options_from == "topics")
    assert ranking.max_choices == left
