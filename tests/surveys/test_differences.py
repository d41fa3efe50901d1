"""What differs between two versions is told as people see it, by codes and never by words."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from consult.surveys.rules import (
    Edition,
    differences,
    free_code,
    merge,
    parse_definition,
    renamed,
    reused,
    to_decide,
)


def words(text):
    return {"fr": text, "en": f"{text} (en)"}


def option(code):
    return {"code": code, "label": words(code)}


def item(code, kind="one_choice", options=("a", "b"), **more):
    made = {"code": code, "kind": kind, "title": words(f"Titre {code}")}
    return made | ({"options": [option(o) for o in options]} if options else {}) | more


def definition(*pages):
    content = {
        "format": "consult-questionnaire/1",
        "code": "trial",
        "title": words("Essai"),
        "pages": [
            {"code": f"p{n}", "title": words(f"Page {n}"), "items": list(items)}
            for n, items in enumerate(pages)
        ],
    }
    return parse_definition(content)


def found(old, new):
    return {
        (d.subject, d.verb, d.code, d.part, d.lang) for d in differences([Edition(1, old)], new)
    }


def test_nothing_differs_from_itself():
    made = definition([item("one")], [item("two")])
    assert found(made, made) == set()


def test_one_question_moved_down_is_one_that_moved_and_not_all_the_others():
    old = definition([item(c) for c in ("a1", "a2", "a3", "a4")])
    new = definition([item(c) for c in ("a2", "a3", "a4", "a1")])
    assert found(old, new) == {("item", "moved", "a1", "", "")}


def test_a_question_on_another_page_has_moved():
    old, new = definition([item("a1"), item("a2")], [item("a3")]), None
    new = definition([item("a1")], [item("a2"), item("a3")])
    assert found(old, new) == {("item", "moved", "a2", "", "")}


def test_answers_added_removed_put_in_order_and_reworded_by_language():
    old = definition([item("one", options=("a", "b", "c"))])
    changed = item("one", options=("c", "b", "d"))
    changed["options"][1]["label"]["en"] = "Better"
    assert found(old, definition([changed])) == {
        ("part", "added", "one", "d", ""),
        ("part", "removed", "one", "a", ""),
        ("part", "reworded", "one", "b", "en"),
        ("item", "order", "one", "", ""),
    }


def test_only_other_french_words_of_title_or_answers_or_a_calculation_need_a_decision():
    first = item("one")
    value = item("sum", kind="computed", options=(), calculation="count-selected(${several})")
    several = item("several", kind="several_choices")
    old = definition([first, item("two"), several, value])
    hinted = item("two", hint=words("Précision"))
    hinted["title"]["en"] = "English only"
    french = item("one")
    french["options"][0]["label"]["fr"] = "Autre"
    other = value | {"calculation": "count-selected(${several}) + 1"}
    new = definition([french, hinted, several, other])
    assert to_decide(differences([Edition(1, old)], new)) == ("one", "sum")


def test_a_code_of_another_kind_in_any_version_is_reused():
    first = definition([item("one"), item("two")])
    second = definition([item("two")])
    again = definition([item("two"), item("one", kind="scale")])
    (clash,) = reused([Edition(1, first), Edition(2, second)], again)
    told = (clash.place, clash.code, clash.before, clash.after, clash.number)
    assert told == ("$.pages[0].items[1]", "one", "one_choice", "scale", 1)
    back = definition([item("two"), item("one", options=("a", "b", "c"))])
    verbs = {d.verb for d in differences([Edition(1, first), Edition(2, second)], back)}
    assert verbs == {"returned", "added"}


def test_a_renamed_question_is_renamed_in_conditions_and_texts():
    made = definition(
        [item("one")],
        [item("two", relevant="${one} = 'a'", hint=words("Vous avez dit ${one}."))],
    )

    content = renamed(msgspec.to_builtins(made), "one", free_code("one", 2, {"one", "one_v2"}))
    after = parse_definition(content)
    assert after.items[0].code == "one_v2_x"
    assert after.items[1].relevant == "${one_v2_x} = 'a'"
    assert after.items[1].hint.fr == "Vous avez dit ${one_v2_x}."


CODES = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=8, unique=True)


@given(st.lists(CODES, min_size=1, max_size=4))
def test_a_merged_question_has_every_answer_once_the_newest_in_their_order(versions):
    editions = [
        Edition(n, definition([item("one", options=codes)])) for n, codes in enumerate(versions, 1)
    ]
    (merged,) = merge(editions).items
    codes = [o.code for o in merged.item.options]
    assert codes[: len(versions[-1])] == versions[-1]
    assert sorted(codes) == sorted(set().union(*versions))
    for code in codes:
        assert merged.offers(code) == {n for n, c in enumerate(versions, 1) if code in c}
    for n, own in merged.own.items():
        assert [o.code for o in own.options] == versions[n - 1]
