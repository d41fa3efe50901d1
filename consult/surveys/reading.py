"""Read what staff pages of results show beside the counts: breakdowns, curve, goal (floor 6)."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select

from consult.core.db import Session
from consult.surveys import queries
from consult.surveys.breakdowns import Breakdown, Group, asked_for
from consult.surveys.curves import Curve, curve_of
from consult.surveys.models import ResponseGoal
from consult.surveys.rules import Item, Voice
from consult.tables.models import Organisation


def items_of(session: Session, consultation_id: int) -> list[Item]:
    """Return the questions of every version, those of the newest first."""
    asked = queries.asked_over(session, consultation_id)
    return [one.item for one in asked.merged.items] if asked else []


def breakdown(
    session: Session, consultation_id: int, wanted: tuple[Sequence[Item], Item, str], voice: Voice
) -> list[Group]:
    """Count one item by one dimension, in one pass over the responses."""
    items, item, dimension = wanted
    counted = Breakdown(item, dimension, asked_for(items, dimension))
    for row in queries.documents(session, consultation_id):
        counted.add(row)
    return counted.groups(voice)


def participation(
    session: Session,
    consultation_id: int,
    items: Sequence[Item],
    span: tuple[date, date] | None,
) -> Curve:
    """Count the responses of each day, in one pass."""
    network = asked_for(items, "network")
    return curve_of(queries.documents(session, consultation_id), network, span)


def goal_of(session: Session, consultation_id: int) -> ResponseGoal | None:
    """Return how many responses the table hopes for, when it said so."""
    return session.get(ResponseGoal, consultation_id)


def place_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return the names of organisations by code, in one query."""
    statement = select(Organisation.code, Organisation.name).where(Organisation.code.in_(codes))
    return {code: name.pick("fr").text for code, name in session.execute(statement)}
