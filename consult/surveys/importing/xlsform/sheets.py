"""Read the sheets of a workbook within bounds: headings by their one name, cells by their place.

A workbook is a zip of XML: sizes are judged by what the zip declares (its reader never gives
more), and no part may declare a document type, so that entities cannot grow. Pure.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from xml.parsers import expat

import msgspec
import openpyxl
from openpyxl.utils import get_column_letter

from consult.surveys.importing.texts import tongue

MAX_PARTS, MAX_UNPACKED, MAX_ROWS, MAX_CELL = 1000, 64 * 1024 * 1024, 20_000, 32_767
_ALIASES = {
    "caption": "label", "relevance": "relevant", "skip_logic": "relevant",
    "calculate": "calculation",
    "constraintmsg": "constraint_message", "constraint_msg": "constraint_message",
    "jr:constraintmsg": "constraint_message", "jr:requiredmsg": "required_message",
    "requiredmsg": "required_message", "required_msg": "required_message", "value": "name",
    "readonly": "read_only", "list": "list_name", "title": "form_title", "id_string": "form_id",
    "set_form_title": "form_title", "set_form_id": "form_id", "jr:count": "repeat_count",
    "big_image": "big-image", "command": "type", "tag": "name", "repeat": "repeat_count",
}  # fmt: skip
_MEDIA = {"image", "audio", "video", "big-image"}


class UnreadableError(ValueError):
    """Say why a workbook is not read: a code and its values."""

    def __init__(self, code: str, **values: object) -> None:
        """Keep the code for whoever words it."""
        super().__init__(code)
        self.code, self.values = code, values


class Cell(msgspec.Struct, frozen=True):
    """What a cell holds, as text, and where it stands."""

    text: str
    place: str


@dataclass(slots=True)
class Row:
    """One row: cells by heading; ``words``: cells by heading and language."""

    place: str
    cells: dict[str, Cell] = field(default_factory=dict)
    words: dict[str, dict[str, Cell]] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """Return what stands under a heading, or nothing."""
        return self.cells[key].text if key in self.cells else ""

    def where(self, key: str) -> str:
        """Return the place of the cell under a heading; of the row where it is empty."""
        return self.cells[key].place if key in self.cells else self.place


@dataclass(slots=True)
class Sheet:
    """One sheet: its headings in order, and its rows."""

    name: str
    headings: list[tuple[str, str, str]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def read_sheets(content: bytes) -> dict[str, Sheet]:
    """Return every sheet by its name in small letters; raises UnreadableError."""
    try:
        _judge(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            sheets = {}
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                sheets[sheet.title.strip().lower()] = _sheet(sheet.title, sheet.iter_rows())
            book.close()
    except (UnreadableError, MemoryError):
        raise
    except Exception as error:  # a damaged workbook fails in any part of its reader
        raise UnreadableError("broken_workbook") from error
    return sheets


def _judge(content: bytes) -> None:
    """Refuse a workbook that would unpack to too much, or that declares entities."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or size > MAX_UNPACKED:
            raise UnreadableError("unpacks_too_large", limit=MAX_UNPACKED)
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                with archive.open(part) as stream:
                    _no_document_type(stream.read())


def _no_document_type(xml: bytes) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.Parse(xml, True)  # noqa: FBT003  the last piece


def _refuse(*_arguments: object) -> None:
    raise UnreadableError("declares_entities")


def _sheet(name: str, rows: Iterator[tuple[openpyxl.cell.cell.Cell, ...]]) -> Sheet:
    sheet = Sheet(name)
    short = name.strip()
    headings: dict[int, tuple[str, str]] = {}
    for number, cells in enumerate(rows, 1):
        texts = {n: text for n, cell in enumerate(cells, 1) if (text := _text(cell.value))}
        if not texts:
            continue
        if not headings:
            headings = {n: heading(text) for n, text in texts.items()}
            sheet.headings = [
                (*headings[n], f"{short}!{get_column_letter(n)}{number}") for n in texts
            ]
            continue
        if len(sheet.rows) >= MAX_ROWS:
            raise UnreadableError("too_many_rows", limit=MAX_ROWS, sheet=short)
        sheet.rows.append(_row(short, number, texts, headings))
    return sheet


def _row(
    sheet: str, number: int, texts: dict[int, str], headings: dict[int, tuple[str, str]]
) -> Row:
    row = Row(f"{sheet}!{number}")
    for n, text in texts.items():
        if n not in headings:
            continue
        key, lang = headings[n]
        cell = Cell(text, f"{sheet}!{get_column_letter(n)}{number}")
        row.cells.setdefault(key, cell)
        row.words.setdefault(key, {}).setdefault(lang, cell)
    return row


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)[:MAX_CELL].replace("\xa0", " ").strip()


def heading(text: str) -> tuple[str, str]:
    """Return (key, language) of a heading: ``label::French (fr)`` is (label, fr).

    The language is empty without one, ``?NAME`` for one that is neither French nor English.
    """
    parts = [part.strip() for part in re.split(r"::", text)]
    if len(parts) == 1 and not re.match(r"jr:|big-", text.strip().lower()):
        parts = [part.strip() for part in text.split(":", 1)]
    keys = [re.sub(r"\s+", "_", part.lower()) for part in parts]
    if keys[0] in {"bind", "control", "body", "instance", "media"} and len(keys) > 1:
        keys, parts = keys[1:], parts[1:]
    key = _ALIASES.get(keys[0], keys[0])
    key = f"media:{key}" if key in _MEDIA else key
    if len(parts) == 1 or not parts[-1]:
        return key, ""
    return key, tongue(parts[-1]) or f"?{parts[-1]}"
