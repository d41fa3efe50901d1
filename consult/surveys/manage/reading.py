"""Staff pages of what came in: results, open texts (floor 6)."""

from flask import abort, request

from consult.consultations.models import Consultation
from consult.core.authz import allow, load
from consult.core.charts import bar
from consult.core.db import db, one_instant
from consult.core.i18n import current_language, localized, render
from consult.core.i18n import gettext as _
from consult.core.seeking import MAX_SOUGHT
from consult.surveys import queries
from consult.surveys.breakdowns import CLOSED
from consult.surveys.manage.places import desk
from consult.surveys.policies import SurveyPermission as Can
from consult.surveys.wording import voice


@localized(
    desk,
    fr="/bureau/consultations/<code>/resultats",
    en="/desk/consultations/<code>/results",
)
@allow(Can.RESULTS)
def results(code: str) -> str:
    """Show the counts of every item over its base."""
    consultation = load(Consultation, Can.RESULTS, code=code)
    with one_instant():
        total, items = queries.results(db.session(), consultation.id, voice())
    return render(
        "surveys/desk_results.html",
        consultation=consultation,
        total=total,
        items=items,
        bar=bar,
        closed=CLOSED,
        names={"true": _("Yes"), "false": _("No")},
    )


@localized(
    desk,
    fr="/bureau/consultations/<code>/resultats/<item>",
    en="/desk/consultations/<code>/results/<item>",
)
@allow(Can.RESULTS)
def texts(code: str, item: str) -> str:
    """Show the free texts of one item, fifty at a time.

    An item of an earlier version has a page while texts are kept under its code.
    """
    consultation = load(Consultation, Can.RESULTS, code=code)
    sought = request.args.get("q", "").strip()[:MAX_SOUGHT]
    after = request.args.get("after")
    page = queries.texts_page(db.session(), consultation.id, item, after, sought)
    title = queries.item_title(db.session(), consultation.id, item, current_language())
    if title is None and not page.rows and not sought:
        abort(404)
    return render(
        "surveys/desk_texts.html",
        consultation=consultation,
        title=title or item,
        item=item,
        page=page,
        sought=sought,
    )
