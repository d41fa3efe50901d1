"""Rows as CSV, JSON lines and XLSX: nothing runs, nothing is lost, memory stays constant."""

import csv
import io
import json
import math
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from consult.core import tabular
from consult.core.tabular import (
    Column,
    Sheet,
    csv_chunks,
    defuse,
    jsonl_chunks,
    restore,
    write_xlsx,
)

DANGER = ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"]
SIGNS = tuple("=+-@＝＋－＠")
COLUMNS = [Column("a", "Première"), Column("b", "Deuxième", "number")]
texts = st.text(
    alphabet=st.one_of(
        st.sampled_from([*DANGER, "'", ";", ",", '"', "\n", " ", "1", "é"]),
        st.characters(exclude_categories=["Cs", "Cc", "Cn"]),
    ),
    max_size=20,
)


def read_csv(content: bytes, delimiter: str = ",") -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def read_xlsx(*sheets: Sheet) -> Any:
    file = io.BytesIO()
    write_xlsx(sheets, file)
    return openpyxl.load_workbook(file)


@given(texts)
@example("'=1+1")
@example("''@x")
@example("a;=b\n-c\td;'+e")
@example("\r\n=x")
def test_no_text_is_lost_by_defusing(text: str) -> None:
    assert restore(defuse(text)) == text


@pytest.mark.parametrize("start", DANGER)
@given(rest=st.text(alphabet="abc 1(", max_size=10))
def test_a_text_that_would_run_gets_an_apostrophe(start: str, rest: str) -> None:
    assert defuse(start + rest) == "'" + start + rest


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd", "Zs"]), max_size=20))
def test_an_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert defuse(text) == text == restore(text)


@given(st.lists(texts, min_size=2, max_size=2))
def test_csv_comes_back_whole_after_the_documented_unescape(row: list[str]) -> None:
    columns = [Column("a", "A"), Column("b", "B")]
    back = read_csv(b"".join(csv_chunks(columns, [row])))
    assert back[0] == ["a", "b"]
    assert [restore(cell) for cell in back[1]] == row


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@given(st.lists(texts, min_size=2, max_size=2))
def test_no_cell_runs_whatever_the_spreadsheet_splits_at(delimiter: str, row: list[str]) -> None:
    columns = [Column("a", "A"), Column("b", "B")]
    content = b"".join(csv_chunks(columns, [row])).decode()
    if delimiter == ",":
        cells = [cell for line in read_csv(content.encode()) for cell in line]
    else:  # a spreadsheet of another locale: no quote protects, every piece may be a cell
        pieces = content.replace("\r", "\n").replace("\t", ";").replace("\n", ";").split(";")
        cells = [piece.lstrip('"') for piece in pieces]
    assert not [cell for cell in cells if cell.startswith(SIGNS) and cell.strip('",')[1:]]


def test_csv_numbers_stay_numbers_and_absence_stays_empty() -> None:
    rows: list[Sequence[object]] = [["-5", -5], [None, -2.5], [True, Decimal("1.10")]]
    lines = b"".join(csv_chunks(COLUMNS, rows)).decode().split("\r\n")
    assert lines == ['"a","b"', '"\'-5",-5', '"",-2.5', "1,1.10", ""]


def test_csv_has_a_mark_and_labels_only_when_asked() -> None:
    assert b"".join(csv_chunks(COLUMNS, [])) == b'"a","b"\r\n'
    content = b"".join(csv_chunks(COLUMNS, [], bom=True, labels=True))
    assert content == '\ufeff"a","b"\r\n"Première","Deuxième"\r\n'.encode()


def test_csv_and_json_write_moments_and_days_in_iso() -> None:
    row = [datetime(2026, 12, 1, 5, tzinfo=UTC), date(2026, 12, 1)]
    assert read_csv(b"".join(csv_chunks(COLUMNS, [row])))[1] == [
        "2026-12-01T05:00:00+00:00",
        "2026-12-01",
    ]
    line = json.loads(b"".join(jsonl_chunks(COLUMNS, [row])))
    assert line == {"a": "2026-12-01T05:00:00Z", "b": "2026-12-01"}


@given(st.lists(st.lists(texts, min_size=2, max_size=2), max_size=5))
def test_json_lines_come_back_whole(rows: list[list[str]]) -> None:
    content = b"".join(jsonl_chunks(COLUMNS, rows))
    lines = content.decode().split("\n")[:-1]
    assert [list(json.loads(line).values()) for line in lines] == rows


def test_figures_that_are_no_numbers_are_absent_everywhere() -> None:
    row = [math.nan, math.inf]
    assert read_csv(b"".join(csv_chunks(COLUMNS, [row])))[1] == ["", ""]
    assert json.loads(b"".join(jsonl_chunks(COLUMNS, [row]))) == {"a": None, "b": None}
    assert read_xlsx(Sheet("s", COLUMNS, [row])).active["A3"].value is None


@pytest.mark.parametrize("write", [csv_chunks, jsonl_chunks])
def test_a_row_of_another_length_is_an_error(write: Any) -> None:
    with pytest.raises(ValueError, match="1 values for 2 columns"):
        list(write(COLUMNS, [["x"]]))


@given(st.lists(texts, min_size=1, max_size=4))
@example(["=HYPERLINK(1)", "_x0041_", "0012", "https://e.example"])
def test_xlsx_texts_are_strings_and_come_back_whole(values: list[str]) -> None:
    page = read_xlsx(Sheet("s", COLUMNS[:1], [[value] for value in values])).active
    for line, value in enumerate(values, start=3):
        cell = page.cell(line, 1)
        # The format of a workbook knows no return alone: reading gives a line end.
        expected = value.replace("\r\n", "\n").replace("\r", "\n")
        # What looks like an escape is escaped (ECMA-376, ST_Xstring); openpyxl leaves it so.
        assert unescape(cell.value or "").replace("\r\n", "\n").replace("\r", "\n") == expected
        assert cell.data_type == ("s" if value else "n")
        assert cell.hyperlink is None


def test_xlsx_goes_to_a_file_by_its_path(tmp_path: Path) -> None:
    target = tmp_path / "answers.xlsx"
    write_xlsx([Sheet("s", COLUMNS[:1], [["=1+1"]])], target)
    cell = openpyxl.load_workbook(target)["s"]["A3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_xlsx_keeps_kinds_and_writes_moments_in_utc() -> None:
    east = timezone(timedelta(hours=-5))
    row = [1.5, True, date(2026, 12, 1), datetime(2026, 12, 1, 1, tzinfo=east), 2**60, None]
    columns = [Column(f"c{i}", f"C{i}") for i in range(6)]
    line = [cell.value for cell in read_xlsx(Sheet("s", columns, [row])).active[3]]
    assert line == [
        1.5,
        True,
        datetime(2026, 12, 1),  # noqa: DTZ001  as spreadsheets hold days
        datetime(2026, 12, 1, 6),  # noqa: DTZ001  as spreadsheets hold moments
        str(2**60),
        None,
    ]


def test_xlsx_writes_what_a_sheet_cannot_hold_as_text() -> None:
    long = "a" * (tabular.MAX_TEXT + 1)
    page = read_xlsx(Sheet("s", COLUMNS, [[date(1850, 1, 1), long]])).active
    assert page["A3"].value == "1850-01-01"
    assert page["B3"].value == "a" * (tabular.MAX_TEXT - 1) + "…"


def test_xlsx_heads_each_sheet_with_codes_then_labels() -> None:
    book = read_xlsx(Sheet("s", [Column("=a", "=Libellé")], []))
    assert [cell.value for cell in book.active["A"]] == ["=a", "=Libellé"]
    assert book.active["A1"].data_type == "s"
    assert book.active.freeze_panes == "A3"


def test_xlsx_sheet_names_are_accepted_and_never_twice() -> None:
    names = ["a/b:c*?[d]", "x" * 40, "x" * 40, "X" * 31, "'q'", "", "History", "é" * 31, "😀" * 20]
    book = read_xlsx(*[Sheet(name, COLUMNS, []) for name in names])
    assert book.sheetnames == [
        "a b c d",
        "x" * 31,
        "x" * 27 + " (2)",
        "X" * 27 + " (3)",
        "q",
        "1",
        "History_",
        "é" * 31,
        "😀" * 15,
    ]


def test_xlsx_goes_on_in_the_next_sheet_when_one_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "MAX_ROWS", 5)
    book = read_xlsx(Sheet("s", COLUMNS[:1], [[i] for i in range(7)]))
    assert book.sheetnames == ["s", "s (2)", "s (3)"]
    pages = [[cell.value for cell in page["A"]] for page in book]
    assert pages == [["a", "Première", 0, 1, 2], ["a", "Première", 3, 4, 5], ["a", "Première", 6]]


def test_xlsx_without_sheets_still_opens_and_too_many_columns_are_refused() -> None:
    assert read_xlsx().sheetnames == ["1"]
    with pytest.raises(ValueError, match="columns"):
        write_xlsx([Sheet("s", COLUMNS * 10_000, [])], io.BytesIO())


class Sink(io.RawIOBase):
    """Counts what is written, and keeps nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.place = 0

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.place += len(content)
        return len(content)

    def tell(self) -> int:
        return self.place


def many(count: int) -> Iterator[Sequence[object]]:
    return (["texte " * 20 + str(i), i] for i in range(count))


def peak_of_xlsx(count: int) -> int:
    tracemalloc.start()
    write_xlsx([Sheet("s", COLUMNS, many(count))], Sink())  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_xlsx_memory_does_not_grow_with_rows() -> None:
    peak_of_xlsx(10)
    assert peak_of_xlsx(8_000) < peak_of_xlsx(1_000) + 300_000


@pytest.mark.parametrize("write", [csv_chunks, jsonl_chunks])
def test_text_formats_stream_in_small_pieces(write: Any) -> None:
    sizes = [len(chunk) for chunk in write(COLUMNS, many(10_000))]
    assert len(sizes) >= 50
    assert max(sizes) < 64_000
