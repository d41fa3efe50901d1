"""Put a condition in a simpler form that is true of the same answers. Pure."""

from collections.abc import Mapping

from consult.surveys.expressions import Call, Number, Op, Ref, Text, Tree, evaluate, parts_of, refs
from consult.surveys.rules import ItemPlan

TRUE, FALSE = Call("true", ()), Call("false", ())
MAX_NODES = 120
_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def simple(tree: Tree, entries: Mapping[str, ItemPlan]) -> Tree:
    """Return a condition without computed items where that stays short, ``not`` pushed inwards."""
    whole = _computed(tree, entries)
    whole = whole if _size(whole) <= MAX_NODES else tree
    made = _condition(whole)
    return made if _size(made) <= MAX_NODES else _condition(tree)


def _size(tree: Tree) -> int:
    return 1 + sum(_size(part) for part in parts_of(tree))


def _rebuilt(tree: Tree, parts: tuple[Tree, ...]) -> Tree:
    if isinstance(tree, Op):
        return Op(tree.sign, parts)
    return Call(tree.name, parts) if isinstance(tree, Call) else tree


def _computed(tree: Tree, entries: Mapping[str, ItemPlan], depth: int = 4) -> Tree:
    """Replace each computed item that is always computed by its calculation."""
    if isinstance(tree, Ref):
        entry = entries.get(tree.code)
        if depth and entry and entry.calculation and not entry.relevant:
            return _computed(entry.calculation.tree, entries, depth - 1)
        return tree
    return _rebuilt(tree, tuple(_computed(part, entries, depth) for part in parts_of(tree)))


def _condition(tree: Tree) -> Tree:
    if isinstance(tree, Op) and tree.sign in {"and", "or"}:
        return _flat(tree.sign, [_condition(part) for part in tree.parts])
    if isinstance(tree, Op) and tree.sign in _TURNED:
        return _comparison(tree)
    if isinstance(tree, Call) and tree.name == "not":
        return _negated(_condition(tree.parts[0]))
    if isinstance(tree, Call) and tree.name == "if":
        when, first, second = map(_condition, tree.parts)
        return _cases(when, first, second)
    return tree


def _cases(when: Tree, first: Tree, second: Tree) -> Tree:
    yes = _flat("and", [when, first])
    no = _flat("and", [_negated(when), second])
    return _flat("or", [yes, no])


def _comparison(tree: Op) -> Tree:
    left, right = tree.parts
    if _is_fixed(left) and not _is_fixed(right):
        return _comparison(Op(_TURNED[tree.sign], (right, left)))
    if isinstance(left, Call) and left.name == "if":
        when, first, second = left.parts
        return _cases(
            _condition(when),
            _comparison(Op(tree.sign, (first, right))),
            _comparison(Op(tree.sign, (second, right))),
        )
    if _is_fixed(left) and _is_fixed(right):
        return TRUE if evaluate(tree, {}) is True else FALSE
    return tree


def _is_fixed(tree: Tree) -> bool:
    """Tell whether a value depends on neither answers nor the day."""
    if isinstance(tree, Text | Number):
        return True
    if next(refs(tree), None) is not None or _is_today(tree):
        return False
    # A day keeps its words: it is never computed with.
    return not (isinstance(tree, Call) and tree.name in {"date", "if"})


def _is_today(tree: Tree) -> bool:
    called = isinstance(tree, Call) and tree.name == "today"
    return called or any(_is_today(part) for part in parts_of(tree))


def _negated(tree: Tree) -> Tree:
    """Return what is true when ``tree`` is not; an order with no answer is false either way."""
    if tree in (TRUE, FALSE):
        return FALSE if tree == TRUE else TRUE
    if isinstance(tree, Op) and tree.sign in {"and", "or"}:
        other = "or" if tree.sign == "and" else "and"
        return _flat(other, [_negated(part) for part in tree.parts])
    if isinstance(tree, Op) and tree.sign in {"=", "!="}:
        return Op("!=" if tree.sign == "=" else "=", tree.parts)
    if isinstance(tree, Call) and tree.name == "answered":
        return Op("=", (tree.parts[0], Text("")))
    if isinstance(tree, Call) and tree.name == "not":
        return tree.parts[0]
    return Call("not", (tree,))


def _flat(sign: str, parts: list[Tree]) -> Tree:
    """Join parts without brackets in brackets, without what changes nothing, each once."""
    neutral, decisive = (TRUE, FALSE) if sign == "and" else (FALSE, TRUE)
    found: list[Tree] = []
    for part in parts:
        inner = part.parts if isinstance(part, Op) and part.sign == sign else (part,)
        found += [p for p in inner if p != neutral and p not in found]
    if decisive in found:
        return decisive
    if not found:
        return neutral
    return found[0] if len(found) == 1 else Op(sign, tuple(found))
