"""A questionnaire laid out to be read whole: numbers, and conditions in sentences (floor 6)."""

import msgspec

from consult.core.i18n import current_language
from consult.surveys.queries import Sheet
from consult.surveys.rules import Item, ItemPlan, Option, Page, PagePlan
from consult.surveys.sentences import Teller

_MOST_KEPT = 64


class OutlinedOption(msgspec.Struct, frozen=True):
    """An option, and when it is offered; always when empty."""

    option: Option
    condition: str


class OutlinedItem(msgspec.Struct, frozen=True):
    """An item with its number (0: it is not asked) and the condition under which it is."""

    number: int
    item: Item
    condition: str
    options: tuple[OutlinedOption, ...]


class OutlinedPage(msgspec.Struct, frozen=True):
    """A page of the questionnaire and the condition under which it is asked."""

    page: Page
    condition: str
    items: tuple[OutlinedItem, ...]


_kept: dict[tuple[str, str], tuple[OutlinedPage, ...]] = {}


def outline(sheet: Sheet) -> tuple[OutlinedPage, ...]:
    """Return the whole questionnaire in the language of the page; made once per version."""
    place = (sheet.sha256, current_language())
    if place not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        teller = Teller(sheet.plan)
        _kept[place] = tuple(_page(page, teller) for page in sheet.plan.pages)
    return _kept[place]


def _page(page: PagePlan, teller: Teller) -> OutlinedPage:
    items = tuple(_item(entry, teller) for entry in page.items if not entry.calculation)
    condition = teller.condition(page.relevant.tree) if page.relevant else ""
    return OutlinedPage(page.page, condition, items)


def _item(entry: ItemPlan, teller: Teller) -> OutlinedItem:
    return OutlinedItem(
        teller.numbers.get(entry.item.code, 0),
        entry.item,
        teller.condition(entry.relevant.tree) if entry.relevant else "",
        tuple(
            OutlinedOption(option, teller.condition(when.tree) if when else "")
            for option, when in entry.options
        ),
    )
