"""Say a condition of SurveyJS in our language, as SurveyJS evaluates it. Pure.

Checked against survey-core 3.1.1 (``tests/surveys/data/surveyjs-expressions.json``): equality
ignores case and blanks around; ``contains`` over one answer is true where its *value contains the
text*, so that ``"item2"`` holds for ``item2-0``; ``anyof`` compares whole values.
"""

from consult.surveys.expressions import Call, ExpressionError, Op, Ref, Text, Tree
from consult.surveys.importing.assembling import joined
from consult.surveys.importing.drafting import Draft, DraftItem, Source
from consult.surveys.importing.surveyjs.parsing import Node, parse
from consult.surveys.importing.values import (
    chosen,
    matching,
    number_or_none,
    numbered,
    same,
    text_of,
    type_of,
)

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}
_FUNCTIONS = {"iif": "if", "today": "today", "min": "min", "max": "max", "round": "round"}
_SETS = {"contains", "notcontains", "anyof", "allof", "noneof"}


class Translator:
    """Translate expressions; what cannot be said is a fault of the draft."""

    parse = staticmethod(parse)

    def __init__(self, draft: Draft) -> None:
        """Know the items of ``draft`` by the names of the file."""
        self.draft = draft
        self.place = "$"
        self.lower = {name.lower(): item for name, item in draft.named.items()}

    def __call__(self, source: Source, item: DraftItem | None) -> Tree | None:
        """Return the tree of an expression, or None with a fault kept."""
        self.place = source.place
        try:
            node = self.parse(source.text)
            wants_value = item is not None and item.calculation is source
            return self.value(node) if wants_value else self.truth(node)
        except ExpressionError as error:
            fault = error.fault
            self.draft.fault(source.place, fault.code, fault.column, **fault.values)
            return None

    def truth(self, node: Node) -> Tree:
        """Translate what must be true or false."""
        if node.kind == "sign" and node.value in {"and", "or"}:
            return joined([self.truth(part) for part in node.parts], node.value)
        if node.kind == "sign" and node.value == "not":
            return Call("not", (self.truth(self.one(node)),))
        if node.kind == "sign" and node.value in {"empty", "notempty"}:
            sign = "=" if node.value == "empty" else "!="
            return Op(sign, (self.value(node.parts[0]), Text("")))
        if node.kind == "sign" and node.value in _SETS | set(_FLIPPED):
            return self.comparison(node)
        if node.kind == "text" and isinstance(node.value, bool):
            return _literal(node.value)
        return self.standing(node)

    def standing(self, node: Node) -> Tree:
        """Translate what stands alone where a truth is wanted."""
        if node.kind == "item":
            return self.bare(node)
        if node.kind == "call" and node.value.lower() == "iif":
            return self.call(node, truth=True)
        raise ExpressionError("not_condition", node.column, found="other")

    def one(self, node: Node) -> Node:
        """Return the one part of a negation."""
        if len(node.parts) != 1:
            raise ExpressionError(
                "arguments", node.column, name="!", wanted=(1, 1), found=len(node.parts)
            )
        return node.parts[0]

    def bare(self, node: Node) -> Tree:
        """Translate an item that stands alone: true when it is answered, and not by "no"."""
        ref, item = self.item(node)
        if item is not None and item.more.get("_boolean"):
            return chosen(item, ref, matching(item, lambda name: same(name, True)))  # noqa: FBT003
        if item is not None and type_of(item) == "computed":
            return ref
        return Op("!=", (ref, Text("")))

    def item(self, node: Node) -> tuple[Ref, DraftItem | None]:
        """Return the reference and the item of a name; the item is None for a part of one."""
        name = str(node.value)
        found = self.draft.named.get(name) or self.lower.get(name.lower())
        if found is not None:
            if not type_of(found) and found.kind not in {"ranking", "matrix", "points"}:
                code = "note_item" if found.kind in {"note", "section"} else "no_expression"
                raise ExpressionError(code, node.column, item=name)
            return Ref(found.code), found
        owner, _dash, tail = name.rpartition("-")
        found = self.draft.named.get(owner)
        if tail == "Comment" and found and any(o.more.get("specify") for o in found.options):
            return Ref(f"{found.code}_other"), None
        owner, _point, tail = name.partition(".")
        found = self.draft.named.get(owner)
        if found and found.kind == "matrix":
            for row in found.rows:
                if row.name == tail:
                    return Ref(f"{found.code}.{row.code}"), found
        raise ExpressionError(self.draft.unknown(name), node.column, item=name)

    def value(self, node: Node) -> Tree:
        """Translate what has a value."""
        if node.kind == "item":
            return self.item(node)[0]
        if node.kind == "text":
            return _literal(node.value)
        if node.kind == "call":
            return self.call(node, truth=False)
        if node.kind == "sign" and node.value == "neg":
            return Op("neg", (self.number(node.parts[0]),))
        if node.kind == "sign" and node.value in {"+", "-", "*", "div", "mod"}:
            return Op(node.value, tuple(self.term(part) for part in node.parts))
        if node.kind == "sign":
            return self.truth(node)
        raise ExpressionError("unexpected", node.column, found="[", wanted="")

    def number(self, node: Node) -> Tree:
        """Translate what is a number; the code of a choice is read as one."""
        if node.kind == "item":
            ref, item = self.item(node)
            return Call("number", (ref,)) if item and type_of(item) == "choice" else ref
        if node.kind == "text" and (figure := number_or_none(text_of(node.value))) is not None:
            return numbered(figure)
        return self.value(node)

    def term(self, node: Node) -> Tree:
        """Translate a part of a sum: SurveyJS counts a missing answer as nothing."""
        tree = self.number(node)
        return Call("coalesce", (tree, numbered(0.0))) if node.kind == "item" else tree

    def call(self, node: Node, *, truth: bool) -> Tree:
        """Translate a function."""
        name = node.value.lower()
        if name in {"currentdate", "today"} and not node.parts:
            return Call("today", ())
        if name == "sum" and node.parts:
            parts = [self.term(part) for part in node.parts]
            return parts[0] if len(parts) == 1 else _sum(parts)
        if name not in _FUNCTIONS or name == "today":
            raise ExpressionError("unknown_function", node.column, name=node.value)
        if name == "iif":
            return self.either(node, truth=truth)
        return Call(_FUNCTIONS[name], tuple(self.number(part) for part in node.parts))

    def either(self, node: Node, *, truth: bool) -> Tree:
        """Translate one value or another."""
        if len(node.parts) != 3:  # noqa: PLR2004  condition, then, else
            raise ExpressionError(
                "arguments", node.column, name="iif", wanted=(3, 3), found=len(node.parts)
            )
        condition, *rest = node.parts
        give = self.truth if truth else self.value
        return Call("if", (self.truth(condition), *map(give, rest)))

    def comparison(self, node: Node) -> Tree:
        """Translate a comparison: an item and values, or two values."""
        left, right = node.parts
        if right.kind == "item" and left.kind in {"text", "list"}:
            sign = _FLIPPED.get(node.value)
            if sign is None:
                raise ExpressionError("unexpected", left.column, found=node.value, wanted="{…}")
            return self.comparison(Node("sign", sign, (right, left), node.column))
        if left.kind == "item" and right.kind in {"text", "list"}:
            ref, item = self.item(left)
            kind = type_of(item) if item else "words"
            if item and item.kind == "matrix":
                kind = "choice"
            if item and kind in {"choice", "choices"}:
                return self.among(node, ref, item, kind == "choices")
            return self.against(node, ref, kind)
        if node.value not in _FLIPPED:
            raise ExpressionError("unexpected", node.column, found=node.value, wanted="")
        if node.value in {"=", "!="}:
            return Op(node.value, (self.value(left), self.value(right)))
        return Op(node.value, (self.number(left), self.number(right)))

    def among(self, node: Node, ref: Ref, item: DraftItem, several: bool) -> Tree:  # noqa: FBT001
        """Translate a comparison of a choice with values."""
        right = node.parts[1]
        values = [p.value for p in right.parts] if right.kind == "list" else [right.value]
        if node.value in {"<", "<=", ">", ">="}:
            limit = number_or_none(text_of(values[0])) if len(values) == 1 else None
            if limit is None or several:
                raise ExpressionError("set_equality", node.column)
            return Op(node.value, (Call("number", (ref,)), numbered(limit)))
        if not several and right.kind == "list" and node.value in {"contains", "notcontains"}:
            values = [",".join(map(text_of, values))]
        codes = [self.codes(value, node, item, part=not several) for value in values]
        return _among(node.value, ref, item, codes, several and right.kind != "list")

    def codes(self, value: object, node: Node, item: DraftItem, *, part: bool) -> list[str]:
        """Return the codes that a value means; none at all is a fault of the file."""
        if value == "":
            return [""]
        text = text_of(value).strip().casefold()
        if part and node.value in {"contains", "notcontains", "allof"}:
            found = matching(item, lambda name: text in name.casefold())
        else:
            found = matching(item, lambda name: same(name, value))
        if not found:
            column = node.parts[1].column
            raise ExpressionError("unknown_option", column, item=item.name, option=text_of(value))
        return found

    def against(self, node: Node, ref: Ref, kind: str) -> Tree:
        """Translate a comparison of a number, a day or words with one value."""
        right = node.parts[1]
        if right.kind == "list":
            raise ExpressionError("unexpected", right.column, found="[", wanted="")
        text = text_of(right.value)
        if kind == "words" and node.value in {"contains", "notcontains"}:
            found = Call("contains", (ref, Text(text)))
            self.draft.note(self.place, "case_counts", item=ref.code)
            return found if node.value == "contains" else Call("not", (found,))
        if node.value not in _FLIPPED:
            raise ExpressionError("unexpected", node.column, found=node.value, wanted="")
        if text == "":
            return Op(node.value, (ref, Text("")))
        if kind == "date":
            return Op(node.value, (ref, Call("date", (Text(text),))))
        if kind == "words":
            self.draft.note(self.place, "case_counts", item=ref.code)
        figure = number_or_none(text)
        if kind in {"number", "computed"} and figure is not None:
            return Op(node.value, (ref, numbered(figure)))
        if kind == "words" and node.value not in {"=", "!="}:
            return Op(node.value, (Call("number", (ref,)), self.number(right)))
        return Op(node.value, (ref, Text(text)))


def _literal(value: object) -> Tree:
    if isinstance(value, bool):
        return Call("true" if value else "false", ())
    return numbered(value) if isinstance(value, float) else Text(str(value))


def _sum(parts: list[Tree]) -> Tree:
    total: Tree = parts[0]
    for part in parts[1:]:
        total = Op("+", (total, part))
    return total


def _among(
    sign: str,
    ref: Ref,
    item: DraftItem,
    codes: list[list[str]],
    lone: bool,  # noqa: FBT001
) -> Tree:
    """Return the condition over the codes that each value of a comparison means."""
    if codes == [[""]]:
        return Op("=" if sign in {"=", "contains"} else "!=", (ref, Text("")))
    if lone and sign in {"=", "!="}:
        # A set of answers never equals one value: our own check says so at this place.
        return Op(sign, (ref, Text(codes[0][0])))
    every = joined([chosen(item, ref, found) for found in codes])
    some = chosen(item, ref, [code for found in codes for code in found])
    if sign in {"anyof", "noneof"}:
        return some if sign == "anyof" else Call("not", (some,))
    if sign in {"contains", "allof", "notcontains"}:
        return every if sign != "notcontains" else Call("not", (every,))
    if type_of(item) == "choices":
        count = Op("=", (Call("count-selected", (ref,)), numbered(float(len(codes)))))
        exact = joined([every, count])
        return exact if sign == "=" else Call("not", (exact,))
    return every if sign == "=" else _unequal(ref, codes[0])


def _unequal(ref: Ref, codes: list[str]) -> Tree:
    return joined([Op("!=", (ref, Text(code))) for code in codes])
