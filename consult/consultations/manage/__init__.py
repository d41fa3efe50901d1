"""Staff pages of consultations: texts, calendar, steps, amendments, poster (floor 4)."""

from consult.consultations.manage import amendments, calendar, poster, steps, texts
from consult.consultations.manage.places import desk

__all__ = ["amendments", "calendar", "desk", "poster", "steps", "texts"]
