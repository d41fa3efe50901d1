"""The tree of an expression, its faults, its text and its form for the browser. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

THIS = "."
# From the loosest to the tightest; operators of one row have one strength, all bind to the left.
STRENGTHS: dict[str, int] = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("=", "!="), 3),
    **dict.fromkeys(("<", "<=", ">", ">="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "div", "mod"), 6),
}
NEGATIVE, NEGATIVE_STRENGTH = "neg", 7


class ExpressionFault(msgspec.Struct, frozen=True):
    """One thing wrong with an expression: a reason code, the column (from 1), its values."""

    code: str
    column: int
    values: dict[str, Any] = {}


class ExpressionError(ValueError):
    """Carry the first fault of a text that is no expression."""

    def __init__(self, code: str, column: int, **values: object) -> None:
        """Keep the fault for whoever words it."""
        self.fault = ExpressionFault(code, column, values)
        super().__init__(f"{code} at column {column}")


def _column() -> int:
    return field(default=1, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text between quotes; an empty one means "no answer"."""

    value: str
    column: int = _column()


@dataclass(frozen=True, slots=True)
class Number:
    """A number, never negative: the sign is an operator."""

    value: float
    column: int = _column()


@dataclass(frozen=True, slots=True)
class Ref:
    """The answer to an item, by its code; ``.`` is the answer being judged."""

    code: str
    column: int = _column()


@dataclass(frozen=True, slots=True)
class Op:
    """An operator over its parts: ``and`` and ``or`` over two or more, ``neg`` over one."""

    sign: str
    parts: tuple["Tree", ...]
    column: int = _column()


@dataclass(frozen=True, slots=True)
class Call:
    """A function over its arguments."""

    name: str
    parts: tuple["Tree", ...]
    column: int = _column()


Tree = Text | Number | Ref | Op | Call


def parts_of(tree: Tree) -> tuple[Tree, ...]:
    """Return the branches of a tree."""
    return tree.parts if isinstance(tree, Op | Call) else ()


def refs(tree: Tree) -> Iterator[Ref]:
    """Yield every reference, in the order of the text."""
    if isinstance(tree, Ref):
        yield tree
    for part in parts_of(tree):
        yield from refs(part)


def calls(tree: Tree, name: str) -> bool:
    """Tell whether the tree calls the function ``name``."""
    found = isinstance(tree, Call) and tree.name == name
    return found or any(calls(part, name) for part in parts_of(tree))


def print_tree(tree: Tree) -> str:
    """Return the one canonical text of a tree: parsing it gives the tree again."""
    return _print(tree, 0)


def _print(tree: Tree, around: int) -> str:
    if isinstance(tree, Text):
        return _quoted(tree.value)
    if isinstance(tree, Number):
        return number_text(tree.value)
    if isinstance(tree, Ref):
        return THIS if tree.code == THIS else f"${{{tree.code}}}"
    if isinstance(tree, Call):
        return f"{tree.name}({', '.join(_print(part, 0) for part in tree.parts)})"
    if tree.sign == NEGATIVE:
        strength, text = NEGATIVE_STRENGTH, "-" + _print(tree.parts[0], NEGATIVE_STRENGTH)
    else:
        strength = STRENGTHS[tree.sign]
        # A branch of the same strength keeps its brackets, except where reading leads to it anyway.
        binds = tree.sign not in {"and", "or"}
        first = _print(tree.parts[0], strength if binds else strength + 1)
        rest = [_print(part, strength + 1) for part in tree.parts[1:]]
        text = f" {tree.sign} ".join([first, *rest])
    return f"({text})" if strength < around else text


def _quoted(value: str) -> str:
    # A text was read between one of four pairs of quotes, and holds no closing quote of its pair.
    pairs = (("'", "'"), ('"', '"'), ("‘", "’"), ("“", "”"))
    opening, closing = next(pair for pair in pairs if pair[1] not in value)
    return f"{opening}{value}{closing}"


def number_text(value: float) -> str:
    """Return a number in plain digits, without an exponent."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_json(tree: Tree) -> Any:  # noqa: ANN401  JSON
    """Return the tree as lists, texts and numbers: ``["=", ["$", "role"], "caregiver"]``."""
    if isinstance(tree, Text):
        return tree.value
    if isinstance(tree, Number):
        return int(tree.value) if tree.value.is_integer() else tree.value
    if isinstance(tree, Ref):
        return ["$", tree.code]
    name = tree.sign if isinstance(tree, Op) else tree.name
    return [name, *map(to_json, tree.parts)]
