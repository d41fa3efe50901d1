"""Say what each kind of item asks of whoever writes it: one line a kind. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from consult.surveys.building.documents import Document, GoneError
from consult.surveys.rules import MAX_TEXT

# The lists of an item whose parts have codes and words of their own: key, name in a form.
PARTS: Mapping[str, str] = {"options": "option", "rows": "row"}


class Field(msgspec.Struct, frozen=True):
    """One thing that a kind asks: the key in the item, how it is typed, its bounds.

    Controls: flag, whole, number, words, choice (one of ``values``), expression, item (an earlier
    choice), non_answers, parts (a list with codes; ``flags`` are asked of each part).
    """

    name: str
    control: str
    least: float | None = None
    most: float | None = None
    values: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    default: Any = None


REQUIRED = Field("required", "flag", default=False)
NON_ANSWERS = Field("non_answers", "non_answers", default=[])
OPTIONS = Field("options", "parts", default=[])
SEVERAL = Field("options", "parts", flags=("exclusive",), default=[])
MOST = Field("max_choices", "whole", least=1, most=200)
LENGTH = Field("max_length", "whole", least=1, most=MAX_TEXT, default=1000)
CALCULATION = Field("calculation", "expression", default="")

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "one_choice": (OPTIONS, NON_ANSWERS, REQUIRED),
    "several_choices": (SEVERAL, MOST, NON_ANSWERS, REQUIRED),
    "scale": (OPTIONS, NON_ANSWERS, REQUIRED),
    "long_text": (LENGTH, NON_ANSWERS, REQUIRED),
    "note": (),
    "computed": (CALCULATION,),
}


def fields_of(item: Document) -> tuple[Field, ...]:
    """Return what the kind of an item asks."""
    return FIELDS.get(item["kind"], ())


def part_of(name: str) -> str:
    """Return the key of the list whose parts a form calls ``name``; raises GoneError."""
    for key, form in PARTS.items():
        if form == name:
            return key
    raise GoneError(name)
