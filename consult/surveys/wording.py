"""Say in words what the engine found: problems of answers, faults of definitions (floor 6)."""

from collections.abc import Callable

from consult.core.formats import number
from consult.core.html import markup
from consult.core.i18n import HTML_LANG, current_language
from consult.core.i18n import gettext as _
from consult.core.typography import typo
from consult.surveys.answers import FIELD, Problem
from consult.surveys.rules import Voice, Words


def problem_text(problem: Problem) -> str:
    """Return what to do about one problem, in the language of the page."""
    if problem.reason == "required":
        return _("Answer this question to continue.")
    if problem.said:
        lang = current_language()
        figures = (int, float)
        values = {
            name: _figure(value, lang) if isinstance(value, figures) else value
            for name, value in problem.values.items()
        }
        return _(problem.said, **values)
    said = problem.message.pick(current_language())[0]
    if problem.reason == "doubtful":
        said += " " + _("If your answer is right, keep it and continue.")
    return said


def _figure(value: float, lang: str) -> str:
    """Write a bound in full: 0.125 is not 0.1."""
    places = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return number(value, lang, places)


def non_answer_text(code: str) -> str:
    """Return the label of a typed non-answer."""
    return voice().non_answer(code)


def voice() -> Voice:
    """Return the language of the page, for what the rules have to say."""
    return Voice(current_language(), _)


def anchor(problem: Problem) -> str:
    """Return the id of the control at fault: where an error summary leads."""
    joint = "." if problem.part and not problem.part.startswith("_") else ""
    return f"{FIELD}{problem.item}{joint}{problem.part}"


def words_in(lang: str) -> Callable[[Words], str]:
    """Return the filter that gives a text of a definition, marked when in the other language."""

    def words(text: Words) -> str:
        said, found = text.pick(lang)
        shown = typo(said) if found == "fr" else said
        if found == lang:
            return shown
        return markup('<span lang="{}">{}</span>').format(HTML_LANG[found], shown)

    return words


def moved_anchor(move: str) -> str:
    """Return the id of the button to go on with after one press in a ranking."""
    code, act, option = [*move.split("."), "", ""][:3]
    return f"{FIELD}{code}.{option}.{({'add': 'up', 'out': 'add'}).get(act, act)}"
