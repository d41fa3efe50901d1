"""A value made from earlier answers: stored, counted and exported, never asked. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from consult.surveys.rules.definition import Fault, Item
from consult.surveys.rules.kinds.protocol import (
    CodeRow,
    Document,
    Heading,
    ItemKind,
    OptionCount,
    Raw,
    Summary,
    Voice,
    fault,
    to_say,
)
from consult.surveys.rules.kinds.texts import free_cells, free_codes, free_columns

MAX_VALUES = 50


class Computed(ItemKind):
    """A computed value; the walk of a path gives it."""

    code = "computed"
    fields = frozenset({"calculation"})
    is_free = False

    def faults(self, item: Item, place: str) -> list[Fault]:
        """Want a calculation."""
        said = to_say("Say in “calculation” how the value is computed.")
        return [] if item.calculation.strip() else [fault(f"{place}.calculation", said)]

    def restore(self, item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
        """Return the value, as it was computed."""
        del texts
        return {item.code: document[item.code]} if item.code in document else {}

    def count(self, item: Item, value: Any, counts: Counter[Any]) -> None:  # noqa: ANN401
        """Count the value."""
        del item
        if isinstance(value, int | float | str):
            counts[value] += 1

    def summary(self, item: Item, counts: Counter[Any], base: int, voice: Voice) -> Summary:
        """Return the values taken, numbers in order, and the mean of the numbers."""
        del item, voice
        numbers = sorted(v for v in counts if is_number(v))
        others = sorted((v for v in counts if not is_number(v)), key=str)
        options = tuple(
            OptionCount(str(v), str(v).lower(), counts[v], counts[v] / base if base else 0)
            for v in [*numbers, *others][:MAX_VALUES]
        )
        total = sum(value * counts[value] for value in numbers)
        return Summary(options, total / base if numbers and base else None)

    def columns(self, item: Item, voice: Voice, *, varies: bool) -> list[Heading]:
        """Return the value, and why there is none."""
        return free_columns(item, voice, varies=varies)

    def cells(
        self,
        item: Item,
        stored: tuple[Document, Mapping[str, str]],
        voice: Voice,
        *,
        varies: bool,
    ) -> list[object]:
        """Return the value; true and false as 1 and 0, as other marks are."""
        del voice
        value = stored[0].get(item.code)
        said = int(value) if isinstance(value, bool) else value
        return free_cells(None if isinstance(value, dict) else said, value, varies=varies)

    def codes(self, item: Item, voice: Voice, *, varies: bool) -> Iterator[CodeRow]:
        """Yield the column of the value, and the reasons."""
        return free_codes(item, voice, varies=varies)


def is_number(value: object) -> bool:
    """Tell whether a stored value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
