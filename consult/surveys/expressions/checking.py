"""Give every part of an expression a type, or say which part has none that fits. Pure.

Types: number, text (of the author), words (written by the respondent: they lie apart and are
never copied), bool, choice (one code), choices (a set of codes), date, and empty (``''``).
"""

from collections.abc import Mapping

import msgspec

from consult.surveys.expressions.functions import FUNCTIONS, MAX_PLACES, Function, day_of
from consult.surveys.expressions.trees import (
    NEGATIVE,
    Call,
    ExpressionFault,
    Number,
    Op,
    Ref,
    Text,
    Tree,
)

TYPES = ("number", "text", "words", "bool", "choice", "choices", "date", "empty")
_GROUPS = {
    "chosen": {"choice", "choices"},
    "plain": {"number", "text", "choice"},
    "written": {"text", "words"},
    "any": set(TYPES),
    "code": {"text", "choice"},
}
_LIKE = ({"text", "words"}, {"text", "choice"})


class Known(msgspec.Struct, frozen=True):
    """What is known of an item: its type, and the codes that a choice can have."""

    type: str
    codes: frozenset[str] = frozenset()


class Checked(msgspec.Struct, frozen=True):
    """The type of a tree, and every fault found in it; the type is empty where a fault stands."""

    type: str
    faults: tuple[ExpressionFault, ...]


def check(tree: Tree, known: Mapping[str, Known]) -> Checked:
    """Return the type of ``tree``, or its faults: codes with columns, from the left."""
    checker = _Checker(known)
    found = checker.type_of(tree)
    return Checked(found, tuple(sorted(checker.faults, key=lambda fault: fault.column)))


class _Checker:
    def __init__(self, known: Mapping[str, Known]) -> None:
        self.known = known
        self.faults: list[ExpressionFault] = []

    def fault(self, code: str, tree: Tree, **values: object) -> str:
        self.faults.append(ExpressionFault(code, tree.column, values))
        return "empty"

    def type_of(self, tree: Tree) -> str:
        if isinstance(tree, Text):
            return "text" if tree.value else "empty"
        if isinstance(tree, Number):
            return "number"
        if isinstance(tree, Ref):
            item = self.known.get(tree.code)
            return item.type if item else self.fault("unknown_item", tree, item=tree.code)
        return self._call(tree) if isinstance(tree, Call) else self._operator(tree)

    def _operator(self, tree: Op) -> str:
        types = [self.type_of(part) for part in tree.parts]
        if tree.sign in {"=", "!="}:
            self._alike(tree, types)
            return "bool"
        if tree.sign in {"<", "<=", ">", ">="}:
            for part, type_ in zip(tree.parts, types, strict=True):
                wanted = "date" if "date" in types else "number"
                self._want(part, type_, wanted, tree.sign)
            return "bool"
        wanted = "bool" if tree.sign in {"and", "or"} else "number"
        for part, type_ in zip(tree.parts, types, strict=True):
            self._want(part, type_, wanted, "-" if tree.sign == NEGATIVE else tree.sign)
        return wanted

    def _want(self, tree: Tree, found: str, wanted: str, user: str) -> None:
        if found != "empty" and found not in _GROUPS.get(wanted, {wanted}):
            self.fault("wrong_type", tree, found=found, wanted=wanted, user=user)

    def _alike(self, tree: Op, types: list[str]) -> None:
        """Judge an equality: same types, or a choice and one of its own codes."""
        left, right = types
        if "choices" in types and "empty" not in types:
            self.fault("set_equality", tree)
        elif "empty" not in types and left != right and {left, right} not in _LIKE:
            self.fault("unlike", tree, left=left, right=right)
        elif "choice" in types:
            self._codes(tree.parts[0], tree.parts[1])
            self._codes(tree.parts[1], tree.parts[0])

    def _codes(self, item: Tree, text: Tree) -> None:
        if isinstance(item, Ref) and isinstance(text, Text) and text.value:
            codes = self.known[item.code].codes if item.code in self.known else frozenset()
            if codes and text.value not in codes:
                self.fault("unknown_option", text, item=item.code, option=text.value)

    def _call(self, tree: Call) -> str:
        types = [self.type_of(part) for part in tree.parts]
        function = FUNCTIONS.get(tree.name)
        if function is None:
            return self.fault("unknown_function", tree, name=tree.name)
        if not function.least <= len(types) <= function.most:
            wanted = (function.least, function.most)
            self.fault("arguments", tree, name=tree.name, wanted=wanted, found=len(types))
            return function.gives if function.gives != "same" else "empty"
        return self._arguments(tree, function, types)

    def _arguments(self, tree: Call, function: Function, types: list[str]) -> str:
        same = "empty"
        for index, (part, found) in enumerate(zip(tree.parts, types, strict=True)):
            wanted = function.takes[min(index, len(function.takes) - 1)]
            if wanted == "same":
                same = self._same(tree, part, same, found)
            elif wanted == "figure":
                self._figure(part, tree.name)
            else:
                self._want(part, found, wanted, tree.name)
        if "code" in function.takes:
            self._codes(tree.parts[0], tree.parts[1])
        if tree.name == "date" and isinstance(tree.parts[0], Text):
            day = tree.parts[0].value
            if day_of(day) is None:
                self.fault("no_day", tree.parts[0], text=day)
        return same if function.gives == "same" else function.gives

    def _same(self, tree: Call, part: Tree, before: str, found: str) -> str:
        if "empty" in {before, found} or before == found:
            return found if before == "empty" else before
        for like in _LIKE:
            if {before, found} == like:
                return "words" if "words" in like else "text"
        return self.fault("unlike", part, left=before, right=found) or tree.name

    def _figure(self, part: Tree, user: str) -> None:
        plain = isinstance(part, Number) and part.value.is_integer()
        if not plain or not isinstance(part, Number) or part.value > MAX_PLACES:
            self.fault("wrong_type", part, found="other", wanted="figure", user=user)
