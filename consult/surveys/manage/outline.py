"""The first page of the desk of a questionnaire: what it asks, how it is loaded (floor 6)."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations import rules as life
from consult.consultations.models import Consultation
from consult.core.authz import allow, load, may, signed_in
from consult.core.db import db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.surveys import queries, services
from consult.surveys.faults import fault_text
from consult.surveys.manage.places import desk
from consult.surveys.policies import SurveyPermission as Can
from consult.surveys.rules import DefinitionError, Fault, missing_texts, parse_definition


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire",
    en="/desk/consultations/<code>/questionnaire",
)
@allow(Can.PREVIEW)
def show(code: str) -> str:
    """Show the questionnaire in both languages, with what is missing."""
    return _page(load(Consultation, Can.PREVIEW, code=code), [])


def _page(consultation: Consultation, faults: list[Fault]) -> str:
    draft = queries.sheet(db.session(), consultation.id, "draft")
    live = queries.sheet(db.session(), consultation.id)
    sheet = draft or live
    return render(
        "surveys/desk_questionnaire.html",
        consultation=consultation,
        sheet=sheet,
        is_live=draft is None and live is not None,
        missing=missing_texts(sheet.definition, consultation.languages) if sheet else [],
        faults=faults,
        errors=[
            {"href": "#file", "text": _("%(place)s: %(fault)s", place=f.place, fault=fault_text(f))}
            for f in faults[:20]
        ],
        is_editable=consultation.state in life.EDITABLE
        and may(signed_in(), Can.LOAD, consultation),
        may_correct=consultation.state in life.AMENDABLE_VERSIONS,
    )


def _placed(fault: Fault) -> str:
    return _("%(place)s: %(fault)s", place=fault.place, fault=fault_text(fault))


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/fichier",
    en="/desk/consultations/<code>/questionnaire/file",
    methods=("POST",),
)
@allow(Can.LOAD)
def upload(code: str) -> Response | tuple[str, int]:
    """Take a questionnaire file; every fault is told with its place."""
    consultation = load(Consultation, Can.LOAD, code=code)
    file = request.files.get("file")
    faults: list[Fault] = []
    if file is None or not file.filename:
        faults = [Fault("$", _("Choose a file."))]
    else:
        try:
            definition = parse_definition(file.read())
            services.load_definition(db.session(), signed_in(), consultation, definition)
        except DefinitionError as error:
            faults = list(error.faults)
        except services.PublishedError:
            faults = [Fault("$", _("The questionnaire of a published consultation cannot change."))]
        else:
            flash(_("The questionnaire is loaded."))
    if faults:
        return _page(consultation, faults), 422
    return redirect(url_for(".show", code=code), code=303)
