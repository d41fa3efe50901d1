"""Make fictional answers to questions with several parts, from weights of their options."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from consult.surveys.rules import Item, kind_of

_SHY = 0.06


def weights_of(item: Item, salt: str = "") -> dict[str, int]:
    """Return how much each option is liked: the same for everybody, another for each item."""
    return {
        option.code: 1 + ((sum(map(ord, option.code + item.code + salt)) * 7) % 9)
        for option in item.options
    }


def ordered(weights: Mapping[str, float], chance: random.Random) -> list[str]:
    """Return the codes in an order, the liked ones sooner, drawn one after the other."""
    left, found = dict(weights), []
    while left:
        found.append(chance.choices(list(left), list(left.values()))[0])
        del left[found[-1]]
    return found


def _matrix(item: Item, _typed: Mapping[str, Any], chance: random.Random) -> Any:  # noqa: ANN401
    answers = {}
    for row in item.rows:
        if chance.random() < _SHY:
            continue
        weights = weights_of(item, row.code) | {str(code): 2 for code in item.non_answers}
        answers[row.code] = ordered(weights, chance)[0]
    return answers


def _ranking(item: Item, typed: Mapping[str, Any], chance: random.Random) -> Any:  # noqa: ANN401
    chosen: Sequence[str] = typed.get(item.options_from, ())
    weights = {c: w for c, w in weights_of(item).items() if not item.options_from or c in chosen}
    ranked = ordered(weights, chance)
    return ranked[:1] if chance.random() < _SHY else ranked


def _points(item: Item, _typed: Mapping[str, Any], chance: random.Random) -> Any:  # noqa: ANN401
    """Share by fives, as people do; the favourite gets the rest."""
    liked = {code: weight * chance.random() ** 2 for code, weight in weights_of(item).items()}
    step, whole = max(1, item.total // 20), sum(liked.values())
    shares = {code: int(item.total * w / whole) // step * step for code, w in liked.items()}
    favourite = max(liked, key=liked.__getitem__)
    shares[favourite] += item.total - sum(shares.values())
    return {code: str(n) for code, n in shares.items()}


def _best_worst(item: Item, _typed: Mapping[str, Any], chance: random.Random) -> Any:  # noqa: ANN401
    weights, found = weights_of(item), {}
    for number, shown in enumerate(kind_of(item).shape(item, {})["screens"], start=1):
        if chance.random() < _SHY:
            continue
        order = ordered({option.code: weights[option.code] ** 2 for option in shown}, chance)
        found[str(number)] = [order[0], order[-1]]
    return found


PARTS: dict[str, Callable[[Item, Mapping[str, Any], random.Random], Any]] = {
    "matrix": _matrix,
    "ranking": _ranking,
    "points": _points,
    "best_worst": _best_worst,
}
