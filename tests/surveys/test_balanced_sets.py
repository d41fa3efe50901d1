"""The screens of a best-worst item: even, the same for everybody, made at once."""

import hashlib
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.surveys.rules.kinds.designs import balanced_sets, usual_sets


def named(options):
    return tuple(f"o{n}" for n in range(options))


def meetings(sets, codes):
    found = Counter(frozenset(pair) for one in sets for pair in combinations(one, 2))
    return [found[frozenset(pair)] for pair in combinations(codes, 2)]


@given(st.integers(2, 40), st.integers(2, 8), st.integers(1, 20), st.integers(0, 5))
def test_options_stand_equally_often_and_once_in_a_set(options, size, sets, seed):
    size = min(size, options)
    codes = named(options)
    found = balanced_sets(codes, size, sets, seed)
    assert len(found) == sets
    assert all(len(set(one)) == size and set(one) <= set(codes) for one in found)
    uses = Counter(code for one in found for code in one)
    counts = [uses[code] for code in codes]
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize(
    ("options", "size", "sets", "each"),
    [(7, 3, 7, 1), (9, 3, 12, 1), (13, 4, 13, 1), (16, 4, 20, 1), (8, 4, 14, 3), (6, 3, 10, 2)],
)
def test_a_balanced_incomplete_block_design_is_found_where_there_is_one(options, size, sets, each):
    codes = named(options)
    assert set(meetings(balanced_sets(codes, size, sets, 1), codes)) == {each}


@pytest.mark.parametrize(("options", "size", "sets"), [(12, 4, 12), (16, 4, 16), (25, 5, 20)])
def test_pairs_meet_as_evenly_as_they_can(options, size, sets):
    codes = named(options)
    found = meetings(balanced_sets(codes, size, sets, 1), codes)
    assert max(found) - min(found) <= 1


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    balanced_sets.cache_clear()
    made = [repr(balanced_sets(named(8), 4, 8, seed)).encode() for seed in (1, 2)]
    assert hashlib.sha256(made[0]).hexdigest()[:16] == "0b263b6b5fc85c35"
    assert made[0] != made[1]


def test_each_option_is_shown_about_four_times_unless_told_otherwise():
    assert (usual_sets(8, 4), usual_sets(13, 4), usual_sets(9, 5)) == (8, 13, 8)
    assert usual_sets(4, 4) == 1, "one screen shows them all"
