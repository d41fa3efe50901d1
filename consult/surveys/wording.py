"""Say in words what the engine found: problems of answers, faults of definitions (floor 6)."""

from consult.core.formats import number
from consult.core.i18n import current_language
from consult.core.i18n import gettext as _
from consult.surveys.answers import FIELD, Problem
from consult.surveys.rules import Voice


def problem_text(problem: Problem) -> str:
    """Return what to do about one problem, in the language of the page."""
    if problem.reason == "required":
        return _("Answer this question to continue.")
    if problem.said:
        lang = current_language()
        figures = (int, float)
        values = {
            name: number(value, lang) if isinstance(value, figures) else value
            for name, value in problem.values.items()
        }
        return _(problem.said, **values)
    said = problem.message.pick(current_language())[0]
    if problem.reason == "doubtful":
        said += " " + _("If your answer is right, keep it and continue.")
    return said


def non_answer_text(code: str) -> str:
    """Return the label of a typed non-answer."""
    return voice().non_answer(code)


def voice() -> Voice:
    """Return the language of the page, for what the rules have to say."""
    return Voice(current_language(), _)


def anchor(problem: Problem) -> str:
    """Return the id of the control at fault: where an error summary leads."""
    return f"{FIELD}{problem.item}" + (f".{problem.part}" if problem.part else "")


def moved_anchor(move: str) -> str:
    """Return the id of the button to go on with after one press in a ranking."""
    code, act, option = [*move.split("."), "", ""][:3]
    return f"{FIELD}{code}.{option}.{({'add': 'up', 'out': 'add'}).get(act, act)}"
