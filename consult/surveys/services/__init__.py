"""Write questionnaires and responses (floor 6)."""

from consult.surveys.services.answering import (
    NotReadyError,
    Progress,
    SavedPage,
    StaleError,
    purge_drafts,
    read_progress,
    save_page,
    start_correction,
    stored_answers,
    submit,
    withdraw,
    write_progress,
)
from consult.surveys.services.loading import PublishedError, load_definition, publish

__all__ = [
    "NotReadyError",
    "Progress",
    "PublishedError",
    "SavedPage",
    "StaleError",
    "load_definition",
    "publish",
    "purge_drafts",
    "read_progress",
    "save_page",
    "start_correction",
    "stored_answers",
    "submit",
    "withdraw",
    "write_progress",
]
