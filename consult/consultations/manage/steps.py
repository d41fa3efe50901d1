"""Staff pages of the life of a consultation: where it stands, signatures, steps (floor 4)."""

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations import queries, rules, services
from consult.consultations.forms import WithdrawForm
from consult.consultations.manage.places import desk
from consult.consultations.models import Consultation
from consult.consultations.policies import ConsultationPermission as Can
from consult.core.authz import allow, load, may, signed_in
from consult.core.clock import now
from consult.core.db import db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.core.registry import activities


@localized(desk, fr="/bureau/consultations/<code>", en="/desk/consultations/<code>")
@allow(Can.OVERVIEW)
def show(code: str) -> str:
    """Show where a consultation stands: gaps, signatures, activities, next step."""
    consultation = load(Consultation, Can.OVERVIEW, code=code)
    return _overview(consultation)


def _overview(consultation: Consultation, withdrawal: WithdrawForm | None = None) -> str:
    session, actor = db.session(), signed_in()
    steps = [_step(consultation, target) for target in rules.TRANSITIONS[consultation.state]]
    proposal = queries.proposed(session, consultation.id)
    spans = queries.spans(consultation.phases)
    signing = proposal and services.proposal_signing(session, actor, consultation, proposal)
    return render(
        "consultations/desk_show.html",
        consultation=consultation,
        steps=steps,
        shown_state=rules.shown_state(consultation.state, spans, now()),
        ends_at=rules.ends_at(spans),
        clashes=rules.clashes(spans),
        cards=[kind.desk_card(session, consultation) for kind in activities.all()],
        may_edit=may(actor, Can.EDIT, consultation),
        may_results=may(actor, Can.RESULTS, consultation),
        may_read=may(actor, Can.READ, consultation),
        proposal=proposal,
        proposal_signing=signing,
        changes=queries.changes(consultation),
        names={name: queries.field_name(name) for name in rules.CORRECTABLE},
        is_editable=consultation.state in rules.EDITABLE,
        is_shared=rules.is_public(consultation.state, consultation.table.visibility),
        may_amend_days=consultation.state in rules.AMENDABLE_DAYS,
        may_amend_texts=consultation.state in rules.AMENDABLE_TEXTS,
        withdrawal=withdrawal or WithdrawForm(formdata=None),
        errors=withdrawal.error_rows() if withdrawal else [],
    )


def _step(consultation: Consultation, target: str) -> dict[str, object]:
    session, signing = db.session(), None
    if target in rules.SIGNED:
        signing = services.step_signing(session, signed_in(), consultation, target)
    return {
        "target": target,
        "gaps": services.gaps(session, consultation, target),
        "needs_reason": rules.needs_reason(consultation.state, target),
        "signing": signing,
        "missing": signing.missing if signing else (),
    }


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
    fr="/bureau/consultations/<code>/reprendre-ma-signature",
    en="/desk/consultations/<code>/take-back-signature",
    methods=("POST",),
)
@allow(Can.SIGN)
def unsign(code: str) -> Response:
    """Take back one's signature under a step that is not taken yet."""
    consultation = load(Consultation, Can.SIGN, code=code)
    if not services.places_of(db.session(), signed_in(), consultation):
        abort(404)
    target = _target(consultation)
    if services.take_back(db.session(), signed_in(), consultation, target):
        flash(_("Your signature is taken back."))
    else:
        flash(_("Nothing was changed: the step is taken, or your signature does not stand."))
    return redirect(url_for(".show", code=code), code=303)


@localized(
    desk,
    fr="/bureau/consultations/<code>/etape",
    en="/desk/consultations/<code>/step",
    methods=("POST",),
)
@allow(Can.EDIT)
def move(code: str) -> Response | tuple[str, int]:
    """Take the consultation to its next state; taking back an announcement needs a reason."""
    consultation = load(Consultation, Can.EDIT, code=code)
    target, form = _target(consultation), WithdrawForm()
    wants_reason = rules.needs_reason(consultation.state, target)
    if wants_reason and not form.is_complete(consultation.languages):
        return _overview(consultation, form), 422
    reason = form.reason.data if wants_reason else None
    try:
        services.move(db.session(), signed_in(), consultation, target, reason)
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
