"""What rankings and best-worst choices come to, from counts. Pure.

Borda: the last of n options earns 0 points, the first n - 1. Of a partial ranking, the options
left out share evenly the points that are left (the averaged score of D. Baumeister, P. Faliszewski,
J. Lang and J. Rothe, “Campaigns for lazy voters: truncated ballots”, AAMAS 2012): nothing is
gained or lost by ranking fewer, and every ranking gives out the same sum.

Best-worst: best minus worst choices over times shown, from -1 to 1 (A. Finn and J. J. Louviere,
Journal of Public Policy & Marketing 11 (1992) 12-25); only screens that were answered count.
"""

from collections.abc import Mapping


def borda_mean(
    places: Mapping[tuple[int, int], int], lengths: Mapping[int, int], options: int
) -> float | None:
    """Return the mean Borda points of one option among ``options``; None without rankings.

    ``places``: how many rankings of a length (second) have it at a place (first, from 1);
    ``lengths``: how many rankings there are of each length.
    """
    rankings = sum(lengths.values())
    if not rankings:
        return None
    points = float(sum((options - place) * n for (place, _length), n in places.items()))
    for length, n in lengths.items():
        ranked = sum(m for (_place, other), m in places.items() if other == length)
        points += (n - ranked) * (options - length - 1) / 2
    return points / rankings


def best_worst_score(best: int, worst: int, shown: int) -> float | None:
    """Return best minus worst choices over times shown; None when it was never shown."""
    return (best - worst) / shown if shown else None
