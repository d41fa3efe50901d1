"""Keep how many responses a table hopes for (floor 6)."""

from collections.abc import Mapping

from consult.audit.services import record
from consult.consultations.models import Consultation
from consult.consultations.services import hold, subject
from consult.core.authz import Actor
from consult.core.db import Session
from consult.surveys.models import ResponseGoal
from consult.surveys.services.editing import MovedError

GOALS = ("total", "fr", "en")


def set_goals(
    session: Session,
    actor: Actor | None,
    consultation: Consultation,
    wanted: Mapping[str, int | None],
    seen: int,
) -> None:
    """Store the goals; raises MovedError when they are no longer those of revision ``seen``."""
    hold(session, consultation)
    goal = session.get(ResponseGoal, consultation.id, populate_existing=True)
    if (goal.revision if goal else 0) != seen:
        raise MovedError
    if goal is None:
        goal = ResponseGoal(consultation_id=consultation.id)
        session.add(goal)
    if all(getattr(goal, name) == wanted[name] for name in GOALS):
        return
    for name in GOALS:
        setattr(goal, name, wanted[name])
    session.flush()
    record(session, actor, "consultation.goals_set", subject(consultation), dict(wanted))
