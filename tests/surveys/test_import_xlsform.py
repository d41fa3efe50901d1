"""XLSForm workbooks in and out: types, headings, filters, faults with their cell, pyxform as judge."""

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from consult.surveys.importing import read
from consult.surveys.importing.xlsform.writing import workbook
from consult.surveys.rules import KINDS, Definition, parse_definition
from tests.support import conditions

ROOT = Path(__file__).resolve().parents[2]
HEAD = ["type", "name", "label::English (en)", "label::French (fr)"]


def book(survey, choices=None, **more):
    """Return a workbook of sheets given as rows."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in {"survey": survey, "choices": choices, **more}.items():
        if rows:
            sheet = made.create_sheet(name)
            for row in rows:
                sheet.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def rows(*extra, head=()):
    return [[*HEAD, *head], *extra]


CHOICES = [
    ["list_name", "name", "label::English (en)", "label::French (fr)", "town"],
    ["yn", "yes", "Yes", "Oui", "x"],
    ["yn", "no", "No", "Non", "y"],
]


def items(content, language=""):
    found = read(content, language)
    assert found.faults == ()
    return {item["code"]: item for page in found.definition["pages"] for item in page["items"]}


def faults(content):
    found = read(content)
    assert found.definition is None
    return [(fault.place, fault.code, fault.column) for fault in found.faults]


def test_groups_are_pages_and_groups_inside_are_headings():
    content = book(
        rows(
            ["text", "before", "Before", "Avant", "multiline"],
            ["begin_group", "one", "One", "Un", ""],
            ["select_one yn", "sure", "Sure?", "Sûr?", ""],
            ["end_group"],
            ["begin group", "two", "Two", "Deux", ""],
            ["select multiple yn", "many", "Many", "Plusieurs", ""],
            ["end group"],
            head=["appearance"],
        ),
        CHOICES,
        settings=[
            ["form_title", "form_id", "default_language"],
            ["My form", "my_form", "English (en)"],
        ],
    )
    found = read(content)
    assert [
        (p["code"], p["title"], [i["code"] for i in p["items"]]) for p in found.definition["pages"]
    ] == [
        ("page", {"en": "My form"}, ["before"]),
        ("one", {"en": "One", "fr": "Un"}, ["sure"]),
        ("two", {"en": "Two", "fr": "Deux"}, ["many"]),
    ]
    assert found.definition["languages"] == ["fr", "en"]
    assert found.definition["code"] == "my-form"


@pytest.mark.parametrize(
    ("relevant", "ours"),
    [
        ("${Sure} = 'yes'", "${sure} = 'yes'"),
        (
            "${Sure}='yes' and not(selected(${many}, 'no'))",
            "${sure} = 'yes' and not(selected(${many}, 'no'))",
        ),
        ("${many} = 'yes'", "selected(${many}, 'yes') and count-selected(${many}) = 1"),
        ("${many} != ''", "${many} != ''"),
        ("${step} = 2", "${step} = '2'"),
        ("${step} >= 2", "number(${step}) >= 2"),
        ("${step} + 1 > '2'", "number(${step}) + 1 > 2"),
        ("${Sure} = ‘no’", "${sure} = 'no'"),
        (
            "string-length(${words}) > 3 or ${words} = 4",
            "string-length(${words}) > 3 or ${words} = '4'",
        ),
    ],
)
def test_an_expression_gets_codes_and_types(relevant, ours):
    content = book(
        rows(
            ["select_one yn", "Sure", "Sure?", "Sûr?"],
            ["select_multiple yn", "many", "Many", "Plusieurs"],
            ["select_one steps", "step", "Step", "Pas"],
            ["text", "words", "Words", "Mots", "", "multiline"],
            ["note", "told", "Told", "Dit", relevant],
            head=["relevant", "appearance"],
        ),
        [*CHOICES, ["steps", 1, 1, 1], ["steps", 2, 2, 2], ["steps", 3, 3, 3]],
    )
    assert items(content)["told"]["relevant"].replace("‘", "'").replace("’", "'") == ours


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (["geopoint", "p", "P", "P"], ("survey!A3", "unknown_type", 0)),
        (["select_one nolist", "p", "P", "P"], ("survey!A3", "no_list", 0)),
        (["select_one_from_file a.csv", "p", "P", "P"], ("survey!A3", "unknown_type", 0)),
        (["select_one yn", "", "P", "P"], ("survey!3", "cell_missing", 0)),
        (["", "p", "P", "P"], ("survey!3", "cell_missing", 0)),
        (["begin_group", "p", "P", "P"], ("survey!A3", "group_open", 0)),
        (["end_group"], ("survey!A3", "group_not_open", 0)),
        (["note", "p", "P", "P", "${nobody} = 1"], ("survey!E3", "unknown_item", 1)),
        (["note", "p", "P", "P", "${sure} = 'perhaps'"], ("survey!E3", "unknown_option", 11)),
        (["note", "p", "P", "P", "regex(${sure}, 'x')"], ("survey!E3", "unknown_function", 1)),
        (["note", "p", "P", "P", "${sure} = "], ("survey!E3", "ends_early", 10)),
        (
            ["note", "p", "P", "P", "${sure} = 'yes' and ${sure} = 'no'"],
            ("survey!E3", "never_asked", 0),
        ),
        (["note", "p", "See ${gone}", "P"], ("survey!C3", "unknown_item", 0)),
        (
            ["select_one yn", "p", "P", "P", "", "${sure} = 'no'"],
            ("survey!F3", "conditional_required", 0),
        ),
        (["select_one yn", "p", "P", "P", "", "", "town = other"], ("survey!G3", "no_column", 8)),
        (["note", "p", "P" * 5001, "P"], ("survey!C3", "long_text", 0)),
    ],
)
def test_a_fault_names_sheet_cell_and_column(row, found):
    table = rows(
        ["select_one yn", "sure", "Sure?", "Sûr?"],
        row,
        head=["relevant", "required", "choice_filter"],
    )
    assert faults(book(table, CHOICES)) == [found]


def test_a_repeat_is_refused_at_its_row():
    content = book(
        rows(["begin repeat", "r", "R", "R"], ["select_one yn", "s", "S", "S"], ["end repeat"]),
        CHOICES,
    )
    assert faults(content) == [("survey!A2", "repeat", 0)]


def test_a_filter_gives_each_option_its_own_condition():
    choices = [
        ["list_name", "name", "label", "state"],
        ["states", "qc", "QC", ""], ["states", "on", "ON", ""],
        ["towns", "laval", "Laval", "qc"], ["towns", "ottawa", "Ottawa", "on"], ["towns", "hull", "Hull", "qc"],
        ["towns", "hull", "Hull", "on"], ["towns", "none", "None", ""],
    ]  # fmt: skip
    table = [["type", "name", "label", "choice_filter"], ["select_one states", "where", "Where", ""],
             ["select_one towns", "town", "Town", "state = '' or ${where} = state"]]  # fmt: skip
    assert [
        (o["code"], o.get("relevant")) for o in items(book(table, choices))["town"]["options"]
    ] == [
        ("laval", "${where} = 'qc'"),
        ("ottawa", "${where} = 'on'"),
        ("hull", "${where} = 'qc' or ${where} = 'on'"),
        ("none", None),
    ]


@pytest.mark.parametrize(
    "heading", ["label:French (fr)", "label::fr", "LABEL::Français (fr-CA)", "label::french"]
)
def test_headings_are_read_however_they_are_written(heading):
    content = book(
        [
            ["Type", " Name ", heading, "media::image", "bind::relevant"],
            ["note", "n", "Bonjour", "x.png", ""],
        ]
    )
    found = read(content)
    assert found.definition["pages"][0]["items"][0]["title"] == {"fr": "Bonjour"}
    assert found.definition["languages"] == ["fr"]
    assert [(n.place, n.code) for n in found.notes] == [("survey!D2", "media_not_carried")]


def test_a_text_without_language_is_in_the_language_asked_for():
    content = book([["type", "name", "label"], ["note", "n", "Bonjour"]])
    assert items(content, "fr")["n"]["title"] == {"fr": "Bonjour"}
    assert items(content)["n"]["title"] == {"en": "Bonjour"}


def zipped(**parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return stream.getvalue()


def test_hostile_workbooks_are_refused():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x>&a;</x>'
    assert faults(zipped(xl__workbook=bomb)) == [("$", "declares_entities", 0)]
    assert faults(zipped(xl__workbook=bomb.decode().encode("utf-16"))) == [
        ("$", "declares_entities", 0)
    ]
    assert faults(zipped(big=b" " * (65 * 1024 * 1024))) == [("$", "unpacks_too_large", 0)]
    assert faults(zipped(**{f"p{n}": "<x/>" for n in range(1001)})) == [
        ("$", "unpacks_too_large", 0)
    ]
    assert faults(zipped(nothing="<x/>")) == [("$", "broken_workbook", 0)]
    assert faults(b"PK\x03\x04 and no more") == [("$", "broken_workbook", 0)]
    assert faults(book([["type", "name"], *(["note", f"n{n}"] for n in range(20_001))])) == [
        ("$", "too_many_rows", 0)
    ]
    assert faults(book(None, CHOICES)) == [("$", "no_survey_sheet", 0)]


cells = st.sampled_from(
    ["note", "text", "begin group", "end group", "begin repeat", "select_one yn", "select_multiple yn or_other", "rank yn", "integer", "range", "calculate",
     "q", "sure", "yes", "${q}", "${q} = 'yes'", ". > 3", "selected(${q}, 'yes')", "town = ${q}", "${q", "'", "<b>x</b>", "", "début", "1"]
) | st.text(max_size=6).filter(str.isprintable)  # fmt: skip
headings = st.lists(
    st.sampled_from(
        [
            "type",
            "name",
            "label",
            "label::fr",
            "relevant",
            "constraint",
            "choice_filter",
            "required",
            "calculation",
            "hint",
            "consult",
            "appearance",
        ]
    ),
    min_size=2,
    max_size=8,
    unique=True,
)


@given(headings, st.lists(st.lists(cells, max_size=8), max_size=6))
@settings(max_examples=40)
def test_any_sheet_is_taken_or_refused_with_places(head, table):
    found = read(book([["type", "name", *head], *table], CHOICES))
    assert (found.definition is None) == bool(found.faults)
    assert all(fault.place for fault in found.faults)


def again(definition: Definition) -> Definition:
    """Write a questionnaire, have pyxform convert it without a warning, and read it back."""
    content = workbook(definition)
    warnings: list[str] = []
    assert convert(io.BytesIO(content), file_type=".xlsx", validate=False, warnings=warnings).xform
    assert warnings == []
    found = read(content)
    assert found.faults == ()
    return parse_definition(found.definition)


def example():
    text = (ROOT / "docs/questionnaire-format.md").read_text("utf-8")
    return parse_definition(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1].encode())


def test_what_we_write_converts_without_a_warning_and_comes_back_equal():
    definition = example()
    assert again(definition) == definition


def test_every_kind_comes_back_equal():
    content = (Path(__file__).parent / "data/imports/every-kind.json").read_bytes()
    definition = parse_definition(content)
    assert {item.kind for page in definition.pages for item in page.items} == {*KINDS}
    assert again(definition) == definition


@given(st.integers(0, 2**48).map(conditions.random.Random))
@settings(max_examples=25)
def test_any_questionnaire_comes_back_equal(chance):
    definition = conditions.questionnaire(chance)
    assert again(definition) == definition


def test_what_was_changed_in_the_workbook_wins_over_what_stands_beside():
    made = openpyxl.load_workbook(io.BytesIO(workbook(example())))
    sheet = made["survey"]
    head = [cell.value for cell in sheet[1]]
    row = next(r for r in sheet.iter_rows(min_row=2) if r[1].value == "far")
    row[head.index("label::English (en)")].value = "Distance?"
    made["settings"]["A2"].value = "Autre titre"
    stream = io.BytesIO()
    made.save(stream)
    found = read(stream.getvalue())
    assert found.faults == ()
    assert found.definition["title"] == {"fr": "Autre titre", "en": "Getting around"}
    far = next(i for p in found.definition["pages"] for i in p["items"] if i["code"] == "far")
    assert far["title"]["en"] == "Distance?"
    assert far["constraints"][0]["soft"] is True
