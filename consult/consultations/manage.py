"""Staff pages of consultations: create, edit, calendar, gate, signatures (floor 4)."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations import queries, rules, services
from consult.consultations.forms import MAX_PHASES, CreateForm, EditForm, read_phases
from consult.consultations.models import Consultation
from consult.consultations.policies import ConsultationPermission as Can
from consult.core.authz import allow, load, may, signed_in
from consult.core.db import db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.core.registry import activities
from consult.tables.models import AdvisoryTable

desk = Blueprint("consultations_desk", __name__)
TEXTS = rules.REQUIRED_TEXTS
SETTINGS = ("iap2_level", "response_due", "retention_months")


@localized(
    desk,
    fr="/bureau/tables/<code>/consultations/nouvelle",
    en="/desk/tables/<code>/consultations/new",
    methods=("GET", "POST"),
)
@allow(Can.CREATE)
def create(code: str) -> Response | str | tuple[str, int]:
    """Make a draft consultation."""
    table = load(AdvisoryTable, Can.CREATE, code=code)
    form = CreateForm()
    if request.method == "GET":
        return render("consultations/create.html", form=form, table=table, errors=[])
    if not form.validate():
        page = render("consultations/create.html", form=form, table=table, errors=form.error_rows())
        return page, 422
    made = services.create(db.session(), signed_in(), table, form.title.data)
    return redirect(url_for(".edit", code=made.code), code=303)


@localized(desk, fr="/bureau/consultations/<code>", en="/desk/consultations/<code>")
@allow(Can.OVERVIEW)
def show(code: str) -> str:
    """Show where a consultation stands: gaps, signatures, activities, next step."""
    consultation = load(Consultation, Can.OVERVIEW, code=code)
    return _overview(consultation)


def _overview(consultation: Consultation) -> str:
    session, actor = db.session(), signed_in()
    steps = [_step(consultation, target) for target in rules.TRANSITIONS[consultation.state]]
    return render(
        "consultations/desk_show.html",
        consultation=consultation,
        steps=steps,
        cards=[kind.desk_card(session, consultation) for kind in activities.all()],
        may_edit=may(actor, Can.EDIT, consultation),
        may_results=may(actor, Can.RESULTS, consultation),
        may_read=may(actor, Can.READ, consultation),
        is_editable=consultation.state in rules.EDITABLE,
    )


def _step(consultation: Consultation, target: str) -> dict[str, object]:
    session = db.session()
    signed = services.signed_places(session, consultation, target)
    return {
        "target": target,
        "gaps": services.gaps(session, consultation, target),
        "needs_signatures": target in rules.SIGNED,
        "signed": signed,
        "missing": rules.missing_places(signed) if target in rules.SIGNED else (),
        "place": services.place_of(session, signed_in(), consultation, target),
    }


@localized(
    desk,
    fr="/bureau/consultations/<code>/modifier",
    en="/desk/consultations/<code>/edit",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def edit(code: str) -> Response | str | tuple[str, int]:
    """Edit every text side by side; someone else's change is never overwritten."""
    consultation = load(Consultation, Can.EDIT, code=code)
    form = EditForm(obj=consultation)
    if request.method == "GET":
        return _edit_page(form, consultation, [])
    if not form.validate():
        return _edit_page(form, consultation, form.error_rows()), 422
    if form.version.data != consultation.version:
        return _edit_page(form, consultation, [], conflict=True), 409
    if consultation.state not in rules.EDITABLE:
        abort(409)
    values = {name: form[name].data for name in (*TEXTS, *SETTINGS)}
    services.edit(db.session(), signed_in(), consultation, **values)
    flash(_("The consultation is saved."))
    return redirect(url_for(".show", code=code), code=303)


def _edit_page(
    form: EditForm,
    consultation: Consultation,
    errors: list[dict[str, str]],
    *,
    conflict: bool = False,
) -> str:
    return render(
        "consultations/edit.html",
        form=form,
        consultation=consultation,
        errors=errors,
        conflict=conflict,
        names={name: queries.field_name(name) for name in TEXTS},
        is_editable=consultation.state in rules.EDITABLE,
    )


@localized(
    desk,
    fr="/bureau/consultations/<code>/calendrier",
    en="/desk/consultations/<code>/calendar",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def edit_phases(code: str) -> Response | str | tuple[str, int]:
    """Set the phases and their days."""
    consultation = load(Consultation, Can.EDIT, code=code)
    rows = [
        {"kind": p.kind, "opens": p.opens_on.isoformat(), "closes": p.closes_on.isoformat()}
        for p in consultation.phases
    ]
    if request.method == "GET":
        return _phases_page(consultation, rows, [])
    phases, errors = read_phases(request.form)
    if errors:
        return _phases_page(consultation, _typed_rows(), errors), 422
    if consultation.state not in rules.EDITABLE:
        abort(409)
    services.set_phases(db.session(), signed_in(), consultation, phases)
    flash(_("The calendar is saved."))
    return redirect(url_for(".show", code=code), code=303)


def _typed_rows() -> list[dict[str, str]]:
    return [
        {part: request.form.get(f"phase-{n}-{part}", "") for part in ("kind", "opens", "closes")}
        for n in range(MAX_PHASES)
    ]


def _phases_page(
    consultation: Consultation, rows: list[dict[str, str]], errors: list[dict[str, str]]
) -> str:
    empty = {"kind": "answer", "opens": "", "closes": ""}
    padded = rows + [empty] * (min(MAX_PHASES, max(len(rows) + 2, 4)) - len(rows))
    return render(
        "consultations/phases.html",
        consultation=consultation,
        rows=padded,
        errors=errors,
        is_editable=consultation.state in rules.EDITABLE,
    )


@localized(
    desk,
    fr="/bureau/consultations/<code>/signer",
    en="/desk/consultations/<code>/sign",
    methods=("POST",),
)
@allow(Can.SIGN)
def sign(code: str) -> Response:
    """Sign a step as co-lead (or for a vacant seat)."""
    consultation = load(Consultation, Can.SIGN, code=code)
    if not services.places_of(db.session(), signed_in(), consultation):
        abort(404)
    try:
        services.sign(db.session(), signed_in(), consultation, _target(consultation))
    except services.NotReadyError:
        flash(_("Not signed: something is still missing. The list below says what."))
    else:
        flash(_("Your signature is recorded."))
    return redirect(url_for(".show", code=code), code=303)


@localized(
    desk,
    fr="/bureau/consultations/<code>/etape",
    en="/desk/consultations/<code>/step",
    methods=("POST",),
)
@allow(Can.EDIT)
def move(code: str) -> Response:
    """Take the consultation to its next state."""
    consultation = load(Consultation, Can.EDIT, code=code)
    try:
        services.move(db.session(), signed_in(), consultation, _target(consultation))
    except services.NotReadyError:
        flash(_("Nothing was changed: a text or a signature is missing."))
    else:
        flash(_("The consultation has moved on."))
    return redirect(url_for(".show", code=code), code=303)


def _target(consultation: Consultation) -> str:
    target = request.form.get("target", "")
    if not rules.can_move(consultation.state, target):
        abort(409)
    return target
