"""Read every question before answering, on the screen or on paper (floor 6).

These routes ignore any session (law 6).
"""

from consult.consultations.queries import notice
from consult.core.authz import sessionless
from consult.core.db import db
from consult.core.i18n import localized, render
from consult.surveys.outlines import outline
from consult.surveys.views.blueprint import pages
from consult.surveys.visits import open_visit


@localized(
    pages,
    fr="/c/<code>/questionnaire/toutes-les-questions",
    en="/c/<code>/questionnaire/all-questions",
)
@sessionless
def every_question(code: str) -> str:
    """Show every question with what it depends on, in words."""
    visit = open_visit(code)
    return render("surveys/every_question.html", visit=visit, outline=outline(visit.sheet))


@localized(pages, fr="/c/<code>/questionnaire/papier", en="/c/<code>/questionnaire/paper")
@sessionless
def paper(code: str) -> str:
    """Show the questionnaire in large print, to be printed and filled in by hand."""
    visit = open_visit(code)
    published = notice(
        db.session(), visit.consultation.id, visit.consultation.published_notice or 0
    )
    return render(
        "surveys/paper.html",
        visit=visit,
        outline=outline(visit.sheet),
        published=published.content if published else {},
    )
