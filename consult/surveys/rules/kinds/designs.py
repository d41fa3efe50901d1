"""Make the screens of a best-worst item: sets of options that meet each other evenly. Pure.

Each option stands in as many sets as any other, or one less; pairs meet as evenly as can be
found. Method: a start built greedily, then the interchange procedure of B. Jones and
J. A. Eccleston, “Exchange and interchange procedures to search for optimal designs”, Journal of
the Royal Statistical Society B 42 (1980) 238-243, which swaps two options between two sets while
that lowers the sum of squares of the pairs: the (M,S) criterion of J. A. Eccleston and
A. Hedayat, The Annals of Statistics 2 (1974) 1238-1255. A balanced incomplete block design, where
there is one, has the least sum. The same options, sizes and seed give the same sets everywhere:
of Python's generator only ``random()`` is used, whose sequence never changes.
"""

import random
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from math import ceil

APPEARANCES = 4
_STARTS, _WORK = 24, 300_000
Sets = tuple[tuple[str, ...], ...]


def usual_sets(options: int, size: int) -> int:
    """Return how many sets show each option about four times."""
    return ceil(options * APPEARANCES / size) if options > size else 1


@lru_cache(maxsize=256)
def balanced_sets(codes: tuple[str, ...], size: int, sets: int, seed: int) -> Sets:
    """Return ``sets`` sets of ``size`` codes; the same for the same arguments."""
    chance = random.Random(seed)  # noqa: S311  a design that can be made again
    best: list[list[int]] = []
    least, work = -1, 0
    floor = _least_squares(len(codes), size, sets)
    for _start in range(_STARTS):
        design = _Design(len(codes), chance)
        design.build(size, sets)
        work += design.improve()
        if least < 0 or design.squares() < least:
            best, least = design.sets, design.squares()
        if least == floor or work > _WORK:
            break
    return tuple(tuple(codes[n] for n in _shuffled(one, chance)) for one in best)


def _least_squares(options: int, size: int, sets: int) -> int:
    """Return the sum of squares of pairs that are as even as numbers allow."""
    pairs, meetings = options * (options - 1) // 2, sets * size * (size - 1) // 2
    each, more = divmod(meetings, pairs)
    return more * (each + 1) ** 2 + (pairs - more) * each**2


def _shuffled(numbers: Sequence[int], chance: random.Random) -> list[int]:
    return [n for _key, n in sorted((chance.random(), n) for n in numbers)]


class _Design:
    """Sets under construction, and how often each pair of options meets in them."""

    def __init__(self, options: int, chance: random.Random) -> None:
        self.options = options
        self.chance = chance
        self.sets: list[list[int]] = []
        self.meets = [[0] * options for _ in range(options)]

    def squares(self) -> int:
        return sum(self.meets[a][b] ** 2 for a, b in combinations(range(self.options), 2))

    def build(self, size: int, sets: int) -> None:
        """Fill set by set with the options used least, then those that met the others least."""
        used = [0] * self.options
        for _ in range(sets):
            rank = _shuffled(range(self.options), self.chance)
            one: list[int] = []
            for _place in range(size):
                left = [n for n in rank if n not in one]
                chosen = min(left, key=lambda n: (used[n], sum(self.meets[n][m] for m in one)))
                used[chosen] += 1
                self._join(one, chosen, 1)
                one.append(chosen)
            self.sets.append(one)

    def _join(self, others: Sequence[int], option: int, step: int) -> None:
        for other in others:
            self.meets[option][other] += step
            self.meets[other][option] += step

    def improve(self) -> int:
        """Swap options between sets while pairs become more even; return what was tried."""
        tried, moved = 0, True
        while moved and tried < _WORK:
            moved = False
            for one, two in combinations(self.sets, 2):
                if tried > _WORK:
                    break
                for a in [n for n in one if n not in two]:
                    tried += len(one) * len(one)
                    moved = self._swap(one, two, a) or moved
        return tried

    def _swap(self, one: list[int], two: list[int], a: int) -> bool:
        """Swap ``a`` with the option of ``two`` that gains most; False when none gains."""
        stay = [n for n in one if n != a]
        best, partner = 0, -1
        for b in two:
            if b not in one:
                gain = self._gain(stay, [n for n in two if n != b], a, b)
                best, partner = (gain, b) if gain > best else (best, partner)
        if partner < 0:
            return False
        for members, leaves, comes in ((one, a, partner), (two, partner, a)):
            rest = [n for n in members if n != leaves]
            self._join(rest, leaves, -1)
            self._join(rest, comes, 1)
            members[members.index(leaves)] = comes
        return True

    def _gain(self, stay: Sequence[int], rest: Sequence[int], a: int, b: int) -> int:
        """Return by how much half the sum of squares falls when ``a`` and ``b`` change places."""
        of_a, of_b = self.meets[a], self.meets[b]
        here = sum(of_a[n] - of_b[n] - 1 for n in stay if n not in rest)
        there = sum(of_b[n] - of_a[n] - 1 for n in rest if n not in stay)
        return here + there
