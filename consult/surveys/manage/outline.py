"""The first page of the desk of a questionnaire: pages, gaps, how to begin (floor 6)."""

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations import rules as life
from consult.consultations.models import Consultation
from consult.core.authz import allow, load, may, signed_in
from consult.core.db import db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.surveys import building, library, queries, services
from consult.surveys.faults import fault_text
from consult.surveys.labels import gaps_of, kind_name, marked_title, short_title
from consult.surveys.manage.files import take
from consult.surveys.manage.places import desk
from consult.surveys.policies import SurveyPermission as Can
from consult.surveys.rules import Fault


def published_text() -> str:
    """Return why nothing can be changed any more."""
    return _("The questionnaire of a published consultation cannot change.")


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
    working = queries.working(db.session(), consultation.id)
    draft = queries.sheet(db.session(), consultation.id, "draft")
    live = queries.sheet(db.session(), consultation.id)
    found = []
    if working:
        found = building.findings(working.content, consultation.languages, working.marks)
    may_edit = may(signed_in(), Can.EDIT, consultation)
    return render(
        "surveys/desk_questionnaire.html",
        consultation=consultation,
        document=working.content if working else None,
        questions=_questions(working.content) if working else 0,
        sheet=draft or live,
        is_live=draft is None and live is not None,
        gaps=gaps_of(consultation.code, working.content, found) if working else [],
        stale=_stale(working.content, found) if working else [],
        models=[_model(name) for name in library.MODELS],
        to_mend={(one.what, one.code) for one in found},
        errors=[{"href": "#file", "text": _placed(fault)} for fault in faults[:20]],
        is_editable=consultation.state in life.EDITABLE and may_edit,
        may_correct=consultation.state in life.AMENDABLE_VERSIONS,
        kind_name=kind_name,
        short_title=short_title,
        marked_title=marked_title,
    )


def _model(name: str) -> dict[str, object]:
    definition = building.document_of(library.model(name))
    return {
        "name": name,
        "title": short_title(definition["title"]),
        "text": short_title(definition["introduction"]),
        "questions": _questions(definition),
    }


def _stale(document: building.Document, found: list[building.Finding]) -> list[dict[str, object]]:
    return [
        {
            "label": marked_title(building.title_of(document, one)),
            "text": one.text,
            "lang": one.lang,
            "seen": building.digest(one.text.words),
        }
        for one in found
        if one.text is not None
    ]


def _placed(fault: Fault) -> str:
    return _("%(place)s: %(fault)s", place=fault.place, fault=fault_text(fault))


def _questions(document: building.Document) -> int:
    return sum(
        item["kind"] not in {"note", "computed", "section"} for item in building.items_of(document)
    )


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/commencer",
    en="/desk/consultations/<code>/questionnaire/start",
    methods=("POST",),
)
@allow(Can.EDIT)
def start(code: str) -> Response:
    """Begin an empty questionnaire or a copy of a model, where there is none yet."""
    consultation = load(Consultation, Can.EDIT, code=code)
    if queries.working(db.session(), consultation.id) is not None:
        abort(409)
    document = building.empty_document(f"q-{consultation.code.lower()}", consultation.title)
    source = request.form.get("model", "")
    if source in library.MODELS:
        chosen = building.document_of(library.model(source))
        document = chosen | {"code": document["code"]}
    else:
        source = "empty"
    try:
        services.start(db.session(), signed_in(), consultation, document, source)
    except services.PublishedError:
        flash(published_text())
        return redirect(url_for(".show", code=code), code=303)
    return redirect(url_for(".show", code=code), code=303)


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/traduction",
    en="/desk/consultations/<code>/questionnaire/translation",
    methods=("POST",),
)
@allow(Can.EDIT)
def confirm(code: str) -> Response:
    """Say that a translation still holds beside its source."""
    consultation = load(Consultation, Can.EDIT, code=code)
    key, seen = request.form.get("key", ""), request.form.get("seen", "")
    try:
        services.confirm_text(db.session(), signed_in(), consultation, key, seen)
    except services.PublishedError:
        flash(published_text())
    except (services.MovedError, building.GoneError):
        flash(_("The text has just changed again: read both languages once more."))
    else:
        flash(_("The translation is confirmed."))
    return redirect(url_for(".show", code=code, _anchor="stale"), code=303)


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
            faults = take(consultation, file.read())
        except services.PublishedError:
            faults = [Fault("$", published_text())]
    if faults:
        return _page(consultation, faults), 422
    return redirect(url_for(".show", code=code), code=303)
