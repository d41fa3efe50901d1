"""Count stored documents, item by item, each over those it was asked. Pure.

Versions of a questionnaire are counted together by code, in one pass.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from consult.surveys.answers import NOT_ASKED, OVERRIDDEN
from consult.surveys.rules import (
    Item,
    Merged,
    MergedItem,
    OptionCount,
    PartResult,
    Voice,
    kind_of,
)

_ASKED_NOT, _ANSWERED, _NON_ANSWER, _OVERRIDDEN, _WORDS = (
    "not",
    "answered",
    "na:",
    "over",
    "words",
)


class ItemResult(msgspec.Struct, frozen=True):
    """The counts of one item.

    ``total`` responses = ``not_asked`` + ``asked``; ``asked`` = ``base`` (a substantive answer)
    + non-answers + ``no_answer``. Shares are of the base. ``overridden``: answers kept although
    a soft constraint doubted them. ``mean``: of a scale (1 for its first step) or of numbers.
    ``parts``: the counts of each row or option of a kind that has some. ``is_text``: words
    alone. ``words``: how many wrote beside "other", kept under ``words_key``.

    ``total`` are the responses to the versions that had the item. ``since`` and ``until`` are the
    first and last of them, 0 where it was there from the beginning or still is. ``bases``: of each
    option that not all of them offered, the substantive answers to those that did.
    """

    code: str
    title: str
    kind: str
    base: int
    options: tuple[OptionCount, ...]
    non_answers: tuple[OptionCount, ...]
    no_answer: int
    total: int
    mean: float | None
    not_asked: int = 0
    overridden: int = 0
    parts: tuple[PartResult, ...] = ()
    is_text: bool = False
    words: int = 0
    words_key: str = ""
    since: int = 0
    until: int = 0
    bases: Mapping[str, int] = {}

    @property
    def asked(self) -> int:
        """Return how many responses were asked the item."""
        return self.total - self.not_asked


class Tallies:
    """The counts of a questionnaire over its versions, filled document by document."""

    def __init__(self, merged: Merged) -> None:
        """Begin with nothing counted."""
        self.merged = merged
        self._totals: Counter[int] = Counter()
        # Reasons and answers are counted apart: an option may have any code.
        self._own: dict[int, dict[str, Item]] = {number: {} for number in merged.numbers}
        self._states: dict[int, dict[str, Counter[str]]] = {n: {} for n in merged.numbers}
        self._values: dict[str, Counter[Any]] = {i.item.code: Counter() for i in merged.items}
        for item in merged.items:
            for number, own in item.own.items():
                self._own[number][own.code] = own
                self._states[number][own.code] = Counter()
        self._beside = {
            key: item.item.code
            for item in merged.items
            for key in kind_of(item.item).keys(item.item)[1:]
        }

    @property
    def total(self) -> int:
        """Return how many documents were counted."""
        return self._totals.total()

    def add(self, document: Mapping[str, Any], number: int) -> None:
        """Count one stored document of a version; what that one does not know is passed over."""
        self._totals[number] += 1
        states = self._states[number]
        for code in document.get(NOT_ASKED, ()):
            if code in states:
                states[code][_ASKED_NOT] += 1
        for code in document.get(OVERRIDDEN, ()):
            if code in states:
                states[code][_OVERRIDDEN] += 1
        own = self._own[number]
        for code, value in document.items():
            if code in states:
                self._count(own[code], value, states[code])
            elif code in self._beside and self._beside[code] in states:
                states[self._beside[code]][_WORDS] += 1

    def _count(self, item: Item, value: Any, states: Counter[str]) -> None:  # noqa: ANN401
        if isinstance(value, dict) and "na" in value:
            states[_NON_ANSWER + value["na"]] += 1
            return
        states[_ANSWERED] += 1
        kind_of(item).count(item, value, self._values[item.code])

    def results(self, voice: Voice) -> list[ItemResult]:
        """Return the counts of each item, in the language of ``voice``."""
        return [self._result(item, voice) for item in self.merged.items]

    def _result(self, merged: MergedItem, voice: Voice) -> ItemResult:
        item, kind = merged.item, kind_of(merged.item)
        by_version = {number: self._states[number][item.code] for number in merged.own}
        states = sum(by_version.values(), Counter[str]())
        base, total = states[_ANSWERED], sum(self._totals[number] for number in merged.own)
        found = kind.summary(item, self._values[item.code], base, voice)
        bases = {
            option.code: sum(by_version[n][_ANSWERED] for n in merged.offers(option.code))
            for option in found.options
            if merged.offers(option.code) not in (frozenset(), frozenset(merged.own))
        }
        non_answers = tuple(
            OptionCount(code, voice.non_answer(code), states[_NON_ANSWER + code], 0.0)
            for code in item.non_answers
        )
        since, until = self.merged.span(merged)
        given = base + sum(other.n for other in non_answers)
        return ItemResult(
            code=item.code,
            title=voice.of(item.title),
            kind=item.kind,
            base=base,
            options=tuple(_over(option, bases) for option in found.options),
            non_answers=non_answers,
            no_answer=total - states[_ASKED_NOT] - given,
            total=total,
            # Steps that changed have no common numbers.
            mean=found.mean if item.kind != "scale" or merged.has_same_parts else None,
            not_asked=states[_ASKED_NOT],
            overridden=states[_OVERRIDDEN],
            parts=found.parts,
            is_text=kind.is_text,
            words=states[_WORDS],
            words_key=next(iter(kind.keys(item)[1:]), ""),
            since=since,
            until=until,
            bases=bases,
        )


def _over(option: OptionCount, bases: Mapping[str, int]) -> OptionCount:
    """Return an option with its share of those who were offered it."""
    if option.code not in bases:
        return option
    base = bases[option.code]
    return msgspec.structs.replace(option, share=option.n / base if base else 0.0)
