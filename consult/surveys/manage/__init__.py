"""Staff pages of questionnaires: what they ask, how they are corrected, results (floor 6)."""

from consult.surveys.manage import correcting, outline, reading
from consult.surveys.manage.places import desk

__all__ = ["correcting", "desk", "outline", "reading"]
