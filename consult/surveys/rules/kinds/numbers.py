"""A number as people write it, with a comma or a point. Pure."""

import re
from collections import Counter
from collections.abc import Mapping, MutableMapping
from typing import Any

from consult.surveys.expressions import Known, Value
from consult.surveys.rules.definition import Fault, Item
from consult.surveys.rules.kinds.protocol import (
    FIELD,
    Document,
    FormData,
    OptionCount,
    Problem,
    Raw,
    Summary,
    Typed,
    Voice,
    fault,
    to_say,
)
from consult.surveys.rules.kinds.texts import FreeKind

MAX_TYPED, MAX_DIGITS, MAX_VALUES, CLASSES = 60, 15, 20, 8
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009]")
_NUMBER = re.compile(r"([-−]?)([0-9]+)(?:[.,]([0-9]+))?")
NOT_NUMBER = to_say("Write a number in digits, such as 12, without any other sign.")
NOT_DECIMAL = to_say("Write a number in digits, such as 12 or 12.5, without any other sign.")
NOT_WHOLE = to_say("Write a whole number, without decimals.")
TOO_FINE = to_say("Write fewer digits after the decimal sign: %(limit)s at most.")
BETWEEN = to_say("Write a number from %(least)s to %(most)s.")
AT_LEAST = to_say("Write a number that is %(least)s or more.")
AT_MOST = to_say("Write a number that is %(most)s or less.")


class Number(FreeKind):
    """A number. Raw: the text as typed, or the number once it was stored."""

    code = "number"
    fields = frozenset({"required", "constraints", "minimum", "maximum", "decimals", "unit"})

    def faults(self, item: Item, place: str) -> list[Fault]:
        """Want bounds in order."""
        if item.minimum is None or item.maximum is None or item.minimum < item.maximum:
            return []
        return [fault(f"{place}.maximum", to_say("The maximum must be above the minimum."))]

    def known(self, item: Item) -> dict[str, Known]:
        """Return a number."""
        return {item.code: Known("number")}

    def reads(self, item: Item) -> dict[str, Any]:
        """Read the text as a number."""
        return {item.code: "number"}

    def read(self, item: Item, form: FormData) -> dict[str, Raw]:
        """Return the text exactly as typed."""
        found = next((v for v in form.getlist(FIELD + item.code) if v.strip()), "")
        return {item.code: found.replace("\x00", "")[:MAX_TYPED]} if found else {}

    def values(self, item: Item, typed: Typed) -> dict[str, Value]:
        """Return the number; None for what is none."""
        found = parsed(typed.get(item.code))
        return {item.code: found[0] if found else None}

    def judge(self, item: Item, typed: Typed) -> list[Problem]:
        """Accept a number within bounds and fine enough."""
        found = parsed(typed[item.code])
        if found is None:
            return [Problem(item.code, "not_number", NOT_DECIMAL if item.decimals else NOT_NUMBER)]
        value, decimals = found
        if decimals > item.decimals:
            said = TOO_FINE if item.decimals else NOT_WHOLE
            return [Problem(item.code, "too_fine", said, {"limit": item.decimals})]
        low = item.minimum is not None and value < item.minimum
        high = item.maximum is not None and value > item.maximum
        return [Problem(item.code, "out_of_bounds", *_bounds(item))] if low or high else []

    def store(
        self, item: Item, typed: Typed, document: MutableMapping[str, Any], texts: dict[str, str]
    ) -> None:
        """Keep the number."""
        del texts
        found = parsed(typed.get(item.code))
        if found is not None:
            document[item.code] = int(found[0]) if found[0].is_integer() else found[0]

    def restore(self, item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
        """Return the number; the page writes it as its language does."""
        del texts
        value = document.get(item.code)
        return {item.code: value} if isinstance(value, int | float) else {}

    def count(self, item: Item, value: Any, counts: Counter[Any]) -> None:  # noqa: ANN401
        """Count the number."""
        del item
        if isinstance(value, int | float):
            counts[float(value)] += 1

    def summary(self, item: Item, counts: Counter[Any], base: int, voice: Voice) -> Summary:
        """Return the numbers given, in classes when they are many, and their mean."""
        if not counts:
            return Summary()
        order = sorted(counts)
        groups = (
            [(v, v, counts[v]) for v in order] if len(order) <= MAX_VALUES else _classes(counts)
        )
        options = tuple(
            OptionCount(f"{low:g}", _label(item, low, high, voice), n, n / base if base else 0)
            for low, high, n in groups
        )
        return Summary(options, sum(v * n for v, n in counts.items()) / base if base else None)


def parsed(raw: Raw) -> tuple[float, int] | None:
    """Return (number, how many decimals) of a raw answer; None when it is no number."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    if not isinstance(raw, str):
        return float(raw), 0
    found = _NUMBER.fullmatch(_BLANKS.sub("", raw))
    if found is None or len(found[2]) + len(found[3] or "") > MAX_DIGITS:
        return None
    decimals = (found[3] or "").rstrip("0")
    value = float(f"{found[2]}.{decimals or 0}")
    return (0.0 - value if found[1] in {"-", "−"} else value) + 0.0, len(decimals)


def plain(value: float, lang: str) -> str:
    """Return a number in digits, with the decimal sign of the language and no grouping."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if lang == "fr" else text


def _bounds(item: Item) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {"least": item.minimum, "most": item.maximum}
    if item.minimum is None:
        return AT_MOST, values
    return (AT_LEAST if item.maximum is None else BETWEEN), values


def _classes(counts: Counter[float]) -> list[tuple[float, float, int]]:
    low, high = min(counts), max(counts)
    width = (high - low) / CLASSES
    found = [0] * CLASSES
    for value, n in counts.items():
        found[min(CLASSES - 1, int((value - low) / width))] += n
    return [(low + i * width, low + (i + 1) * width, n) for i, n in enumerate(found)]


def _label(item: Item, low: float, high: float, voice: Voice) -> str:
    told = [plain(round(value, max(item.decimals, 1)), voice.lang) for value in (low, high)]
    text = told[0] if low == high else f"{told[0]} – {told[1]}"
    return f"{text}\u00a0{unit}" if (unit := voice.of(item.unit)) else text
