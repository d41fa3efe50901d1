"""A day of the calendar, in three fields. Pure."""

from collections import Counter
from collections.abc import Mapping, MutableMapping
from datetime import date
from typing import Any

from consult.surveys.expressions import Known, Value
from consult.surveys.rules.definition import Item
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
    to_say,
)
from consult.surveys.rules.kinds.texts import FreeKind

PARTS = ("day", "month", "year")
MAX_TYPED, MAX_MONTHS, YEAR_DIGITS = 12, 50, 4
INCOMPLETE = to_say("Write the day, the month and the year, or leave all three empty.")
NO_DIGITS = to_say("Write the day, the month and the year in digits, such as 24, 11 and 2026.")
NO_DAY = to_say("This day does not exist: check the day and the month.")
_SAID = {"incomplete": INCOMPLETE, "no_digits": NO_DIGITS, "no_day": NO_DAY}


class Day(FreeKind):
    """A day. Raw: its ISO text when it exists, else what was typed in each field."""

    code = "date"
    fields = frozenset({"required", "constraints"})

    def known(self, item: Item) -> dict[str, Known]:
        """Return a date."""
        return {item.code: Known("date")}

    def reads(self, item: Item) -> dict[str, Any]:
        """Read the three fields as a day."""
        return {item.code: ["day", item.code]}

    def read(self, item: Item, form: FormData) -> dict[str, Raw]:
        """Return the day, or the fields as typed."""
        typed = {}
        for part in PARTS:
            found = next((v for v in form.getlist(f"{FIELD}{item.code}.{part}") if v.strip()), "")
            if found:
                typed[part] = found.replace("\x00", "")[:MAX_TYPED]
        if not typed:
            return {}
        _reason, day = _understood(typed)
        return {item.code: day or typed}

    def values(self, item: Item, typed: Typed) -> dict[str, Value]:
        """Return the day as ISO text."""
        raw = typed.get(item.code)
        return {item.code: raw if isinstance(raw, str) and raw else None}

    def judge(self, item: Item, typed: Typed) -> list[Problem]:
        """Accept a day that exists."""
        raw = typed[item.code]
        if isinstance(raw, str):
            return []
        reason, _day = _understood(raw if isinstance(raw, dict) else {})
        return [Problem(item.code, reason, _SAID[reason])]

    def store(
        self, item: Item, typed: Typed, document: MutableMapping[str, Any], texts: dict[str, str]
    ) -> None:
        """Keep the ISO text."""
        del texts
        if isinstance(typed.get(item.code), str):
            document[item.code] = typed[item.code]

    def restore(self, item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
        """Return the ISO text."""
        del texts
        value = document.get(item.code)
        return {item.code: value} if isinstance(value, str) else {}

    def count(self, item: Item, value: Any, counts: Counter[Any]) -> None:  # noqa: ANN401
        """Count the month of the day: a day alone may point to a person."""
        del item
        if isinstance(value, str):
            counts[value[:7]] += 1

    def summary(self, item: Item, counts: Counter[Any], base: int, voice: Voice) -> Summary:
        """Return the months, in order."""
        del item, voice
        months = sorted(counts)[:MAX_MONTHS]
        return Summary(
            tuple(OptionCount(m, m, counts[m], counts[m] / base if base else 0) for m in months)
        )


def _understood(typed: Mapping[str, str]) -> tuple[str, str]:
    """Return (why it is no day, "") or ("", the ISO text)."""
    parts = [typed.get(part, "").strip() for part in PARTS]
    if not all(parts):
        return "incomplete", ""
    if not all(p.isascii() and p.isdigit() for p in parts) or len(parts[2]) != YEAR_DIGITS:
        return "no_digits", ""
    try:
        return "", date(int(parts[2]), int(parts[1]), int(parts[0])).isoformat()
    except ValueError:
        return "no_day", ""
