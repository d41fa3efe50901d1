"""Change a document: add, replace, move, copy and remove its pages, items and parts. Pure.

Codes stay unique whatever is done: those of items in the whole document, those of pages among
pages, those of options (and of other parts) within their item.
"""

import copy
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from consult.surveys.building.documents import (
    Document,
    GoneError,
    code_from,
    find_item,
    find_page,
    items_of,
)
from consult.surveys.expressions import ExpressionError, parse, refs

KEPT = frozenset({"dont_know", "prefer_not", "not_asked"})


class Use(msgspec.Struct, frozen=True):
    """A condition or a value that refers to an item: where it stands."""

    what: str  # page, item
    code: str
    source: str


def taken_codes(document: Document) -> set[str]:
    """Return the codes that a new item must not have, those of "other: specify" boxes included."""
    codes = {item["code"] for item in items_of(document)}
    return codes | {f"{code}_other" for code in codes}


def add_page(document: Document, title: Mapping[str, str]) -> tuple[Document, str]:
    """Add a page at the end; return the document and the code of the page."""
    made = copy.deepcopy(document)
    code = code_from(title, {page["code"] for page in made["pages"]}, "page")
    page = {"code": code, "title": dict(title), "relevant": "", "items": []}
    made["pages"].append(page)
    return made, code


def add_item(document: Document, page: str, item: Document) -> tuple[Document, str]:
    """Add an item at the end of a page under a code of its own; raises GoneError."""
    made = copy.deepcopy(document)
    _index, target = find_page(made, page)
    taken = taken_codes(made)
    code = str(item.get("code", ""))
    if not code or code in taken:
        code = code_from(item["title"], taken, "question")
    target["items"].append(copy.deepcopy(item) | {"code": code})
    return made, code


def replace_head(document: Document, head: Document) -> Document:
    """Change the title and the introduction."""
    return copy.deepcopy(document) | copy.deepcopy(head)


def replace_page(document: Document, code: str, head: Document) -> Document:
    """Change what a page says of itself, not its items; raises GoneError."""
    made = copy.deepcopy(document)
    _index, page = find_page(made, code)
    page.update(copy.deepcopy(head) | {"code": code})
    return made


def replace_item(document: Document, code: str, item: Document) -> Document:
    """Put another state of an item in its place, under the same code; raises GoneError."""
    made = copy.deepcopy(document)
    spot = find_item(made, code)
    spot.page["items"][spot.index] = copy.deepcopy(item) | {"code": code}
    return made


def duplicate_item(document: Document, code: str) -> tuple[Document, str]:
    """Put a copy of an item after it; return the document and the code of the copy."""
    made = copy.deepcopy(document)
    spot = find_item(made, code)
    taken, number = taken_codes(made), 2
    while (new := f"{code[:50]}_{number}") in taken:
        number += 1
    spot.page["items"].insert(spot.index + 1, copy.deepcopy(spot.item) | {"code": new})
    return made, new


def move_page(document: Document, code: str, step: int) -> Document:
    """Move a page up (-1) or down (+1); at the end it stays; raises GoneError."""
    made = copy.deepcopy(document)
    index, _page = find_page(made, code)
    _swap(made["pages"], index, step)
    return made


def move_item(document: Document, code: str, step: int) -> Document:
    """Move an item up or down in its page, and beyond its ends into the next page."""
    made = copy.deepcopy(document)
    spot = find_item(made, code)
    if 0 <= spot.index + step < len(spot.page["items"]):
        _swap(spot.page["items"], spot.index, step)
        return made
    other = spot.page_index + step
    if 0 <= other < len(made["pages"]):
        target = made["pages"][other]["items"]
        target.insert(len(target) if step < 0 else 0, spot.page["items"].pop(spot.index))
    return made


def move_item_to(document: Document, code: str, page: str) -> Document:
    """Move an item to the end of another page; raises GoneError."""
    made = copy.deepcopy(document)
    spot = find_item(made, code)
    _index, target = find_page(made, page)
    target["items"].append(spot.page["items"].pop(spot.index))
    return made


def remove_page(document: Document, code: str) -> Document:
    """Remove a page with its items; raises GoneError."""
    made = copy.deepcopy(document)
    index, _page = find_page(made, code)
    del made["pages"][index]
    return made


def remove_item(document: Document, code: str) -> Document:
    """Remove an item; raises GoneError."""
    made = copy.deepcopy(document)
    spot = find_item(made, code)
    del spot.page["items"][spot.index]
    return made


def _parts(item: Document, name: str, code: str) -> tuple[list[Document], int]:
    parts: list[Document] = item.get(name) or []
    for index, part in enumerate(parts):
        if part["code"] == code:
            return parts, index
    raise GoneError(code)


def move_part(item: Document, name: str, code: str, step: int) -> Document:
    """Move an option or a row of an item up or down; raises GoneError."""
    made = copy.deepcopy(item)
    parts, index = _parts(made, name, code)
    _swap(parts, index, step)
    return made


def remove_part(item: Document, name: str, code: str) -> Document:
    """Remove an option or a row of an item; raises GoneError."""
    made = copy.deepcopy(item)
    parts, index = _parts(made, name, code)
    del parts[index]
    return made


def part_code(words: Mapping[str, str], parts: Collection[Document]) -> str:
    """Return a code for a new option or row, unlike those of the others."""
    return code_from(words, {part["code"] for part in parts} | KEPT, "option")


def _swap(things: list[Any], index: int, step: int) -> None:
    other = index + step
    if 0 <= other < len(things):
        things[index], things[other] = things[other], things[index]


def uses_of(document: Document, codes: Collection[str], option: str = "") -> list[Use]:
    """List the conditions and values of other things that refer to the items of ``codes``.

    With ``option``, only those that name it in a text. A source that cannot be read is
    searched as it stands.
    """
    found = []
    for use in _sources(document):
        if use.what == "item" and use.code in codes:
            continue
        if _refers(use.source, codes) and (not option or f"'{option}'" in use.source):
            found.append(use)
    return found


def _refers(source: str, codes: Collection[str]) -> bool:
    try:
        return any(ref.code.partition(".")[0] in codes for ref in refs(parse(source)))
    except ExpressionError:
        return any(f"${{{code}}}" in source for code in codes)


def _sources(document: Document) -> Iterator[Use]:
    for page in document["pages"]:
        if page.get("relevant"):
            yield Use("page", page["code"], page["relevant"])
        for item in page["items"]:
            for source in _item_sources(item):
                yield Use("item", item["code"], source)


def _item_sources(item: Document) -> Iterator[str]:
    told = [item.get("relevant"), item.get("calculation")]
    told += [part.get("relevant") for name in ("options", "rows") for part in item.get(name) or []]
    told += [constraint["test"] for constraint in item.get("constraints") or []]
    if item.get("options_from"):
        told.append(f"${{{item['options_from']}}}")
    yield from (source for source in told if source)
