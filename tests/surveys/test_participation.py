"""Responses of each day against a goal: the curve, its drawing, and who sets the goal."""

import re
from datetime import date
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from consult.audit.models import AuditEntry
from consult.consultations.models import Consultation
from consult.core.charts import rising
from consult.core.db import read_session
from consult.surveys.curves import curve_of
from consult.surveys.models import ResponseGoal
from tests.support.staff import Staff

DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))
ROWS = st.lists(st.tuples(DAYS, st.sampled_from(["fr", "en"])), max_size=40)


@given(ROWS)
def test_lines_of_languages_add_up_to_the_whole_day_by_day(rows):
    curve = curve_of([SimpleNamespace(day=d, lang=lang) for d, lang in rows], None, None)
    whole, *languages = curve.lines
    assert whole.total == len(rows)
    assert [sum(day) for day in zip(*(x.daily for x in languages), strict=True)] == list(
        whole.daily
    )
    assert list(curve.days) == sorted(set(curve.days))
    assert whole.running[-1:] == ([len(rows)] if rows else [])


def test_days_of_answering_without_a_response_are_shown():
    curve = curve_of([], None, (date(2026, 1, 1), date(2026, 1, 3)))
    assert len(curve.days) == 3
    assert curve.lines[0].running == [0, 0, 0]


@given(st.lists(st.integers(0, 9), max_size=60), st.none() | st.integers(1, 500))
def test_a_rising_line_never_falls_and_stays_inside(daily, goal):
    totals = [sum(daily[: n + 1]) for n in range(len(daily))]
    drawn = rising(totals, goal)
    heights = [float(y) for y in re.findall(r",([\d.]+)", drawn.partition("polyline")[2])]
    assert heights == sorted(heights, reverse=True)
    assert all(0 <= y <= 100 for y in heights)
    assert ('class="goal"' in drawn) == bool(totals and goal)


def of(app, state):
    with read_session(app) as session:
        found = session.scalars(select(Consultation).where(Consultation.state == state)).one()
        session.expunge_all()
        return found


def test_a_goal_is_typed_kept_and_held_against_the_responses(any_app):
    made, camille = of(any_app, "analysing"), Staff(any_app, "facilitator")
    address = f"/en/desk/consultations/{made.code}/participation"
    with read_session(any_app) as session:
        seen = session.get_one(ResponseGoal, made.id).revision
    typed = {"total": "1,000", "fr": "702", "en": "", "seen": seen}
    assert camille.post(address, typed).status_code == 303
    page = camille.get(address).text
    assert re.search(r'486</td><td class="num">1,000</td><td class="num">49%', page)
    assert re.search(r'351</td><td class="num">702</td><td class="num">50%', page)
    assert re.search(r'135</td><td class="num">–</td>', page)
    with read_session(any_app) as session:
        verbs = session.scalars(select(AuditEntry.verb)).all()
    assert "consultation.goals_set" in verbs
    assert camille.post(address, typed | {"total": "5"}).status_code == 409
    assert "1,000" in camille.get(address).text


def test_what_is_no_number_is_told_and_kept_in_its_field(app):
    made, camille = of(app, "open"), Staff(app, "facilitator")
    address = f"/en/desk/consultations/{made.code}/participation"
    answer = camille.post(address, {"total": "many", "fr": "0", "en": "-5", "seen": "0"})
    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 3


def test_who_may_only_read_has_no_form_and_sets_nothing(app):
    made, analyst = of(app, "analysing"), Staff(app, "analyst")
    address = f"/en/desk/consultations/{made.code}/participation"
    assert "Save the goal" not in analyst.get(address).text
    assert analyst.post(address, {"total": "5", "seen": "0"}).status_code in {403, 404}
