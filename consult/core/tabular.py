"""Write rows as CSV, JSON lines and XLSX, streamed, with formulas defused (floor 0).

**CSV.** UTF-8, comma, CRLF, every text quoted, one header row of codes. Wherever a spreadsheet
could see a cell begin with something it would run, an apostrophe is put in: before ``=``,
``+``, ``-``, ``@`` or their full-width forms at the start of a text, and after a semicolon, a
tab or a line end within it (a French spreadsheet splits at semicolons, and quotes do not stop
it); and before a tab or a line end that starts a text. Apostrophes already there do not count.
``restore`` takes exactly those apostrophes out again, so no text is lost: in words, drop one
apostrophe at each of those places. Numbers are not texts and are left as they are.
Source: OWASP, “CSV Injection”; OWASP ASVS 5.0, 1.2.10.

**XLSX.** Every text is written as a string, never as a formula, a link or a number, so it needs
no mark. Dates are dates; moments are UTC. A list longer than a sheet goes on in the next sheet.
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec
import xlsxwriter

BOM = b"\xef\xbb\xbf"
Kind = Literal["text", "number", "date", "moment", "flag"]
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_TEXT = 32_767
_ROWS_PER_CHUNK = 200
_SHEET_NAME = 31
_HEADER_ROWS = 2
_FIRST_YEAR = 1900
_EXACT = 2**53
_WIDTHS: dict[Kind, int] = {"text": 28, "number": 12, "date": 12, "moment": 24, "flag": 10}
_SIGNS = "=+\\-@＝＋－＠"
_BEGINS = r"(?:^|(?<=[;\t\r\n]))"
_AT_RISK = re.compile(rf"{_BEGINS}(?='*[{_SIGNS}])|^(?='*[\t\r\n])")
_MARK = re.compile(rf"{_BEGINS}'(?='*[{_SIGNS}])|^'(?='*[\t\r\n])")


class Column(msgspec.Struct, frozen=True):
    """One column: a stable code, its label in the chosen language, and what it holds."""

    code: str
    label: str
    kind: Kind = "text"


class Sheet(msgspec.Struct, frozen=True):
    """One sheet of a workbook."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]


def defuse(text: str) -> str:
    """Return ``text`` so that no spreadsheet runs it; ``restore`` undoes this."""
    return _AT_RISK.sub("'", text)


def restore(text: str) -> str:
    """Return the text that ``defuse`` was given."""
    return _MARK.sub("", text)


def csv_chunks(
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    *,
    bom: bool = False,
    labels: bool = False,
) -> Iterator[bytes]:
    """Yield a CSV file in pieces: a row of codes, a row of labels when asked, then the rows.

    ``bom`` puts first the mark by which spreadsheets know UTF-8. Raises ValueError for a row
    that has not one value a column.
    """
    if bom:
        yield BOM
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([defuse(column.code) for column in columns])
    if labels:
        writer.writerow([defuse(column.label) for column in columns])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_csv_value(value) for value in _checked(columns, row)])
        if number % _ROWS_PER_CHUNK == 0:
            yield _drain(buffer)
    yield _drain(buffer)


def jsonl_chunks(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield one JSON object a line, keyed by column codes; an absent value is null."""
    codes = [column.code for column in columns]
    encoder = msgspec.json.Encoder(decimal_format="number")
    buffer = bytearray()
    for number, row in enumerate(rows, start=1):
        buffer += encoder.encode(dict(zip(codes, _checked(columns, row), strict=True))) + b"\n"
        if number % _ROWS_PER_CHUNK == 0:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def write_xlsx(
    sheets: Iterable[Sheet], target: BinaryIO | Path, *, folder: Path | None = None
) -> None:
    """Write a workbook row by row, in constant memory: a row of codes, one of labels, the rows.

    Rows wait in files of ``folder`` (else of the system's temporary folder) until the end.
    Raises ValueError for a row that has not one value a column, or too many columns.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": None if folder is None else str(folder),
    }
    place = str(target) if isinstance(target, Path) else target
    book = xlsxwriter.Workbook(place, options)
    try:
        writer = _BookWriter(book)
        for sheet in sheets:
            writer.add(sheet)
        if not writer.names:
            book.add_worksheet(_sheet_name("", writer.names))
        book.close()
    except BaseException:
        for page in book.worksheets():  # the rows that wait in files; the library forgets them
            page._opt_close()  # noqa: SLF001
        raise


class _BookWriter:
    """Writes sheets into one workbook, with its formats and the names already taken."""

    def __init__(self, book: Any) -> None:  # noqa: ANN401  XlsxWriter is untyped
        self._book = book
        self._head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": 'yyyy-mm-dd hh:mm:ss "UTC"'})
        self.names: set[str] = set()

    def add(self, sheet: Sheet) -> None:
        if len(sheet.columns) > MAX_COLUMNS:
            message = f"a sheet has at most {MAX_COLUMNS} columns, not {len(sheet.columns)}"
            raise ValueError(message)
        page = self._page(sheet)
        line = _HEADER_ROWS
        for row in sheet.rows:
            if line == MAX_ROWS:
                page, line = self._page(sheet), _HEADER_ROWS
            for index, value in enumerate(_checked(sheet.columns, row)):
                self._write(page, line, index, value)
            line += 1

    def _page(self, sheet: Sheet) -> Any:  # noqa: ANN401  XlsxWriter is untyped
        page = self._book.add_worksheet(_sheet_name(sheet.name, self.names))
        for index, column in enumerate(sheet.columns):
            page.set_column(index, index, _WIDTHS[column.kind])
        for line, texts in enumerate(zip(*((c.code, c.label) for c in sheet.columns), strict=True)):
            for index, text in enumerate(texts):
                page.write_string(line, index, text, self._head)
        page.freeze_panes(_HEADER_ROWS, 0)
        return page

    def _write(self, page: Any, line: int, index: int, value: object) -> None:  # noqa: ANN401
        if value is None or value == "":
            return
        if isinstance(value, bool):
            page.write_boolean(line, index, value)
        elif isinstance(value, int | float | Decimal) and -_EXACT <= value <= _EXACT:
            page.write_number(line, index, value)
        elif isinstance(value, datetime) and value.year >= _FIRST_YEAR:
            utc = value.astimezone(UTC) if value.tzinfo else value
            page.write_datetime(line, index, utc.replace(tzinfo=None), self._moment)
        elif isinstance(value, date) and value.year >= _FIRST_YEAR:
            page.write_datetime(line, index, value, self._date)
        else:
            page.write_string(line, index, _cell_text(value))


def _checked(columns: Sequence[Column], row: Sequence[object]) -> Sequence[object]:
    if len(row) != len(columns):
        message = f"a row has {len(row)} values for {len(columns)} columns"
        raise ValueError(message)
    return [None if isinstance(v, float) and not math.isfinite(v) else v for v in row]


def _csv_value(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float | Decimal):
        return value
    return defuse(value.isoformat() if isinstance(value, date) else str(value))


def _cell_text(value: object) -> str:
    """Return a text that a cell can hold; what is cut, far beyond our own caps, shows it."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    text = text.encode(errors="replace").decode()
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _drain(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode(errors="replace")
    buffer.seek(0)
    buffer.truncate()
    return content


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name that Excel accepts and that no other sheet has, and take it."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]+", " ", name)
    plain = " ".join(plain.split()).strip("'") or "1"
    if plain.casefold() == "history":  # reserved by Excel
        plain = f"{plain}_"
    candidate, count = _cut(plain, _SHEET_NAME), 1
    while candidate.casefold() in taken:
        count += 1
        ending = f" ({count})"
        candidate = _cut(plain, _SHEET_NAME - len(ending)) + ending
    taken.add(candidate.casefold())
    return candidate


def _cut(name: str, limit: int) -> str:
    """Cut to ``limit`` UTF-16 units, as Excel counts, without a quote or a space at the end."""
    units = name.encode("utf-16-le", "ignore")[: 2 * limit]
    return units.decode("utf-16-le", "ignore").rstrip(" '")
