"""Staff pages of questionnaires: the desk where they are made and corrected, results (floor 6)."""

from consult.surveys.manage import arranging, correcting, outline, reading, writing
from consult.surveys.manage.places import desk

__all__ = ["arranging", "correcting", "desk", "outline", "reading", "writing"]
