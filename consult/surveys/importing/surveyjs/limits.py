"""What an answer to a SurveyJS question must hold: bounds, lengths, validators. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from consult.surveys.importing.drafting import Draft, DraftItem, DraftRule, Source
from consult.surveys.importing.surveyjs.properties import NO_FIT
from consult.surveys.importing.surveyjs.wording import Wording
from consult.surveys.importing.values import number_or_none, text_of

Element = Mapping[str, Any]


def items_of(element: Element, key: str) -> Sequence[Any]:
    """Return a list of an element; nothing where it is none."""
    value = element.get(key)
    return value if isinstance(value, list) else ()


class Limits:
    """Read what limits an answer, into its item."""

    def __init__(self, draft: Draft, wording: Wording) -> None:
        """Write into ``draft`` with the texts of ``wording``."""
        self.draft = draft
        self.words = wording

    def length(self, element: Element, place: str, item: DraftItem, cap: int) -> None:
        """Read the greatest length and the checks of a text."""
        most = element.get("maxLength")
        item.more["max_length"] = cap
        if isinstance(most, int) and most > 0:
            item.more["max_length"] = min(most, cap)
            if most > cap:
                self.draft.note(f"{place}.maxLength", "length_cut", limit=cap)
        self.checks(element, place, item)

    def bounds(self, element: Element, item: DraftItem) -> None:
        """Read the bounds of a number; its decimals from the step."""
        for key, ours in (("min", "minimum"), ("max", "maximum")):
            figure = number_or_none(text_of(element.get(key, "")))
            if figure is not None:
                item.more[ours] = int(figure) if figure.is_integer() else figure
        step = text_of(element.get("step", "1"))
        item.more["decimals"] = 6 if step == "any" else min(len(step.partition(".")[2]), 6)

    def days(self, element: Element, place: str, item: DraftItem) -> None:
        """Read the bounds of a day, as constraints."""
        for key, sign in (("min", ">="), ("max", "<=")):
            if element.get(key):
                said = self.words.read(element.get(f"{key}ErrorText"), f"{place}.{key}ErrorText")
                test = Source(f"{{{item.name}}} {sign} '{element[key]}'", f"{place}.{key}")
                item.rules.append(DraftRule(test, said or dict(NO_FIT)))

    def checks(self, element: Element, place: str, item: DraftItem) -> None:
        """Read the validators that can be said; the others are told."""
        for n, check in enumerate(items_of(element, "validators")):
            here = f"{place}.validators[{n}]"
            given = check if isinstance(check, dict) else {}
            kind = str(given.get("type", "")).removesuffix("validator")
            said = self.words.read(given.get("text"), f"{here}.text") or dict(NO_FIT)
            if kind == "expression" and given.get("expression"):
                source = Source(str(given["expression"]), f"{here}.expression")
                item.rules.append(DraftRule(source, said))
            elif kind == "numeric" and item.kind == "number":
                for key, ours in (("minValue", "minimum"), ("maxValue", "maximum")):
                    if isinstance(given.get(key), int | float):
                        item.more[ours] = given[key]
            elif kind == "text" and isinstance(given.get("maxLength"), int):
                item.more["max_length"] = min(
                    max(given["maxLength"], 1), item.more.get("max_length", 1)
                )
            else:
                self.draft.note(here, "check_not_carried", check=kind)
