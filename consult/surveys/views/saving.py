"""Save a page in the background while somebody types, by script (floor 6).

The route ignores any session (law 6). It answers the script in plain text, not by 303: nobody
sees the answer, and there is no page to load again.
"""

from flask import Response, abort, request

from consult.core.authz import sessionless
from consult.core.db import db
from consult.core.i18n import localized
from consult.surveys import answers, services
from consult.surveys.views.blueprint import pages
from consult.surveys.visits import Visit, open_visit, settings

_REFUSED = (services.StaleError, services.ChangedElsewhereError, services.SentMeanwhileError)


@localized(
    pages,
    fr="/c/<code>/questionnaire/etape/<int:number>/enregistrer",
    en="/c/<code>/questionnaire/step/<int:number>/save",
    methods=("POST",),
)
@sessionless
def save(code: str, number: int) -> Response:
    """Keep what is typed as a page that is being left, never judged; answer its new base."""
    visit = open_visit(code)
    if visit.keys is None or not 1 <= number <= len(visit.sheet.plan.pages):
        abort(404)
    base = _saved(visit, number) if visit.may_send else None
    if base is None:
        return Response("", 409, mimetype="text/plain")
    return Response(base, mimetype="text/plain")


def _saved(visit: Visit, number: int) -> str | None:
    """Return the base of the page as it is kept now; None when it cannot be saved from here."""
    page = visit.sheet.plan.pages[number - 1]
    if visit.keys is None:
        return None
    try:
        saved = services.save_page(
            db.session(),
            visit.keys,
            (visit.consultation, visit.sheet),
            answers.read_post(page, request.form),
            settings().draft_days,
            manner=services.read_manner(request.form, background=True),
        )
    except _REFUSED:
        return None
    return services.page_digest(page, saved.kept)
