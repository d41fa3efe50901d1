"""Write an export set in one of the formats, row by row (floor 8)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from consult.consultations.models import Consultation
from consult.core.clock import today
from consult.core.db import Session
from consult.core.i18n import gettext as _
from consult.core.registry import export_sets
from consult.core.tabular import Column, Sheet, csv_chunks, jsonl_chunks, write_xlsx

Rows = Iterator[tuple[object, ...]]


class Format(msgspec.Struct, frozen=True):
    """One format: the end of the file's name, and what a browser is told it is."""

    extension: str
    content_type: str
    is_workbook: bool = False


FORMATS: Final[dict[str, Format]] = {
    "csv": Format("csv", "text/csv; charset=utf-8"),
    "csv-excel": Format("csv", "text/csv; charset=utf-8"),
    "xlsx": Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        is_workbook=True,
    ),
    "jsonl": Format("jsonl", "application/x-ndjson"),
}


class Wanted(msgspec.Struct, frozen=True):
    """What is asked: which set of which consultation, the format, the language of labels."""

    consultation: str
    format: str
    labels: str
    set_code: str = "responses"

    @property
    def file_name(self) -> str:
        """Return the name under which a browser keeps the file."""
        extension = FORMATS[self.format].extension
        return f"consult-{self.consultation}-{today():%Y%m%d}-{self.labels}.{extension}"


def write(
    session: Session,
    consultation: Consultation,
    wanted: Wanted,
    target: BinaryIO,
    *,
    counted: Callable[[Rows], Rows] = iter,
    folder: Path | None = None,
) -> None:
    """Write the whole file to ``target``; every row passes through ``counted``.

    A workbook keeps its rows in files of ``folder`` until it is put together.
    """
    kind: Any = export_sets.get(wanted.set_code)
    columns = kind.columns(session, consultation, wanted.labels)
    rows = counted(kind.rows(session, consultation, wanted.labels))
    if wanted.format == "xlsx":
        sheets = _sheets(session, consultation, wanted, Sheet("", columns, rows))
        write_xlsx(sheets, target, folder=folder)
        return
    if wanted.format == "jsonl":
        chunks = jsonl_chunks(columns, rows)
    else:
        chunks = csv_chunks(columns, rows, bom=wanted.format == "csv-excel")
    target.writelines(chunks)


def _sheets(
    session: Session, consultation: Consultation, wanted: Wanted, data: Sheet
) -> list[Sheet]:
    kind = export_sets.get(wanted.set_code)
    lang = wanted.labels
    heads = [Column(code, label) for code, label in _codebook_heads()]
    return [
        Sheet(kind.title(lang), data.columns, data.rows),
        Sheet(_("Codebook"), heads, kind.codebook(session, consultation, lang)),
        Sheet(_("Read me"), [Column("text", _("Read me"))], _read_me(consultation, lang)),
    ]


def _codebook_heads() -> list[tuple[str, str]]:
    return [
        ("column", _("Column")),
        ("question", _("Question")),
        ("kind", _("Kind")),
        ("code", _("Code")),
        ("label", _("Label")),
        ("versions", _("Versions")),
    ]


def _read_me(consultation: Consultation, lang: str) -> list[tuple[str]]:
    return [
        (consultation.title.pick(lang).text,),
        (_("One row is one response. Codes never change; labels are in the chosen language."),),
        (_("An empty cell means that the question was left without an answer."),),
        (
            _(
                "A corrected questionnaire has several versions: the codebook says which had each "
                "question and each answer. What a version did not offer is empty in its rows."
            ),
        ),
        (_("The file holds no name, address or code of a person."),),
        (today().isoformat(),),
    ]
