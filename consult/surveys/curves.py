"""Add up responses day by day: in all, by language, by local network. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec

from consult.surveys.breakdowns import UNKNOWN, group_of
from consult.surveys.rules import Item


class Line(msgspec.Struct, frozen=True):
    """The responses of one group: new ones each day, from the first day of all to the last."""

    kind: str
    code: str
    daily: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return how many there are."""
        return sum(self.daily)

    @property
    def running(self) -> list[int]:
        """Return how many there were at the end of each day."""
        found, so_far = [], 0
        for n in self.daily:
            so_far += n
            found.append(so_far)
        return found


class Curve(msgspec.Struct, frozen=True):
    """The days, one line in all, one by language, one by local network when it is known."""

    days: tuple[date, ...]
    lines: tuple[Line, ...]


def curve_of(rows: Iterable[Any], network: Item | None, span: tuple[date, date] | None) -> Curve:
    """Count rows of ``queries.documents``; ``span`` are days to show even without responses."""
    found: dict[tuple[str, str], Counter[date]] = {("total", ""): Counter()}
    found |= {("lang", lang): Counter() for lang in ("fr", "en")}
    for row in rows:
        marks = [("total", ""), ("lang", row.lang)]
        if network is not None:
            marks.append(("network", group_of(row, "network", network)))
        for mark in marks:
            found.setdefault(mark, Counter())[row.day] += 1
    days = _days([*found["total", ""], *(span or ())])
    order = {"total": 0, "lang": 1, "network": 2}
    known = sorted(found, key=lambda m: (order[m[0]], m[1] == UNKNOWN, m[1] != "fr", m[1]))
    lines = [Line(*mark, tuple(found[mark][day] for day in days)) for mark in known]
    return Curve(days, tuple(lines))


def _days(known: list[date]) -> tuple[date, ...]:
    if not known:
        return ()
    first, last = min(known), max(known)
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
