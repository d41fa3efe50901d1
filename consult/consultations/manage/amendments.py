"""Staff pages that change what is public: a new last day, a mended text (floor 4)."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations import queries, rules, services
from consult.consultations.forms import CorrectionForm, DayForm
from consult.consultations.manage.places import desk
from consult.consultations.models import Consultation, Phase
from consult.consultations.policies import ConsultationPermission as Can
from consult.core.authz import allow, load, signed_in
from consult.core.clock import today
from consult.core.db import db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render

Answer = Response | str | tuple[str, int]


@localized(
    desk,
    fr="/bureau/consultations/<code>/nouveau-jour",
    en="/desk/consultations/<code>/new-day",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def change_days(code: str) -> Answer:
    """Propose a later or an earlier last day for a phase of an opened consultation."""
    consultation = load(Consultation, Can.EDIT, code=code)
    form = DayForm()
    if request.method == "GET":
        return _day_page(form, consultation, [])
    if not form.is_complete(consultation.languages):
        return _day_page(form, consultation, form.error_rows()), 422
    phase = next((p for p in consultation.phases if p.id == form.phase.data), None)
    if consultation.state not in rules.AMENDABLE_DAYS or phase is None:
        abort(409)
    fault = _day_fault(form, consultation, phase)
    if fault:
        return _day_page(form, consultation, [{"href": "#day", "text": fault}]), 422
    wanted = services.NewDay(form.kind.data, phase, form.day.data)
    try:
        services.propose_day(db.session(), signed_in(), consultation, wanted, form.reason.data)
    except services.AlreadyProposedError:
        return _day_page(form, consultation, [_taken()]), 409
    return _proposed(code)


def _day_fault(form: DayForm, consultation: Consultation, phase: Phase) -> str:
    (span,) = queries.spans([phase])
    due = consultation.response_due
    fault = rules.day_fault(span, form.kind.data, form.day.data, today(), due)
    texts = {
        "": "",
        "past": _("This day is over: choose today or a later day."),
        "not_later": _("To extend, choose a day after the present last day."),
        "after_due": _("The official response is due by then: choose an earlier day."),
        "not_earlier": _("To close early, choose a day before the present last day."),
        "before_opening": _("The phase would end before it begins."),
    }
    return texts[fault]


def _day_page(form: DayForm, consultation: Consultation, errors: list[dict[str, str]]) -> str:
    return render(
        "consultations/new_day.html",
        consultation=consultation,
        form=form,
        errors=errors,
        faults={row["href"]: row["text"] for row in errors},
        phases=[phase for phase in consultation.phases if phase.activities],
        is_possible=consultation.state in rules.AMENDABLE_DAYS,
    )


@localized(
    desk,
    fr="/bureau/consultations/<code>/correction",
    en="/desk/consultations/<code>/correction",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def correct(code: str) -> Answer:
    """Propose to mend the title or the summary; no other public text changes any more."""
    consultation = load(Consultation, Can.EDIT, code=code)
    form = CorrectionForm(obj=consultation)
    if request.method == "GET":
        return _correction_page(form, consultation, [])
    if not form.is_complete(consultation.languages):
        return _correction_page(form, consultation, form.error_rows()), 422
    texts = {name: form[name].data for name in rules.CORRECTABLE}
    if all(getattr(consultation, name) == text for name, text in texts.items()):
        text = _("Nothing differs from what is published.")
        return _correction_page(form, consultation, [{"href": "#title-fr", "text": text}]), 422
    try:
        services.propose_correction(
            db.session(), signed_in(), consultation, texts, form.reason.data
        )
    except services.AlreadyProposedError:
        return _correction_page(form, consultation, [_taken()]), 409
    except services.NotReadyError:
        abort(409)
    return _proposed(code)


def _correction_page(
    form: CorrectionForm, consultation: Consultation, errors: list[dict[str, str]]
) -> str:
    context: dict[str, Any] = {"form": form, "consultation": consultation, "errors": errors}
    is_possible = consultation.state in rules.AMENDABLE_TEXTS
    return render("consultations/correction.html", is_possible=is_possible, **context)


def _taken() -> dict[str, str]:
    text = _("Another proposal waits for signatures: sign it or take it back first.")
    return {"href": url_for(".show", code=(request.view_args or {})["code"]), "text": text}


def _proposed(code: str) -> Response:
    flash(_("The proposal is recorded. It takes effect when both co-leads have signed."))
    return redirect(url_for(".show", code=code, _anchor="proposal"), code=303)


@localized(
    desk,
    fr="/bureau/consultations/<code>/proposition/signer",
    en="/desk/consultations/<code>/proposal/sign",
    methods=("POST",),
)
@allow(Can.SIGN)
def sign_change(code: str) -> Response:
    """Sign the proposal that waits; with the second signature it takes effect."""
    consultation = load(Consultation, Can.SIGN, code=code)
    if not services.places_of(db.session(), signed_in(), consultation):
        abort(404)
    try:
        is_applied = services.sign_amendment(
            db.session(), signed_in(), consultation, _amendment_id()
        )
    except services.NotReadyError:
        abort(409)
    flash(_("The change is public.") if is_applied else _("Your signature is recorded."))
    return redirect(url_for(".show", code=code), code=303)


@localized(
    desk,
    fr="/bureau/consultations/<code>/proposition/reprendre-ma-signature",
    en="/desk/consultations/<code>/proposal/take-back-signature",
    methods=("POST",),
)
@allow(Can.SIGN)
def unsign_change(code: str) -> Response:
    """Take back one's signature under the proposal that waits."""
    consultation = load(Consultation, Can.SIGN, code=code)
    if not services.places_of(db.session(), signed_in(), consultation):
        abort(404)
    try:
        is_gone = services.unsign_amendment(
            db.session(), signed_in(), consultation, _amendment_id()
        )
    except services.NotReadyError:
        abort(409)
    if is_gone:
        flash(_("Your signature is taken back."))
    return redirect(url_for(".show", code=code, _anchor="proposal"), code=303)


@localized(
    desk,
    fr="/bureau/consultations/<code>/proposition/retirer",
    en="/desk/consultations/<code>/proposal/drop",
    methods=("POST",),
)
@allow(Can.EDIT)
def drop_change(code: str) -> Response:
    """Take back the proposal that waits."""
    consultation = load(Consultation, Can.EDIT, code=code)
    try:
        services.drop_amendment(db.session(), signed_in(), consultation, _amendment_id())
    except services.NotReadyError:
        abort(409)
    flash(_("The proposal is taken back."))
    return redirect(url_for(".show", code=code), code=303)


def _amendment_id() -> int:
    return request.form.get("amendment", 0, type=int)
