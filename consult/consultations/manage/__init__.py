"""Staff pages of consultations: texts, calendar, steps, amendments (floor 4)."""

from consult.consultations.manage import amendments, calendar, steps, texts
from consult.consultations.manage.places import desk

__all__ = ["amendments", "calendar", "desk", "steps", "texts"]
