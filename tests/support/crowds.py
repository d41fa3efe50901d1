"""Add many responses to the open consultation of the demo."""

from flask import Flask
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.clock import today
from consult.core.db import write_session
from consult.demo.responses import Shape, add_responses
from consult.surveys import queries


def crowd(app: Flask, count: int) -> None:
    shape = Shape({"web": count}, count // 4, count // 8, count // 2, today(), 1)
    with write_session(app) as session:
        made = session.scalars(select(Consultation).where(Consultation.state == "open")).one()
        sheet = queries.sheet(session, made.id)
        assert sheet is not None
        add_responses(session, made, sheet, shape, f"crowd/{count}")
