"""Staff page to download the answers of a consultation (floor 8)."""

import tempfile
from collections.abc import Callable, Iterator

import msgspec
from flask import Blueprint, Flask, Response, abort, current_app, request
from sqlalchemy import select

from consult.audit.services import record
from consult.consultations.models import Consultation
from consult.consultations.policies import ConsultationPermission as Can
from consult.consultations.services import subject
from consult.core.authz import allow, load, signed_in
from consult.core.clock import today
from consult.core.db import Session, db, read_session
from consult.core.i18n import LANGUAGES, in_language, localized, render
from consult.core.i18n import gettext as _
from consult.core.registry import export_sets
from consult.core.tabular import Column, Sheet, csv_chunks, jsonl_chunks, write_xlsx

desk = Blueprint("exports_desk", __name__)
_CHUNK = 65_536


class Order(msgspec.Struct, frozen=True):
    """What to write: which set of which consultation, with labels in which language."""

    set_code: str
    consultation: str
    lang: str


Writer = Callable[[Session, Consultation, Order], Iterator[bytes]]


def _csv(session: Session, consultation: Consultation, order: Order) -> Iterator[bytes]:
    kind = export_sets.get(order.set_code)
    columns = kind.columns(session, consultation, order.lang)
    yield from csv_chunks(columns, kind.rows(session, consultation, order.lang))


def _csv_bom(session: Session, consultation: Consultation, order: Order) -> Iterator[bytes]:
    kind = export_sets.get(order.set_code)
    columns = kind.columns(session, consultation, order.lang)
    yield from csv_chunks(columns, kind.rows(session, consultation, order.lang), bom=True)


def _jsonl(session: Session, consultation: Consultation, order: Order) -> Iterator[bytes]:
    kind = export_sets.get(order.set_code)
    columns = kind.columns(session, consultation, order.lang)
    yield from jsonl_chunks(columns, kind.rows(session, consultation, order.lang))


def _xlsx(session: Session, consultation: Consultation, order: Order) -> Iterator[bytes]:
    kind = export_sets.get(order.set_code)
    heads = [Column(code, label) for code, label in _codebook_heads()]
    columns = kind.columns(session, consultation, order.lang)
    sheets = [
        Sheet(kind.title(order.lang), columns, kind.rows(session, consultation, order.lang)),
        Sheet(_("Codebook"), heads, kind.codebook(session, consultation, order.lang)),
        Sheet(_("Read me"), [Column("text", _("Read me"))], _read_me(consultation, order.lang)),
    ]
    with tempfile.TemporaryFile() as file:
        write_xlsx(sheets, file)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _codebook_heads() -> list[tuple[str, str]]:
    return [
        ("column", _("Column")),
        ("question", _("Question")),
        ("kind", _("Kind")),
        ("code", _("Code")),
        ("label", _("Label")),
    ]


def _read_me(consultation: Consultation, lang: str) -> list[tuple[str]]:
    return [
        (consultation.title.pick(lang).text,),
        (_("One row is one response. Codes never change; labels are in the chosen language."),),
        (_("An empty cell means that the question was left without an answer."),),
        (_("The file holds no name, address or code of a person."),),
        (today().isoformat(),),
    ]


FORMATS: dict[str, tuple[str, str, Writer]] = {
    "csv": ("csv", "text/csv; charset=utf-8", _csv),
    "csv-excel": ("csv", "text/csv; charset=utf-8", _csv_bom),
    "xlsx": (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _xlsx,
    ),
    "jsonl": ("jsonl", "application/x-ndjson", _jsonl),
}


@localized(desk, fr="/bureau/consultations/<code>/exporter", en="/desk/consultations/<code>/export")
@allow(Can.EXPORT)
def choose(code: str) -> str:
    """Ask for a format and the language of labels."""
    consultation = load(Consultation, Can.EXPORT, code=code)
    return render("exports/choose.html", consultation=consultation, formats=list(FORMATS))


@localized(
    desk,
    fr="/bureau/consultations/<code>/exporter/fichier",
    en="/desk/consultations/<code>/export/file",
    methods=("POST",),
)
@allow(Can.EXPORT)
def download(code: str) -> Response:
    """Stream the file; the audit log keeps who took what."""
    consultation = load(Consultation, Can.EXPORT, code=code)
    chosen, lang = request.form.get("format", ""), request.form.get("labels", "")
    if chosen not in FORMATS or lang not in LANGUAGES:
        abort(404)
    details = {"format": chosen, "labels": lang}
    record(db.session(), signed_in(), "answers.exported", subject(consultation), details)
    extension, kind, writer = FORMATS[chosen]
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    stream = _stream(app, writer, Order("responses", code, lang))
    name = f"consult-{code}-{today():%Y%m%d}-{lang}.{extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream, content_type=kind, headers=headers)


def _stream(app: Flask, writer: Writer, order: Order) -> Iterator[bytes]:
    """Yield the file from one instant of the database, in a session of its own."""
    with read_session(app) as session, in_language(order.lang):
        consultation = session.scalars(
            select(Consultation).where(Consultation.code == order.consultation)
        ).one()
        yield from writer(session, consultation, order)
