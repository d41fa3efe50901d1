"""Figures without people: what stays hidden cannot be worked out from what is published.

The attack is independent of the defence: the defence uses flows, the attack a linear programme
over the unknown cells, with everything published known exactly (rounding undone).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from consult.core.disclosure import (
    BASE,
    THRESHOLD,
    WIDTH,
    CrossTable,
    ProtectedTable,
    _arcs,
    has_grown_enough,
    protect,
    public_count,
    round_at_random,
)
from consult.core.flows import Arc, Network

KEY = bytes(range(32))
Counts = Sequence[Sequence[int]]


def table_of(counts: Counts) -> CrossTable:
    rows = tuple(f"lang:{i}" for i in range(len(counts)))
    columns = tuple(f"item:{j}" for j in range(len(counts[0])))
    return CrossTable(rows, columns, tuple(tuple(row) for row in counts))


def values_of(counts: Counts, shown: ProtectedTable) -> list[tuple[Any, int, int | None]]:
    """Return each value of a table: the cells it sums, the truth, and what was published."""
    true = np.array(counts)
    height, width = true.shape
    marks = np.arange(true.size).reshape(true.shape)
    values: list[tuple[Any, int, int | None]] = [
        (marks[i, [j]], int(true[i, j]), shown.cells[i][j])
        for i in range(height)
        for j in range(width)
    ]
    values += [(marks[i], int(true[i].sum()), shown.row_totals[i]) for i in range(height)]
    values += [(marks[:, j], int(true[:, j].sum()), shown.column_totals[j]) for j in range(width)]
    return [*values, (marks.ravel(), int(true.sum()), shown.total)]


def forms_of(counts: Counts, shown: ProtectedTable, slack: int) -> tuple[list[Any], list[Any]]:
    """Return (hidden forms, published forms with their least and greatest value)."""
    hidden, known = [], []
    for cells, truth, published in values_of(counts, shown):
        form = np.zeros(np.array(counts).size)
        form[cells] = 1
        if published is None:
            hidden.append(form)
        elif slack:
            known.append((form, max(THRESHOLD, published - slack), published + slack))
        else:
            known.append((form, truth, truth))
    return hidden, known


def narrowest_of(hidden: list[Any], known: list[Any], lowest: Any) -> float:
    """Return the width of the narrowest interval of a hidden form, by linear programming."""
    rows = [row for form, _, _ in known for row in (form, -form)]
    bounds = [bound for _, least, greatest in known for bound in (greatest, -least)]
    held = (np.array(rows), np.array(bounds)) if rows else (None, None)
    found = np.inf
    for form in hidden:
        limits = [(low, None) for low in np.broadcast_to(lowest, form.size)]
        ends = []
        for sign in (1, -1):
            answer = linprog(sign * form, A_ub=held[0], b_ub=held[1], bounds=limits)
            assert answer.status in {0, 3}, answer.message
            ends.append(np.inf if answer.status == 3 else abs(answer.fun))
        found = min(found, ends[1] - ends[0])
    return float(found)


def narrowest(counts: Counts, shown: ProtectedTable, lowest: Any = 0, slack: int = 0) -> float:
    """Return the narrowest interval of a hidden value of one release.

    With ``slack`` 0 the attacker knows each published value exactly; with 4, only as rounded.
    """
    return narrowest_of(*forms_of(counts, shown, slack), lowest)


def narrowest_of_pair(releases: Sequence[tuple[Counts, ProtectedTable]]) -> float:
    """Return the narrowest interval of a hidden value of two releases, answers only added.

    The unknowns are the cells of the first release, then what was added to each.
    """
    (hidden, known), (hidden_now, known_now) = (forms_of(*one, slack=4) for one in releases)
    none = np.zeros(np.array(releases[0][0]).size)
    hidden = [np.concatenate([form, none]) for form in hidden]
    hidden += [np.concatenate([form, form]) for form in hidden_now]
    known = [(np.concatenate([form, none]), *ends) for form, *ends in known]
    known += [(np.concatenate([form, form]), *ends) for form, *ends in known_now]
    return narrowest_of(hidden, known, 0)


shapes = st.tuples(st.integers(1, 4), st.integers(1, 4))
figures = st.one_of(st.integers(0, 12), st.integers(0, 60), st.integers(0, 2_000))
tables = shapes.flatmap(
    lambda shape: st.lists(
        st.lists(figures, min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@given(st.integers(0, 10**7), st.sampled_from([5, 10, 100]))
def test_a_public_count_is_floored_to_its_step(count: int, step: int) -> None:
    shown = public_count(count, step)
    assert shown % step == 0
    assert 0 <= count - shown < step


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        public_count(-1)


def test_a_release_follows_another_when_ten_people_came_between() -> None:
    assert [has_grown_enough(100, n) for n in (100, 101, 109, 110, 91, 90)] == [
        True, False, False, True, False, True,
    ]  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(tables)
def test_no_hidden_value_is_bounded_by_an_attacker_who_undid_the_rounding(counts: Counts) -> None:
    shown = protect(table_of(counts), KEY)
    assert narrowest(counts, shown) >= WIDTH - 1e-6


@settings(deadline=None, max_examples=40)
@given(tables)
def test_no_hidden_value_is_bounded_from_the_published_figures(counts: Counts) -> None:
    shown = protect(table_of(counts), KEY)
    assert narrowest(counts, shown, slack=BASE - 1) >= WIDTH - 1e-6


@given(tables)
def test_small_counts_are_hidden_and_the_others_move_by_less_than_the_base(counts: Counts) -> None:
    for _, truth, published in values_of(counts, protect(table_of(counts), KEY)):
        if truth < THRESHOLD:
            assert published is None
        if published is not None:
            assert published % BASE == 0
            assert published >= THRESHOLD
            assert abs(published - truth) < BASE


@given(tables)
def test_the_same_table_and_key_give_the_same_figures(counts: Counts) -> None:
    assert protect(table_of(counts), KEY) == protect(table_of(counts), KEY)


@given(tables.filter(lambda table: len(table) > 1 and len(table[0]) > 1))
def test_flows_and_linear_programming_find_the_same_intervals(counts: Counts) -> None:
    true = np.array(counts)
    small = [
        [None if n < THRESHOLD else n for n in row] for row in [*counts, true.sum(1), true.sum(0)]
    ]
    naive = ProtectedTable(
        rows=(),
        columns=(),
        cells=tuple(map(tuple, small[:-2])),
        row_totals=tuple(small[-2]),
        column_totals=tuple(small[-1]),
        total=int(true.sum()) if true.sum() >= THRESHOLD else None,
    )
    network = Network(_arcs(table_of(counts), THRESHOLD, None).values())
    far = 10**6
    slacks = [network.slack(i, far) for i, arc in enumerate(network.arcs) if arc.is_hidden]
    assert min([far, *slacks]) == pytest.approx(min(far, narrowest(counts, naive)), abs=1e-6)


def test_the_attack_does_find_a_cell_hidden_alone() -> None:
    counts = [[3, 40, 50], [60, 70, 80]]
    naive = ProtectedTable(
        rows=("a", "b"),
        columns=("c", "d", "e"),
        cells=((None, 40, 50), (60, 70, 80)),
        row_totals=(93, 210),
        column_totals=(63, 110, 130),
        total=303,
    )
    assert narrowest(counts, naive) == 0
    assert narrowest(counts, naive, slack=4) < 20


def test_the_attack_does_find_two_small_cells_hidden_together() -> None:
    counts = [[3, 4, 50]]
    naive = ProtectedTable(
        ("a",), ("c", "d", "e"), ((None, None, 50),), (57,), (None, None, 50), 57
    )
    assert narrowest(counts, naive) == 7
    shown = protect(table_of(counts), KEY)
    assert shown.cells == ((None, None, None),)
    assert narrowest(counts, shown) >= WIDTH


def test_a_large_table_loses_only_what_it_must() -> None:
    counts = [[100, 200, 300, 150], [3, 12, 80, 90], [70, 60, 50, 40]]
    shown = protect(table_of(counts), KEY)
    hidden = sum(cell is None for row in shown.cells for cell in row)
    assert hidden == 4
    assert None not in (*shown.row_totals, *shown.column_totals, shown.total)


def test_a_table_without_small_counts_is_published_whole() -> None:
    shown = protect(table_of([[10, 20], [30, 40]]), KEY)
    assert shown.cells == ((10, 20), (30, 40))
    assert (shown.row_totals, shown.column_totals, shown.total) == ((30, 70), (40, 60), 100)


@pytest.mark.parametrize("counts", [[[3]], [[0]], [[1, 2], [3, 3]], [[9, 0]], [[4], [5]]])
def test_a_table_of_under_ten_people_says_nothing(counts: Counts) -> None:
    shown = protect(table_of(counts), KEY)
    assert {published for _, _, published in values_of(counts, shown)} == {None}


def test_a_single_count_is_rounded() -> None:
    shown = protect(table_of([[33]]), KEY)
    assert shown.total == shown.cells[0][0] == shown.row_totals[0] == shown.column_totals[0]
    assert shown.total in {30, 35}


def test_nearly_everybody_choosing_an_option_is_hidden_with_its_complement() -> None:
    shown = protect(CrossTable.of({"chosen": 995, "not chosen": 5}), KEY)
    assert shown.cells == ((None, None),)
    assert shown.total == 1000


def test_a_margin_shared_by_two_tables_has_one_figure() -> None:
    answers = {"item:agree": 123, "item:disagree": 77}
    by_language = CrossTable(("lang:fr", "lang:en"), tuple(answers), ((80, 40), (43, 37)))
    by_age = CrossTable(("age:young", "age:old"), tuple(answers), ((61, 30), (62, 47)))
    first, second = protect(by_language, KEY), protect(by_age, KEY)
    alone = protect(CrossTable.of(answers), KEY)
    assert first.column_totals == second.column_totals == alone.cells[0]
    assert first.total == second.total == alone.total


@given(st.integers(0, 500), st.binary(min_size=32, max_size=32), st.text(max_size=5))
def test_rounding_takes_a_neighbouring_multiple(count: int, key: bytes, name: str) -> None:
    rounded = round_at_random(count, key, [name])
    assert rounded % BASE == 0
    assert abs(rounded - count) < BASE
    assert count % BASE or rounded == count


def test_rounding_is_right_on_average() -> None:
    for count in range(10, 16):
        draws = [round_at_random(count, KEY, [f"cell:{i}"]) for i in range(4_000)]
        # The deviation of the mean is at most 2.5 / sqrt(4000) = 0.04.
        assert abs(sum(draws) / len(draws) - count) < 0.16


def test_rounding_goes_up_once_as_a_count_grows() -> None:
    for name in ("a", "b", "c"):
        figures = [round_at_random(count, KEY, [name]) for count in range(10, 40)]
        assert figures == sorted(figures)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_second_release_holds_against_who_kept_the_first(data: st.DataObject) -> None:
    counts = data.draw(tables.filter(lambda table: len(table) > 1 and len(table[0]) > 1))
    more = [[n + data.draw(st.integers(0, 15)) for n in row] for row in counts]
    first = protect(table_of(counts), KEY)
    second = protect(table_of(more), KEY, previous=first)
    was, now = values_of(counts, first), values_of(more, second)
    for (_, _, before), (_, _, after) in zip(was, now, strict=True):
        assert before is not None or after is None
    told = [0 if v is None else max(THRESHOLD, v - 4) for row in first.cells for v in row]
    assert narrowest(more, second, lowest=told) >= WIDTH - 1e-6
    assert narrowest_of_pair([(counts, first), (more, second)]) >= WIDTH - 1e-6


def test_a_withdrawal_between_releases_is_no_trouble() -> None:
    first = protect(table_of([[40, 50], [60, 70]]), KEY)
    second = protect(table_of([[20, 50], [3, 70]]), KEY, previous=first)
    assert second.cells[1][0] is None


@pytest.mark.parametrize(
    ("rows", "columns", "counts"),
    [
        ((), ("a",), ()),
        (("a",), ("b", "c"), ((1,),)),
        (("a",), ("a",), ((1,),)),
        (("a",), ("b",), ((-1,),)),
    ],
)
def test_what_is_not_a_table_is_refused(rows: Any, columns: Any, counts: Any) -> None:
    with pytest.raises(ValueError, match=r"table|names"):
        CrossTable(rows, columns, counts)


def test_a_network_out_of_balance_is_refused() -> None:
    network = Network([Arc("a", "b", count=3, is_hidden=True), Arc("c", "d", count=20)])
    with pytest.raises(ValueError, match="balance"):
        network.widen(10)
