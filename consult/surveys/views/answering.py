"""The citizen's pages: start, steps, review, receipt, come back with the code (floor 6).

These routes ignore any session and write no audit or event (law 6).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import msgspec
from flask import abort, current_app, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations.queries import notice
from consult.core.authz import sessionless
from consult.core.clock import today
from consult.core.codes import CodeShapeError, CodeTypoError, new_code, parse_code
from consult.core.db import db
from consult.core.i18n import current_language, localized, other_language, render
from consult.core.i18n import gettext as _
from consult.core.limits import limiter
from consult.core.qr import qr_of_secret
from consult.surveys import answers, queries, services
from consult.surveys.drawing import Shown, step_context
from consult.surveys.rules import path, shown_pages
from consult.surveys.views.blueprint import pages
from consult.surveys.visits import (
    Visit,
    forget,
    home_of,
    open_visit,
    pepper,
    remember,
    settings,
    show_receipt,
)
from consult.surveys.wording import moved_anchor, problem_text

Answer = Response | str | tuple[str, int]


def _code_rate() -> str:
    rate: str = current_app.extensions["consult_settings"].code_rate
    return rate


def _to(endpoint: str, visit: Visit, **values: Any) -> Response:  # noqa: ANN401
    return redirect(url_for(f"surveys.{endpoint}", code=visit.consultation.code, **values), 303)


@localized(
    pages, fr="/c/<code>/questionnaire", en="/c/<code>/questionnaire", methods=("GET", "POST")
)
@sessionless
def start(code: str) -> Answer:
    """Say what will be asked and what becomes of it; start a sheet."""
    visit = _unless_withdrawn(open_visit(code))
    if request.method == "GET":
        return render("surveys/start.html", visit=visit, **_frame(visit))
    if not visit.may_start:
        return _closed(visit)
    response = make_response(_to("step", visit, number=1))
    return remember(response, code, visit.code or new_code(pepper()))


def _unless_withdrawn(visit: Visit) -> Visit:
    """Leave out a code whose response was withdrawn: nothing can be stored under it again."""
    if visit.keys is None or not queries.is_withdrawn(db.session(), visit.keys.response):
        return visit
    return msgspec.structs.replace(visit, code=None, keys=None)


def _frame(visit: Visit) -> dict[str, Any]:
    published = notice(
        db.session(), visit.consultation.id, visit.consultation.published_notice or 0
    )
    return {"notice": published.content if published else {}, "pages": visit.sheet.definition.pages}


@localized(
    pages,
    fr="/c/<code>/questionnaire/etape/<int:number>",
    en="/c/<code>/questionnaire/step/<int:number>",
    methods=("GET", "POST"),
)
@sessionless
def step(code: str, number: int) -> Answer:
    """Show one page of questions; keep its answers and go on."""
    visit = open_visit(code)
    if visit.keys is None or visit.code is None:
        if _brings_answers():
            abort(409)  # the page of the error shows them
        return _to("start", visit)
    if not 1 <= number <= len(visit.sheet.plan.pages):
        return _to("review", visit)
    if not visit.may_send:
        return _closed(
            visit, answers.read_page(visit.sheet.definition.pages[number - 1], request.form)
        )
    return _save_step(visit, number) if request.method == "POST" else _show_step(visit, number)


def _show_step(visit: Visit, number: int) -> Answer:
    if visit.keys is None:
        return _to("start", visit)
    progress = services.read_progress(db.session(), visit.keys)
    if progress is None and queries.response_of(db.session(), visit.keys.response):
        return _to("mine", visit)
    progress = progress or services.Progress()
    found = path(visit.sheet.plan, progress.typed, today())
    if found.page(number) is None:
        return _go_to(visit, found.after(number))
    return _step_page(visit, number, Shown(progress.typed, found, progress.confirmed, []))


def _go_to(visit: Visit, number: int | None) -> Response:
    """Lead to a page of the path; after the last one, to the review."""
    if number is None:
        return _to("review", visit)
    came_from = request.args.get("from")
    return _to("step", visit, number=number, **({"from": came_from} if came_from else {}))


def _brings_answers() -> bool:
    return any(value for name, value in request.form.items() if name.startswith(answers.FIELD))


def _closed(visit: Visit, typed: Mapping[str, Any] | None = None) -> tuple[str, int]:
    """Say that it is over; what was typed is shown, for it will not be kept."""
    typed, plan = typed or {}, visit.sheet.plan
    rest = frozenset(i.code for i in visit.sheet.definition.items if i.code not in typed)
    pages = shown_pages(plan, rest, typed)
    return render("surveys/closed.html", visit=visit, pages=pages, typed=typed), 409


def _save_step(visit: Visit, number: int) -> Answer:
    leaving = bool({"switch", "back", "later", "page-move"} & set(request.form))
    page = visit.sheet.plan.pages[number - 1]
    posted = answers.read_post(page, request.form)
    if "page-move" in request.form:
        posted = answers.arranged(page, posted, request.form["page-move"])
    if visit.keys is None:
        return _to("start", visit)
    try:
        saved = services.save_page(
            db.session(),
            visit.keys,
            (visit.consultation, visit.sheet),
            posted,
            settings().draft_days,
            is_leaving=leaving,
        )
    except services.StaleError as error:
        return _stale_page(visit, error.typed), 409
    if saved.problems and not leaving:
        shown = Shown(saved.typed, saved.path, posted.confirmed, saved.problems)
        return _step_page(visit, number, shown), 422
    target = _next_page(visit, number, saved)
    return remember(make_response(target), visit.consultation.code, visit.code or "")


def _next_page(visit: Visit, number: int, saved: services.SavedPage) -> Response:
    """Lead on; leaving a page unfinished is never judged, going on is.

    What the answers of a page bring up on the same page is asked before going on.
    """
    came_from = request.args.get("from")
    kept = {"from": came_from} if came_from else {}
    back = saved.path.before(number)
    if "switch" in request.form:
        other = other_language(current_language())
        target = _to("step", visit, number=number, lang=other, **kept)
    elif "back" in request.form:
        target = _to("step", visit, number=back) if back else _to("start", visit)
    elif "page-move" in request.form:
        anchor = moved_anchor(request.form["page-move"])
        target = _to("step", visit, number=number, _anchor=anchor, **kept)
    elif "later" in request.form:
        target = _to("later", visit)
    elif saved.newly_asked:
        anchor = answers.FIELD + saved.newly_asked[0]
        target = _to("step", visit, number=number, _anchor=anchor, **kept)
    elif came_from == "review":
        target = _after_change(visit, saved.opened)
    else:
        target = _go_to(visit, saved.path.after(number))
    return target


def _after_change(visit: Visit, opened: list[int]) -> Response:
    """Lead back to the review; through the page that a change opened, or on from the first."""
    if not opened:
        return _to("review", visit)
    if len(opened) == 1:
        return _to("step", visit, number=opened[0], **{"from": "review"})
    return _to("step", visit, number=opened[0])


def _step_page(visit: Visit, number: int, shown: Shown) -> str:
    return render("surveys/step.html", visit=visit, **step_context(visit.sheet, number, shown))


@localized(
    pages,
    fr="/c/<code>/questionnaire/verifier",
    en="/c/<code>/questionnaire/review",
    methods=("GET", "POST"),
)
@sessionless
def review(code: str) -> Answer:
    """Show every answer with a way to change it; send the sheet once."""
    visit = open_visit(code)
    if visit.keys is None or visit.code is None:
        return _to("start", visit)
    if request.method == "POST":
        return _send(visit)
    progress = services.read_progress(db.session(), visit.keys)
    if progress is None:
        known = queries.response_of(db.session(), visit.keys.response)
        return _to("mine", visit) if known else _to("step", visit, number=1)
    return _review_page(visit, progress.typed, [])


def _review_page(visit: Visit, typed: dict[str, Any], wrong: list[answers.Problem]) -> str:
    errors = [{"href": f"#row-{p.item}", "text": problem_text(p)} for p in wrong]
    found = path(visit.sheet.plan, typed, today())
    return render("surveys/review.html", visit=visit, pages=found.pages, typed=typed, errors=errors)


def _send(visit: Visit) -> Answer:
    if visit.keys is None or visit.code is None:
        return _to("start", visit)
    session = db.session()
    if not visit.may_send:
        late = services.read_progress(session, visit.keys)
        if late is not None:
            return _closed(visit, late.typed)
    try:
        is_kept = services.submit(
            session, visit.keys, visit.consultation, visit.sheet, current_language()
        )
    except services.NotReadyError as error:
        return _review_page(visit, error.typed, error.problems), 422
    except services.StaleError as error:
        return _stale_page(visit, error.typed), 409
    if not is_kept:
        return _to("mine", visit)
    return show_receipt(make_response(_to("receipt", visit)), visit.consultation.code, visit.code)


def _stale_page(visit: Visit, typed: dict[str, Any]) -> str:
    """Show both versions where they differ: what is kept, and what was not sent."""
    kept: dict[str, Any] | None = None
    stored = visit.keys and queries.response_of(db.session(), visit.keys.response)
    if visit.keys and stored:
        kept = services.stored_answers(db.session(), stored)
        asked = {item.code for item in path(visit.sheet.plan, typed, today()).questions}
        typed = {code: value for code, value in typed.items() if code in asked}
    differing = [
        item
        for item in visit.sheet.definition.items
        if (kept or {}).get(item.code) != typed.get(item.code)
    ]
    return render("surveys/stale.html", visit=visit, items=differing, kept=kept, typed=typed)


@localized(pages, fr="/c/<code>/recu", en="/c/<code>/receipt")
@sessionless
def receipt(code: str) -> Answer:
    """Show the receipt: what was stored, and the code that brings one back."""
    visit = open_visit(code, cookie="receipt")
    if visit.keys is None:
        return _to("come_back", visit)
    response = queries.response_of(db.session(), visit.keys.response)
    if response is None:
        return _to("come_back", visit)
    sheet = queries.sheet_of_version(db.session(), response.version_id) or visit.sheet
    given, asked = answers.answered(sheet.definition, response.answers)
    return render(
        "surveys/receipt.html", visit=visit, response=response, answered=given, asked=asked
    )


@localized(pages, fr="/c/<code>/plus-tard", en="/c/<code>/later")
@sessionless
def later(code: str) -> Answer:
    """Show the code with which one resumes later, here or on another device."""
    visit = open_visit(code)
    if visit.code is None:
        return _to("start", visit)
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
        return remember(make_response(_to("mine", visit)), code, found)
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
        return _to("come_back", visit)
    session = db.session()
    response = queries.response_of(session, visit.keys.response)
    if response is None:
        if services.read_progress(session, visit.keys) is not None:
            return _to("step", visit, number=1)
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
        return _to("come_back", visit)
    if not visit.may_send:
        return _closed(visit)
    days = settings().draft_days
    chosen = {"mine": True, "stored": False}.get(request.form.get("keep", ""))
    try:
        is_open = services.start_correction(
            db.session(), visit.keys, visit.consultation, days, keep_mine=chosen
        )
    except services.StaleError as error:
        return _stale_page(visit, error.typed), 409
    if not is_open:
        return _to("mine", visit)
    return _to("review", visit) if chosen else _to("step", visit, number=1)


@localized(pages, fr="/c/<code>/retirer", en="/c/<code>/withdraw", methods=("GET", "POST"))
@sessionless
def withdraw(code: str) -> Answer:
    """Ask once, then erase the response."""
    visit = open_visit(code)
    if visit.keys is None:
        return _to("come_back", visit)
    if request.method == "GET":
        return render("surveys/withdraw.html", visit=visit)
    services.withdraw(db.session(), visit.keys, visit.consultation)
    return _to("mine", visit)


@localized(pages, fr="/c/<code>/terminer", en="/c/<code>/finish", methods=("POST",))
@sessionless
def finish(code: str) -> Answer:
    """Leave nothing of the code on this device."""
    visit = open_visit(code)
    return forget(make_response(redirect(home_of(visit), 303)), code)
