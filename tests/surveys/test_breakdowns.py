"""Answers counted apart by language, channel, month, network and role, for staff."""

import re
from collections import Counter
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import read_session
from consult.surveys.breakdowns import Breakdown, asked_for, dimensions_of, group_of
from consult.surveys.models import Response
from consult.surveys.rules import Voice, parse_definition
from tests.support.staff import Staff
from tests.support.states import QUESTIONNAIRE

ENGLISH = Voice("en", str)
ITEMS = parse_definition(QUESTIONNAIRE).items
LONELY = next(item for item in ITEMS if item.code == "lonely")


def response(lang="fr", **answers):
    return SimpleNamespace(lang=lang, channel="web", day=date(2026, 3, 9), answers=answers)


def counted(rows, dimension="lang"):
    found = Breakdown(LONELY, dimension, asked_for(ITEMS, dimension))
    for row in rows:
        found.add(row)
    return {group.code: group for group in found.groups(ENGLISH)}


def test_each_group_has_its_responses_its_base_and_its_counts():
    said = [
        response(lonely="never"),
        response(lonely="often"),
        response(lonely={"na": "dont_know"}),
    ]
    groups = counted([*said, response("en", lonely="never"), response("en")])
    assert (groups["fr"].responses, groups["fr"].base) == (3, 2)
    assert (groups["en"].responses, groups["en"].base) == (2, 1)
    assert groups["fr"].options["never"].n == 1
    assert groups["fr"].options["never"].share == pytest.approx(0.5)


def test_who_did_not_say_stands_last_and_is_not_left_out():
    groups = counted([response(lonely="never"), response(role="user", lonely="never")], "role")
    assert list(groups) == ["user", ""]


def test_the_place_of_a_postal_code_is_a_group():
    asked = SimpleNamespace(code="home")
    row = response(home={"fsa": "J4K", "place": "9912"})
    assert group_of(row, "network", asked) == "9912"
    assert group_of(response(home={"fsa": "J4K"}), "network", asked) == ""
    assert group_of(row, "month", None) == "2026-03"


def test_only_dimensions_of_the_list_that_the_questionnaire_has_are_offered():
    assert dimensions_of(ITEMS) == ["lang", "channel", "month", "network", "role"]
    assert dimensions_of([LONELY]) == ["lang", "channel", "month"]


def cells(page, row):
    found = re.search(rf'<th scope="row">{row}</th>(.*?)</tr>', page, re.DOTALL)
    return [int(n.replace(",", "")) for n in re.findall(r'<td class="num">([\d,]+)', found[1])]


def test_the_page_agrees_with_the_responses_and_marks_small_counts(any_app):
    camille = Staff(any_app, "facilitator")
    with read_session(any_app) as session:
        made = session.scalars(select(Consultation).where(Consultation.state == "analysing")).one()
        code = made.code
        rows = session.execute(
            select(Response.lang, Response.channel, Response.answers).where(
                Response.consultation_id == made.id
            )
        ).all()
    base = Counter(r.lang for r in rows if isinstance(r.answers.get("role"), str))
    users = Counter(r.channel for r in rows if r.answers.get("role") == "user")
    address = f"/en/desk/consultations/{code}/breakdown?item=role"
    page = camille.get(address).text
    assert cells(page, "Responses") == [135, 351]
    assert cells(page, "Base: who answered") == [base["en"], base["fr"]]
    by_channel = camille.get(f"{address}&by=channel").text

    assert sum(users.values()) > 0
    assert cells(by_channel, "Responses") == [37, 47, 402]
    small = re.findall(r"<td class=\"num\">(\d+)<span aria-hidden", by_channel)
    assert all(int(n) < 10 for n in small)
    large = re.findall(r"<td class=\"num\">([\d,]+)(?:<br>|</td>)", by_channel)
    assert all(int(n.replace(",", "")) >= 10 for n in large)
    assert small


def test_an_unknown_question_or_dimension_gives_the_first_of_each(app):
    with read_session(app) as session:
        made = session.scalars(select(Consultation).where(Consultation.state == "analysing")).one()
        code = made.code
    camille = Staff(app, "facilitator")
    page = camille.get(f"/en/desk/consultations/{code}/breakdown?item=zzz&by=answers").text
    assert cells(page, "Responses") == [135, 351]
