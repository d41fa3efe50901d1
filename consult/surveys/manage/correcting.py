"""Staff pages on which a questionnaire in force is corrected (floor 6)."""

from collections.abc import Mapping

import msgspec
from flask import abort, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations import rules as life
from consult.consultations.models import Consultation
from consult.consultations.queries import missing_in, proposed
from consult.consultations.services import AlreadyProposedError
from consult.core.authz import allow, load, may, signed_in
from consult.core.db import db
from consult.core.forms import Form, TextMapField
from consult.core.i18n import current_language, localized, render
from consult.core.i18n import gettext as _
from consult.surveys import comparing, queries, services
from consult.surveys.faults import fault_text
from consult.surveys.labels import field_label, short_title
from consult.surveys.manage.places import desk
from consult.surveys.policies import SurveyPermission as Can
from consult.surveys.rules import Definition, DefinitionError, Fault, Reused, parse_definition

Answer = Response | str | tuple[str, int]
MOST_FAULTS = 20


class ReasonForm(Form):
    """Why the questionnaire is corrected, for the public."""

    reason = TextMapField(required=True, limit=600)


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/correction",
    en="/desk/consultations/<code>/questionnaire/correction",
)
@allow(Can.PREVIEW)
def correct(code: str) -> str:
    """Show what a correction changes and what that does to counting; or how to begin one."""
    return _page(load(Consultation, Can.PREVIEW, code=code), ReasonForm(), [])


def _page(
    consultation: Consultation,
    form: ReasonForm,
    errors: list[dict[str, str]],
    undecided: Mapping[str, str] | None = None,
) -> str:
    session = db.session()
    waiting = proposed(session, consultation.id)
    found = services.review(session, consultation)
    live = queries.sheet(session, consultation.id)
    return render(
        "surveys/desk_correction.html",
        consultation=consultation,
        is_possible=live is not None and life.may_amend(consultation.state, "version"),
        is_waiting=waiting is not None and waiting.kind == "version",
        other_waits=waiting is not None and waiting.kind != "version",
        may_edit=may(signed_in(), Can.LOAD, consultation),
        live=live,
        review=found,
        groups=comparing.told(found) if found else [],
        decisions={**(found.decisions if found else {}), **_typed_decisions()},
        undecided=undecided or {},
        form=form,
        errors=errors,
    )


def _titles(consultation: Consultation) -> dict[str, str]:
    """Return the title of each question in force, in the language of the page, by code."""
    live = queries.sheet(db.session(), consultation.id)
    items = live.definition.items if live else ()
    return {item.code: item.title.pick(current_language())[0] for item in items}


def _typed_decisions() -> dict[str, str]:
    start = "same-"
    return {n.removeprefix(start): v for n, v in request.form.items() if n.startswith(start)}


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/version-en-vigueur",
    en="/desk/consultations/<code>/questionnaire/version-in-force",
)
@allow(Can.PREVIEW)
def take_file(code: str) -> Response:
    """Give the file of the version in force, to be changed."""
    consultation = load(Consultation, Can.PREVIEW, code=code)
    live = queries.sheet(db.session(), consultation.id)
    if live is None:
        abort(404)
    content = msgspec.json.format(msgspec.json.encode(live.definition), indent=1)
    response = make_response(content)
    response.mimetype = "application/json"
    name = f"{live.definition.code}-{live.number}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/correction/fichier",
    en="/desk/consultations/<code>/questionnaire/correction/file",
    methods=("POST",),
)
@allow(Can.LOAD)
def load_correction(code: str) -> Answer:
    """Take a corrected file; say what is wrong with it, or what it changes."""
    consultation = load(Consultation, Can.LOAD, code=code)
    file = request.files.get("file")
    if file is None or not file.filename:
        faults = [Fault("$", _("Choose a file."))]
    else:
        faults = _prepared(consultation, file.read())
    if faults:
        errors = [{"href": "#file", "text": _placed(f)} for f in faults]
        return _page(consultation, ReasonForm(), errors[:MOST_FAULTS]), 422
    return redirect(url_for(".correct", code=code, _anchor="changes"), code=303)


def _prepared(consultation: Consultation, content: bytes) -> list[Fault]:
    """Keep a file as the correction; return what is wrong with it."""
    faults: list[Fault] = []
    try:
        definition = parse_definition(content)
        _keep(consultation, definition)
    except DefinitionError as error:
        faults = list(error.faults)
    except services.ReusedError as error:
        faults = [Fault(one.place, _reused(one)) for one in error.found]
    except services.IncompleteError as error:
        faults = [
            Fault("$", missing_in(m.lang, _named(definition, m.place))) for m in error.missing
        ]
    except services.UnchangedError:
        faults = [Fault("$", _("This file says what the questionnaire in force says."))]
    return faults


def _placed(fault: Fault) -> str:
    text = fault_text(fault)
    return text if fault.place == "$" else f"{fault.place}: {text}"


def _named(definition: Definition, place: str) -> str:
    """Return the title of where a text is missing, and what the text is."""
    code, _dot, field = place.partition(".")
    titles = {page.code: page.title for page in definition.pages}
    titles |= {item.code: item.title for item in definition.items}
    if code in titles:
        title = short_title({"fr": titles[code].fr, "en": titles[code].en})
        return f"{_('“%(title)s”', title=title)}, {field_label(field)}"
    return field_label(place)


def _keep(consultation: Consultation, definition: Definition) -> None:
    try:
        services.prepare_correction(db.session(), signed_in(), consultation, definition)
    except (AlreadyProposedError, services.NotCorrectableError):
        abort(409)


def _reused(one: Reused) -> str:
    return _(
        "The code “%(code)s” was of the kind “%(before)s” in version %(number)s and would be of "
        "the kind “%(after)s”: give the new question another code.",
        code=one.code,
        before=one.before,
        after=one.after,
        number=one.number,
    )


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/correction/proposer",
    en="/desk/consultations/<code>/questionnaire/correction/propose",
    methods=("POST",),
)
@allow(Can.LOAD)
def propose_correction(code: str) -> Answer:
    """Propose the correction that was read to both co-leads."""
    consultation = load(Consultation, Can.LOAD, code=code)
    form = ReasonForm()
    read = request.form.get("mark", ""), _typed_decisions()
    if not form.is_complete(consultation.languages):
        return _page(consultation, form, form.error_rows()), 422
    try:
        services.propose_prepared(db.session(), signed_in(), consultation, read, form.reason.data)
    except services.UndecidedError as error:
        text = _("Say whether it still asks the same.")
        titles = _titles(consultation)
        errors = [
            {"href": f"#same-{item}", "text": f"{_('“%(title)s”', title=titles[item])}: {text}"}
            for item in error.codes
        ]
        return _page(consultation, form, errors, dict.fromkeys(error.codes, text)), 422
    except services.ReplacedError:
        text = _("Somebody loaded another correction meanwhile: read what it changes.")
        return _page(consultation, form, [{"href": "#changes", "text": text}]), 409
    except (AlreadyProposedError, services.NotCorrectableError):
        abort(409)
    flash(_("The proposal is recorded. It takes effect when both co-leads have signed."))
    href = url_for("consultations_desk.show", code=code, _anchor="proposal")
    return redirect(href, code=303)


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/correction/retirer",
    en="/desk/consultations/<code>/questionnaire/correction/set-aside",
    methods=("POST",),
)
@allow(Can.LOAD)
def set_correction_aside(code: str) -> Response:
    """Erase the correction that was not proposed."""
    consultation = load(Consultation, Can.LOAD, code=code)
    try:
        is_gone = services.set_aside(db.session(), consultation)
    except AlreadyProposedError:
        abort(409)
    if is_gone:
        flash(_("The correction is set aside."))
    return redirect(url_for(".correct", code=code), code=303)
