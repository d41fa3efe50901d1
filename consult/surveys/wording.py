"""Say in words what the engine found: problems of answers, faults of definitions (floor 6)."""

from collections.abc import Mapping
from typing import Any

from consult.core.i18n import current_language
from consult.core.i18n import gettext as _
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
    return _(texts[code], **values)


def _n(text: str) -> str:
    """Mark a text for the catalogues; it is translated when it is shown."""
    return text


_SYNTAX = {
    "bad_sign": _n("The sign “%(sign)s” means nothing here."),
    "open_text": _n("The text that opens here is never closed by a quotation mark."),
    "long_number": _n("A number has at most %(limit)s digits."),
    "too_long": _n("An expression has at most %(limit)s characters."),
    "too_deep": _n("Brackets and signs are nested more than %(limit)s deep: compute in steps."),
    "ends_early": _n("The expression ends too early."),
    "unexpected": _n("“%(found)s” cannot stand here."),
    "unexpected_for": _n("“%(found)s” stands where “%(wanted)s” is expected."),
}
_TYPES = {
    "unknown_function": _n("There is no function “%(name)s”."),
    "arguments": _n("The function “%(name)s” takes %(wanted)s values; it is given %(found)s."),
    "wrong_type": _n("“%(user)s” needs %(wanted)s here, not %(found)s."),
    "unlike": _n("Two different kinds cannot be compared or mixed: %(left)s, %(right)s."),
    "set_equality": _n("Several answers cannot be equal to one: write selected(${item}, 'code')."),
    "unknown_option": _n("The item “%(item)s” has no option “%(option)s”."),
    "no_day": _n("“%(text)s” is no day: write it as 2026-01-31."),
    "not_condition": _n("A condition must be true or false; this is %(found)s."),
    "words_copied": _n("The words of a respondent lie apart and cannot be copied."),
    "not_storable": _n("This cannot be kept as a value: %(found)s."),
}
_ROUTES = {
    "unknown_item": _n("There is no item “%(item)s”."),
    "note_item": _n("“%(item)s” is a note: it has no answer."),
    "no_this": _n("A point stands for the answer being judged: only in constraints."),
    "forward_item": _n("The item “%(item)s” comes later: refer to earlier items only."),
    "cycle": _n("The item “%(item)s” depends on this one: the two go round in a circle."),
    "never_asked": _n("No answers can lead here: it would never be asked."),
    "never_offered": _n("No answers can lead to the option “%(option)s”: it is never offered."),
    "never_accepted": _n("No answer can hold this: every answer would be refused."),
}
