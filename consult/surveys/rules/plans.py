"""A definition made ready to run: its conditions as functions, its unconditional pages as they are.

A plan is made once per version and shared by every request. Pure.
"""

from collections.abc import Mapping

import msgspec

from consult.surveys.expressions import Run, Tree, Value
from consult.surveys.rules.definition import Constraint, Item, Option, Page, Row
from consult.surveys.rules.kinds import ItemKind


class Condition(msgspec.Struct, frozen=True):
    """An expression of a definition, as tree and as function."""

    tree: Tree
    run: Run


class ItemPlan(msgspec.Struct, frozen=True):
    """An item with its kind and its conditions; ``None`` where it has none.

    ``is_local``: whether it is asked depends on an answer of its own page.
    ``has_filter``: some options or rows depend on earlier answers. ``is_used``: others refer to it.
    """

    item: Item
    kind: ItemKind
    relevant: Condition | None
    options: tuple[tuple[Option, Condition | None], ...]
    rows: tuple[tuple[Row, Condition | None], ...]
    constraints: tuple[tuple[Constraint, Condition], ...]
    calculation: Condition | None
    is_local: bool
    has_filter: bool
    is_used: bool

    @property
    def is_fixed(self) -> bool:
        """Tell whether the item looks the same to everybody who sees its page."""
        return self.relevant is None and not self.has_filter and self.calculation is None


class PathPage(msgspec.Struct, frozen=True):
    """One page as a respondent sees it: its number in the definition (from 1), what it shows."""

    number: int
    page: Page
    items: tuple[Item, ...]

    @property
    def questions(self) -> tuple[Item, ...]:
        """Return the items that take an answer."""
        return tuple(item for item in self.items if item.is_question)


class PagePlan(msgspec.Struct, frozen=True):
    """A page with its conditions; ``fixed`` when all who see it see the same."""

    number: int
    page: Page
    relevant: Condition | None
    items: tuple[ItemPlan, ...]
    fixed: PathPage | None

    @property
    def has_questions(self) -> bool:
        """Tell whether the page may ask anything: one that only tells is shown for itself."""
        return any(entry.item.is_question for entry in self.items)

    @property
    def is_live(self) -> bool:
        """Tell whether an answer on this page may change what this page asks or offers."""
        return self.fixed is None and any(i.is_local or i.has_filter for i in self.items)


class Plan(msgspec.Struct, frozen=True):
    """A whole questionnaire, ready to run.

    ``is_branching``: some pages or questions depend on earlier answers.
    """

    pages: tuple[PagePlan, ...]
    is_branching: bool


def offered(plan: ItemPlan, values: Mapping[str, Value]) -> Item:
    """Return the item with the options that these answers leave."""
    if not plan.has_filter:
        return plan.item
    options = tuple(o for o, when in plan.options if when is None or when.run(values) is True)
    rows = tuple(r for r, when in plan.rows if when is None or when.run(values) is True)
    return msgspec.structs.replace(plan.item, options=options, rows=rows)


def is_empty(plan: ItemPlan, item: Item) -> bool:
    """Tell whether these answers leave too little to ask the item."""
    if not plan.has_filter:
        return False
    return len(item.options) < plan.kind.least_offered or bool(plan.rows and not item.rows)
