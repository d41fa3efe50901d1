"""Compile the conditions of a definition, or list what is wrong with them. Pure.

An expression may refer to items that come before it; so a path is one walk from first to last.
"""

from collections.abc import Mapping, Sequence

import msgspec

from consult.surveys.expressions import (
    THIS,
    ExpressionError,
    ExpressionFault,
    Known,
    Op,
    Tree,
    check,
    compile_tree,
    parse,
    refs,
)
from consult.surveys.rules.definition import SILENT, Definition, Fault, Item, Page
from consult.surveys.rules.kinds import kind_of
from consult.surveys.rules.plans import Condition, ItemPlan, PagePlan, PathPage, Plan

_STORABLE = ("number", "text", "bool", "choice", "date")


def compile_definition(definition: Definition) -> tuple[Plan, list[Fault]]:
    """Return the plan of a definition and the faults of its expressions.

    The plan is to be used only when there is no fault.
    """
    compiler = _Compiler(definition)
    pages = [compiler.page(number, page) for number, page in enumerate(definition.pages, 1)]
    used = {
        compiler.owner(ref.code)
        for trees in compiler.trees.values()
        for tree in trees
        for ref in refs(tree)
    }
    branching = any(
        page.relevant or any(item.relevant or item.options_from for item in page.items)
        for page in definition.pages
    )
    plan = Plan(tuple(_finished(page, used) for page in pages), is_branching=branching)
    return plan, compiler.faults


class _Place(msgspec.Struct, frozen=True):
    """Where an expression stands: path, what owns it, the key of its dependencies."""

    path: str
    owner: str
    node: str


class _Compiler:
    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.known: dict[str, Known] = {}
        self.faults: list[Fault] = []
        self.trees: dict[str, list[Tree]] = {}
        items = [item for page in definition.pages for item in page.items]
        self.kinds = {item.code: item.kind for item in items}
        self.owners = {v: item.code for item in items for v in kind_of(item).known(item)}
        self.edges = _dependencies(definition, self.owners)

    def owner(self, variable: str) -> str:
        """Return the code of the item that a variable belongs to."""
        return self.owners.get(variable, variable)

    def page(self, number: int, page: Page) -> PagePlan:
        base = f"$.pages[{number - 1}]"
        place = _Place(f"{base}.relevant", page.code, f"page {page.code}")
        relevant = self.condition(page.relevant, place)
        items: list[ItemPlan] = []
        local: set[str] = set()
        section: Condition | None = None
        for index, item in enumerate(page.items):
            found = self.item(item, f"{base}.items[{index}]", local)
            if item.kind == "section":
                section = found.relevant
            elif section is not None:
                found = self.governed(found, section, local)
            items.append(found)
            local.add(item.code)
        return PagePlan(number, page, relevant, tuple(items), None)

    def governed(self, entry: ItemPlan, section: Condition, local: set[str]) -> ItemPlan:
        """Return an item that is asked only where its section is."""
        found = section
        if entry.relevant is not None:
            tree = Op("and", (section.tree, entry.relevant.tree))
            found = Condition(tree, compile_tree(tree))
        is_local = self._leans(found.tree, local)
        return msgspec.structs.replace(entry, relevant=found, is_local=is_local)

    def item(self, item: Item, base: str, local: set[str]) -> ItemPlan:
        """Compile one item; it is known to what follows, and to its own constraints as ``.``."""
        relevant = self.condition(item.relevant, _Place(f"{base}.relevant", item.code, item.code))
        options = tuple(
            (o, self.condition(o.relevant, self._place(base, item, f"options[{n}].relevant")))
            for n, o in enumerate(item.options)
        )
        rows = tuple(
            (r, self.condition(r.relevant, self._place(base, item, f"rows[{n}].relevant")))
            for n, r in enumerate(item.rows)
        )
        calculation = None
        if item.kind == "computed":
            calculation = self.calculation(item, self._place(base, item, "calculation"))
        elif item.kind not in SILENT:
            self.known |= kind_of(item).known(item)
        constraints = []
        for n, constraint in enumerate(item.constraints):
            place = self._place(base, item, f"constraints[{n}].test")
            this = {THIS: self.known.get(item.code, Known("empty"))}
            found = self.condition(constraint.test, place, this)
            if found:
                constraints.append((constraint, found))
        filters = [when for _one, when in (*options, *rows) if when]
        return ItemPlan(
            item=item,
            kind=kind_of(item),
            relevant=relevant,
            options=options,
            rows=rows,
            constraints=tuple(constraints),
            calculation=calculation,
            is_local=relevant is not None and self._leans(relevant.tree, local),
            has_filter=bool(filters),
            is_used=False,
        )

    def _leans(self, tree: Tree, local: set[str]) -> bool:
        """Tell whether a tree depends on one of the ``local`` items, directly or through others."""
        return any(not local.isdisjoint(self.closure(self.owner(ref.code))) for ref in refs(tree))

    @staticmethod
    def _place(base: str, item: Item, key: str) -> _Place:
        return _Place(f"{base}.{key}", item.code, item.code)

    def condition(
        self, source: str, place: _Place, more: Mapping[str, Known] | None = None
    ) -> Condition | None:
        """Compile a text that must be true or false; None without one, or with faults."""
        if not source.strip():
            return None
        tree, kind = self._typed(source, place, more or {})
        if tree is None:
            return None
        if kind != "bool":
            self._fault(place, ExpressionFault("not_condition", 1, {"found": kind}))
            return None
        return Condition(tree, compile_tree(tree))

    def calculation(self, item: Item, place: _Place) -> Condition | None:
        """Compile what a computed item is worth; it becomes known with the type found."""
        tree, kind = self._typed(item.calculation, place, {})
        self.known[item.code] = Known(kind if kind in _STORABLE else "empty")
        if tree is None:
            return None
        if kind not in _STORABLE:
            code = "words_copied" if kind == "words" else "not_storable"
            self._fault(place, ExpressionFault(code, 1, {"found": kind}))
            return None
        return Condition(tree, compile_tree(tree))

    def _typed(
        self, source: str, place: _Place, more: Mapping[str, Known]
    ) -> tuple[Tree | None, str]:
        try:
            tree = parse(source)
        except ExpressionError as error:
            self._fault(place, error.fault)
            return None, "empty"
        checked = check(tree, {**self.known, **more} if more else self.known)
        for fault in checked.faults:
            self._fault(place, self._explained(fault, place))
        self.trees.setdefault(place.node, []).append(tree)
        return (None if checked.faults else tree), checked.type

    def _explained(self, fault: ExpressionFault, place: _Place) -> ExpressionFault:
        """Say more of an item that is not known here: it comes later, or it never answers."""
        if fault.code != "unknown_item":
            return fault
        code = self.owner(str(fault.values["item"]))
        if code == THIS:
            return ExpressionFault("no_this", fault.column)
        if code not in self.kinds:
            return fault
        if self.kinds[code] in SILENT:
            return ExpressionFault("note_item", fault.column, fault.values)
        loops = place.node in self.closure(code)
        return ExpressionFault("cycle" if loops else "forward_item", fault.column, fault.values)

    def closure(self, start: str) -> set[str]:
        """Return ``start`` and all that it depends on, directly or through others."""
        seen, waiting = {start}, [start]
        while waiting:
            fresh = self.edges.get(waiting.pop(), set()) - seen
            seen |= fresh
            waiting += fresh
        return seen

    def _fault(self, place: _Place, fault: ExpressionFault) -> None:
        self.faults.append(
            Fault(
                place=place.path,
                code=fault.code,
                column=fault.column,
                item=place.owner,
                values=fault.values,
            )
        )


def _dependencies(definition: Definition, owners: Mapping[str, str]) -> dict[str, set[str]]:
    """Return what each item and page refers to; an item depends on its page's condition too."""
    edges: dict[str, set[str]] = {}
    for page in definition.pages:
        node = f"page {page.code}"
        edges[node] = _codes([page.relevant], owners)
        section: set[str] = set()
        for item in page.items:
            sources = [
                item.relevant,
                item.calculation,
                *(option.relevant for option in item.options),
                *(row.relevant for row in item.rows),
            ]
            found = _codes(sources, owners)
            section = found if item.kind == "section" else section
            edges[item.code] = found | section | ({node} if edges[node] else set())
    return edges


def _codes(sources: Sequence[str], owners: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    for source in filter(str.strip, sources):
        try:
            found |= {owners.get(ref.code, ref.code) for ref in refs(parse(source))}
        except ExpressionError:
            continue  # told where the expression is compiled
    return found


def _finished(page: PagePlan, used: set[str]) -> PagePlan:
    items = tuple(
        msgspec.structs.replace(item, is_used=item.item.code in used) for item in page.items
    )
    fixed = None
    if all(item.is_fixed for item in items):
        fixed = PathPage(page.number, page.page, page.page.items)
    return msgspec.structs.replace(page, items=items, fixed=fixed)
