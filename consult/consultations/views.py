"""Public pages of consultations (floor 4)."""

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations import queries, rules
from consult.consultations.drawing import said_html
from consult.consultations.policies import ConsultationPermission
from consult.consultations.sharing import short_address
from consult.core.authz import current_actor, may, public, sessionless
from consult.core.clock import now
from consult.core.db import db
from consult.core.english import speak
from consult.core.i18n import current_language, localized, render
from consult.core.qr import qr
from consult.core.registry import activities

pages = Blueprint("consultations", __name__)


@localized(pages, fr="/consultations", en="/consultations")
@public
def list_consultations() -> str:
    """List the consultations one may find."""
    page = queries.listed(db.session(), current_actor(), request.args.get("after"))
    return render("consultations/list.html", page=page)


@localized(pages, fr="/c/<code>", en="/c/<code>")
@public
def show(code: str) -> str:
    """Show what is asked, what can change, the calendar, and the way to take part."""
    consultation = queries.seen(db.session(), code)
    if consultation is None or not may(current_actor(), ConsultationPermission.READ, consultation):
        abort(404)
    speak(consultation.table.organisation.language_policy)
    is_public = consultation.state in rules.PUBLIC
    cards = [kind.card(db.session(), consultation) for kind in activities.all()]
    counts = [kind.public_count(db.session(), consultation.id) for kind in activities.all()]
    spans, moment = queries.spans(consultation.phases), now()
    changes = queries.changes(consultation)
    return render(
        "consultations/show.html",
        consultation=consultation,
        said=said_html(consultation, current_language()),
        cards=[card for card in cards if card],
        count=sum(counts),
        spans=spans,
        answering=rules.allowing(spans),
        moment=moment,
        shown_state=rules.shown_state(consultation.state, spans, moment),
        changes=changes,
        names={
            name: queries.field_name(name)
            for change in changes
            if change.kind == "correct"
            for name in change.changes
        },
        is_public=is_public,
        qr=qr,
        address=short_address(code),
        **({} if is_public else {"canonical": "", "alternates": ()}),
    )


@pages.route("/q/<code>")
@sessionless
def short(code: str) -> Response:
    """Lead from the short address to the consultation, in the language chosen before."""
    lang = "en" if request.cookies.get("consult_lang") == "en" else "fr"
    return redirect(url_for("consultations.show", code=code, lang=lang), code=302)
