"""Run an expression over answers: total for every checked tree, the same twice. Pure."""

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from consult.surveys.expressions.functions import FUNCTIONS, Value, finite, is_true
from consult.surveys.expressions.trees import NEGATIVE, Call, Op, Ref, Text, Tree

TODAY = "today()"
Values = Mapping[str, Value]
Run = Callable[[Values], Value]


def evaluate(tree: Tree, values: Values, today: date | None = None) -> Value:
    """Return the value of a checked tree; an item without a value counts as no answer."""
    return compile_tree(tree)({**values, TODAY: today.isoformat() if today else None})


def compile_tree(tree: Tree) -> Run:
    """Return a function of the answers that does what the tree says: made once, run often.

    The day of ``today()`` is read from the answers, under ``TODAY``.
    """
    if isinstance(tree, Op):
        return _operator(tree)
    if isinstance(tree, Call):
        return _call(tree)
    if isinstance(tree, Ref):
        code = tree.code
        return lambda values: values.get(code)
    value = tree.value or None if isinstance(tree, Text) else tree.value
    return lambda _values: value


def _call(tree: Call) -> Run:
    if tree.name == "today":
        return lambda values: values.get(TODAY)
    work = FUNCTIONS[tree.name].work
    parts = tuple(compile_tree(part) for part in tree.parts)
    if tree.name == "if":
        condition, then, other = parts
        return lambda values: then(values) if is_true(condition(values)) else other(values)
    return lambda values: work(*(part(values) for part in parts))


def _operator(tree: Op) -> Run:
    parts = tuple(compile_tree(part) for part in tree.parts)
    if tree.sign == "and":
        return lambda values: all(part(values) is True for part in parts)
    if tree.sign == "or":
        return lambda values: any(part(values) is True for part in parts)
    if tree.sign == NEGATIVE:
        return _negative(parts[0])
    left, right = parts
    if tree.sign == "=":
        return lambda values: left(values) == right(values)
    if tree.sign == "!=":
        return lambda values: left(values) != right(values)
    work = _WORK[tree.sign]
    missing = False if tree.sign in _ORDER else None

    def run(values: Values) -> Value:
        a, b = left(values), right(values)
        return missing if a is None or b is None else work(a, b)

    return run


def _negative(part: Run) -> Run:
    return lambda values: None if (value := part(values)) is None else 0.0 - value


def _over(a: float, b: float) -> float | None:
    return finite(a / b) if b else None


def _rest(a: float, b: float) -> float | None:
    return finite(math.fmod(a, b)) if b else None


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_WORK: dict[str, Callable[[Any, Any], Value]] = {
    **_ORDER,
    "+": lambda a, b: finite(a + b),
    "-": lambda a, b: finite(a - b),
    "*": lambda a, b: finite(a * b),
    "div": _over,
    "mod": _rest,
}
