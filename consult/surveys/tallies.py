"""Count stored documents, item by item, each over those it was asked. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from consult.surveys.answers import NOT_ASKED, OVERRIDDEN
from consult.surveys.rules import Definition, Item, OptionCount, PartResult, Voice, kind_of

_ASKED_NOT, _ANSWERED, _NON_ANSWER, _OVERRIDDEN = "not", "answered", "na:", "over"


class ItemResult(msgspec.Struct, frozen=True):
    """The counts of one item.

    ``total`` responses = ``not_asked`` + ``asked``; ``asked`` = ``base`` (a substantive answer)
    + non-answers + ``no_answer``. Shares are of the base. ``overridden``: answers kept although
    a soft constraint doubted them. ``mean``: of a scale (1 for its first step) or of numbers.
    ``parts``: the counts of each row or option of a kind that has some. ``is_text``: words alone.
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

    @property
    def asked(self) -> int:
        """Return how many responses were asked the item."""
        return self.total - self.not_asked


class Tallies:
    """The counts of a questionnaire, filled document by document."""

    def __init__(self, definition: Definition) -> None:
        """Begin with nothing counted."""
        self.definition = definition
        self.total = 0
        # Reasons and answers are counted apart: an option may have any code.
        self._items = {item.code: item for item in definition.variables}
        self._states: dict[str, Counter[str]] = {code: Counter() for code in self._items}
        self._values: dict[str, Counter[Any]] = {code: Counter() for code in self._items}

    def add(self, document: Mapping[str, Any]) -> None:
        """Count one stored document; what the questionnaire does not know is passed over."""
        self.total += 1
        for code in document.get(NOT_ASKED, ()):
            if code in self._states:
                self._states[code][_ASKED_NOT] += 1
        for code in document.get(OVERRIDDEN, ()):
            if code in self._states:
                self._states[code][_OVERRIDDEN] += 1
        for code, value in document.items():
            if code in self._states:
                self._count(code, value)

    def _count(self, code: str, value: Any) -> None:  # noqa: ANN401  a stored answer
        if isinstance(value, dict) and "na" in value:
            self._states[code][_NON_ANSWER + value["na"]] += 1
            return
        self._states[code][_ANSWERED] += 1
        item = self._items[code]
        kind_of(item).count(item, value, self._values[code])

    def results(self, voice: Voice) -> list[ItemResult]:
        """Return the counts of each item, in the language of ``voice``."""
        return [self._result(item, voice) for item in self.definition.variables]

    def _result(self, item: Item, voice: Voice) -> ItemResult:
        states, kind = self._states[item.code], kind_of(item)
        base = states[_ANSWERED]
        found = kind.summary(item, self._values[item.code], base, voice)
        non_answers = tuple(
            OptionCount(code, voice.non_answer(code), states[_NON_ANSWER + code], 0.0)
            for code in item.non_answers
        )
        not_asked = states[_ASKED_NOT]
        given = base + sum(other.n for other in non_answers)
        return ItemResult(
            code=item.code,
            title=voice.of(item.title),
            kind=item.kind,
            base=base,
            options=found.options,
            non_answers=non_answers,
            no_answer=self.total - not_asked - given,
            total=self.total,
            mean=found.mean,
            not_asked=not_asked,
            overridden=states[_OVERRIDDEN],
            parts=found.parts,
            is_text=kind.is_text,
        )
