"""Say in words what the engine found: problems of answers, faults of definitions (floor 6)."""

from typing import Any

from consult.core.html import SafeHtml, markup
from consult.core.i18n import environment_of
from consult.core.i18n import gettext as _
from consult.surveys.answers import FIELD, Problem
from consult.surveys.queries import Sheet
from consult.surveys.rules import Definition, Item

# A question of a published version looks the same each time: the page of twenty questions
# costs a third. Only what the questionnaire itself offers is remembered, never a typed text.
_drawn: dict[tuple[object, ...], SafeHtml] = {}
_MOST_DRAWN = 10_000


def question_html(sheet: Sheet, item: Item, value: Any, error: str, lang: str) -> SafeHtml:  # noqa: ANN401
    """Return one question as the form asks it, with what was typed and what is wrong with it."""
    chosen = tuple(value) if isinstance(value, list) else value
    known = {option.code for option in item.options} | set(item.non_answers) | {""}
    if error or not known.issuperset(chosen if isinstance(chosen, tuple) else (chosen,)):
        return _draw(item, value, error, lang)
    place = (sheet.sha256, lang, item.code, chosen)
    if place not in _drawn:
        if len(_drawn) >= _MOST_DRAWN:
            _drawn.clear()
        _drawn[place] = _draw(item, value, error, lang)
    return _drawn[place]


def _draw(item: Item, value: Any, error: str, lang: str) -> SafeHtml:  # noqa: ANN401
    template = environment_of(lang).get_template("surveys/_question.html")
    return markup(template.render(item=item, value=value, error=error, lang=lang))


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
    return texts[problem.reason]


def non_answer_text(code: str) -> str:
    """Return the label of a typed non-answer."""
    return _("I don’t know") if code == "dont_know" else _("I prefer not to answer")


def anchors(definition: Definition) -> dict[str, str]:
    """Return the id of the first control of each item: where an error summary leads."""
    return {item.code: FIELD + item.code for item in definition.items}
