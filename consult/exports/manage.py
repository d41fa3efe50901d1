"""Staff pages to take away the answers of a consultation (floor 8).

A response that breaks midway cannot be told from a whole one by the browser: the server ends
it as if nothing were wrong. So no file is sent while it is being written. A small one is
written first and sent with its length; a large one, and any workbook, is prepared by a job.
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from flask import Blueprint, Flask, Response, abort, current_app, flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from consult.consultations.models import Consultation
from consult.consultations.policies import ConsultationPermission as Can
from consult.core.authz import allow, load, signed_in
from consult.core.db import after_commit, db, read_session
from consult.core.i18n import LANGUAGES, in_language, localized, render
from consult.core.i18n import gettext as _
from consult.core.settings import Settings
from consult.exports import files, queries, services
from consult.exports.writing import FORMATS, Wanted, write

desk = Blueprint("exports_desk", __name__)
_CHUNK = 65_536


def _settings() -> Settings:
    settings: Settings = current_app.extensions["consult_settings"]
    return settings


@localized(desk, fr="/bureau/consultations/<code>/exporter", en="/desk/consultations/<code>/export")
@allow(Can.EXPORT)
def choose(code: str) -> str:
    """Show the exports that were asked for, and ask for another."""
    consultation = load(Consultation, Can.EXPORT, code=code)
    hours = _settings().export_hours
    prepared = queries.of_consultation(db.session(), code, hours)
    return render(
        "exports/choose.html",
        consultation=consultation,
        prepared=prepared,
        is_working=any(row.state in {"queued", "running"} for row in prepared),
        hours=hours,
    )


@localized(
    desk,
    fr="/bureau/consultations/<code>/exporter/fichier",
    en="/desk/consultations/<code>/export/file",
    methods=("POST",),
)
@allow(Can.EXPORT)
def ask(code: str) -> AnyResponse:
    """Give a small file at once; let a job prepare a large one."""
    consultation = load(Consultation, Can.EXPORT, code=code)
    wanted = Wanted(code, request.form.get("format", ""), request.form.get("labels", ""))
    if wanted.format not in FORMATS or wanted.labels not in LANGUAGES:
        abort(404)
    session, actor, settings = db.session(), signed_in(), _settings()
    if services.is_large(session, consultation, wanted, settings.export_direct_rows):
        services.ask(session, actor, consultation, wanted)
        flash(_("Your file is being prepared. Its progress shows below."))
        return redirect(url_for(".choose", code=code), code=303)
    services.taken(session, actor, consultation, wanted)
    response = _attachment(wanted)
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    after_commit(partial(_fill, app, settings, response, wanted))
    return response


def _attachment(wanted: Wanted) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{wanted.file_name}"'}
    return Response(content_type=FORMATS[wanted.format].content_type, headers=headers)


def _fill(app: Flask, settings: Settings, response: Response, wanted: Wanted) -> None:
    """Write the file from one instant of the database, outside the transaction of the request."""
    file = tempfile.TemporaryFile(dir=files.folder(settings))  # noqa: SIM115  closed once sent
    try:
        with read_session(app) as session, in_language(wanted.labels):
            consultation = session.scalars(
                select(Consultation).where(Consultation.code == wanted.consultation)
            ).one()
            write(session, consultation, wanted, file)
    except BaseException:
        file.close()
        raise
    _send(response, file)


def _send(response: Response, file: BinaryIO) -> None:
    """Let ``response`` carry the whole of ``file``, with its length."""
    response.content_length = file.seek(0, 2)
    file.seek(0)
    response.response = _chunks(file)
    response.call_on_close(file.close)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


@localized(
    desk,
    fr="/bureau/consultations/<code>/exporter/<token>",
    en="/desk/consultations/<code>/export/<token>",
    methods=("POST",),
)
@allow(Can.EXPORT)
def download(code: str, token: str) -> AnyResponse:
    """Give a prepared file to whoever may export, as long as it is kept."""
    consultation = load(Consultation, Can.EXPORT, code=code)
    session, settings = db.session(), _settings()
    job = queries.find(session, code, token)
    if job is None:
        abort(404)
    is_there = queries.expiry(job, settings.export_hours) is not None
    path = files.find(settings, job.file) if is_there and job.file else None
    if path is None:
        flash(_("This file is no longer kept. Ask for it again."))
        return redirect(url_for(".choose", code=code), code=303)
    wanted = services.wanted_by(job)
    services.taken(session, signed_in(), consultation, wanted)
    response = _attachment(wanted)
    _send(response, path.open("rb"))
    return response
