"""Read a condition as plain sentences about earlier questions, and write it back. Pure.

Only what comes back as the very same tree is a sentence; the rest stays an expression.
"""

from collections.abc import Mapping

import msgspec

from consult.surveys.building.documents import Document
from consult.surveys.expressions import (
    Call,
    ExpressionError,
    Number,
    Op,
    Ref,
    Text,
    Tree,
    parse,
    parts_of,
    print_tree,
)
from consult.surveys.rules import KINDS, Item

JOINS = {"all": "and", "any": "or"}
_ORDERS = {"more": ">", "less": "<", "at_least": ">=", "at_most": "<="}
_ANSWERED = ("answered", "unanswered")
# By the type of the answers to an item: what may be said of it.
TESTS: Mapping[str, tuple[str, ...]] = {
    "choice": ("is", "is_not", *_ANSWERED),
    "scale": ("is", "is_not", "at_least", "at_most", *_ANSWERED),
    "choices": ("includes", "excludes", *_ANSWERED),
    "number": ("at_least", "at_most", "more", "less", *_ANSWERED),
    "words": _ANSWERED,
    "date": _ANSWERED,
}


class Line(msgspec.Struct, frozen=True):
    """One thing said of one item: its code, the test, an option or a number where one is needed."""

    item: str
    test: str
    value: str = ""


class Sentence(msgspec.Struct, frozen=True):
    """Lines of which all, or any, must be true."""

    join: str
    lines: tuple[Line, ...]


def tests_of(item: Document) -> tuple[str, ...]:
    """Return what a sentence may say of an item; nothing where no sentence can."""
    kind = KINDS.get(item["kind"])
    if kind is None or item["kind"] in {"note", "section", "computed"}:
        return ()
    try:
        known = kind.known(msgspec.convert(item, Item)).get(item["code"])
    except msgspec.ValidationError:
        return ()
    type_ = "scale" if item["kind"] == "scale" else known.type if known else ""
    return TESTS.get(type_, ())


def written(sentence: Sentence, items: Mapping[str, Document]) -> str:
    """Return the expression of a sentence; nothing without lines."""
    trees = tuple(_tree(line, items) for line in sentence.lines)
    if len(trees) > 1:
        return print_tree(Op(JOINS[sentence.join], trees))
    return print_tree(trees[0]) if trees else ""


def sentence_of(source: str, items: Mapping[str, Document]) -> Sentence | None:
    """Return a condition as a sentence about ``items``; None for what no sentence says."""
    if not source.strip():
        return Sentence("all", ())
    try:
        tree = parse(source)
    except ExpressionError:
        return None
    join = "all"
    leaves: tuple[Tree, ...] = (tree,)
    for name, sign in JOINS.items():
        if isinstance(tree, Op) and tree.sign == sign:
            join, leaves = name, tree.parts
    lines = [_line(leaf, items) for leaf in leaves]
    return Sentence(join, tuple(line for line in lines if line)) if all(lines) else None


def _tree(line: Line, items: Mapping[str, Document]) -> Tree:
    ref = Ref(line.item)
    chosen, answered = Call("selected", (ref, Text(line.value))), Call("answered", (ref,))
    if line.test in _ORDERS:
        is_scale = items.get(line.item, {}).get("kind") == "scale"
        left: Tree = Call("number", (ref,)) if is_scale else ref
        return Op(_ORDERS[line.test], (left, Number(float(line.value))))
    trees: dict[str, Tree] = {
        "is": Op("=", (ref, Text(line.value))),
        "is_not": Op("!=", (ref, Text(line.value))),
        "includes": chosen,
        "excludes": Call("not", (chosen,)),
        "answered": answered,
        "unanswered": Call("not", (answered,)),
    }
    return trees[line.test]


def _line(tree: Tree, items: Mapping[str, Document]) -> Line | None:
    """Return the line that gives this very tree, if there is one."""
    leaves = _leaves(tree)
    codes = [leaf.code for leaf in leaves if isinstance(leaf, Ref)]
    if len(codes) != 1 or codes[0] not in items:
        return None
    values = [leaf.value for leaf in leaves if isinstance(leaf, Text) and leaf.value]
    values += [f"{leaf.value:g}" for leaf in leaves if isinstance(leaf, Number)]
    for test in tests_of(items[codes[0]]):
        line = Line(codes[0], test, "" if test in _ANSWERED else "".join(values))
        if needs_value(test) == bool(values) and _is_number(line) and _tree(line, items) == tree:
            return line
    return None


def _is_number(line: Line) -> bool:
    if line.test not in _ORDERS:
        return True
    return line.value.replace(".", "", 1).isdigit()


def _leaves(tree: Tree) -> list[Tree]:
    parts = parts_of(tree)
    return [leaf for part in parts for leaf in _leaves(part)] if parts else [tree]


def needs_value(test: str) -> bool:
    """Tell whether a test compares with an option or a number."""
    return test not in _ANSWERED


def fits(line: Line, item: Document) -> bool:
    """Tell whether a line says something that its item can answer."""
    if line.test not in tests_of(item):
        return False
    if line.test in _ORDERS:
        return len(line.value) <= 20 and line.value.isascii() and _is_number(line)  # noqa: PLR2004
    codes = [option["code"] for option in item.get("options") or []] + item["non_answers"]
    return line.value in codes if needs_value(line.test) else True
