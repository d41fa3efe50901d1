"""Read the expressions of SurveyJS: its own small grammar, with the column of every fault. Pure.

Written from the published grammar of SurveyJS (docs, “Expressions”), checked against survey-core.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from consult.surveys.expressions import MAX_DEPTH, MAX_LENGTH, ExpressionError

SIGNS = {
    "=": "=", "==": "=", "equal": "=", "!=": "!=", "<>": "!=", "notequal": "!=",
    "<": "<", "less": "<", "<=": "<=", "lessorequal": "<=",
    ">": ">", "greater": ">", ">=": ">=", "greaterorequal": ">=",
    "contains": "contains", "contain": "contains", "*=": "contains",
    "notcontains": "notcontains", "notcontain": "notcontains",
    "anyof": "anyof", "allof": "allof", "noneof": "noneof",
    "and": "and", "&&": "and", "or": "or", "||": "or",
    "+": "+", "-": "-", "*": "*", "/": "div", "%": "mod",
}  # fmt: skip
_STRENGTHS = {
    "or": 1, "and": 2, "+": 4, "-": 4, "*": 5, "div": 5, "mod": 5,
}  # fmt: skip
_COMPARING = 3
_TOKEN = re.compile(
    r"(?P<blank>\s+)"
    r"|\{(?P<item>[^{}]{1,200})\}"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?![\w-]))"
    r"|(?P<sign><=|>=|==|!=|<>|\*=|&&|\|\||[-=<>+*/%!(),\[\]])"
    r"|(?P<name>[^\W\d][\w.-]*|[0-9][\w.-]*)"
)


class Node(NamedTuple):
    """A part of an expression: what it is (text, list, item, call or sign), and its parts."""

    kind: str
    value: Any
    parts: tuple["Node", ...] = ()
    column: int = 1


class Token(NamedTuple):
    """One word or sign of an expression, and its column."""

    kind: str
    text: str
    column: int


def _tokens(source: str) -> Iterator[Token]:
    at = 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            code = "open_text" if source[at] in "'\"" else "bad_sign"
            raise ExpressionError(code, at + 1, sign=source[at])
        kind, text, column = str(found.lastgroup), found[str(found.lastgroup)], at + 1
        at = found.end()
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind != "blank":
            yield Token(kind, text.strip() if kind == "item" else text, column)
    yield Token("end", "", len(source) + 1)


class _Parser:
    def __init__(self, tokens: Iterable[Token], signs: Mapping[str, str]) -> None:
        self.tokens = list(tokens)
        self.signs = signs
        self.at = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
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

    def sign(self) -> str:
        """Return the operator here, by its one name; empty when there is none."""
        is_word = self.here.kind in {"sign", "name"}
        return self.signs.get(self.here.text.lower(), "") if is_word else ""

    def expression(self, least: int, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise ExpressionError("too_deep", self.here.column, limit=MAX_DEPTH)
        left, height = self.operand(depth), depth
        while (sign := self.sign()) and (strength := _STRENGTHS.get(sign, _COMPARING)) >= least:
            token, height = self.take(), height + 1
            parts = [left, self.expression(strength + 1, height)]
            if sign in {"and", "or"}:
                while self.sign() == sign:
                    self.at += 1
                    parts.append(self.expression(strength + 1, height))
            left = Node("sign", sign, tuple(parts), token.column)
        return left

    def operand(self, depth: int) -> Node:
        """Read one operand, with ``empty`` or ``notempty`` behind it."""
        node = self.plain_operand(depth)
        while self.here.kind == "name" and self.here.text.lower() in {"empty", "notempty"}:
            token = self.take()
            node = Node("sign", token.text.lower(), (node,), token.column)
        return node

    def plain_operand(self, depth: int) -> Node:
        token = self.take()
        if token.kind in {"item", "text", "number"}:
            value = float(token.text) if token.kind == "number" else token.text
            kind = "item" if token.kind == "item" else "text"
            return Node(kind, value, (), token.column)
        if token.kind == "name":
            return self.word(token, depth)
        if token.text == "(":
            inner = self.expression(1, depth + 1)
            self.want(")")
            return inner
        if token.text == "[":
            return Node("list", None, self.several("]", depth), token.column)
        if token.text in {"!", "-"} and token.kind == "sign":
            part = self.operand(depth + 1)
            return Node("sign", "not" if token.text == "!" else "neg", (part,), token.column)
        self.at -= 1
        raise self.unexpected()

    def word(self, token: Token, depth: int) -> Node:
        """Read a word: a function, a truth, or a text without quotes."""
        if self.here[:2] == ("sign", "("):
            self.at += 1
            parts = self.several(")", depth)
            name = token.text
            if name.lower() in {"negate", "not"}:
                return Node("sign", "not", parts, token.column)
            return Node("call", name, parts, token.column)
        if token.text.lower() in {"negate", "not"}:
            return Node("sign", "not", (self.operand(depth + 1),), token.column)
        truths = {"true": True, "false": False, "undefined": "", "null": ""}
        return Node("text", truths.get(token.text.lower(), token.text), (), token.column)

    def several(self, end: str, depth: int) -> tuple[Node, ...]:
        parts: list[Node] = []
        while self.here[:2] != ("sign", end):
            if parts:
                self.want(",")
            parts.append(self.expression(1, depth + 1))
        self.at += 1
        return tuple(parts)


def parse(source: str) -> Node:
    """Return the tree of an expression; raises ExpressionError with a code and a column."""
    return parse_tokens(source, _tokens, SIGNS)


def parse_tokens(
    source: str, tokens: Callable[[str], Iterable[Token]], signs: Mapping[str, str]
) -> Node:
    """Return the tree of an expression, read by other tokens and signs."""
    if len(source) > MAX_LENGTH:
        raise ExpressionError("too_long", MAX_LENGTH + 1, limit=MAX_LENGTH)
    parser = _Parser(tokens(source), signs)
    node = parser.expression(1, 1)
    if parser.here.kind != "end":
        raise parser.unexpected()
    return node
