"""Where a visit leads next, and the page of one that comes too late (floor 6)."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, url_for
from werkzeug.wrappers import Response

from consult.core.i18n import render
from consult.surveys.rules import shown_pages
from consult.surveys.visits import Visit

Answer = Response | str | tuple[str, int]


def lead_to(endpoint: str, visit: Visit, **values: Any) -> Response:  # noqa: ANN401
    """Lead to another page of the same consultation."""
    return redirect(url_for(f"surveys.{endpoint}", code=visit.consultation.code, **values), 303)


def closed(visit: Visit, typed: Mapping[str, Any] | None = None) -> tuple[str, int]:
    """Say that it is over; what was typed is shown, for it will not be kept."""
    typed, plan = typed or {}, visit.sheet.plan
    rest = frozenset(i.code for i in visit.sheet.definition.items if i.code not in typed)
    pages = shown_pages(plan, rest)
    return render("surveys/closed.html", visit=visit, pages=pages, typed=typed), 409
