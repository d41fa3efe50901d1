"""Give an item the options of an earlier one: only what was chosen there is offered. Pure.

``options_from`` is written in the file; the options are made when it is read, each with the
condition that it was chosen. So everything that holds for options that depend on answers holds
here: what is offered, kept in a draft, judged, stored, and shown or hidden in the browser.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from consult.surveys.rules.definition import Definition, Fault, Item, Option, Page, Words
from consult.surveys.rules.kinds.protocol import fault, to_say

NO_SOURCE = to_say("“options_from” names an earlier item of the kind “several_choices”.")
BOTH = to_say("Give “options” or “options_from”, not both.")
OTHER = "_other"


def borrow(definition: Definition) -> tuple[Definition, list[Fault]]:
    """Return the definition with the options that items borrow, and what is wrong with it."""
    sources: dict[str, Item] = {}
    faults: list[Fault] = []
    pages: list[Page] = []
    for p, page in enumerate(definition.pages):
        items = []
        for i, item in enumerate(page.items):
            place = f"$.pages[{p}].items[{i}]"
            lent = _lent(item, sources, place, faults) if _borrows(item) else item
            items.append(lent)
            if item.kind == "several_choices":
                sources[item.code] = item
        pages.append(msgspec.structs.replace(page, items=tuple(items)))
    if not any(_borrows(item) for page in definition.pages for item in page.items):
        return definition, []
    return msgspec.structs.replace(definition, pages=tuple(pages)), faults


def _borrows(item: Item) -> bool:
    return item.kind == "ranking" and bool(item.options_from)


def _lent(item: Item, sources: Mapping[str, Item], place: str, faults: list[Fault]) -> Item:
    source = sources.get(item.options_from)
    if source is None:
        faults.append(fault(f"{place}.options_from", NO_SOURCE))
        return item
    options = tuple(
        Option(
            code=option.code,
            label=option.label,
            specify=option.specify,
            relevant=f"selected(${{{source.code}}}, '{option.code}')",
        )
        for option in source.options
        if not option.exclusive
    )
    # A stored version holds both, the one made from the other.
    if item.options and item.options != options:
        faults.append(fault(f"{place}.options", BOTH))
    # Nobody ranks more than could be chosen: else a table would hold ranks that stay empty.
    most = item.max_choices or (source.max_choices and min(source.max_choices, len(options)))
    return msgspec.structs.replace(item, options=options, max_choices=most)


def in_own_words(item: Item, typed: Mapping[str, Any]) -> Item:
    """Return a borrowing item whose “other” is labelled by what the respondent wrote there."""
    said = typed.get(f"{item.options_from}{OTHER}") if item.options_from else None
    if not isinstance(said, str) or not said.strip():
        return item
    options = tuple(
        msgspec.structs.replace(option, label=Words(said, said)) if option.specify else option
        for option in item.options
    )
    return msgspec.structs.replace(item, options=options)
