"""The citizen's pages after a sheet was begun: receipt, come back with the code, correct (floor 6).

These routes ignore any session and write no audit or event (law 6).
"""

from urllib.parse import urljoin

from flask import current_app, make_response, redirect, request, url_for

from consult.consultations.queries import notice
from consult.core.authz import sessionless
from consult.core.codes import CodeShapeError, CodeTypoError, parse_code
from consult.core.db import db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.core.limits import limiter
from consult.core.qr import qr_of_secret
from consult.surveys import answers, assisting, queries, services
from consult.surveys.rules import shown_pages
from consult.surveys.views.blueprint import pages
from consult.surveys.views.leading import Answer, closed, lead_to, stale_page
from consult.surveys.visits import (
    Visit,
    forget,
    home_of,
    open_visit,
    pepper,
    remember,
    settings,
)


def _code_rate() -> str:
    rate: str = current_app.extensions["consult_settings"].code_rate
    return rate


@localized(pages, fr="/c/<code>/recu", en="/c/<code>/receipt")
@sessionless
def receipt(code: str) -> Answer:
    """Show the receipt: what was stored, and the code that brings one back."""
    visit = open_visit(code, cookie="receipt")
    if visit.keys is None:
        return lead_to("come_back", visit)
    response = queries.response_of(db.session(), visit.keys.response)
    if response is None:
        return lead_to("come_back", visit)
    sheet = queries.sheet_of_version(db.session(), response.version_id) or visit.sheet
    given, asked = answers.answered(sheet.definition, response.answers)
    return render(
        "surveys/receipt.html",
        visit=visit,
        response=response,
        answered=given,
        asked=asked,
        is_assisted=response.channel == assisting.CHANNEL,
    )


@localized(pages, fr="/c/<code>/plus-tard", en="/c/<code>/later")
@sessionless
def later(code: str) -> Answer:
    """Show the code with which one resumes later, here or on another device."""
    visit = open_visit(code)
    if visit.code is None:
        return lead_to("start", visit)
    # The code travels as a fragment, which browsers send to nobody.
    address = (
        f"{urljoin(settings().public_url, url_for('surveys.come_back', code=code))}#{visit.code}"
    )
    return render(
        "surveys/later.html",
        visit=visit,
        days=settings().draft_days,
        qr=qr_of_secret,
        address=address,
    )


@localized(pages, fr="/c/<code>/mon-code", en="/c/<code>/my-code", methods=("GET", "POST"))
@limiter.limit(_code_rate, methods=["POST"])
@sessionless
def come_back(code: str) -> Answer:
    """Ask for the code; a typing error is told at once."""
    visit = open_visit(code)
    if request.method == "GET":
        return _ask_for_code(visit, "", [])
    typed = request.form.get("typed", "")
    try:
        found = parse_code(pepper(), typed)
    except CodeShapeError:
        text = _("A code has 20 letters and digits, in five groups of four.")
    except CodeTypoError:
        text = _("There is a typing error in this code. Compare it with your receipt.")
    else:
        return remember(make_response(lead_to("mine", visit)), code, found)
    errors = [{"href": "#typed", "text": text}]
    return _ask_for_code(visit, typed, errors), 422


def _ask_for_code(visit: Visit, typed: str, errors: list[dict[str, str]]) -> str:
    """Ask for a code; tell first the one of a sheet begun here, which another would hide."""
    keeps_draft = visit.keys and queries.sealed_draft(db.session(), visit.keys.draft)
    begun = visit.code if keeps_draft else ""
    return render("surveys/come_back.html", visit=visit, typed=typed, errors=errors, begun=begun)


@localized(pages, fr="/c/<code>/ma-reponse", en="/c/<code>/my-response")
@sessionless
def mine(code: str) -> Answer:
    """Show what one sent, with ways to correct or withdraw it; else lead to the sheet."""
    visit = open_visit(code)
    if visit.keys is None:
        return lead_to("come_back", visit)
    session = db.session()
    response = queries.response_of(session, visit.keys.response)
    if response is None:
        if services.read_progress(session, visit.keys) is not None:
            return lead_to("step", visit, number=1)
        gone = queries.is_withdrawn(session, visit.keys.response)
        return render("surveys/none.html", visit=visit, withdrawn=gone), 200 if gone else 404
    sheet = queries.sheet_of_version(session, response.version_id) or visit.sheet
    typed = services.stored_answers(session, response)
    not_asked = frozenset(response.answers.get(answers.NOT_ASKED, ()))
    return render(
        "surveys/mine.html",
        visit=visit,
        pages=shown_pages(sheet.plan, not_asked, typed),
        response=response,
        typed=typed,
        notice=notice(session, visit.consultation.id, response.notice_number),
    )


@localized(pages, fr="/c/<code>/corriger", en="/c/<code>/correct", methods=("POST",))
@sessionless
def correct(code: str) -> Answer:
    """Open the stored answers for correction, until closing; or one of two versions."""
    visit = open_visit(code)
    if visit.keys is None:
        return lead_to("come_back", visit)
    if not visit.may_send:
        return closed(visit)
    days = settings().draft_days
    chosen = {"mine": True, "stored": False}.get(request.form.get("keep", ""))
    try:
        is_open = services.start_correction(
            db.session(), visit.keys, visit.consultation, days, keep_mine=chosen
        )
    except services.StaleError as error:
        return stale_page(visit, error.typed), 409
    if not is_open:
        return lead_to("mine", visit)
    return lead_to("review", visit) if chosen else lead_to("step", visit, number=1)


@localized(pages, fr="/c/<code>/retirer", en="/c/<code>/withdraw", methods=("GET", "POST"))
@sessionless
def withdraw(code: str) -> Answer:
    """Ask once, then erase the response."""
    visit = open_visit(code)
    if visit.keys is None:
        return lead_to("come_back", visit)
    if request.method == "GET":
        return render("surveys/withdraw.html", visit=visit)
    services.withdraw(db.session(), visit.keys, visit.consultation)
    return lead_to("mine", visit)


@localized(pages, fr="/c/<code>/terminer", en="/c/<code>/finish", methods=("POST",))
@sessionless
def finish(code: str) -> Answer:
    """Leave nothing of the code on this device."""
    visit = open_visit(code)
    return forget(make_response(redirect(home_of(visit), 303)), code)
