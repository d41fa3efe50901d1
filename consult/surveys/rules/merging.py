"""Put the versions of a questionnaire side by side, item by item, by their codes. Pure.

The same code means the same question in every version, and the same answer. What the newest
version has comes first, in its order and its words; what it no longer has comes after.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from consult.surveys.rules.definition import Definition, Item

PARTS = ("options", "rows")


class Edition(msgspec.Struct, frozen=True):
    """A version that was in force: its number and what it asked."""

    number: int
    definition: Definition


class MergedItem(msgspec.Struct, frozen=True):
    """An item over all versions.

    ``item`` has every option that any version offered; ``own`` is the item as each version
    that had it put it, by number, in the words of the newest.
    """

    item: Item
    own: Mapping[int, Item]

    @property
    def has_same_parts(self) -> bool:
        """Tell whether every version offered the same answers in the same order."""
        return len({part_codes(item) for item in self.own.values()}) == 1

    def offers(self, part: str) -> frozenset[int]:
        """Return the numbers of the versions that offered one option or row."""
        return frozenset(n for n, item in self.own.items() if part in part_codes(item))


class Merged(msgspec.Struct, frozen=True):
    """Every variable of a questionnaire over its versions, and their numbers, oldest first."""

    items: tuple[MergedItem, ...]
    numbers: tuple[int, ...]

    def span(self, item: MergedItem) -> tuple[int, int]:
        """Return the first and last version that asked an item; 0 where it was so throughout."""
        first, last = min(item.own), max(item.own)
        return (
            first if first != self.numbers[0] else 0,
            last if last != self.numbers[-1] else 0,
        )


def part_codes(item: Item) -> tuple[str, ...]:
    """Return the codes of the options and rows of an item."""
    return tuple(part.code for name in PARTS for part in getattr(item, name, ()))


def merge(editions: Iterable[Edition]) -> Merged:
    """Return the variables of all versions.

    An item that has another kind than the newest with its code is left out: no version in
    force may follow another so.
    """
    ordered = sorted(editions, key=lambda edition: edition.number, reverse=True)
    found: dict[str, dict[int, Item]] = {}
    for edition in ordered:
        for item in edition.definition.variables:
            versions = found.setdefault(item.code, {})
            if all(item.kind == other.kind for other in versions.values()):
                versions[edition.number] = item
    items = tuple(_merged(versions) for versions in found.values())
    return Merged(items, tuple(edition.number for edition in reversed(ordered)))


def _merged(versions: Mapping[int, Item]) -> MergedItem:
    """Return an item out of its versions, the newest first."""
    newest = next(iter(versions.values()))
    parts = {name: _union(name, list(versions.values())) for name in PARTS}
    silent = dict.fromkeys(code for item in versions.values() for code in item.non_answers)
    whole = msgspec.structs.replace(
        newest,
        non_answers=tuple(silent),
        **{name: tuple(union.values()) for name, union in parts.items() if union},
    )
    own = {number: _in_words_of(whole, item, parts) for number, item in versions.items()}
    return MergedItem(whole, own)


def _union(name: str, items: Sequence[Item]) -> dict[str, Any]:
    union: dict[str, Any] = {}
    for item in items:
        for part in getattr(item, name, ()):
            union.setdefault(part.code, part)
    return union


def _in_words_of(whole: Item, item: Item, parts: Mapping[str, Mapping[str, Any]]) -> Item:
    relabelled = {
        name: tuple(
            msgspec.structs.replace(part, label=union[part.code].label)
            for part in getattr(item, name, ())
        )
        for name, union in parts.items()
        if union
    }
    return msgspec.structs.replace(item, title=whole.title, **relabelled)
