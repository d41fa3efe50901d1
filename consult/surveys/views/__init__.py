"""The citizen's pages: answer, save, read beforehand (floor 6)."""

from consult.surveys.views import answering, reading, returning, saving
from consult.surveys.views.blueprint import pages

__all__ = ["answering", "pages", "reading", "returning", "saving"]
