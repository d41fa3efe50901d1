"""A number of points to share among options. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from typing import Any

from consult.surveys.expressions import Known, Value
from consult.surveys.rules.definition import Fault, Item
from consult.surveys.rules.kinds.options import option_faults
from consult.surveys.rules.kinds.protocol import (
    FIELD,
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
    non_answer_of,
    state_codes,
    to_say,
)

MAX_TYPED, BANDS = 20, 5
NOT_WHOLE = to_say("Write whole numbers only, such as 25; nothing below 0.")
MISSING = to_say("%(found)s points are shared out of %(limit)s: %(rest)s are missing.")
TOO_MANY = to_say("%(found)s points are shared out of %(limit)s: take %(rest)s away.")


class Points(ItemKind):
    """Whole numbers that make up a total, or none at all. Raw: what was typed, by option."""

    code = "points"
    fields = frozenset({"required", "constraints", "options", "total"})
    least_offered = 2

    def faults(self, item: Item, place: str) -> list[Fault]:
        """Judge the options."""
        return option_faults(item, place)

    def known(self, item: Item) -> dict[str, Known]:
        """Return the set of options that got points, and the points of each."""
        codes = frozenset(option.code for option in item.options)
        return {item.code: Known("choices", codes)} | {
            f"{item.code}.{option.code}": Known("number") for option in item.options
        }

    def reads(self, item: Item) -> dict[str, Any]:
        """Read the numbers."""
        parts = {f"{item.code}.{option.code}": "whole" for option in item.options}
        return {item.code: ["shared", item.code, [option.code for option in item.options]], **parts}

    def read(self, item: Item, form: FormData) -> dict[str, Raw]:
        """Return what was typed beside each option."""
        found = {}
        for option in item.options:
            values = form.getlist(f"{FIELD}{item.code}.{option.code}")
            text = next((v for v in values if v.strip()), "").replace("\x00", "").strip()
            if text:
                found[option.code] = text[:MAX_TYPED]
        return {item.code: found} if found else {}

    def values(self, item: Item, typed: Typed) -> dict[str, Value]:
        """Return the points of each option; what is no number is no answer."""
        given = {code: n for code, n in _numbers(item, typed).items() if n is not None}
        return {item.code: tuple(code for code, n in given.items() if n) or None} | {
            f"{item.code}.{o.code}": float(given[o.code]) if o.code in given else None
            for o in item.options
        }

    def judge(self, item: Item, typed: Typed) -> list[Problem]:
        """Accept whole numbers that make up the total."""
        numbers = _numbers(item, typed)
        for code, n in numbers.items():
            if n is None:
                return [Problem(item.code, "not_whole", NOT_WHOLE, part=code)]
        found = sum(n or 0 for n in numbers.values())
        if found == item.total:
            return []
        values = {"found": found, "limit": item.total, "rest": abs(item.total - found)}
        reason, said = ("too_few", MISSING) if found < item.total else ("too_many", TOO_MANY)
        return [Problem(item.code, reason, said, values, part=item.options[0].code)]

    def offered_only(self, raw: Raw, gone: Collection[str]) -> Raw:
        """Drop the points of options that are not offered now."""
        return _without(raw, gone) if isinstance(raw, dict) else raw

    def with_hidden(self, raw: Raw, before: Raw, gone: Collection[str]) -> Raw:
        """Keep the points of hidden options."""
        hidden = before if isinstance(before, dict) else {}
        return {**{c: n for c, n in hidden.items() if c in gone}, **(raw or {})}

    def shape(self, item: Item, typed: Typed) -> Mapping[str, Any]:
        """Return how many points are shared so far."""
        return {"shared": sum(n or 0 for n in _numbers(item, typed).values())}

    def store(
        self, item: Item, typed: Typed, document: MutableMapping[str, Any], texts: dict[str, str]
    ) -> None:
        """Keep the points of every option; one left empty has none."""
        del texts
        if typed.get(item.code):
            numbers = _numbers(item, typed)
            document[item.code] = {"points": {o.code: numbers.get(o.code, 0) for o in item.options}}

    def restore(self, item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
        """Return the points as they are typed."""
        del texts
        points = _points(document.get(item.code))
        return {item.code: {code: str(n) for code, n in points.items()}} if points else {}

    def count(self, item: Item, value: Any, counts: Counter[Any]) -> None:  # noqa: ANN401
        """Count each number of points of each option, as ``option:points``."""
        del item
        for code, n in _points(value).items():
            counts[f"{code}:{n}"] += 1

    def summary(self, item: Item, counts: Counter[Any], base: int, voice: Voice) -> Summary:
        """Return the mean of each option and how its points spread; shares are of all points."""
        del base
        options, parts = [], []
        for option in item.options:
            spread = _spread(option.code, counts)
            label, answers = voice.of(option.label), sum(spread.values())
            given = sum(points * n for points, n in spread.items())
            mean = given / answers if answers else None
            share = given / (answers * item.total) if answers else 0
            options.append(OptionCount(option.code, label, given, share))
            bands = _bands(spread, item.total, answers)
            parts.append(PartResult(option.code, label, answers, bands, mean))
        return Summary(tuple(options), parts=tuple(parts))

    def columns(self, item: Item, voice: Voice, *, varies: bool) -> list[Heading]:
        """Return the points of each option, and why there are none."""
        title = voice.of(item.title)
        found = [Heading(o.code, f"{title} – {voice.of(o.label)}") for o in item.options]
        return [*found, Heading("non_answer", title)] if varies else found

    def cells(
        self,
        item: Item,
        stored: tuple[Document, Mapping[str, str]],
        voice: Voice,
        *,
        varies: bool,
    ) -> list[object]:
        """Return the points of each option."""
        del voice
        value = stored[0].get(item.code)
        points = _points(value)
        found: list[object] = [points.get(option.code) for option in item.options]
        return [*found, non_answer_of(value)] if varies else found

    def codes(self, item: Item, voice: Voice, *, varies: bool) -> Iterator[CodeRow]:
        """Yield the column of each option, without codes: any number may stand there."""
        for option in item.options:
            yield CodeRow(option.code, "", voice.of(option.label))
        yield from state_codes(item, voice, "non_answer", varies=varies)


def _whole(text: object) -> int | None:
    plain = "".join(str(text).split())
    return int(plain) if plain.isascii() and plain.isdigit() else None


def _numbers(item: Item, typed: Typed) -> dict[str, int | None]:
    """Return the number beside each option where something is typed."""
    raw = typed.get(item.code)
    raw = raw if isinstance(raw, dict) else {}
    return {o.code: _whole(raw[o.code]) for o in item.options if raw.get(o.code)}


def _without(raw: Mapping[str, Any], gone: Collection[str]) -> dict[str, Any]:
    return {code: n for code, n in raw.items() if code not in gone}


def _points(value: Any) -> Mapping[str, int]:  # noqa: ANN401  a stored answer
    found = value.get("points") if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _spread(code: str, counts: Counter[Any]) -> Counter[int]:
    found: Counter[int] = Counter()
    for key, n in counts.items():
        option, _colon, points = str(key).rpartition(":")
        if option == code:
            found[int(points)] += n
    return found


def _bands(spread: Counter[int], total: int, base: int) -> tuple[OptionCount, ...]:
    """Return how many gave nothing, then how many gave from each fifth of the total."""
    ends = [0, *dict.fromkeys(max(1, total * n // BANDS) for n in range(1, BANDS + 1))]
    found, start = [], 0
    for end in ends:
        n = sum(m for points, m in spread.items() if start <= points <= end)
        label = str(end) if start == end else f"{start}–{end}"
        found.append(OptionCount(str(end), label, n, n / base if base else 0))
        start = end + 1
    return tuple(found)
