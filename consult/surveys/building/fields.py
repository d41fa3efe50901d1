"""Say how each thing that a kind of item asks is typed: one line a thing. Pure.

Which kind asks which is its own word (``ItemKind.fields``): a new kind needs nothing here
unless it asks something new.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from consult.surveys.building.documents import Document, GoneError
from consult.surveys.rules import KINDS, MAX_TEXT

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


FIELDS: tuple[Field, ...] = (
    Field("rows", "parts", default=[]),
    Field("options", "parts", default=[]),
    Field("options_from", "item", default=""),
    Field("purpose", "choice", values=("research", "quote")),
    Field("calculation", "expression", default=""),
    Field("minimum", "number"),
    Field("maximum", "number"),
    Field("decimals", "whole", 0, 6, default=0),
    Field("unit", "words", default={"fr": "", "en": ""}),
    Field("total", "whole", 2, 1_000_000, default=100),
    Field("min_choices", "whole", 1, 200),
    Field("max_choices", "whole", 1, 200),
    Field("max_length", "whole", 1, MAX_TEXT),
    Field("set_size", "whole", 2, 10, default=4),
    Field("sets", "whole", 1, 60),
    Field("seed", "whole", 0, 999_999, default=1),
    Field("non_answers", "non_answers", default=[]),
    Field("required", "flag", default=False),
)
FLAGS = ("exclusive", "specify")


def fields_of(item: Document) -> tuple[Field, ...]:
    """Return what the kind of an item asks, in the order of the form."""
    kind = KINDS.get(item["kind"])
    if kind is None:
        return ()
    flags = tuple(flag for flag in FLAGS if flag in kind.option_fields)
    return tuple(
        msgspec.structs.replace(field, flags=flags) if field.name == "options" else field
        for field in FIELDS
        if field.name in kind.fields
    )


def takes_checks(item: Document) -> bool:
    """Tell whether answers to an item may have to hold something."""
    kind = KINDS.get(item["kind"])
    return kind is not None and "constraints" in kind.fields


def part_of(name: str) -> str:
    """Return the key of the list whose parts a form calls ``name``; raises GoneError."""
    for key, form in PARTS.items():
        if form == name:
            return key
    raise GoneError(name)
