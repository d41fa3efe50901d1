"""The best and the worst of each of several screens. Pure."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, MutableMapping
from typing import Any

from consult.surveys.expressions import Known, Value
from consult.surveys.rules.definition import Fault, Item
from consult.surveys.rules.kinds.designs import balanced_sets, usual_sets
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
from consult.surveys.rules.kinds.scores import best_worst_score

MAX_SHOWN, MAX_SETS = 40, 60
ENDS = ("best", "worst")
SAME = to_say("Choose two different answers: the same one cannot be both the most and the least.")
HALF = to_say("Choose one answer in each column, or none.")
SCREEN_MISSING = to_say("Choose the most and the least here to continue.")
BEST, WORST = to_say("Most"), to_say("Least")


class BestWorst(ItemKind):
    """Screens of options. Raw: by number of screen (from "1"), ``[best, worst]``, "" for none."""

    code = "best_worst"
    fields = frozenset({"required", "constraints", "options", "set_size", "sets", "seed"})

    def faults(self, item: Item, place: str) -> list[Fault]:
        """Judge the options and the size of a screen."""
        faults = option_faults(item, place)
        if len(item.options) > MAX_SHOWN:
            said = to_say("Give from 2 to %(limit)s options.")
            faults.append(fault(f"{place}.options", said, limit=MAX_SHOWN))
        if item.set_size > len(item.options):
            said = to_say("This is more than there are options.")
            faults.append(fault(f"{place}.set_size", said))
        said = to_say("The screens are the same for everybody: their options have no “relevant”.")
        return faults + [
            fault(f"{place}.options[{n}].relevant", said)
            for n, option in enumerate(item.options)
            if option.relevant
        ]

    def known(self, item: Item) -> dict[str, Known]:
        """Return the set of options chosen at least once as the best."""
        codes = frozenset(option.code for option in item.options)
        return {item.code: Known("choices", codes)}

    def reads(self, item: Item) -> dict[str, Any]:
        """Read the first column of every screen."""
        return {item.code: ["bests", item.code, len(screens(item)), [o.code for o in item.options]]}

    def read(self, item: Item, form: FormData) -> dict[str, Raw]:
        """Return what was chosen in both columns of each screen."""
        found = {}
        for number in range(1, len(screens(item)) + 1):
            pair = [
                next((v for v in form.getlist(f"{FIELD}{item.code}.{number}.{end}") if v), "")
                for end in ENDS
            ]
            if any(pair):
                found[str(number)] = [code.replace("\x00", "")[:MAX_CODE] for code in pair]
        return {item.code: found} if found else {}

    def values(self, item: Item, typed: Typed) -> dict[str, Value]:
        """Return the options chosen as the best, in order."""
        bests = {pair[0] for pair in _pairs(typed.get(item.code)).values()}
        return {item.code: tuple(o.code for o in item.options if o.code in bests) or None}

    def judge(self, item: Item, typed: Typed) -> list[Problem]:
        """Accept two different options of each screen, or none."""
        pairs = _pairs(typed[item.code])
        for number, shown in enumerate(screens(item), start=1):
            best, worst = pairs.get(str(number), ("", ""))
            reason, said = _wrong(best, worst, shown, required=item.required)
            if reason:
                part = f"{number}.{ENDS[1] if best else ENDS[0]}"
                return [Problem(item.code, reason, said, part=part)]
        return []

    def memory(self, item: Item, typed: Typed) -> Hashable | None:
        """Name what was chosen on each screen."""
        known = {"", *(option.code for option in item.options)}
        pairs = _pairs(typed.get(item.code))
        if not {code for pair in pairs.values() for code in pair} <= known:
            return None
        return tuple(sorted((number, *pair) for number, pair in pairs.items()))

    def shape(self, item: Item, typed: Typed) -> Mapping[str, Any]:
        """Return the options of each screen."""
        del typed
        options = {option.code: option for option in item.options}
        return {"screens": [[options[code] for code in shown] for shown in screens(item)]}

    def store(
        self, item: Item, typed: Typed, document: MutableMapping[str, Any], texts: dict[str, str]
    ) -> None:
        """Keep best and worst of each screen, None where nothing was chosen."""
        del texts
        pairs = _pairs(typed.get(item.code))
        if pairs:
            numbers = range(1, len(screens(item)) + 1)
            chosen = [list(pairs[str(n)]) if str(n) in pairs else None for n in numbers]
            document[item.code] = {"sets": chosen}

    def restore(self, item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
        """Return best and worst by screen."""
        del texts
        sets = _sets(document.get(item.code))
        found = {str(n): list(pair) for n, pair in enumerate(sets, start=1) if pair}
        return {item.code: found} if found else {}

    def count(self, item: Item, value: Any, counts: Counter[Any]) -> None:  # noqa: ANN401
        """Count for each option how often it was best, worst, and shown on an answered screen."""
        for shown, pair in zip(screens(item), _sets(value), strict=False):
            if pair:
                counts.update(f"{code}:shown" for code in shown)
                counts.update(f"{code}:{end}" for end, code in zip(ENDS, pair, strict=True))

    def summary(self, item: Item, counts: Counter[Any], base: int, voice: Voice) -> Summary:
        """Return for each option best minus worst over times shown, the best first."""
        del base
        parts = []
        for option in item.options:
            best, worst, shown = (counts[f"{option.code}:{end}"] for end in (*ENDS, "shown"))
            ends = tuple(
                OptionCount(end, voice.say(label), n, n / shown if shown else 0)
                for end, label, n in zip(ENDS, (BEST, WORST), (best, worst), strict=True)
            )
            score = best_worst_score(best, worst, shown)
            parts.append(PartResult(option.code, voice.of(option.label), shown, ends, score))
        return Summary(parts=tuple(sorted(parts, key=lambda part: -(part.mean or 0))))

    def columns(self, item: Item, voice: Voice, *, varies: bool) -> list[Heading]:
        """Return best and worst of each screen, and why there are none."""
        title = voice.of(item.title)
        found = [
            Heading(f"{n}.{end}", f"{title} – {n} – {voice.say(label)}")
            for n in range(1, len(screens(item)) + 1)
            for end, label in zip(ENDS, (BEST, WORST), strict=True)
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
        """Return the codes chosen on each screen."""
        del voice
        value = stored[0].get(item.code)
        sets, found = _sets(value), list[object]()
        for n in range(len(screens(item))):
            pair = sets[n] if n < len(sets) else None
            found += pair or [None, None]
        return [*found, non_answer_of(value)] if varies else found

    def codes(self, item: Item, voice: Voice, *, varies: bool) -> Iterator[CodeRow]:
        """Yield the options shown on each screen, for both of its columns."""
        labels = {option.code: voice.of(option.label) for option in item.options}
        for n, shown in enumerate(screens(item), start=1):
            for end in ENDS:
                for code in shown:
                    yield CodeRow(f"{n}.{end}", code, labels[code])
        yield from state_codes(item, voice, "non_answer", varies=varies)


def screens(item: Item) -> tuple[tuple[str, ...], ...]:
    """Return the options of each screen: the same for everybody."""
    codes = tuple(option.code for option in item.options)
    usual = min(MAX_SETS, usual_sets(len(codes), item.set_size))
    return balanced_sets(codes, item.set_size, item.sets or usual, item.seed)


def _wrong(best: str, worst: str, shown: tuple[str, ...], *, required: bool) -> tuple[str, str]:
    if not {best, worst} <= {"", *shown}:
        return "unknown", UNKNOWN
    if not best and not worst:
        return ("screen_missing", SCREEN_MISSING) if required else ("", "")
    if not best or not worst:
        return "half", HALF
    return ("same", SAME) if best == worst else ("", "")


def _pairs(raw: Raw) -> dict[str, tuple[str, str]]:
    found = raw if isinstance(raw, dict) else {}
    return {str(n): (str(pair[0]), str(pair[1])) for n, pair in found.items() if len(pair) == 2}  # noqa: PLR2004


def _sets(value: Any) -> list[list[str] | None]:  # noqa: ANN401  a stored answer
    found = value.get("sets") if isinstance(value, dict) else None
    return found if isinstance(found, list) else []
