"""Say in words what the engine found: problems of answers, faults of definitions (floor 6)."""

from consult.core.i18n import current_language
from consult.core.i18n import gettext as _
from consult.surveys.answers import FIELD, Problem
from consult.surveys.rules import Definition


def problem_text(problem: Problem) -> str:
    """Return what to do about one problem."""
    texts = {
        "required": _("Answer this question to continue."),
        "too_many": _(
            "Choose at most %(limit)s answers; %(found)s are chosen.",
            limit=problem.limit,
            found=problem.found,
        ),
        "exclusive": _("The answer that stands alone cannot be chosen with others."),
        "too_long": _(
            "Shorten your text: %(found)s characters, the limit is %(limit)s.",
            found=problem.found,
            limit=problem.limit,
        ),
        "unknown": _("Choose one of the answers offered."),
    }
    if problem.reason in texts:
        return texts[problem.reason]
    said = problem.message.pick(current_language())[0]
    if problem.reason == "doubtful":
        said += " " + _("If your answer is right, keep it and continue.")
    return said


def non_answer_text(code: str) -> str:
    """Return the label of a typed non-answer."""
    return _("I don’t know") if code == "dont_know" else _("I prefer not to answer")


def anchors(definition: Definition) -> dict[str, str]:
    """Return the id of the first control of each item: where an error summary leads."""
    return {item.code: FIELD + item.code for item in definition.items}
