"""Say the simple part of ExpressionScript in our language. Pure.

Carried: comparisons, ``and``, ``or``, ``!``, ``is_empty``, brackets, variables by code, by
sub-question (``Q_SQ``) or by the old numbers (``12X3X45SQ``). The rest is a fault with its column.
"""

import re
from collections.abc import Iterator

from consult.surveys.expressions import Call, ExpressionError, Op, Ref, Text, Tree
from consult.surveys.importing.drafting import Draft, DraftItem
from consult.surveys.importing.surveyjs.parsing import SIGNS, Node, Token, parse_tokens
from consult.surveys.importing.surveyjs.translating import Translator
from consult.surveys.importing.values import chosen, text_of

_TOKEN = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<item>[0-9]+X[0-9]+X[0-9]+\w*)(?:\.\w+)?"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<name>(?:and|or|eq|ne|lt|le|gt|ge|true|false)\b|[A-Za-z_]\w*(?=\s*\())"
    r"|(?P<code>[A-Za-z_]\w*)(?:\.(?:NAOK|valueNAOK|value|code|shown))?"
    r"|(?P<sign>===|!==|<=|>=|==|!=|&&|\|\||[-=<>+*/%!(),])"
)
_WORDS = {
    "eq": "=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "===": "=", "!==": "!=",
}  # fmt: skip


def _tokens(source: str) -> Iterator[Token]:
    at = 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            code = "open_text" if source[at] in "'\"" else "bad_sign"
            raise ExpressionError(code, at + 1, sign=source[at])
        kind, column = str(found.lastgroup), at + 1
        text, at = found[kind], found.end()
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind != "blank":
            yield Token("item" if kind == "code" else kind, text, column)
    yield Token("end", "", len(source) + 1)


def parse(source: str) -> Node:
    """Return the tree of an expression; raises ExpressionError with a code and a column."""
    return parse_tokens(source, _tokens, SIGNS | _WORDS)


class ScriptTranslator(Translator):
    """Translate ExpressionScript; what cannot be said is a fault of the draft."""

    def __init__(self, draft: Draft, parts: dict[str, tuple[DraftItem, str]]) -> None:
        """Know items by code and number, and ``parts``: (item, option or row) of a sub-question."""
        super().__init__(draft)
        self.parts = parts

    parse = staticmethod(parse)

    def item(self, node: Node) -> tuple[Ref, DraftItem | None]:
        """Return the reference and the item of a variable."""
        name = str(node.value)
        if name in self.parts and name not in self.draft.named:
            item, part = self.parts[name]
            if item.kind == "matrix":
                return Ref(f"{item.code}.{part}"), item
            if part == "_other":
                return Ref(f"{item.code}_other"), None
        return super().item(node)

    def truth(self, node: Node) -> Tree:
        """Translate what must be true or false; ``1`` is always true."""
        if node.kind == "text" and node.value in {1.0, "1"}:
            return Call("true", ())
        if node.kind == "call" and node.value.lower() == "is_empty" and len(node.parts) == 1:
            ticked = self.ticked(node.parts[0])
            if ticked is not None:
                return Call("not", (ticked,))
            return Op("=", (self.value(node.parts[0]), Text("")))
        if node.kind == "sign" and node.value in {"=", "!="}:
            for one, other in (node.parts, node.parts[::-1]):
                ticked = self.ticked(one)
                if ticked is not None and other.kind == "text":
                    is_yes = text_of(other.value) == "Y"
                    return ticked if is_yes is (node.value == "=") else Call("not", (ticked,))
        return super().truth(node)

    def ticked(self, node: Node) -> Tree | None:
        """Return that a box of several choices is ticked; None for what is no such box."""
        found = self.parts.get(str(node.value)) if node.kind == "item" else None
        if found is None or found[0].kind != "several_choices" or found[1] == "_other":
            return None
        return chosen(found[0], Ref(found[0].code), [found[1]])
