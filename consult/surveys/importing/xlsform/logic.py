"""Say an XLSForm expression in our language: names become codes, comparisons get types. Pure.

The syntax is ours already. What differs: XPath compares everything as texts or numbers, ours by
type; a set of answers is a text of names between blanks there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from consult.surveys.expressions import (
    FUNCTIONS,
    THIS,
    Call,
    ExpressionError,
    Number,
    Op,
    Ref,
    Text,
    Tree,
    parse,
)
from consult.surveys.expressions.functions import day_of
from consult.surveys.expressions.trees import number_text
from consult.surveys.importing.assembling import joined
from consult.surveys.importing.drafting import Draft, DraftItem, Source
from consult.surveys.importing.values import (
    chosen,
    matching,
    number_or_none,
    numbered,
    type_of,
)

NAME = re.compile(r"\$\{\s*([^\W\d][\w.:-]*|_[\w.:-]*)\s*\}")
_ORDERS = {"<", "<=", ">", ">="}
_SUMS = {"+", "-", "*", "div", "mod", "neg"}
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class FilterSource(Source):
    """A filter over one choice: the cells of its row, to which it refers by their headings."""

    cells: Mapping[str, str]
    headings: frozenset[str]


class Translator:
    """Translate expressions; what cannot be said is a fault of the draft."""

    def __init__(self, draft: Draft) -> None:
        """Know the items of ``draft`` by the names of the file."""
        self.draft = draft
        self.by_code = {item.code: item for item in draft.named.values()}

    def __call__(self, source: Source, item: DraftItem | None) -> Tree | None:
        """Return the tree of an expression, or None with a fault kept."""
        try:
            text = filled(source) if isinstance(source, FilterSource) else source.text
            tree = parse(self.named(text))
            self.by_code[THIS] = item  # type: ignore[assignment]
            _known_functions(tree)
            found = self.typed(tree)
        except ExpressionError as error:
            fault = error.fault
            self.draft.fault(source.place, fault.code, fault.column, **fault.values)
            return None
        return folded(found) if isinstance(source, FilterSource) else found

    def named(self, text: str) -> str:
        """Return an expression with codes for names."""

        def coded(found: re.Match[str]) -> str:
            item = self.draft.named.get(found[1])
            if item is not None and item.kind not in {"note", "section"}:
                return f"${{{item.code}}}"
            if found[1] in self.draft.parts:
                return f"${{{self.draft.parts[found[1]]}}}"
            if found[1].endswith("_other") and self.specifies(found[1].removesuffix("_other")):
                return f"${{{self.draft.named[found[1].removesuffix('_other')].code}_other}}"
            column = found.start() + 1
            code = "note_item" if item else self.draft.unknown(found[1])
            raise ExpressionError(code, column, item=found[1])

        return NAME.sub(coded, text)

    def specifies(self, name: str) -> bool:
        """Tell whether a question asks to specify."""
        item = self.draft.named.get(name)
        return bool(item) and any(o.more.get("specify") for o in (item.options if item else ()))

    def item(self, tree: Tree) -> DraftItem | None:
        """Return the item that a reference names."""
        return self.by_code.get(tree.code) if isinstance(tree, Ref) else None

    def kind(self, tree: Tree) -> str:
        """Return the type of what a reference names."""
        item = self.item(tree)
        return type_of(item) if item else ""

    def typed(self, tree: Tree) -> Tree:
        """Return the tree with each comparison between parts of one type."""
        if isinstance(tree, Call):
            return self.called(tree)
        if not isinstance(tree, Op):
            return tree
        parts = tuple(self.typed(part) for part in tree.parts)
        if tree.sign in {"=", "!="}:
            return self.alike(tree, parts[0], parts[1])
        if tree.sign in _ORDERS and "date" not in {*map(self.kind, parts)}:
            if not any(isinstance(p, Call) and p.name in {"date", "today"} for p in parts):
                parts = tuple(self.figure(part) for part in parts)
        elif tree.sign in _ORDERS:
            parts = tuple(_day(part) for part in parts)
        elif tree.sign in _SUMS:
            parts = tuple(self.figure(part) for part in parts)
        return Op(tree.sign, parts, tree.column)

    def called(self, tree: Call) -> Tree:
        """Return a call with parts of the types it takes."""
        if tree.name == "selected" and len(tree.parts) == 2:  # noqa: PLR2004  item and name
            item, name = self.item(tree.parts[0]), tree.parts[1]
            if item and type_of(item) in {"choice", "choices"}:
                text = self.option(item, name)
                return _again(tree, (tree.parts[0], text))
        parts = tuple(self.typed(part) for part in tree.parts)
        if tree.name in {"int", "round", "min", "max"}:
            parts = tuple(self.figure(part) for part in parts)
        return _again(tree, parts)

    def option(self, item: DraftItem, tree: Tree) -> Tree:
        """Return the code of the option that a text or a number names."""
        if isinstance(tree, Number):
            tree = Text(number_text(tree.value), tree.column)
        if not isinstance(tree, Text) or not tree.value:
            return tree
        codes = matching(item, lambda name: name == tree.value)
        if not codes:
            raise ExpressionError("unknown_option", tree.column, item=item.name, option=tree.value)
        return Text(codes[0], tree.column)

    def alike(self, tree: Op, left: Tree, right: Tree) -> Tree:
        """Return an equality whose two sides have one type."""
        if isinstance(right, Ref) and not isinstance(left, Ref):
            left, right = right, left
        item = self.item(left)
        kind = type_of(item) if item else ""
        if item and kind == "choices" and isinstance(right, Text | Number):
            return self.only(tree, left, item, right)
        if item and kind == "choice":
            right = self.option(item, right)
        elif kind in {"number", "computed"} and isinstance(right, Text):
            figure = number_or_none(right.value)
            right = numbered(figure) if figure is not None and kind == "number" else right
        elif kind == "words" and isinstance(right, Number):
            right = Text(number_text(right.value), right.column)
        elif kind == "date":
            right = _day(right)
        return Op(tree.sign, (left, right), tree.column)

    def only(self, tree: Op, left: Tree, item: DraftItem, right: Tree) -> Tree:
        """Return that a set of answers is one name and no other, as XPath compares them."""
        text = self.option(item, right)
        if not isinstance(text, Text) or not text.value or not isinstance(left, Ref):
            return Op(tree.sign, (left, right), tree.column)
        if text.value in item.non_answers.values():
            return Op(tree.sign, (left, text), tree.column)
        count = Op("=", (Call("count-selected", (left,)), Number(1.0)))
        exact = joined([chosen(item, left, [text.value]), count])
        return exact if tree.sign == "=" else Call("not", (exact,))

    def figure(self, tree: Tree) -> Tree:
        """Return a part as a number: a code or words read as one."""
        if isinstance(tree, Text):
            figure = number_or_none(tree.value)
            return numbered(figure) if figure is not None else tree
        return Call("number", (tree,)) if self.kind(tree) in {"choice", "words"} else tree


def _again(tree: Call, parts: tuple[Tree, ...]) -> Call:
    """Return a call with other arguments."""
    return Call(tree.name, parts, tree.column)


def _day(tree: Tree) -> Tree:
    return Call("date", (tree,)) if isinstance(tree, Text) and day_of(tree.value) else tree


def _known_functions(tree: Tree) -> None:
    if isinstance(tree, Call) and tree.name not in FUNCTIONS:
        raise ExpressionError("unknown_function", tree.column, name=tree.name)
    for part in tree.parts if isinstance(tree, Op | Call) else ():
        _known_functions(part)


_PIECE = re.compile(
    r"(?P<kept>\$\{[^}]*\}|'[^']*'|\"[^\"]*\"|‘[^’]*’|“[^”]*”|[\w-]+\s*\()"
    r"|(?P<name>[^\W\d][\w.-]*)"
)


def filled(source: FilterSource) -> str:
    """Return a filter with the cells of one choice in the place of the names of columns."""

    def piece(found: re.Match[str]) -> str:
        name = found["name"]
        if not name or name in {"and", "or", "div", "mod"}:
            return found[0]
        if name.lower() not in source.headings:
            raise ExpressionError("no_column", found.start() + 1, name=name)
        value = source.cells.get(name.lower(), "")
        return f'"{value}"' if "'" in value else f"'{value}'"

    return _PIECE.sub(piece, source.text)


def folded(tree: Tree) -> Tree:
    """Return a filter with what is settled for this choice worked out."""
    if isinstance(tree, Call):
        parts = tuple(folded(part) for part in tree.parts)
        known = settled(parts[0]) if tree.name == "not" else None
        return _again(tree, parts) if known is None else _truth(not known)
    if not isinstance(tree, Op):
        return tree
    parts = tuple(folded(part) for part in tree.parts)
    if tree.sign in {"=", "!="} and all(isinstance(part, Text | Number) for part in parts):
        return _truth((parts[0] == parts[1]) is (tree.sign == "="))
    if tree.sign in {"and", "or"}:
        return _joint(tree.sign, parts)
    return Op(tree.sign, parts, tree.column)


def _joint(sign: str, parts: tuple[Tree, ...]) -> Tree:
    ends = sign == "or"  # one true part settles an "or", one false part an "and"
    if any(settled(part) is ends for part in parts):
        return _truth(ends)
    left = [part for part in parts if settled(part) is None]
    if not left:
        return _truth(not ends)
    return left[0] if len(left) == 1 else Op(sign, tuple(left))


def settled(tree: Tree) -> bool | None:
    """Return the truth of a part that depends on no answer; None for the others."""
    return _TRUTH.get(tree.name) if isinstance(tree, Call) else None


def _truth(value: bool) -> Tree:  # noqa: FBT001  a truth
    return Call("true" if value else "false", ())
