"""Say in the language of the page what is wrong with a questionnaire file (floor 6).

The rules speak English, for the command line; each of their sentences, and each of the JSON
reader's, has its words here.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from consult.core.i18n import gettext as _
from consult.core.i18n import lazy_gettext as _l
from consult.surveys.importwords import FAULTS
from consult.surveys.rules import Fault

_SAYINGS: tuple[tuple[str, Callable[..., str]], ...] = (
    (
        r"JSON is malformed|Input data was truncated|Invalid UTF-8|Input data is not",
        lambda: _("This is no JSON file, or it is damaged."),
    ),
    (
        r"Object missing required field `(?P<name>.+)`",
        lambda name: _("“%(name)s” is missing here.", name=name),
    ),
    (
        r"Object contains unknown field `(?P<name>.+)`",
        lambda name: _("“%(name)s” is not known here.", name=name),
    ),
    (
        r"Invalid enum value '?(?P<name>.+?)'?$",
        lambda name: _("“%(name)s” is not among the values allowed here.", name=name),
    ),
    (
        r"Expected `\w+` matching regex",
        lambda: _("A code begins with a letter and holds small letters, digits and “_” only."),
    ),
    (
        r"Expected `\w+` (?:of length )?>= (?P<limit>\d+)",
        lambda limit: _("Too little: at least %(limit)s is needed here.", limit=limit),
    ),
    (
        r"Expected `\w+` (?:of length )?<= (?P<limit>\d+)",
        lambda limit: _("Too much: the limit is %(limit)s here.", limit=limit),
    ),
    (
        r"Expected `(?P<wanted>[^`]+)`, got `(?P<found>[^`]+)`",
        lambda wanted, found: _(
            "A value of the kind “%(wanted)s” is expected here, not “%(found)s”.",
            wanted=wanted,
            found=found,
        ),
    ),
    (
        r"code '(?P<name>.+)' is already used at (?P<place>.+)",
        lambda name, place: _(
            "The code “%(name)s” is already used at %(place)s.", name=name, place=place
        ),
    ),
    (
        r"page code '(?P<name>.+)' is used twice",
        lambda name: _("The code “%(name)s” is used twice.", name=name),
    ),
    (
        r"(?P<count>\d+) items; the limit is (?P<limit>\d+)",
        lambda count, limit: _(
            "There are %(count)s items; the limit is %(limit)s.", count=count, limit=limit
        ),
    ),
    (
        r"expressions have (?P<count>\d+) characters together; the limit is (?P<limit>\d+)",
        lambda count, limit: _(
            "The expressions have %(count)s characters together; the limit is %(limit)s.",
            count=count,
            limit=limit,
        ),
    ),
)


def fault_text(fault: Fault) -> str:
    """Return what is wrong at the place of ``fault``; a text of ours already passes as it is.

    A fault of an expression is told with its item and column.
    """
    if fault.code:
        said = _expression_text(fault.code, _values(fault.values))
        where = _where(fault)
        return f"{where}{_(':')} {said}" if where else said
    if fault.said:
        return _(fault.said, **fault.values)
    for pattern, say in _SAYINGS:
        found = re.match(pattern, fault.message)
        if found:
            return say(**found.groupdict())
    return fault.message


def _where(fault: Fault) -> str:
    """Return the item and the column of a fault; what an import found may have neither."""
    if fault.item and fault.column:
        return _("“%(item)s”, column %(column)s", item=fault.item, column=fault.column)
    if fault.column:
        return _("Column %(column)s", column=fault.column)
    return f"“{fault.item}”" if fault.item else ""


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


def _expression_text(code: str, values: Mapping[str, Any]) -> str:
    texts = _SYNTAX | _TYPES | _ROUTES | FAULTS
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
