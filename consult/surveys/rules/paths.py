"""What one respondent is asked: pages, items and options, from the answers given so far. Pure.

One walk from first to last. An answer counts only where it is asked and offered: what lies off
the path is as if it had not been given. The same plan, answers and day give the same path.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from consult.surveys.expressions import TODAY, Value, refs, to_json
from consult.surveys.rules.borrowing import in_own_words
from consult.surveys.rules.definition import Item
from consult.surveys.rules.plans import ItemPlan, PagePlan, PathPage, Plan, is_empty, offered


class Path(msgspec.Struct, frozen=True):
    """The pages that are asked, and the values of expressions along them."""

    pages: tuple[PathPage, ...]
    values: Mapping[str, Value]
    computed: Mapping[str, Value]

    @property
    def questions(self) -> tuple[Item, ...]:
        """Return every item that is asked, in order, with the options that are offered."""
        return tuple(item for page in self.pages for item in page.questions)

    def page(self, number: int) -> PathPage | None:
        """Return the page with this number in the definition; None when it is not asked."""
        return next((page for page in self.pages if page.number == number), None)

    def after(self, number: int) -> int | None:
        """Return the number of the next page asked after ``number``; None at the end."""
        return next((page.number for page in self.pages if page.number > number), None)

    def before(self, number: int) -> int | None:
        """Return the number of the last page asked before ``number``; None at the start."""
        return max((p.number for p in self.pages if p.number < number), default=None)

    def position(self, number: int) -> int:
        """Return which step of the path the page is, from 1."""
        return sum(page.number <= number for page in self.pages)


def path(plan: Plan, answers: Mapping[str, Any], today: date) -> Path:
    """Return the path of these raw answers, by the keys of their items."""
    values: dict[str, Value] = {TODAY: today.isoformat()}
    computed: dict[str, Value] = {}
    pages: list[PathPage] = []
    for page in plan.pages:
        if page.relevant is not None and page.relevant.run(values) is not True:
            continue
        if page.fixed is not None:
            for entry in page.items:
                if entry.is_used:
                    values |= entry.kind.values(entry.item, answers)
            pages.append(page.fixed)
            continue
        items = _walk(page, answers, values, computed)
        if any(item.is_question for item in items) or (items and not page.has_questions):
            pages.append(PathPage(page.number, page.page, items))
    return Path(tuple(pages), values, computed)


def _walk(
    page: PagePlan, answers: Mapping[str, Any], values: dict[str, Value], computed: dict[str, Value]
) -> tuple[Item, ...]:
    shown: list[Item] = []
    for entry in page.items:
        if entry.relevant is not None and entry.relevant.run(values) is not True:
            continue
        code = entry.item.code
        if entry.calculation is not None:
            values[code] = computed[code] = entry.calculation.run(values)
            continue
        item = offered(entry, values)
        if is_empty(entry, item):
            continue  # nothing is left to choose: nothing is asked
        shown.append(in_own_words(item, answers))
        if entry.is_used:
            values |= entry.kind.values(item, answers)
    return tuple(shown)


def shown_pages(
    plan: Plan, not_asked: frozenset[str], typed: Mapping[str, Any]
) -> tuple[PathPage, ...]:
    """Return the pages of a stored response: all but what it says was not asked."""
    pages = []
    for entry in plan.pages:
        items = tuple(
            in_own_words(i, typed)
            for i in entry.page.items
            if i.kind != "computed" and i.code not in not_asked
        )
        if any(item.is_question for item in items):
            pages.append(PathPage(entry.number, entry.page, items))
    return tuple(pages)


def waiting_items(page: PagePlan, found: Path) -> dict[str, Item]:
    """Return the items that an answer on this page may still bring up, by code."""
    here = found.page(page.number)
    asked = {item.code for item in here.items} if here else set()
    return {
        entry.item.code: item
        for entry in page.items
        if entry.is_local
        and entry.calculation is None
        and entry.item.code not in asked
        and not is_empty(entry, item := offered(entry, found.values))
    }


def browser_rules(page: PagePlan, found: Path) -> dict[str, Any] | None:
    """Return what a browser needs to show and hide items of this page; None when nothing moves.

    ``items``: [code, condition, value or null] in order; ``values``: earlier answers by variable;
    ``read``: how to read the variables of this page that count, by the code of their item.
    """
    moving = [entry for entry in page.items if entry.is_local or entry.calculation]
    if not any(entry.is_local for entry in moving):
        return None
    trees = [c.tree for entry in moving for c in (entry.relevant, entry.calculation) if c]
    named = {ref.code for tree in trees for ref in refs(tree)} | {TODAY}
    reads = {
        entry.item.code: {v: how for v, how in entry.kind.reads(entry.item).items() if v in named}
        for entry in page.items
    }
    here = {variable for entry in page.items for variable in entry.kind.known(entry.item)}
    return {
        "items": [_rule(entry) for entry in moving],
        "values": {c: value for c, value in found.values.items() if c in named - here},
        "read": {code: found for code, found in reads.items() if found},
    }


def _rule(entry: ItemPlan) -> list[Any]:
    when = to_json(entry.relevant.tree) if entry.relevant else ["true"]
    return [entry.item.code, when, to_json(entry.calculation.tree) if entry.calculation else None]
