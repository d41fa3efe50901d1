"""Judge and count the options of an item, whatever its kind does with them. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from consult.surveys.rules.definition import MAX_OPTIONS, Fault, Item, Option, Row
from consult.surveys.rules.kinds.protocol import OptionCount, Voice, fault, to_say

MIN_OPTIONS = 2
RESERVED = frozenset({"dont_know", "prefer_not", "not_asked"})


def option_faults(item: Item, place: str) -> list[Fault]:
    """Return what is wrong with the options of an item that needs some."""
    faults = repeated(item.options, f"{place}.options")
    if not MIN_OPTIONS <= len(item.options) <= MAX_OPTIONS:
        said = to_say("Give from 2 to %(limit)s options.")
        faults.append(fault(f"{place}.options", said, limit=MAX_OPTIONS))
    if item.max_choices is not None and item.max_choices > len(item.options):
        said = to_say("This is more than there are options.")
        faults.append(fault(f"{place}.max_choices", said))
    return faults


def repeated(listed: Sequence[Option | Row], place: str) -> list[Fault]:
    """Return a fault for each code that stands twice, or is kept for something else."""
    codes = [one.code for one in listed]
    twice = to_say("The code “%(name)s” is used twice.")
    kept = to_say("The codes “dont_know”, “prefer_not” and “not_asked” are kept for “non_answers”.")
    faults = [
        fault(place, twice, name=code) for code in sorted({c for c in codes if codes.count(c) > 1})
    ]
    return [*faults, fault(place, kept)] if RESERVED & set(codes) else faults


def option_counts(
    item: Item, counts: Counter[Any], base: int, voice: Voice
) -> tuple[OptionCount, ...]:
    """Return how many chose each option, in order."""
    return tuple(
        OptionCount(o.code, voice.of(o.label), counts[o.code], counts[o.code] / base if base else 0)
        for o in item.options
    )
