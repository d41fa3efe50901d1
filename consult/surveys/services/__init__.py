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
from consult.surveys.services.editing import (
    Edit,
    MovedError,
    confirm_text,
    edit,
    start,
    unless_moved,
)
from consult.surveys.services.goals import GOALS, set_goals
from consult.surveys.services.loading import PublishedError, load_definition, publish
from consult.surveys.services.windows import (
    ChangedElsewhereError,
    SentMeanwhileError,
    is_same,
    new_window,
    page_digest,
    read_manner,
)

__all__ = [
    "GOALS",
    "ChangedElsewhereError",
    "Edit",
    "MovedError",
    "NotReadyError",
    "Progress",
    "PublishedError",
    "SavedPage",
    "SentMeanwhileError",
    "StaleError",
    "confirm_text",
    "edit",
    "is_same",
    "load_definition",
    "new_window",
    "page_digest",
    "publish",
    "purge_drafts",
    "read_manner",
    "read_progress",
    "save_page",
    "set_goals",
    "start",
    "start_correction",
    "stored_answers",
    "submit",
    "unless_moved",
    "withdraw",
    "write_progress",
]
