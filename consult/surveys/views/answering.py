"""The citizen's pages: start, steps, review, receipt, come back with the code (floor 6).

These routes ignore any session and write no audit or event (law 6).
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations.queries import notice
from consult.core.authz import sessionless
from consult.core.clock import today
from consult.core.codes import derive_keys, new_code
from consult.core.db import db
from consult.core.i18n import current_language, localized, other_language, render
from consult.surveys import answers, assisting, queries, services
from consult.surveys.drawing import Shown, step_context
from consult.surveys.rules import path
from consult.surveys.views.blueprint import pages
from consult.surveys.views.leading import Answer, closed, lead_to, stale_page
from consult.surveys.visits import (
    Visit,
    open_visit,
    pepper,
    remember,
    settings,
    show_receipt,
)
from consult.surveys.wording import moved_anchor, problem_text


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
        return closed(visit)
    if assisting.FIELD in request.form:
        return _start_assisted(visit)
    response = make_response(lead_to("step", visit, number=1))
    return remember(response, code, visit.code or new_code(pepper()))


def _start_assisted(visit: Visit) -> Response:
    """Begin a new sheet for somebody who is helped; its draft alone says so.

    A sheet of somebody before, on the same device, is never gone on with.
    """
    consultation, given = visit.consultation, request.form[assisting.FIELD]
    if not assisting.is_pass(pepper(), consultation.code, today(), given):
        return redirect(url_for("surveys_desk.assist", code=consultation.code), 303)
    code = new_code(pepper())
    keys = derive_keys(pepper(), consultation.code, code)
    begun = services.Progress(channel=assisting.CHANNEL)
    services.write_progress(db.session(), keys, consultation, begun, settings().draft_days)
    return remember(make_response(lead_to("step", visit, number=1)), consultation.code, code)


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
        return lead_to("start", visit)
    if not 1 <= number <= len(visit.sheet.plan.pages):
        return lead_to("review", visit)
    if not visit.may_send:
        return closed(
            visit, answers.read_page(visit.sheet.definition.pages[number - 1], request.form)
        )
    return _save_step(visit, number) if request.method == "POST" else _show_step(visit, number)


def _show_step(visit: Visit, number: int) -> Answer:
    if visit.keys is None:
        return lead_to("start", visit)
    progress = services.read_progress(db.session(), visit.keys)
    if progress is None and queries.response_of(db.session(), visit.keys.response):
        return lead_to("mine", visit)
    progress = progress or services.Progress()
    found = path(visit.sheet.plan, progress.typed, today())
    if found.page(number) is None:
        return _go_to(visit, found.after(number))
    shown = Shown(progress.typed, found, progress.confirmed, [], progress.channel)
    return _step_page(visit, number, shown, progress.typed)


def _go_to(visit: Visit, number: int | None) -> Response:
    """Lead to a page of the path; after the last one, to the review."""
    if number is None:
        return lead_to("review", visit)
    came_from = request.args.get("from")
    return lead_to("step", visit, number=number, **({"from": came_from} if came_from else {}))


def _brings_answers() -> bool:
    return any(value for name, value in request.form.items() if name.startswith(answers.FIELD))


def _save_step(visit: Visit, number: int) -> Answer:
    leaving = bool({"switch", "back", "later", "page-move"} & set(request.form))
    page = visit.sheet.plan.pages[number - 1]
    posted = answers.read_post(page, request.form)
    if "page-move" in request.form:
        posted = answers.arranged(page, posted, request.form["page-move"])
    if visit.keys is None:
        return lead_to("start", visit)
    try:
        saved = services.save_page(
            db.session(),
            visit.keys,
            (visit.consultation, visit.sheet),
            posted,
            settings().draft_days,
            manner=services.read_manner(request.form, leaving=leaving),
        )
    except services.StaleError as error:
        return stale_page(visit, error.typed), 409
    except services.ChangedElsewhereError as error:
        return _both_versions(visit, number, error), 409
    if saved.problems and not leaving:
        shown = Shown(saved.typed, saved.path, posted.confirmed, saved.problems, saved.channel)
        return _step_page(visit, number, shown, saved.kept), 422
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
        target = lead_to("step", visit, number=number, lang=other, **kept)
    elif "back" in request.form:
        target = lead_to("step", visit, number=back) if back else lead_to("start", visit)
    elif "page-move" in request.form:
        anchor = moved_anchor(request.form["page-move"])
        target = lead_to("step", visit, number=number, _anchor=anchor, **kept)
    elif "later" in request.form:
        target = lead_to("later", visit)
    elif saved.newly_asked:
        anchor = answers.FIELD + saved.newly_asked[0]
        target = lead_to("step", visit, number=number, _anchor=anchor, **kept)
    elif came_from == "review":
        target = _after_change(visit, saved.opened)
    else:
        target = _go_to(visit, saved.path.after(number))
    return target


def _after_change(visit: Visit, opened: list[int]) -> Response:
    """Lead back to the review; through the page that a change opened, or on from the first."""
    if not opened:
        return lead_to("review", visit)
    if len(opened) == 1:
        return lead_to("step", visit, number=opened[0], **{"from": "review"})
    return lead_to("step", visit, number=opened[0])


def _step_page(visit: Visit, number: int, shown: Shown, kept: Mapping[str, Any]) -> str:
    """Draw a page of questions over what is ``kept`` of them."""
    return render(
        "surveys/step.html",
        visit=visit,
        number=number,
        base=services.page_digest(visit.sheet.plan.pages[number - 1], kept),
        window=services.new_window(),
        sheet_name=_sheet_name(visit),
        **step_context(visit.sheet, number, shown),
    )


def _sheet_name(visit: Visit) -> str:
    """Return what names this sheet on the device: it tells nothing of the code."""
    return visit.keys.draft.hex()[:12] if visit.keys else ""


def _both_versions(visit: Visit, number: int, error: services.ChangedElsewhereError) -> str:
    """Show a page as another window stored it beside what was typed; ask which to keep."""
    page = visit.sheet.plan.pages[number - 1]
    items = [e.item for e in page.items if e.item.is_question]
    return render(
        "surveys/changed_page.html",
        visit=visit,
        number=number,
        items=[i for i in items if not services.is_same(i.code, error.kept, error.typed)],
        kept=error.kept,
        typed=error.typed,
        fields=[
            (name, value)
            for name, value in request.form.items(multi=True)
            if name.startswith((answers.FIELD, "page-shown", "page-seen", "page-confirm"))
        ],
        base=services.page_digest(page, error.kept),
        sheet_name=_sheet_name(visit),
        window=services.new_window(),
    )


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
        return lead_to("start", visit)
    if request.method == "POST":
        return _send(visit)
    progress = services.read_progress(db.session(), visit.keys)
    if progress is None:
        known = queries.response_of(db.session(), visit.keys.response)
        return lead_to("mine", visit) if known else lead_to("step", visit, number=1)
    return _review_page(visit, progress, [])


def _review_page(visit: Visit, progress: services.Progress, wrong: list[answers.Problem]) -> str:
    errors = [{"href": f"#row-{p.item}", "text": problem_text(p)} for p in wrong]
    found = path(visit.sheet.plan, progress.typed, today())
    return render(
        "surveys/review.html",
        visit=visit,
        pages=found.pages,
        typed=progress.typed,
        errors=errors,
        is_assisted=progress.channel == assisting.CHANNEL,
    )


def _send(visit: Visit) -> Answer:
    if visit.keys is None or visit.code is None:
        return lead_to("start", visit)
    session = db.session()
    if not visit.may_send:
        late = services.read_progress(session, visit.keys)
        if late is not None:
            return closed(visit, late.typed)
    try:
        is_kept = services.submit(
            session, visit.keys, visit.consultation, visit.sheet, current_language()
        )
    except services.NotReadyError as error:
        return _review_page(visit, error.progress, error.problems), 422
    except services.StaleError as error:
        return stale_page(visit, error.typed), 409
    if not is_kept:
        return lead_to("mine", visit)
    return show_receipt(
        make_response(lead_to("receipt", visit)), visit.consultation.code, visit.code
    )
