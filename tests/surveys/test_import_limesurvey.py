"""LimeSurvey structures: question types, both forms of texts, conditions, faults with their line."""

from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.surveys.importing import read

HEAD = {
    "surveys": [{"sid": "12", "language": "fr"}],
    "surveys_languagesettings": [
        {"surveyls_language": "fr", "surveyls_title": "Vos <b>soins</b>", "surveyls_welcometext": "<p>Bonjour</p>"},
        {"surveyls_language": "en", "surveyls_title": "Your care", "surveyls_welcometext": "Hello"},
    ],
    "groups": [{"gid": "3", "group_order": "0", "grelevance": "1"}],
    "group_l10ns": [
        {"gid": "3", "group_name": "Premier", "language": "fr"},
        {"gid": "3", "group_name": "First", "language": "en"},
    ],
}  # fmt: skip


def lss(**tables):
    rows = "".join(
        f"<{name}><fields/><rows>"
        + "".join(
            "<row>" + "".join(f"<{k}>{escape(v)}</{k}>" for k, v in row.items()) + "</row>\n"
            for row in table
        )
        + f"</rows></{name}>\n"
        for name, table in tables.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<document><LimeSurveyDocType>Survey</LimeSurveyDocType>\n{rows}</document>'.encode()


def question(number, kind, title, **more):
    return {
        "qid": str(number),
        "sid": "12",
        "gid": "3",
        "type": kind,
        "title": title,
        "question_order": str(number),
    } | more


def survey(*questions, answers=(), below=(), **more):
    rows = [*questions, *below]
    said = [
        {"qid": row["qid"], "language": lang, "question": f"{row['title']} {lang}", "help": ""}
        for row in rows
        for lang in ("fr", "en")
    ]
    given_answers = [
        {"aid": str(n), "qid": q, "code": code, "sortorder": str(n)}
        for n, (q, code) in enumerate(answers)
    ]
    said_answers = [
        {"aid": row["aid"], "answer": f"{row['code']} {lang}", "language": lang}
        for row in given_answers
        for lang in ("fr", "en")
    ]
    return lss(
        **HEAD,
        questions=questions,
        subquestions=below,
        question_l10ns=said,
        answers=given_answers,
        answer_l10ns=said_answers,
        **more,
    )


def sub(number, parent, title, **more):
    return {
        "qid": str(number),
        "parent_qid": str(parent),
        "title": title,
        "question_order": str(number),
    } | more


def items(content):
    found = read(content)
    assert found.faults == ()
    return {item["code"]: item for page in found.definition["pages"] for item in page["items"]}


def test_a_survey_keeps_its_title_pages_and_texts_in_both_languages():
    found = read(survey(question(1, "T", "why")))
    assert found.definition["title"] == {"fr": "Vos soins", "en": "Your care"}
    assert found.definition["introduction"] == {"fr": "Bonjour", "en": "Hello"}
    (page,) = found.definition["pages"]
    assert page["title"] == {"fr": "Premier", "en": "First"}
    assert page["items"][0]["title"] == {"fr": "why fr", "en": "why en"}


EVERY = survey(
    question(1, "L", "role", mandatory="Y"),
    question(2, "M", "needs", relevance='role.NAOK == "A1"'),
    question(3, "F", "grid"),
    question(5, "T", "name", relevance='is_empty(needs_rest.NAOK) and !(12X3X1 == "A2")'),
    question(7, "Y", "sure"),
    question(8, "5", "heat", relevance='sure == "Y" && grid_bus.NAOK != "B2"'),
    question(9, "X", "told"),
    question(10, "R", "order"),
    question(12, "*", "score"),
    question(13, "U", "else", relevance='needs_rest == "Y" or heat > 3'),
    answers=[("1", "A1"), ("1", "A2"), ("3", "B1"), ("3", "B2"), ("10", "C1"), ("10", "C2")],
    below=[sub(21, 2, "rest"), sub(22, 2, "meals"), sub(23, 2, "none"), sub(31, 3, "bus"), sub(32, 3, "train")],
    question_attributes=[
        {"qid": "2", "attribute": "exclude_all_others", "value": "none"},
        {"qid": "2", "attribute": "max_answers", "value": "2"},
        {"qid": "12", "attribute": "equation", "value": "{heat + 1}"},
    ],
)  # fmt: skip


def test_each_type_becomes_a_kind_with_its_conditions():
    made = items(EVERY)
    assert {code: item["kind"] for code, item in made.items()} == {
        "role": "one_choice", "needs": "several_choices", "grid": "matrix", "name": "long_text", "sure": "one_choice",
        "heat": "scale", "told": "note", "order": "ranking", "score": "computed", "else": "long_text",
    }  # fmt: skip
    assert made["role"]["required"]
    assert [o["code"] for o in made["role"]["options"]] == ["a1", "a2"]
    assert made["needs"]["relevant"] == "${role} = 'a1'"
    assert made["needs"]["max_choices"] == 2
    assert [o.get("exclusive") for o in made["needs"]["options"]] == [None, None, True]
    assert made["name"]["relevant"] == "not(selected(${needs}, 'rest')) and not(${role} = 'a2')"
    assert made["heat"]["relevant"] == "${sure} = 'y' and ${grid.bus} != 'b2'"
    assert made["score"]["calculation"] == "coalesce(number(${heat}), 0) + 1"
    assert made["else"]["relevant"] == "selected(${needs}, 'rest') or number(${heat}) > 3"


def test_the_old_table_of_conditions_is_read_where_there_is_no_relevance():
    rule = {"qid": "2", "scenario": "1", "method": "==", "cfieldname": "12X3X1"}
    content = survey(
        question(1, "L", "role"), question(2, "T", "why"), answers=[("1", "A1"), ("1", "A2"), ("1", "A3")],
        conditions=[rule | {"value": "A1"}, rule | {"value": "A2"}],
    )  # fmt: skip
    assert items(content)["why"]["relevant"] == "${role} = 'a1' or ${role} = 'a2'"


def test_the_form_of_a_row_a_language_is_read_too():
    rows = [
        {
            "qid": "1",
            "sid": "12",
            "gid": "3",
            "type": "L",
            "title": "role",
            "question": f"Role {lang}",
            "language": lang,
        }
        for lang in ("fr", "en")
    ]
    answers = [
        {"qid": "1", "code": c, "answer": f"{c} {lang}", "language": lang}
        for c in ("A1", "A2")
        for lang in ("fr", "en")
    ]
    groups = [{"gid": "3", "group_name": f"G {lang}", "language": lang} for lang in ("fr", "en")]
    made = items(
        lss(**{**HEAD, "groups": groups, "group_l10ns": []}, questions=rows, answers=answers)
    )
    assert made["role"]["title"] == {"fr": "Role fr", "en": "Role en"}
    assert [o["label"]["en"] for o in made["role"]["options"]] == ["A1 en", "A2 en"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"type": "|"}, "unknown_type"),
        ({"type": ":"}, "unknown_type"),
        ({"relevance": "strlen(a) > 3"}, "unknown_function"),
        ({"relevance": 'nobody == "x"'}, "unknown_item"),
        ({"relevance": 'role == "A9"'}, "unknown_option"),
        ({"gid": "9"}, "no_group"),
    ],
)
def test_what_cannot_be_carried_is_a_fault_with_element_and_line(more, code):
    found = read(
        survey(
            question(1, "L", "role"),
            question(2, "T", "why") | more,
            answers=[("1", "A1"), ("1", "A2")],
        )
    )
    (fault,) = found.faults
    assert fault.code == code
    assert fault.place.startswith("questions/row[2], line ")
    assert found.definition is None


def test_entities_and_damage_are_refused():
    bomb = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><document><questions><rows><row><qid>&b;</qid></row></rows></questions></document>'
    assert [f.code for f in read(bomb).faults] == ["declares_entities"]
    assert [f.code for f in read(b"<document><questions>").faults] == ["broken_xml"]
    assert [f.code for f in read(b"<document>" + b"<a>" * 50).faults] == ["too_nested"]
    assert [f.code for f in read(b"<document/>").faults] == ["unknown_format"]


fields = st.sampled_from(
    [
        "qid",
        "gid",
        "sid",
        "type",
        "title",
        "question",
        "relevance",
        "parent_qid",
        "code",
        "answer",
        "language",
        "aid",
        "attribute",
        "value",
        "other",
    ]
)
values = st.sampled_from(
    [
        "1",
        "2",
        "3",
        "L",
        "M",
        "F",
        "N",
        "K",
        "*",
        "role",
        'role == "A1"',
        "fr",
        "en",
        "",
        "((",
        "Y",
        "{x}",
    ]
) | st.text("aé1<{}&", max_size=6)
rows = st.lists(st.dictionaries(fields, values, max_size=6), max_size=4)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "questions",
                "subquestions",
                "answers",
                "groups",
                "question_l10ns",
                "answer_l10ns",
                "question_attributes",
                "conditions",
            ]
        ),
        rows,
        max_size=6,
    )
)
def test_any_structure_is_taken_or_refused_with_places(tables):
    found = read(lss(**{**HEAD, **tables}))
    assert (found.definition is None) == bool(found.faults)
    assert all(fault.place for fault in found.faults)
