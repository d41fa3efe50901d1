"""Ask questionnaires: definition, answering with a receipt, results (floor 6)."""

from flask import Flask

from consult.core.authz import register_policies
from consult.core.db import write_session
from consult.core.i18n import LANGUAGES, environment_of, environments
from consult.core.i18n import gettext as _
from consult.core.jobs import every_minute
from consult.core.registry import activities, export_sets, field_names
from consult.core.settings import Settings
from consult.surveys.activity import QuestionnaireActivity
from consult.surveys.drawing import shape
from consult.surveys.exporting import ResponsesExport
from consult.surveys.manage import desk
from consult.surveys.policies import POLICIES
from consult.surveys.services import purge_drafts
from consult.surveys.views import pages
from consult.surveys.wording import words_in


def _purge(app: Flask, _settings: Settings) -> int:
    with write_session(app) as session:
        return purge_drafts(session)


def _field_names() -> dict[str, str]:
    return dict.fromkeys(("code", "typed"), _("Your code"))


def register(app: Flask) -> None:
    """Add pages, policies, the activity, the export set and the sweep of old drafts."""
    register_policies(POLICIES)
    app.register_blueprint(pages)
    app.register_blueprint(desk)
    for environment in environments(app):
        environment.filters["shape"] = shape
    activities.add("questionnaire", QuestionnaireActivity())
    field_names.add("surveys", _field_names)
    export_sets.add("responses", ResponsesExport())
    every_minute(app, "purge_drafts", _purge)
    with app.app_context():
        for lang in LANGUAGES:
            environment_of(lang).filters["words"] = words_in(lang)
