"""Where a visit leads next, and the page of one that comes too late (floor 6)."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, url_for
from werkzeug.wrappers import Response

from consult.core.clock import today
from consult.core.db import db
from consult.core.i18n import render
from consult.surveys import answers, queries, services
from consult.surveys.rules import kind_of, path, shown_pages
from consult.surveys.visits import Visit

Answer = Response | str | tuple[str, int]


def lead_to(endpoint: str, visit: Visit, **values: Any) -> Response:  # noqa: ANN401
    """Lead to another page of the same consultation."""
    return redirect(url_for(f"surveys.{endpoint}", code=visit.consultation.code, **values), 303)


def closed(visit: Visit, typed: Mapping[str, Any] | None = None) -> tuple[str, int]:
    """Say that it is over; what was typed is shown, for it will not be kept."""
    typed, plan = typed or {}, visit.sheet.plan
    rest = frozenset(i.code for i in visit.sheet.definition.items if i.code not in typed)
    pages = shown_pages(plan, rest, typed)
    return render("surveys/closed.html", visit=visit, pages=pages, typed=typed), 409


def stale_page(visit: Visit, typed: dict[str, Any]) -> str:
    """Show both versions where they differ: what is kept, and what was not sent."""
    kept: dict[str, Any] | None = None
    stored = visit.keys and queries.response_of(db.session(), visit.keys.response)
    if visit.keys and stored:
        kept = services.stored_answers(db.session(), stored)
        asked = path(visit.sheet.plan, typed, today()).questions
        keys = {key for item in asked for key in kind_of(item).keys(item)}
        typed = {key: value for key, value in typed.items() if key in keys}
    differing = [
        item
        for item in visit.sheet.definition.items
        if not answers.is_same_answer(item, kept or {}, typed)
    ]
    return render("surveys/stale.html", visit=visit, items=differing, kept=kept, typed=typed)
