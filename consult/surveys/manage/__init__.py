"""Staff pages of questionnaires: the desk where they are made, results, open texts (floor 6)."""

from consult.surveys.manage import (
    arranging,
    comparing,
    conditions,
    correcting,
    files,
    helping,
    outline,
    reading,
    writing,
)
from consult.surveys.manage.places import desk

__all__ = [
    "arranging",
    "comparing",
    "conditions",
    "correcting",
    "desk",
    "files",
    "helping",
    "outline",
    "reading",
    "writing",
]
