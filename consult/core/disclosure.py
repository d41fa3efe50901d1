"""Tell figures without telling about people (floor 0).

While a consultation is open the public sees only n, in steps: a live table betrays one person
by the difference of two looks, whatever the size of its cells. After that, tables come as
frozen releases, protected in two ways at once.

**Suppression.** A count under 10 is not published, zero included; nor are the counts needed so
that it cannot be worked out from the margins (complementary suppression: Dalenius 1978;
Cox, JASA 75, 1980). The promise, for *every* suppressed value, cell or margin: someone who
knows the exact value of everything published, rounding undone, and that no count is negative,
cannot place it in an interval narrower than 10. The published table is a network in which a
count flows along each arc (row → column for a cell), so both ends of the interval are maximum
flows, exact and found with integers (Gusfield, SIAM J. Comput. 17, 1988); complements are taken
along the cheapest cycle through the value to protect (Kelly, Golden and Assad 1992).

**Rounding.** What is left is rounded to a neighbouring multiple of 5, up with a probability
that makes it exact on average (Fellegi, Survey Methodology 1, 1975). Chance comes from a keyed
hash of the names of the cell: the same table gives the same figures, a margin shared by two
tables gives one figure, and no published value moves by 5 or more. Figures therefore need not
add up, and a table must say so.

Public pages use ``public_count``. ``protect`` and its tables have no page yet: they are the rule
which every frozen release will go through, kept here with its attack test from the first schema on.

What is not promised: protection from someone who knows the answers of ten people of a table,
or against tables built on other breakdowns than the fixed list of the consultation.
"""

import hashlib
import hmac
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Self

import msgspec

from consult.core.flows import Arc, Network

STEP = 10
THRESHOLD = 10
WIDTH = 10
BASE = 5
_MARGIN_COST = 1_000_000
_TOTAL_COST = 1_000_000_000_000
_HASH_BITS = 64


class CrossTable(msgspec.Struct, frozen=True):
    """True counts by row and column, with names that stay: ``lang:fr``, ``item3:agree``.

    A list of counts is a table of one row. The options of a multiple choice do not add up:
    give each its own table of two columns, chosen and not chosen, for the second betrays the
    first. Names of rows and columns must differ; counts are people, never negative.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        """Raise ValueError for a table that is not one."""
        names = (*self.rows, *self.columns)
        shape = [len(self.columns)] * len(self.rows)
        if not self.rows or not self.columns or [len(row) for row in self.counts] != shape:
            message = "a table has one count for each row and column"
            raise ValueError(message)
        if len(set(names)) != len(names) or any(n < 0 for row in self.counts for n in row):
            message = "names of rows and columns differ, and counts are not negative"
            raise ValueError(message)

    @classmethod
    def of(cls, counts: Mapping[str, int], row: str = "all") -> Self:
        """Make a table of one row from a list of counts."""
        return cls((row,), tuple(counts), (tuple(counts.values()),))


class ProtectedTable(msgspec.Struct, frozen=True):
    """What may be published: rounded counts, None where suppressed. Figures do not add up."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None
    threshold: int = THRESHOLD
    base: int = BASE


def public_count(count: int, step: int = STEP) -> int:
    """Return ``count`` floored to a multiple of ``step``; 0 means “fewer than ``step``”.

    Raises ValueError for a negative count.
    """
    if count < 0:
        message = "a count is not negative"
        raise ValueError(message)
    return count - count % step


def has_grown_enough(released: int, current: int, step: int = STEP) -> bool:
    """Tell whether a new release may follow one over ``released`` people.

    Two releases that differ by one person tell that person's answers; they must differ by
    ``step`` people, or by none.
    """
    return current == released or abs(current - released) >= step


def protect(
    table: CrossTable,
    key: bytes,
    *,
    threshold: int = THRESHOLD,
    width: int = WIDTH,
    previous: ProtectedTable | None = None,
) -> ProtectedTable:
    """Return ``table`` as it may be published.

    ``key`` is secret and stays the same for all tables of a consultation. A value hidden in
    the ``previous`` release of the same table stays hidden, and what that release told as a
    lower bound is held to be known. The promise is at the head of this module.
    """
    arcs = _arcs(table, threshold, previous)
    network = Network(arcs.values())
    network.widen(width)
    hidden = {names for names, arc in arcs.items() if arc.is_hidden}

    def publish(*names: str) -> int | None:
        place = _place(table, names)
        if place in hidden:
            return None
        return round_at_random(arcs[place].count, key, place, floor=threshold)

    return ProtectedTable(
        rows=table.rows,
        columns=table.columns,
        cells=tuple(tuple(publish(r, c) for c in table.columns) for r in table.rows),
        row_totals=tuple(publish(r) for r in table.rows),
        column_totals=tuple(publish(c) for c in table.columns),
        total=publish(),
        threshold=threshold,
    )


def round_at_random(
    count: int, key: bytes, names: Iterable[str], base: int = BASE, floor: int = 0
) -> int:
    """Return a multiple of ``base`` next to ``count``, right on average, fixed by key and names.

    A multiple stays what it is. Never goes under ``floor``, a multiple of ``base``.
    """
    rest = count % base
    message = msgspec.json.encode(sorted(names))
    digest = hmac.digest(key, b"consult/rounding/" + message, hashlib.sha256)
    chance = int.from_bytes(digest[: _HASH_BITS // 8], "big")
    # The same draw whatever the count: repeated releases do not average the rounding away.
    up = chance * base < rest << _HASH_BITS
    return max(floor, count - rest + (base if up else 0))


def _place(table: CrossTable, names: Sequence[str]) -> tuple[str, ...]:
    """Return the arc that holds these names: in a single row or column, margins are cells."""
    kept = set(names)
    if len(table.rows) == 1:
        kept -= {table.rows[0]}
    if len(table.columns) == 1:
        kept -= {table.columns[0]}
    return tuple(sorted(kept))


def _arcs(
    table: CrossTable, threshold: int, previous: ProtectedTable | None
) -> dict[tuple[str, ...], Arc]:
    """Return one arc for each distinct value of the table, the small ones hidden."""
    known = _known(previous) if previous is not None else {}
    start, end = "start", "end"
    arcs: dict[tuple[str, ...], Arc] = {}

    def add(names: tuple[str, ...], ends: tuple[Hashable, Hashable], count: int, cost: int) -> None:
        place = _place(table, names)
        was_hidden, lowest = known.get(place, (False, 0))
        arcs[place] = Arc(
            *ends,
            count=count,
            cost=cost + count,
            # Less than was told before: someone withdrew, and the bound says nothing any more.
            lowest=lowest if lowest <= count else 0,
            is_hidden=was_hidden or count < threshold,
        )

    add((), (end, start), sum(map(sum, table.counts)), _TOTAL_COST)
    is_list = len(table.rows) == 1 or len(table.columns) == 1
    for row, counts in zip(table.rows, table.counts, strict=True):
        for column, count in zip(table.columns, counts, strict=True):
            ends = (start, end) if is_list else (("row", row), ("column", column))
            if len(table.rows) * len(table.columns) > 1:
                add((row, column), ends, count, 1)
    if not is_list:
        for row, counts in zip(table.rows, table.counts, strict=True):
            add((row,), (start, ("row", row)), sum(counts), _MARGIN_COST)
        for index, column in enumerate(table.columns):
            count = sum(row[index] for row in table.counts)
            add((column,), (("column", column), end), count, _MARGIN_COST)
    elif len(arcs) == 1:
        # One value alone: nothing else of the table bounds it.
        arcs["free",] = Arc(start, end, count=arcs[()].count, is_hidden=arcs[()].is_hidden)
    return arcs


def _known(previous: ProtectedTable) -> dict[tuple[str, ...], tuple[bool, int]]:
    """Return, for each value of a release, whether it was hidden and the least it can have been."""
    no_counts = tuple((0,) * len(row) for row in previous.cells)
    table = CrossTable(previous.rows, previous.columns, no_counts)
    told: dict[tuple[str, ...], int | None] = {}
    for row, values in zip(previous.rows, previous.cells, strict=True):
        for column, value in zip(previous.columns, values, strict=True):
            told[_place(table, (row, column))] = value
    names = (*previous.rows, *previous.columns)
    for name, value in zip(names, previous.row_totals + previous.column_totals, strict=True):
        told[_place(table, (name,))] = value
    told[()] = previous.total
    reach = previous.base - 1
    return {
        place: (True, 0) if value is None else (False, max(previous.threshold, value - reach))
        for place, value in told.items()
    }
