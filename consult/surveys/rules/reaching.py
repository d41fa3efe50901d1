"""Prove that something can never be asked, offered or accepted. Pure.

A proof tries every combination of answers that the conditions tell apart: for a choice, the codes
that they name, one that they do not, and no answer; for several choices, every set of the codes
they name. Conditions of the items referred to count too, so contradictions across items are found.
What compares texts, days, or numbers that come from them is taken to be free (true or false), so
nothing reachable is ever refused. Not proven, hence accepted: what only arithmetic over texts and
days excludes, and what needs more than ``MAX_CASES`` combinations.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

import msgspec

from consult.surveys.expressions import (
    THIS,
    Call,
    Op,
    Ref,
    Run,
    Text,
    Tree,
    Value,
    calls,
    compile_tree,
    parts_of,
    refs,
)
from consult.surveys.rules.definition import Fault
from consult.surveys.rules.plans import ItemPlan, Plan

MAX_CASES, MAX_WORK, MAX_ITEMS = 4096, 60_000, 24
_COMPARING = {"=", "!=", "<", "<=", ">", ">="}


def unreachable(plan: Plan) -> list[Fault]:
    """Return a fault for each page, item, option and constraint that no answers can reach."""
    world = _World(plan)
    faults = []
    for page in plan.pages:
        base = f"$.pages[{page.number - 1}]"
        on_page = [page.relevant.tree] if page.relevant else []
        if world.never(on_page):
            faults.append(_fault(f"{base}.relevant", "never_asked", page.page.code))
            continue
        closed = False  # nothing more is said of what stands in a section never asked
        for index, entry in enumerate(page.items):
            is_section = entry.item.kind == "section"
            if closed and not is_section:
                continue
            found = _of_item(world, entry, f"{base}.items[{index}]", on_page)
            closed = is_section and bool(found)
            faults += found
    return faults


def _of_item(world: "_World", entry: ItemPlan, base: str, on_page: list[Tree]) -> list[Fault]:
    code = entry.item.code
    asked = on_page + ([entry.relevant.tree] if entry.relevant else [])
    if entry.relevant and world.never(asked):
        return [_fault(f"{base}.relevant", "never_asked", code)]
    faults = [
        _fault(f"{base}.options[{n}].relevant", "never_offered", code, option=option.code)
        for n, (option, when) in enumerate(entry.options)
        if when and world.never([*asked, when.tree])
    ]
    for n, (_constraint, test) in enumerate(entry.constraints):
        answered = Call("answered", (Ref(code),))
        if world.never([*asked, answered, _about(test.tree, code)]):
            faults.append(_fault(f"{base}.constraints[{n}].test", "never_accepted", code))
    return faults


def _fault(place: str, code: str, item: str, **values: Any) -> Fault:  # noqa: ANN401
    return Fault(place=place, code=code, column=1, item=item, values=values)


def _about(tree: Tree, code: str) -> Tree:
    """Return a constraint with its own item named instead of ``.``."""
    if isinstance(tree, Ref):
        return Ref(code) if tree.code == THIS else tree
    parts = tuple(_about(part, code) for part in parts_of(tree))
    if isinstance(tree, Op):
        return Op(tree.sign, parts)
    return Call(tree.name, parts) if isinstance(tree, Call) else tree


class _TooManyError(Exception):
    """Say that there are more combinations than may be tried."""


class _Variable(msgspec.Struct, frozen=True):
    """An item others refer to: its candidates, when it is asked, what it is computed from."""

    entry: ItemPlan
    asked: tuple[Tree, ...]

    @property
    def free(self) -> set[str]:
        """Return the variables whose values cannot be tried: those of free kinds, and parts."""
        item, kind = self.entry.item, self.entry.kind
        return set(kind.known(item)) - (set() if kind.is_free else {item.code})


class _World:
    """The items of a plan, and how much proving may still cost."""

    def __init__(self, plan: Plan) -> None:
        self.work = MAX_WORK
        self.variables: dict[str, _Variable] = {}
        for page in plan.pages:
            on_page = [page.relevant.tree] if page.relevant else []
            for entry in page.items:
                own = [entry.relevant.tree] if entry.relevant else []
                self.variables[entry.item.code] = _Variable(entry, (*on_page, *own))
        self.free = {code for found in self.variables.values() for code in found.free}
        for code, found in self.variables.items():  # in order: what is computed comes after
            tree = found.entry.calculation.tree if found.entry.calculation else None
            if tree and self.is_free(tree):
                self.free.add(code)

    def is_free(self, tree: Tree) -> bool:
        return calls(tree, "today") or any(ref.code in self.free for ref in refs(tree))

    def never(self, conditions: Sequence[Tree]) -> bool:
        """Tell whether it is proven that these conditions never hold together."""
        if not conditions:
            return False
        for deep in (True, False):
            try:
                return _Cases(self, conditions, deep=deep).none_holds()
            except _TooManyError:
                continue
        return False


class _Cases:
    """Every combination of answers that some conditions tell apart."""

    def __init__(self, world: _World, conditions: Sequence[Tree], *, deep: bool) -> None:
        self.world = world
        self.unknown = 0
        self.order = self._involved(conditions, deep=deep)
        self.deep = deep
        self.trees: list[Tree] = [self._abstract(tree) for tree in conditions]
        self.asked = {code: self._conditions(code) for code in self.order}
        self.options = {code: self._option_conditions(code) for code in self.order}
        self.goals = [compile_tree(tree) for tree in self.trees]
        self.candidates = self._all_candidates(conditions)
        if prod(map(len, self.candidates.values())) > min(MAX_CASES, world.work):
            raise _TooManyError

    def _involved(self, conditions: Sequence[Tree], *, deep: bool) -> list[str]:
        found: set[str] = set()
        waiting = list(conditions)
        while waiting:
            for ref in refs(waiting.pop()):
                if ref.code in found or ref.code in self.world.free:
                    continue
                found.add(ref.code)
                waiting += self._sources(ref.code, deep=deep)
            if len(found) > MAX_ITEMS:
                raise _TooManyError
        return [code for code in self.world.variables if code in found]

    def _sources(self, code: str, *, deep: bool) -> list[Tree]:
        variable = self.world.variables[code]
        entry = variable.entry
        computed = [entry.calculation.tree] if entry.calculation else []
        if not deep:
            return computed
        return [*computed, *variable.asked, *(when.tree for _o, when in entry.options if when)]

    def _abstract(self, tree: Tree) -> Tree:
        """Return a condition with each part that cannot be tried replaced by a free truth."""
        if not self.world.is_free(tree):
            return tree
        if isinstance(tree, Op) and tree.sign in {"and", "or"}:
            return Op(tree.sign, tuple(self._abstract(part) for part in tree.parts))
        if isinstance(tree, Call) and tree.name == "not":
            return Call("not", (self._abstract(tree.parts[0]),))
        self.unknown += 1
        return Ref(f"?{self.unknown}")

    def _conditions(self, code: str) -> list[Run]:
        asked = self.world.variables[code].asked if self.deep else ()
        return [compile_tree(self._abstract(tree)) for tree in asked]

    def _option_conditions(self, code: str) -> dict[str, Run]:
        if not self.deep:
            return {}
        options = self.world.variables[code].entry.options
        return {o.code: compile_tree(self._abstract(when.tree)) for o, when in options if when}

    def _all_candidates(self, conditions: Sequence[Tree]) -> dict[str, list[Value]]:
        trees = [*conditions]
        for code in self.order:
            trees += self._sources(code, deep=self.deep)
        named: dict[str, set[str] | None] = {}
        for tree in trees:
            _name(tree, named)
        found: dict[str, list[Value]] = {}
        for code in self.order:
            entry = self.world.variables[code].entry
            if entry.calculation is None:
                found[code] = _candidates(entry, named.get(code, set()))
        for number in range(1, self.unknown + 1):
            found[f"?{number}"] = [True, False]
        return found

    def none_holds(self) -> bool:
        """Try every combination; stop at the first that holds."""
        codes = list(self.candidates)
        for case in product(*self.candidates.values()):
            self.world.work -= 1
            values = dict(zip(codes, case, strict=True))
            self._settle(values)
            if all(goal(values) is True for goal in self.goals):
                return False
        return True

    def _settle(self, values: dict[str, Value]) -> None:
        """Take away what is not asked or not offered; compute what is computed, in order."""
        for code in self.order:
            calculation = self.world.variables[code].entry.calculation
            if not all(run(values) is True for run in self.asked[code]):
                values[code] = None
            elif calculation:
                values[code] = calculation.run(values)
            elif self.options[code]:
                values[code] = _left(values[code], self.options[code], values)


def _left(value: Value, options: Mapping[str, Run], values: Mapping[str, Value]) -> Value:
    def stays(code: str) -> bool:
        return code not in options or options[code](values) is True

    if isinstance(value, tuple):
        return tuple(code for code in value if stays(code)) or None
    return value if value is None or stays(value) else None


def _name(tree: Tree, named: dict[str, set[str] | None]) -> None:
    """Note which codes the tree names of each item; None where every code may count."""
    parts = parts_of(tree)
    pointed = isinstance(tree, Op) and tree.sign in {"=", "!="}
    pointed = pointed or (isinstance(tree, Call) and tree.name == "selected")
    texts = [part.value for part in parts if isinstance(part, Text)]
    for part in parts:
        if not isinstance(part, Ref):
            _name(part, named)
        elif isinstance(tree, Call) and tree.name == "answered":
            named.setdefault(part.code, set())
        elif pointed and texts:
            before = named.setdefault(part.code, set())
            if before is not None:
                before.update(texts)
        else:
            named[part.code] = None


def _candidates(entry: ItemPlan, named: set[str] | None) -> list[Value]:
    """Return the values of an item that may make a difference."""
    filtered = {option.code for option, when in entry.options if when}
    found = entry.kind.candidates(entry.item, named, filtered)
    if found is None:
        raise _TooManyError
    return found
