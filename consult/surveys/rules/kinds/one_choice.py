"""One option among several; a scale is the same, with its steps in order. Pure."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, MutableMapping
from typing import Any

from consult.surveys.expressions import Known, Value
from consult.surveys.rules.definition import Fault, Item
from consult.surveys.rules.kinds import others
from consult.surveys.rules.kinds.options import option_counts, option_faults
from consult.surveys.rules.kinds.protocol import (
    FIELD,
    MAX_CODE,
    UNKNOWN,
    CodeRow,
    Document,
    FormData,
    Heading,
    ItemKind,
    Problem,
    Raw,
    Summary,
    Typed,
    Voice,
    non_answer_of,
    state_codes,
)


class OneChoice(ItemKind):
    """One option. Raw: its code, or that of a non-answer."""

    code = "one_choice"
    fields = frozenset({"required", "constraints", "non_answers", "options"})
    option_fields = frozenset({"specify"})
    is_free = False

    def faults(self, item: Item, place: str) -> list[Fault]:
        """Judge the options."""
        return [*option_faults(item, place), *others.faults(item, place)]

    def known(self, item: Item) -> dict[str, Known]:
        """Return one choice among the codes."""
        return {item.code: Known("choice", frozenset(codes_of(item)))} | others.known(item)

    def keys(self, item: Item) -> tuple[str, ...]:
        """Return the key of the choice, and that of the words beside "other"."""
        return others.keys(item)

    def candidates(
        self, item: Item, named: Collection[str] | None, filtered: Collection[str]
    ) -> list[Value] | None:
        """Return the named codes, one that stands for the others, and no answer."""
        return [*told_apart(item, named, filtered), None]

    def reads(self, item: Item) -> dict[str, Any]:
        """Read the chosen radio button."""
        return {item.code: "one"} | others.reads(item)

    def read(self, item: Item, form: FormData) -> dict[str, Raw]:
        """Return the first code posted."""
        found = next((v for v in form.getlist(FIELD + item.code) if v), "")
        typed = {item.code: found.replace("\x00", "")[:MAX_CODE]} if found else {}
        return typed | others.read(item, form)

    def values(self, item: Item, typed: Typed) -> dict[str, Value]:
        """Return the code when it is offered."""
        raw = typed.get(item.code)
        code = raw if isinstance(raw, str) and raw in codes_of(item) else None
        return {item.code: code, **others.values(item, typed)}

    def judge(self, item: Item, typed: Typed) -> list[Problem]:
        """Accept a code that is offered."""
        raw = typed[item.code]
        is_known = isinstance(raw, str) and raw in codes_of(item)
        return others.judge(item, typed) if is_known else [Problem(item.code, "unknown", UNKNOWN)]

    def offered_only(self, raw: Raw, gone: Collection[str]) -> Raw:
        """Drop a code that is not offered now."""
        return None if isinstance(raw, str) and raw in gone else raw

    def with_hidden(self, raw: Raw, before: Raw, gone: Collection[str]) -> Raw:
        """Keep the earlier choice while nothing else is chosen."""
        hidden = isinstance(before, str) and before in gone
        return before if raw in (None, "") and hidden else raw

    def memory(self, item: Item, typed: Typed) -> Hashable | None:
        """Name the chosen code."""
        raw = typed.get(item.code, "")
        is_plain = raw == "" or raw in codes_of(item)
        return raw if is_plain and not typed.get(others.key_of(item)) else None

    def store(
        self, item: Item, typed: Typed, document: MutableMapping[str, Any], texts: dict[str, str]
    ) -> None:
        """Keep the code."""
        raw = typed.get(item.code)
        if raw:
            document[item.code] = {"na": raw} if raw in item.non_answers else raw
            others.store(item, typed, document, texts)

    def restore(self, item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
        """Return the code."""
        value = document.get(item.code)
        found = {item.code: non_answer_of(value) or value} if value else {}
        return found | others.restore(item, document, texts)

    def count(self, item: Item, value: Any, counts: Counter[Any]) -> None:  # noqa: ANN401
        """Count the code."""
        del item
        if isinstance(value, str):
            counts[value] += 1

    def summary(self, item: Item, counts: Counter[Any], base: int, voice: Voice) -> Summary:
        """Return the share of each option."""
        return Summary(option_counts(item, counts, base, voice))

    def columns(self, item: Item, voice: Voice, *, varies: bool) -> list[Heading]:
        """Return the code, and its label."""
        del varies
        title = voice.of(item.title)
        return [Heading("", title), Heading("label", title), *others.columns(item, voice)]

    def cells(
        self,
        item: Item,
        stored: tuple[Document, Mapping[str, str]],
        voice: Voice,
        *,
        varies: bool,
    ) -> list[object]:
        """Return the code and its label; a reason why there is none is a code too."""
        del varies
        value, said = stored[0].get(item.code), others.cells(item, stored[1])
        reason = non_answer_of(value)
        if reason is not None:
            label = voice.non_answer(reason) if reason in item.non_answers else None
            return [reason, label, *said]
        if not isinstance(value, str):
            return [None, None, *said]
        label = next((voice.of(o.label) for o in item.options if o.code == value), None)
        return [value, label, *said]

    def codes(self, item: Item, voice: Voice, *, varies: bool) -> Iterator[CodeRow]:
        """Yield the options and the reasons, all of one column."""
        for option in item.options:
            yield CodeRow("", option.code, voice.of(option.label))
        yield from state_codes(item, voice, "", varies=varies)
        yield from others.codes(item)


class Scale(OneChoice):
    """One step; the mean counts 1 for the first."""

    code = "scale"

    def summary(self, item: Item, counts: Counter[Any], base: int, voice: Voice) -> Summary:
        """Return the share of each step, and the mean."""
        options = option_counts(item, counts, base, voice)
        total = sum(place * option.n for place, option in enumerate(options, start=1))
        return Summary(options, total / base if base else None)


def codes_of(item: Item) -> tuple[str, ...]:
    """Return every code that a choice may have: those of options, then of non-answers."""
    return (*[option.code for option in item.options], *item.non_answers)


def told_apart(item: Item, named: Collection[str] | None, filtered: Collection[str]) -> list[str]:
    """Return the codes that conditions tell apart, and one that stands for all the others."""
    every = codes_of(item)
    told = [code for code in every if named is None or code in named]
    rest = [code for code in every if code not in told]
    # One that is always offered, if there is one.
    return [*told, *([code for code in rest if code not in filtered][:1] or rest)]
