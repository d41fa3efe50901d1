"""The responses of the demo have the shapes they are told, at any size, the same each time."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from consult import demo
from consult.consultations.models import Consultation
from consult.core.clock import today
from consult.core.db import read_session
from consult.surveys.models import Response, ResponseText


def responses(app, state):
    with read_session(app) as session:
        return session.execute(
            select(Response.key, Response.channel, Response.lang, Response.day)
            .join(Consultation, Consultation.id == Response.consultation_id)
            .where(Consultation.state == state)
            .order_by(Response.key)
        ).all()


def test_the_closed_consultation_has_the_numbers_it_is_known_by(any_app):
    rows = responses(any_app, "analysing")
    assert Counter(r.channel for r in rows) == {"web": 402, "paper": 47, "assisted": 37}
    assert Counter(r.lang for r in rows) == {"fr": 351, "en": 135}
    with read_session(any_app) as session:
        texts = session.scalar(
            select(func.count())
            .select_from(ResponseText)
            .join(Response, Response.key == ResponseText.key)
            .join(Consultation, Consultation.id == Response.consultation_id)
            .where(Consultation.state == "analysing")
        )
    assert texts == 214


def test_the_newsletter_makes_the_curve_of_the_open_consultation_jump(app):
    days = Counter((today() - r.day).days for r in responses(app, "open"))
    assert sum(days.values()) == 173
    jump, before = days[10] + days[9], days[12] + days[11]
    assert jump > 2 * before


def test_a_larger_demo_keeps_the_shapes_and_is_the_same_each_time(any_app):
    assert demo.scale(any_app, 3000) == 3000 - 486 - 173
    rows = responses(any_app, "analysing")
    assert len(rows) == 3000 * 486 // 659
    shares = Counter(r.channel for r in rows)
    assert abs(shares["paper"] / len(rows) - 47 / 486) < 0.005
    assert abs(sum(r.lang == "en" for r in rows) / len(rows) - 135 / 486) < 0.005
    assert all(r.day <= today() - timedelta(days=118) for r in rows)
    assert demo.scale(any_app, 3000) == 0
