"""What a person wrote goes through both files whole, and no spreadsheet runs it."""

import csv
import io
import re

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from consult.consultations.models import Consultation
from consult.core.db import write_session
from consult.core.tabular import Column, Sheet, csv_chunks, restore, write_xlsx
from consult.surveys.models import Response, ResponseText
from tests.support import crawl

BEGINNINGS = "=+-@\t\r＝＋－＠'"
FORMULAS = tuple(
    begin + rest
    for begin in BEGINNINGS
    for rest in ("1+1", 'HYPERLINK("http://evil";"x")', "cmd|'/C calc'!A0", "", "é\n=2", ";=3")
)
texts = st.builds(
    str.__add__,
    st.sampled_from(BEGINNINGS),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30),
)


def is_harmless(cell: str) -> bool:
    return not cell.startswith(tuple("=+-@\t\r＝＋－＠"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(texts, min_size=1, max_size=5))
def test_both_writers_give_back_every_text_as_a_text(values):
    column = [Column("a", "A")]
    content = b"".join(csv_chunks(column, [[value] for value in values])).decode()
    rows = list(csv.reader(io.StringIO(content, newline="")))[1:]
    assert [restore(row[0]) for row in rows] == values
    assert all(is_harmless(row[0]) for row in rows)
    file = io.BytesIO()
    write_xlsx([Sheet("s", column, [[value] for value in values])], file)
    page = openpyxl.load_workbook(file).active
    cells = [page.cell(line, 1) for line in range(3, 3 + len(values))]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [as_read(cell.value) for cell in cells] == [as_read(value) for value in values]


def as_read(value: str) -> str:
    """Return a text as a workbook gives it: one kind of line end, and signs it cannot hold escaped."""
    plain = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), value)
    return plain.replace("\r\n", "\n").replace("\r", "\n")


def test_the_check_sees_a_formula():
    """Control: written as it is, a text that begins with a sign would run."""
    assert not is_harmless("=1+1")
    assert not is_harmless("＝1+1")
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    assert book.active["A1"].data_type == "f"


@pytest.fixture
def answers(app):
    """Let the first responses of the open consultation say formulas."""
    code = crawl.open_code(crawl.plain(app))
    with write_session(app) as session:
        chosen = select(Consultation.id).where(Consultation.code == code).scalar_subquery()
        keys = session.scalars(
            select(Response.key).where(Response.consultation_id == chosen).limit(len(FORMULAS))
        ).all()
        session.execute(delete(ResponseText).where(ResponseText.key.in_(keys)))
        session.add_all(
            ResponseText(key=key, item="why", lang="fr", body=body)
            for key, body in zip(keys, FORMULAS, strict=True)
        )
    return code


@pytest.mark.parametrize("kind", ["csv", "csv-excel", "xlsx"])
def test_the_files_of_staff_hold_formulas_as_texts(app, answers, kind):
    analyst = crawl.staff(app)["analyst"]
    content = crawl.exported(app, analyst, answers, kind, "en").data
    if kind == "xlsx":
        page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        heads = [cell.value for cell in page[1]]
        cells = [row[heads.index("why")] for row in page.iter_rows(min_row=3)]
        found = {as_read(cell.value) for cell in cells if cell.value}
        assert all(
            c.data_type == "s" for row in page.iter_rows() for c in row if isinstance(c.value, str)
        )
    else:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert all(is_harmless(cell) for row in rows for cell in row.values())
        found = {as_read(restore(row["why"])) for row in rows}
    assert {as_read(text) for text in FORMULAS} <= found


@pytest.mark.parametrize("kind", ["csv", "csv-excel", "xlsx", "jsonl"])
def test_a_consultation_without_a_questionnaire_gives_an_empty_file(app, kind):
    analyst = crawl.staff(crawl.plain(app))["analyst"]
    code = crawl.open_code(app, "draft")
    response = crawl.exported(app, analyst, code, kind, "fr")
    assert response.status_code == 200
    assert ("channel" in response.data.decode("latin-1")) == kind.startswith("csv")
