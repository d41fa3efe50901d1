"""Read XLSForm syntax: a tokenizer and a Pratt parser that know the column of every fault. Pure.

The grammar is the part of XPath 1.0 that forms use: ``${item}``, ``.``, texts, numbers, function
calls, brackets, and the operators of ``trees.STRENGTHS``. Method: V. Pratt, “Top down operator
precedence”, POPL 1973.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from consult.surveys.expressions.trees import (
    NEGATIVE,
    NEGATIVE_STRENGTH,
    STRENGTHS,
    THIS,
    Call,
    ExpressionError,
    Number,
    Op,
    Ref,
    Text,
    Tree,
)

MAX_LENGTH, MAX_DEPTH, MAX_DIGITS = 4000, 64, 15
# Word processors curl quotes; spreadsheets keep them so.
_QUOTES = {"'": "'", '"': '"', "‘": "’", "“": "”", "’": "’"}
_TOKEN = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<item>\$\{\s*(?P<code>[a-z][a-z0-9_]{0,65}(?:\.[a-z0-9][a-z0-9_]{0,59})?)\s*\})"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z_][A-Za-z0-9_]*)*)"
    r"|(?P<sign><=|>=|!=|[-=<>+*(),.])"
    r"|(?P<quote>['\"‘“’])"
)
END = ""


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


def _tokens(source: str) -> Iterator[_Token]:
    at = 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            raise ExpressionError("bad_sign", at + 1, sign=source[at])
        kind, text, column = str(found.lastgroup), found[0], at + 1
        at = found.end()
        if kind == "item":
            yield _Token("item", found["code"], column)
        elif kind == "quote":
            end = source.find(_QUOTES[text], at)
            if end < 0:
                raise ExpressionError("open_text", column)
            yield _Token("text", source[at:end], column)
            at = end + 1
        elif kind == "number" and len(text) > MAX_DIGITS:
            raise ExpressionError("long_number", column, limit=MAX_DIGITS)
        elif kind != "blank":
            yield _Token(kind, text, column)
    yield _Token("end", END, len(source) + 1)


_LEAVES: dict[str, Callable[[_Token], Tree]] = {
    "item": lambda token: Ref(token.text, token.column),
    "text": lambda token: Text(token.text, token.column),
    "number": lambda token: Number(float(token.text), token.column),
}


class _Parser:
    def __init__(self, source: str) -> None:
        self.tokens = list(_tokens(source))
        self.at = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.here
        self.at += 1
        return token

    def want(self, sign: str) -> None:
        if self.here[:2] != ("sign", sign):
            raise self.unexpected(sign)
        self.at += 1

    def unexpected(self, wanted: str = "") -> ExpressionError:
        code = "ends_early" if self.here.kind == "end" else "unexpected"
        return ExpressionError(code, self.here.column, found=self.here.text, wanted=wanted)

    def strength(self) -> int:
        """Return how tightly the operator here binds; 0 when there is none."""
        return STRENGTHS.get(self.here.text, 0) if self.here.kind in {"sign", "name"} else 0

    def expression(self, least: int, depth: int) -> Tree:
        """Read operands joined by operators of at least this strength."""
        if depth > MAX_DEPTH:
            raise ExpressionError("too_deep", self.here.column, limit=MAX_DEPTH)
        left, height = self.operand(depth), depth
        while (strength := self.strength()) >= least:
            sign, height = self.take(), height + 1
            parts = [left, self.expression(strength + 1, height)]
            if sign.text in {"and", "or"}:
                while self.here.kind == "name" and self.here.text == sign.text:
                    self.at += 1
                    parts.append(self.expression(strength + 1, height))
            left = Op(sign.text, tuple(parts), sign.column)
        return left

    def operand(self, depth: int) -> Tree:
        token = self.take()
        if token.kind in _LEAVES:
            return _LEAVES[token.kind](token)
        if token.kind == "name" and token.text not in STRENGTHS:
            return Call(token.text, self.arguments(depth), token.column)
        if token[:2] == ("sign", THIS):
            return Ref(THIS, token.column)
        if token[:2] == ("sign", "-"):
            part = self.expression(NEGATIVE_STRENGTH, depth + 1)
            return Op(NEGATIVE, (part,), token.column)
        if token[:2] == ("sign", "("):
            inner = self.expression(1, depth + 1)
            self.want(")")
            return inner
        self.at -= 1
        raise self.unexpected()

    def arguments(self, depth: int) -> tuple[Tree, ...]:
        self.want("(")
        parts: list[Tree] = []
        while self.here[:2] != ("sign", ")"):
            if parts:
                self.want(",")
            parts.append(self.expression(1, depth + 1))
        self.at += 1
        return tuple(parts)


def parse(source: str) -> Tree:
    """Return the tree of an expression; raises ExpressionError with a code and a column.

    At most MAX_LENGTH characters and MAX_DEPTH levels; time grows with the length alone.
    """
    if len(source) > MAX_LENGTH:
        raise ExpressionError("too_long", MAX_LENGTH + 1, limit=MAX_LENGTH)
    parser = _Parser(source)
    tree = parser.expression(1, 1)
    if parser.here.kind != "end":
        raise parser.unexpected()
    return tree
