"""Write rows as CSV, JSON lines and XLSX, streamed, with formulas defused (floor 0).

A text that a spreadsheet would run gets a leading apostrophe in CSV; to read the data
back, drop one leading apostrophe before ``= + - @``, a tab, a return or their full-width
forms. In XLSX such a text is written as a string and needs no mark.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import BinaryIO

import msgspec
import xlsxwriter

BOM = b"\xef\xbb\xbf"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001
_ROWS_PER_CHUNK = 200
_SHEET_NAME = 31


class Column(msgspec.Struct, frozen=True):
    """One column: a stable code, and its label in the chosen language."""

    code: str
    label: str


class Sheet(msgspec.Struct, frozen=True):
    """One sheet of a workbook."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]


def defuse(text: str) -> str:
    """Return ``text`` so that no spreadsheet runs it."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _cell(value: object) -> object:
    if isinstance(value, str):
        return defuse(value)
    return value.isoformat() if isinstance(value, date) else value


def csv_chunks(
    columns: Sequence[Column], rows: Iterable[Sequence[object]], *, bom: bool = False
) -> Iterator[bytes]:
    """Yield a CSV file (UTF-8, comma, CRLF): codes, then labels, then the rows."""
    if bom:
        yield BOM
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([column.code for column in columns])
    writer.writerow([_cell(column.label) for column in columns])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_cell(value) for value in row])
        if number % _ROWS_PER_CHUNK == 0:
            yield _drain(buffer)
    yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content


def jsonl_chunks(
    columns: Sequence[Column], rows: Iterable[Sequence[object]]
) -> Iterator[bytes]:
    """Yield one JSON object a line, keyed by column codes."""
    codes = [column.code for column in columns]
    encoder = msgspec.json.Encoder()
    buffer = bytearray()
    for number, row in enumerate(rows, start=1):
        buffer += encoder.encode(dict(zip(codes, row, strict=True))) + b"\n"
        if number % _ROWS_PER_CHUNK == 0:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)


def write_xlsx(sheets: Iterable[Sheet], target: BinaryIO) -> None:
    """Write a workbook row by row, in constant memory; every text is a string."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True})
        for sheet in sheets:
            page = book.add_worksheet(_sheet_name(sheet.name))
            for index, column in enumerate(sheet.columns):
                page.write_string(0, index, column.code, bold)
                page.write_string(1, index, column.label, bold)
            page.freeze_panes(2, 0)
            for number, row in enumerate(sheet.rows, start=2):
                for index, value in enumerate(row):
                    _write(page, number, index, value)


def _write(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        page.write_number(row, column, value)
    else:
        text = value.isoformat() if isinstance(value, date) else str(value)
        page.write_string(row, column, text[:32_000])


def _sheet_name(name: str) -> str:
    return "".join(c for c in name if c not in "[]:*?/\\")[:_SHEET_NAME] or "Sheet"
