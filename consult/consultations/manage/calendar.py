"""Staff page of the calendar: phases, days, activities, moderation (floor 4)."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations import queries, rules, services
from consult.consultations.forms import MAX_PHASES, read_phases, stored_phases, typed_phases
from consult.consultations.manage.places import desk
from consult.consultations.models import Consultation
from consult.consultations.policies import ConsultationPermission as Can
from consult.core.authz import allow, load, signed_in
from consult.core.db import db
from consult.core.forms import saved_first
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.core.registry import activities

FIRST_VERSION = 1  # a form without a version can only have seen a calendar nobody had touched
Rows = list[dict[str, Any]]


@localized(
    desk,
    fr="/bureau/consultations/<code>/calendrier",
    en="/desk/consultations/<code>/calendar",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def edit_phases(code: str) -> Response | str | tuple[str, int]:
    """Set the phases and their days; someone else's calendar is never overwritten."""
    consultation = load(Consultation, Can.EDIT, code=code)
    if request.method == "GET":
        return _page(consultation, stored_phases(consultation.phases), [])
    phases, errors = read_phases(request.form)
    if errors:
        return _page(consultation, typed_phases(request.form), errors), 422
    may_save = consultation.state in rules.EDITABLE
    if not may_save or not saved_first(
        _seen(),
        consultation.calendar_version,
        lambda: services.set_phases(db.session(), signed_in(), consultation, phases),
    ):
        return _page(consultation, typed_phases(request.form), [], conflict=True), 409
    flash(_("The calendar is saved."))
    return redirect(url_for(".show", code=code), code=303)


def _seen() -> int:
    return request.form.get("version", FIRST_VERSION, type=int)


def _page(
    consultation: Consultation, rows: Rows, errors: list[dict[str, str]], *, conflict: bool = False
) -> str:
    filled = [row for row in rows if row["opens"] or row["closes"]]
    empty = {"kind": "answer", "opens": "", "closes": "", "activities": [], "moderation": ""}
    padded = (rows if errors else filled) + [empty] * MAX_PHASES
    shown = min(MAX_PHASES, max(len(filled) + 2, 4, len(rows) if errors else 0))
    is_fresh = conflict or request.method == "GET"
    return render(
        "consultations/phases.html",
        consultation=consultation,
        rows=padded[:shown],
        errors=errors,
        conflict=conflict,
        version=consultation.calendar_version if is_fresh else _seen(),
        activities=activities.all(),
        clashes=rules.clashes(queries.spans(consultation.phases)),
        is_editable=consultation.state in rules.EDITABLE,
    )
