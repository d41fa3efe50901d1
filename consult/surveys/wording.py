"""Say in words what the engine found: problems of answers, faults of definitions (floor 6)."""

from collections.abc import Mapping
from typing import Any

from consult.core.i18n import current_language
from consult.core.i18n import gettext as _
from consult.core.i18n import lazy_gettext as _l
from consult.surveys.answers import FIELD, Problem
from consult.surveys.rules import Definition, Fault


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


def fault_text(fault: Fault) -> str:
    """Return what is wrong with a definition at one place, with the item and the column."""
    if not fault.code:
        return fault.message
    said = _fault_words(fault.code, _values(fault.values))
    where = _("“%(item)s”, column %(column)s", item=fault.item, column=fault.column)
    return f"{where}{_(':')} {said}"


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a fault in words: types by name, bounds as a range."""
    found = {key: type_name(value) if key in _TYPED else value for key, value in values.items()}
    if isinstance(wanted := found.get("wanted"), tuple | list):
        least, most = wanted
        found["wanted"] = least if least == most else f"{least}–{most}"
    return found


_TYPED = {"left", "right", "found", "wanted"}


def type_name(name: object) -> object:
    """Return the name of a type of expressions; what is no type comes back as it is."""
    names = {
        "number": _("a number"),
        "text": _("a text"),
        "words": _("the words of a respondent"),
        "bool": _("true or false"),
        "choice": _("an answer among options"),
        "choices": _("several answers"),
        "chosen": _("the answer to a choice"),
        "plain": _("a number, a text or an answer among options"),
        "written": _("a text"),
        "code": _("the code of an option"),
        "date": _("a date"),
        "empty": _("no answer"),
        "figure": _("a whole number from 0 to 6"),
        "other": _("something else"),
    }
    return names.get(name, name) if isinstance(name, str) else name


def _fault_words(code: str, values: Mapping[str, Any]) -> str:
    texts = _SYNTAX | _TYPES | _ROUTES
    if code == "unexpected" and values.get("wanted"):
        code = "unexpected_for"
    return str(texts[code]) % values


_SYNTAX = {
    "bad_sign": _l("The sign “%(sign)s” means nothing here."),
    "open_text": _l("The text that opens here is never closed by a quotation mark."),
    "long_number": _l("A number has at most %(limit)s digits."),
    "too_long": _l("An expression has at most %(limit)s characters."),
    "too_deep": _l("Brackets and signs are nested more than %(limit)s deep: compute in steps."),
    "ends_early": _l("The expression ends too early."),
    "unexpected": _l("“%(found)s” cannot stand here."),
    "unexpected_for": _l("“%(found)s” stands where “%(wanted)s” is expected."),
}
_TYPES = {
    "unknown_function": _l("There is no function “%(name)s”."),
    "arguments": _l("The function “%(name)s” takes %(wanted)s values; it is given %(found)s."),
    "wrong_type": _l("“%(user)s” needs %(wanted)s here, not %(found)s."),
    "unlike": _l("Two different kinds cannot be compared or mixed: %(left)s, %(right)s."),
    "set_equality": _l("Several answers cannot be equal to one: write selected(${item}, 'code')."),
    "unknown_option": _l("The item “%(item)s” has no option “%(option)s”."),
    "no_day": _l("“%(text)s” is no day: write it as 2026-01-31."),
    "not_condition": _l("A condition must be true or false; this is %(found)s."),
    "words_copied": _l("The words of a respondent lie apart and cannot be copied."),
    "not_storable": _l("This cannot be kept as a value: %(found)s."),
}
_ROUTES = {
    "unknown_item": _l("There is no item “%(item)s”."),
    "note_item": _l("“%(item)s” is a note: it has no answer."),
    "no_this": _l("A point stands for the answer being judged: only in constraints."),
    "forward_item": _l("The item “%(item)s” comes later: refer to earlier items only."),
    "cycle": _l("The item “%(item)s” depends on this one: the two go round in a circle."),
    "never_asked": _l("No answers can lead here: it would never be asked."),
    "never_offered": _l("No answers can lead to the option “%(option)s”: it is never offered."),
    "never_accepted": _l("No answer can hold this: every answer would be refused."),
}
