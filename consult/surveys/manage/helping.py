"""The staff page from which somebody is helped to answer (floor 6)."""

from flask import abort

from consult.consultations import rules as life
from consult.consultations.models import Consultation
from consult.core.authz import allow, load
from consult.core.clock import now, today
from consult.core.db import db
from consult.core.i18n import localized, render
from consult.surveys import assisting, queries
from consult.surveys.manage.places import desk
from consult.surveys.policies import SurveyPermission as Can
from consult.surveys.visits import pepper


@localized(
    desk,
    fr="/bureau/consultations/<code>/aider",
    en="/desk/consultations/<code>/assist",
)
@allow(Can.ENTER)
def assist(code: str) -> str:
    """Say how to help somebody answer; start the sheet on the citizen's own pages."""
    consultation = load(Consultation, Can.ENTER, code=code)
    found = queries.published(db.session(), code)
    if found is None or not life.is_public(consultation.state, consultation.table.visibility):
        abort(404)
    return render(
        "surveys/desk_assist.html",
        consultation=consultation,
        may_start=life.is_starting_open(found[0].state, found[0].phases, now()),
        given=assisting.make_pass(pepper(), code, today()),
    )
