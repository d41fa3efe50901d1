"""Questionnaires as files on the desk: taken from other programs, given as JSON or XLSForm."""

from flask import abort, flash, request
from werkzeug.wrappers import Response

from consult.consultations.models import Consultation
from consult.core.authz import allow, load, signed_in
from consult.core.db import db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized
from consult.surveys import queries, services
from consult.surveys.importing import exported
from consult.surveys.importing.guarding import read_safely
from consult.surveys.importwords import note_text
from consult.surveys.manage.places import desk
from consult.surveys.policies import SurveyPermission as Can
from consult.surveys.rules import Fault, parse_definition

MAX_NOTES = 8
FORMS = {
    "json": ("application/json", "json"),
    "xlsform": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
}


def take(consultation: Consultation, content: bytes) -> list[Fault]:
    """Load a file of any kind we read; return why not. What is not carried is told.

    Raises PublishedError when the questionnaire cannot change any more.
    """
    found = read_safely(content)
    if found.definition is None:
        return list(found.faults)
    definition = parse_definition(found.definition)
    services.load_definition(db.session(), signed_in(), consultation, definition)
    flash(_("The questionnaire is loaded."))
    for note in found.notes[:MAX_NOTES]:
        told = note_text(note.code, note.values)
        flash(_("%(place)s: %(fault)s", place=note.place, fault=told)[:200])
    if len(found.notes) > MAX_NOTES:
        more = len(found.notes) - MAX_NOTES
        flash(_("%(count)s more remarks: import the file on the command line.", count=more))
    return []


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/telecharger",
    en="/desk/consultations/<code>/questionnaire/download",
)
@allow(Can.PREVIEW)
def download(code: str) -> Response:
    """Give the present questionnaire as a file: our JSON, or an XLSForm workbook."""
    consultation = load(Consultation, Can.PREVIEW, code=code)
    sheet = queries.sheet(db.session(), consultation.id, "draft") or queries.sheet(
        db.session(), consultation.id
    )
    form = request.args.get("format", "json")
    if sheet is None or form not in FORMS:
        abort(404)
    kind, end = FORMS[form]
    name = f"{sheet.definition.code}.{end}"
    response = Response(exported(sheet.definition, form), mimetype=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
