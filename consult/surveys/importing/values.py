"""Conditions over one item, whatever the format: which options a value means. Pure."""

from collections.abc import Callable, Sequence

from consult.surveys.expressions import Call, Number, Op, Ref, Text, Tree
from consult.surveys.importing.assembling import FALSE, joined
from consult.surveys.importing.drafting import DraftItem

_TYPES = {
    "one_choice": "choice",
    "scale": "choice",
    "consent": "choice",
    "several_choices": "choices",
    "number": "number",
    "date": "date",
    "short_text": "words",
    "long_text": "words",
    "computed": "computed",
}


def type_of(item: DraftItem) -> str:
    """Return how expressions see the answer to an item; empty when they cannot."""
    return _TYPES.get(item.kind, "")


def codes_of(item: DraftItem) -> list[tuple[str, str]]:
    """Return (value in the source, code) of everything that may be chosen."""
    options = item.options if item.kind != "consent" else CONSENT
    return [*((o.name, o.code) for o in options), *item.non_answers.items()]


def same(left: str, right: object) -> bool:
    """Compare as SurveyJS and LimeSurvey do: without case or blanks around, numbers by value."""
    one, two = left.strip().casefold(), text_of(right).strip().casefold()
    return one == two or (bool(one) and number_or_none(one) == number_or_none(two) is not None)


def text_of(value: object) -> str:
    """Return a literal as text: true, 3, 2.5."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def number_or_none(text: str) -> float | None:
    """Return the number a plain text writes."""
    digits = text.removeprefix("-").replace(".", "", 1)
    return float(text) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None  # noqa: PLR2004


def chosen(item: DraftItem, ref: Ref, codes: Sequence[str]) -> Tree:
    """Return the condition that one of ``codes`` is the answer, or is among the answers."""
    if type_of(item) == "choices":
        return joined([Call("selected", (ref, Text(code))) for code in codes] or [FALSE], "or")
    return joined([Op("=", (ref, Text(code))) for code in codes] or [FALSE], "or")


def matching(item: DraftItem, test: Callable[[str], bool]) -> list[str]:
    """Return the codes whose value in the source passes ``test``."""
    return [code for name, code in codes_of(item) if test(name)]


def numbered(value: float) -> Tree:
    """Return a number as a tree; the sign of a negative one is an operator."""
    return Op("neg", (Number(-value),)) if value < 0 else Number(value)


class _Fixed:
    """An answer of consent: its value and its code are one."""

    def __init__(self, code: str) -> None:
        self.name = self.code = code


CONSENT = (_Fixed("yes"), _Fixed("no"))
