"""Options put in order, all of them, the first few, or those chosen before. Pure."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, MutableMapping
from typing import Any

from consult.surveys.expressions import Known, Value
from consult.surveys.rules.definition import Fault, Item
from consult.surveys.rules.kinds.options import option_faults
from consult.surveys.rules.kinds.protocol import (
    FIELD,
    MAX_CODE,
    UNKNOWN,
    CodeRow,
    Document,
    FormData,
    Heading,
    ItemKind,
    OptionCount,
    PartResult,
    Problem,
    Raw,
    Summary,
    Typed,
    Voice,
    fault,
    non_answer_of,
    state_codes,
    to_say,
)
from consult.surveys.rules.kinds.scores import borda_mean

MAX_POSTED = 400
TOO_MANY = to_say("Rank at most %(limit)s; %(found)s are ranked. Take some out.")


class Ranking(ItemKind):
    """Options in order, the first one first. Raw: the list of ranked codes."""

    code = "ranking"
    fields = frozenset({"required", "constraints", "options", "options_from", "max_choices"})
    option_fields = frozenset({"specify"})
    least_offered = 2

    def faults(self, item: Item, place: str) -> list[Fault]:
        """Judge the options; those of an earlier item may be "other: specify"."""
        if item.options_from and not item.options:
            return []  # told where they are borrowed
        said = to_say("“%(name)s” does not belong to the kind “%(kind)s”.")
        return option_faults(item, place) + [
            fault(f"{place}.options[{n}].specify", said, name="specify", kind=self.code)
            for n, option in enumerate(item.options)
            if option.specify and not item.options_from
        ]

    def known(self, item: Item) -> dict[str, Known]:
        """Return the set of ranked codes, and the code at each rank."""
        codes = frozenset(option.code for option in item.options)
        return {item.code: Known("choices", codes)} | {
            f"{item.code}.{rank}": Known("choice", codes) for rank in range(1, ranks(item) + 1)
        }

    def reads(self, item: Item) -> dict[str, Any]:
        """Read the hidden fields, in order."""
        parts = {f"{item.code}.{n}": ["rank", item.code, n] for n in range(1, ranks(item) + 1)}
        return {item.code: "ranked", **parts}

    def read(self, item: Item, form: FormData) -> dict[str, Raw]:
        """Return the ranked codes, each once, in order."""
        values = [v for v in form.getlist(FIELD + item.code) if v][:MAX_POSTED]
        codes = list(dict.fromkeys(v.replace("\x00", "")[:MAX_CODE] for v in values))
        return {item.code: codes} if codes else {}

    def values(self, item: Item, typed: Typed) -> dict[str, Value]:
        """Return the ranked codes that are offered, and the code at each rank."""
        ranked = _offered(item, typed.get(item.code))
        return {item.code: tuple(ranked) or None} | {
            f"{item.code}.{n}": ranked[n - 1] if n <= len(ranked) else None
            for n in range(1, ranks(item) + 1)
        }

    def judge(self, item: Item, typed: Typed) -> list[Problem]:
        """Accept codes that are offered, as many as may be ranked."""
        raw = typed[item.code]
        if not isinstance(raw, list) or len(_offered(item, raw)) != len(raw):
            return [Problem(item.code, "unknown", UNKNOWN)]
        if len(raw) > ranks(item):
            values = {"limit": ranks(item), "found": len(raw)}
            return [Problem(item.code, "too_many", TOO_MANY, values)]
        return []

    def offered_only(self, raw: Raw, gone: Collection[str]) -> Raw:
        """Drop the codes that are not offered now; the others move up."""
        return [code for code in raw if code not in gone] if isinstance(raw, list) else raw

    def with_hidden(self, raw: Raw, before: Raw, gone: Collection[str]) -> Raw:
        """Keep the hidden codes after the others."""
        hidden = before if isinstance(before, list) else []
        return [*(raw or []), *(code for code in hidden if code in gone)]

    def memory(self, item: Item, typed: Typed) -> Hashable | None:
        """Name the ranked codes; a label that holds typed words is drawn afresh."""
        raw = typed.get(item.code) or []
        if any(option.specify for option in item.options) or raw != _offered(item, raw):
            return None
        return tuple(raw)

    def shape(self, item: Item, typed: Typed) -> Mapping[str, Any]:
        """Return the options in their order, then those that are not ranked."""
        options = {option.code: option for option in item.options}
        ranked = _offered(item, typed.get(item.code))
        return {
            "ranked": [options[code] for code in ranked],
            "rest": [option for code, option in options.items() if code not in ranked],
            "places": {code: place for place, code in enumerate(options)},
            "limit": ranks(item),
        }

    def store(
        self, item: Item, typed: Typed, document: MutableMapping[str, Any], texts: dict[str, str]
    ) -> None:
        """Keep the codes in the order they were given."""
        del texts
        ranked = _offered(item, typed.get(item.code))
        if ranked:
            document[item.code] = {"rank": ranked}

    def restore(self, item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
        """Return the codes in order."""
        del texts
        ranked = _ranked(document.get(item.code))
        return {item.code: ranked} if ranked else {}

    def count(self, item: Item, value: Any, counts: Counter[Any]) -> None:  # noqa: ANN401
        """Count each code at its place among so many, as ``code:place:length``."""
        del item
        ranked = _ranked(value)
        for place, code in enumerate(ranked, start=1):
            counts[f"{code}:{place}:{len(ranked)}"] += 1

    def summary(self, item: Item, counts: Counter[Any], base: int, voice: Voice) -> Summary:
        """Return the first choices, and for each option its places and mean Borda points."""
        places: dict[str, Counter[tuple[int, int]]] = {o.code: Counter() for o in item.options}
        lengths: Counter[int] = Counter()
        for key, n in counts.items():
            code, place, length = str(key).split(":")
            if code in places:
                places[code][int(place), int(length)] += n
            if place == "1":
                lengths[int(length)] += n
        first, parts = [], []
        for option in item.options:
            label, own = voice.of(option.label), _by_place(places[option.code])
            shares = [
                OptionCount(str(rank), str(rank), own[rank], own[rank] / base if base else 0)
                for rank in range(1, ranks(item) + 1)
            ]
            first.append(OptionCount(option.code, label, own[1], shares[0].share))
            points = borda_mean(places[option.code], lengths, len(item.options))
            parts.append(PartResult(option.code, label, base, tuple(shares), points))
        return Summary(tuple(first), parts=tuple(parts))

    def columns(self, item: Item, voice: Voice, *, varies: bool) -> list[Heading]:
        """Return the code at each rank with its label, and why there is none."""
        title = voice.of(item.title)
        found = [
            Heading(f"{rank}{end}", f"{title} – {rank}")
            for rank in range(1, ranks(item) + 1)
            for end in ("", ".label")
        ]
        return [*found, Heading("non_answer", title)] if varies else found

    def cells(
        self,
        item: Item,
        stored: tuple[Document, Mapping[str, str]],
        voice: Voice,
        *,
        varies: bool,
    ) -> list[object]:
        """Return the code and the label at each rank."""
        value = stored[0].get(item.code)
        labels = {option.code: voice.of(option.label) for option in item.options}
        ranked = _ranked(value)
        found: list[object] = []
        for n in range(ranks(item)):
            code = ranked[n] if n < len(ranked) else None
            found += [code, labels.get(str(code))]
        return [*found, non_answer_of(value)] if varies else found

    def codes(self, item: Item, voice: Voice, *, varies: bool) -> Iterator[CodeRow]:
        """Yield the options, for the column of each rank."""
        for rank in range(1, ranks(item) + 1):
            for option in item.options:
                yield CodeRow(str(rank), option.code, voice.of(option.label))
        yield from state_codes(item, voice, "non_answer", varies=varies)


def ranks(item: Item) -> int:
    """Return how many ranks there are to give."""
    return min(item.max_choices or len(item.options), len(item.options))


def moved(ranked: list[str], code: str, act: str, limit: int) -> list[str]:
    """Return the order after one press: ``add`` at the end, ``out``, ``up`` or ``down``."""
    if act == "add":
        return [*ranked, code] if code not in ranked and len(ranked) < limit else ranked
    if code not in ranked:
        return ranked
    at, left = ranked.index(code), [other for other in ranked if other != code]
    if act == "out":
        return left
    to = max(0, at - 1) if act == "up" else at + 1
    return [*left[:to], code, *left[to:]]


def _offered(item: Item, raw: Raw) -> list[str]:
    codes = {option.code for option in item.options}
    return [code for code in raw if code in codes] if isinstance(raw, list) else []


def _ranked(value: Any) -> list[str]:  # noqa: ANN401  a stored answer
    found = value.get("rank") if isinstance(value, dict) else None
    return [str(code) for code in found] if isinstance(found, list) else []


def _by_place(places: Counter[tuple[int, int]]) -> Counter[int]:
    found: Counter[int] = Counter()
    for (place, _length), n in places.items():
        found[place] += n
    return found
