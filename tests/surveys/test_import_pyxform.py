"""Real workbooks of pyxform: each is imported, or refused with every fault it has."""

from pathlib import Path

import pytest

from consult.surveys.importing import read

BOOKS = Path(__file__).parent / "data/imports/pyxform"
IMPORTED = {
    "choice_filter_test": (
        [("page", [("state", "one_choice", 2), ("county", "one_choice", 3), ("city", "one_choice", 8)])],
        [],
    ),
    "field-list": (
        [("name", [("table_list_question", "one_choice", 2)])],
        [("choices!E2", "other_language")],
    ),
    "group": (
        [
            ("page", [("family_name", "short_text", 0)]),
            ("father", [("phone_number", "short_text", 0), ("age", "number", 0)]),
        ],
        [("survey!A4", "check_not_carried")],
    ),
}  # fmt: skip
REFUSED = {
    "or_other": "D3 no_column",
    "UCL_Biomass_Plot_Form": """
        A16 unknown_type, A17 unknown_type, A18 unknown_type, A20 unknown_type, A22 unknown_type,
        A23 unknown_type, A32 repeat, A35 unknown_type, A43 repeat, A46 unknown_type,
        G49 conditional_required, A56 repeat, A57 unknown_type, A65 unknown_type, A72 repeat,
        A73 unknown_type, A80 repeat, A81 unknown_type, I10 unknown_function,
        N26 unknown_function, N27 unknown_function, N33 refused_item, H36 refused_item,
        H58 refused_item, H74 refused_item, H82 refused_item""",
    "xlsform_spec_test": """
        A15 repeat, A32 unknown_type, A33 unknown_type, A34 unknown_type, A35 unknown_type,
        A36 unknown_type, A37 unknown_type, A38 unknown_type, E43 refused_item, E45 refused_item,
        E47 refused_item, E49 refused_item, E51 refused_item, E53 refused_item,
        N7 unknown_function""",
}


def of(name):
    return read((BOOKS / f"{name}.xlsx").read_bytes())


def test_every_workbook_has_its_outcome():
    assert {path.stem for path in BOOKS.glob("*.xlsx")} == {*IMPORTED, *REFUSED}


@pytest.mark.parametrize("name", IMPORTED)
def test_a_workbook_is_imported(name):
    found = of(name)
    assert found.faults == ()
    pages = [
        (page["code"], [(i["code"], i["kind"], len(i.get("options", ()))) for i in page["items"]])
        for page in found.definition["pages"]
    ]
    assert (pages, [(note.place, note.code) for note in found.notes]) == IMPORTED[name]


@pytest.mark.parametrize("name", REFUSED)
def test_a_workbook_is_refused_with_every_fault(name):
    found = of(name)
    assert found.definition is None
    expected = [told.split() for told in REFUSED[name].split(",")]
    assert [(f.place, f.code) for f in found.faults] == [(f"survey!{c}", k) for c, k in expected]
