"""Staff pages beside the results: breakdowns, participation against a goal (floor 6)."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations.models import Consultation
from consult.consultations.rules import EDITABLE
from consult.core.authz import allow, load, may, signed_in
from consult.core.charts import rising
from consult.core.clock import today
from consult.core.db import db, one_instant
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.surveys import breakdowns, curves, reading, services
from consult.surveys.forms import Typed
from consult.surveys.manage.places import desk
from consult.surveys.policies import SurveyPermission as Can
from consult.surveys.rules import Item, Voice
from consult.surveys.wording import voice

_GOAL = re.compile(r"[0-9]{1,7}")


def _dimension_names() -> dict[str, str]:
    return {
        "lang": _("Language of the response"),
        "channel": _("Channel"),
        "month": _("Month"),
        "network": _("Local network"),
        "role": _("Role"),
    }


def _fixed_names() -> dict[str, str]:
    return {
        "fr": _("French"),
        "en": _("English"),
        "web": _("On the web"),
        "paper": _("On paper"),
        "assisted": _("With help"),
        "kiosk": _("At a kiosk"),
    }


def _group_names(asked: Item | None, codes: Collection[str], said: Voice) -> dict[str, str]:
    """Return the names of groups; a code that nothing names stands for itself."""
    nobody = {breakdowns.UNKNOWN: _("Not said")}
    if asked is None:
        return _fixed_names() | nobody
    names = {option.code: said.of(option.label) for option in asked.options}
    names |= {code: said.non_answer(code) for code in asked.non_answers}
    unnamed = [code for code in codes if code and code not in names]
    return (
        names | reading.place_names(db.session(), unnamed) | nobody if unnamed else names | nobody
    )


@localized(
    desk,
    fr="/bureau/consultations/<code>/ventilation",
    en="/desk/consultations/<code>/breakdown",
)
@allow(Can.RESULTS)
def breakdown(code: str) -> str:
    """Show the answers to one closed question, apart by one of the dimensions of the list."""
    consultation = load(Consultation, Can.RESULTS, code=code)
    items = reading.items_of(db.session(), consultation.id)
    closed = breakdowns.closed_items(items)
    if not closed:
        abort(404)
    known = breakdowns.dimensions_of(items)
    item = next((i for i in closed if i.code == request.args.get("item")), closed[0])
    wanted = request.args.get("by", "")
    dimension = wanted if wanted in known else known[0]
    said, names = voice(), _dimension_names()
    with one_instant():
        asked_of = (items, item, dimension)
        groups = reading.breakdown(db.session(), consultation.id, asked_of, said)
    asked = breakdowns.asked_for(items, dimension)
    return render(
        "surveys/desk_breakdown.html",
        consultation=consultation,
        item=item,
        title=said.of(item.title),
        dimension=dimension,
        dimensions=[{"value": name, "label": names[name]} for name in known],
        items=[{"value": one.code, "label": said.of(one.title)} for one in closed],
        groups=groups,
        group_names=_group_names(asked, [group.code for group in groups], said),
        few=breakdowns.FEW,
    )


@localized(
    desk,
    fr="/bureau/consultations/<code>/participation",
    en="/desk/consultations/<code>/participation",
    methods=("GET", "POST"),
)
@allow(Can.RESULTS)
def participation(code: str) -> Response | str | tuple[str, int]:
    """Show the responses of each day against the goal; those who edit the consultation set it."""
    consultation = load(Consultation, Can.RESULTS, code=code)
    goal = reading.goal_of(db.session(), consultation.id)
    stored = {name: getattr(goal, name, None) for name in services.GOALS}
    if request.method == "GET":
        return _participation_page(consultation, Typed(dict(stored)))
    load(Consultation, Can.EDIT, code=code)
    typed = _read_goals(request.form)
    if typed.errors:
        return _participation_page(consultation, typed), 422
    seen = request.form.get("seen", "")
    revision = int(seen) if _GOAL.fullmatch(seen) else -1
    try:
        services.set_goals(db.session(), signed_in(), consultation, typed.thing, revision)
    except services.MovedError:
        return _participation_page(consultation, typed, stored), 409
    return redirect(url_for(".participation", code=code), code=303)


def _read_goals(form: Mapping[str, str]) -> Typed:
    """Return the goals as numbers, none where nothing was typed, and what cannot be read."""
    typed = Typed({})
    for name in services.GOALS:
        typed.raw[name] = form.get(name, "").strip()[:40]
        plain = re.sub(r"[\s,\u00a0\u202f]", "", typed.raw[name])
        typed.thing[name] = int(plain) if _GOAL.fullmatch(plain) and int(plain) else None
        if plain and typed.thing[name] is None:
            typed.refuse(name, _("Type a whole number from 1 to 9,999,999, or leave this empty."))
    return typed


def _participation_page(
    consultation: Consultation, typed: Typed, conflict: Mapping[str, Any] | None = None
) -> str:
    items = reading.items_of(db.session(), consultation.id)
    goal = reading.goal_of(db.session(), consultation.id)
    with one_instant():
        curve = reading.participation(db.session(), consultation.id, items, _span(consultation))
    goals = {name: getattr(goal, name, None) for name in services.GOALS}
    return render(
        "surveys/desk_participation.html",
        consultation=consultation,
        curve=curve,
        rows=_rows(curve, goals, items),
        typed=typed,
        conflict=conflict,
        seen=goal.revision if goal else 0,
        may_edit=may(signed_in(), Can.EDIT, consultation),
    )


def _span(consultation: Consultation) -> tuple[date, date] | None:
    """Return the days to show even without a response: the first day of answering, and today."""
    first = min((p.opens_on for p in consultation.phases if p.takes_answers), default=None)
    last = max((p.closes_on for p in consultation.phases if p.takes_answers), default=None)
    is_begun = consultation.state not in EDITABLE and first is not None and first <= today()
    return (first, min(last, today())) if is_begun and first and last else None


def _rows(
    curve: curves.Curve, goals: Mapping[str, int | None], items: Sequence[Item]
) -> list[dict[str, Any]]:
    asked = breakdowns.asked_for(items, "network")
    codes = [line.code for line in curve.lines if line.kind == "network"]
    places = _group_names(asked, codes, voice())
    names = _fixed_names()
    rows = []
    for line in curve.lines:
        goal = goals.get(line.code or "total") if line.kind != "network" else None
        name = names.get(line.code) if line.kind == "lang" else places.get(line.code, line.code)
        rows.append(
            {
                "label": _("All responses") if line.kind == "total" else name,
                "kind": line.kind,
                "line": line,
                "goal": goal,
                "chart": rising(line.running, goal),
            }
        )
    return rows
