"""Count stored documents, item by item, each over those it was asked. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from consult.surveys.answers import NOT_ASKED, OVERRIDDEN
from consult.surveys.rules import Definition, Item

MAX_VALUES = 50
_ASKED_NOT, _ANSWERED, _TEXT, _NON_ANSWER, _OVERRIDDEN = "not", "answered", "text", "na:", "over"


class OptionCount(msgspec.Struct, frozen=True):
    """How many chose one option, and their share of the base."""

    code: str
    label: str
    n: int
    share: float


class ItemResult(msgspec.Struct, frozen=True):
    """The counts of one item.

    ``total`` responses = ``not_asked`` + ``asked``; ``asked`` = ``base`` (a substantive answer)
    + non-answers + ``no_answer``. Shares are of the base. ``overridden``: answers kept although
    a soft constraint doubted them. ``mean``: of a scale (1 for its first step) or of numbers.
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
        self._states: dict[str, Counter[str]] = {i.code: Counter() for i in definition.variables}
        self._values: dict[str, Counter[Any]] = {i.code: Counter() for i in definition.variables}

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
        if isinstance(value, dict):
            state = _NON_ANSWER + value["na"] if "na" in value else _TEXT
            self._states[code][state] += 1
            return
        self._states[code][_ANSWERED] += 1
        if isinstance(value, list):
            self._values[code].update(value)
        else:
            self._values[code][value] += 1

    def results(self, lang: str) -> list[ItemResult]:
        """Return the counts of each item, labelled in ``lang``."""
        return [self._result(item, lang) for item in self.definition.variables]

    def _result(self, item: Item, lang: str) -> ItemResult:
        states, values = self._states[item.code], self._values[item.code]
        base = states[_TEXT] if item.kind == "long_text" else states[_ANSWERED]
        labels = {option.code: option.label.pick(lang)[0] for option in item.options}
        options = tuple(
            OptionCount(str(code), label, values[code], values[code] / base if base else 0)
            for code, label in (labels or _said(item, values)).items()
        )
        non_answers = tuple(
            OptionCount(code, code, states[_NON_ANSWER + code], 0.0) for code in item.non_answers
        )
        not_asked = states[_ASKED_NOT]
        given = base + sum(other.n for other in non_answers)
        return ItemResult(
            code=item.code,
            title=item.title.pick(lang)[0],
            kind=item.kind,
            base=base,
            options=options,
            non_answers=non_answers,
            no_answer=self.total - not_asked - given,
            total=self.total,
            mean=_mean(item, options, values, base),
            not_asked=not_asked,
            overridden=states[_OVERRIDDEN],
        )


def _said(item: Item, values: Counter[Any]) -> dict[Any, str]:
    """Return the values a computed item took, as they are; numbers in order."""
    if item.kind != "computed":
        return {}
    numbers = sorted(v for v in values if _is_number(v))
    others = sorted((v for v in values if not _is_number(v)), key=str)
    return {value: str(value).lower() for value in [*numbers, *others][:MAX_VALUES]}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mean(
    item: Item, options: tuple[OptionCount, ...], values: Counter[Any], base: int
) -> float | None:
    steps: list[tuple[float, int]] = []
    if item.kind == "scale":
        steps = [(i, option.n) for i, option in enumerate(options, start=1)]
    elif item.kind == "computed":
        steps = [(value, n) for value, n in values.items() if _is_number(value)]
    return sum(value * n for value, n in steps) / base if steps and base else None
