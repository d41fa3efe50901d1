"""Count the answers to one closed item apart for each group of responses. Pure.

The dimensions are a fixed list: what a response says of itself, and two facts that a
questionnaire may ask for (docs/operators/results.md). A cell under ``FEW`` is for staff only.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from consult.surveys.rules import Item, OptionCount, Voice, kind_of

FEW = 10
ALWAYS = ("lang", "channel", "month")
ROLE_CODES, NETWORK_CODES = ("role",), ("territory", "area")
CLOSED = ("one_choice", "several_choices", "scale", "consent")
UNKNOWN = ""


class Group(msgspec.Struct, frozen=True):
    """The answers of one group: how many responses, how many answered, how many each option."""

    code: str
    responses: int
    base: int
    options: Mapping[str, OptionCount]


def closed_items(items: Sequence[Item]) -> list[Item]:
    """Return the items that can be broken down."""
    return [item for item in items if item.kind in CLOSED]


def asked_for(items: Sequence[Item], dimension: str) -> Item | None:
    """Return the item that tells the group of a response, where the questionnaire has one."""
    codes = {"role": ROLE_CODES, "network": NETWORK_CODES}.get(dimension, ())
    for item in items:
        if dimension == "network" and item.kind == "postal_code":
            return item
        if item.kind == "one_choice" and item.code in codes:
            return item
    return None


def dimensions_of(items: Sequence[Item]) -> list[str]:
    """Return the dimensions that this questionnaire allows."""
    asked = [name for name in ("network", "role") if asked_for(items, name)]
    return [*ALWAYS, *asked]


def group_of(row: Any, dimension: str, asked: Item | None) -> str:  # noqa: ANN401  a row
    """Return the group of one response; an empty code where nobody said."""
    if dimension == "month":
        return f"{row.day:%Y-%m}"
    if asked is None:
        return str(getattr(row, dimension))
    value = row.answers.get(asked.code)
    if isinstance(value, dict):
        value = value.get("place")
    return value if isinstance(value, str) else UNKNOWN


class Breakdown:
    """The counts of one item by one dimension, filled response by response."""

    def __init__(self, item: Item, dimension: str, asked: Item | None) -> None:
        """Begin with nothing counted."""
        self._item, self._dimension, self._asked = item, dimension, asked
        self._responses: Counter[str] = Counter()
        self._bases: Counter[str] = Counter()
        self._counts: dict[str, Counter[Any]] = {}

    def add(self, row: Any) -> None:  # noqa: ANN401  a row of ``queries.documents``
        """Count one response; no answer and typed non-answers are outside the base."""
        group = group_of(row, self._dimension, self._asked)
        self._responses[group] += 1
        value = row.answers.get(self._item.code)
        if value is None or (isinstance(value, dict) and "na" in value):
            return
        self._bases[group] += 1
        counts = self._counts.setdefault(group, Counter())
        kind_of(self._item).count(self._item, value, counts)

    def groups(self, voice: Voice) -> list[Group]:
        """Return the groups in the order of their codes, those who did not say at the end."""
        order = sorted(self._responses, key=lambda code: (code == UNKNOWN, code))
        return [self._group(code, voice) for code in order]

    def _group(self, code: str, voice: Voice) -> Group:
        base, counts = self._bases[code], self._counts.get(code, Counter())
        found = kind_of(self._item).summary(self._item, counts, base, voice)
        options = {option.code: option for option in found.options}
        return Group(code, self._responses[code], base, options)
