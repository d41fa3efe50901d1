"""The functions of expressions: what each takes, gives, and does. Pure.

Values: ``float``, ``str``, ``bool``, ``tuple`` of codes, and ``None`` for no answer; a day is its
ISO text. Every function takes every value of its types and raises nothing.

Left out on purpose: ``regex`` (a pattern of an author can take exponential time, and the engines
of server and browser disagree), ``concat`` and ``format-date`` (they make words, which belong
to translated texts), ``now`` and ``random`` (a path must give the same twice), ``pulldata``,
``position``, ``sum`` over repeats (there are none).
"""

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

Value = Any  # float | str | bool | tuple[str, ...] | None
MAX_PLACES, MAX_DIGITS = 6, 20


class Function(msgspec.Struct, frozen=True):
    """A function: kinds of its arguments (the last repeats up to ``most``), of its value, its work.

    Kinds: the types of ``checking``; ``any``; ``same`` (all the same, given back); ``code``
    (a text that must name an option of the first argument); ``figure`` (a plain number).
    """

    takes: tuple[str, ...]
    gives: str
    work: Callable[..., Value]
    least: int
    most: int


def finite(value: float) -> float | None:
    """Return a number that JSON can hold, without a negative zero; None for the others."""
    return value + 0.0 if math.isfinite(value) else None


def is_true(value: Value) -> bool:
    """Read a condition: no answer is false."""
    return value is True


def number_of(value: Value) -> float | None:
    """Read a number in plain digits, as the code of a scale is; None for anything else."""
    if isinstance(value, float):
        return value
    text = value.strip() if isinstance(value, str) else ""
    digits = text.removeprefix("-")
    whole, point, part = digits.partition(".")
    plain = (
        whole.isascii() and whole.isdigit() and (not point or (part.isascii() and part.isdigit()))
    )
    return finite(float(text)) if plain and len(digits) <= 20 else None  # noqa: PLR2004


def day_of(value: Value) -> str | None:
    """Return an ISO day that exists, else None."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return value if found and found.isoformat() == value else None


def _selected(chosen: Value, code: Value) -> bool:
    if code is None:
        return False
    return code in chosen if isinstance(chosen, tuple) else chosen == code


def _count_selected(chosen: Value) -> float:
    # "I prefer not to answer" is a code, not a set of codes: nothing is selected.
    return float(len(chosen)) if isinstance(chosen, tuple) else 0.0


def _least(*values: float | None) -> float | None:
    return min((v for v in values if v is not None), default=None)


def _greatest(*values: float | None) -> float | None:
    return max((v for v in values if v is not None), default=None)


def _round(value: float | None, places: float = 0.0) -> float | None:
    """Round halves up, as XPath does and as both languages can."""
    if value is None:
        return None
    scale = 10.0**places
    moved = value * scale + 0.5
    return finite(math.floor(moved) / scale) if math.isfinite(moved) else None


def _int(value: float | None) -> float | None:
    return None if value is None else float(math.trunc(value)) + 0.0


def _coalesce(*values: Value) -> Value:
    return next((v for v in values if v is not None), None)


def _length(text: str | None) -> float:
    return float(len(text or ""))


def _contains(text: str | None, part: str | None) -> bool:
    return bool(part) and str(part) in (text or "")


def _starts(text: str | None, part: str | None) -> bool:
    return bool(part) and (text or "").startswith(str(part))


_NUMBERS = Function(("number",), "number", _least, 1, 50)
FUNCTIONS: dict[str, Function] = {
    "selected": Function(("chosen", "code"), "bool", _selected, 2, 2),
    "count-selected": Function(("choices",), "number", _count_selected, 1, 1),
    "answered": Function(("any",), "bool", lambda value: value is not None, 1, 1),
    "not": Function(("bool",), "bool", lambda value: not is_true(value), 1, 1),
    "true": Function((), "bool", lambda: True, 0, 0),
    "false": Function((), "bool", lambda: False, 0, 0),
    "if": Function(("bool", "same", "same"), "same", lambda c, a, b: a if is_true(c) else b, 3, 3),
    "coalesce": Function(("same",), "same", _coalesce, 2, 50),
    "min": _NUMBERS,
    "max": msgspec.structs.replace(_NUMBERS, work=_greatest),
    "round": Function(("number", "figure"), "number", _round, 1, 2),
    "int": Function(("number",), "number", _int, 1, 1),
    "number": Function(("plain",), "number", number_of, 1, 1),
    "string-length": Function(("written",), "number", _length, 1, 1),
    "contains": Function(("written", "written"), "bool", _contains, 2, 2),
    "starts-with": Function(("written", "written"), "bool", _starts, 2, 2),
    "date": Function(("plain",), "date", day_of, 1, 1),
    "today": Function((), "date", lambda: None, 0, 0),  # given with the answers, see evaluating
}
