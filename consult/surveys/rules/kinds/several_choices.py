"""Any number of options, within bounds. Pure."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, MutableMapping
from itertools import chain, combinations
from typing import Any

from consult.surveys.expressions import Known, Value
from consult.surveys.rules.definition import Fault, Item
from consult.surveys.rules.kinds import others
from consult.surveys.rules.kinds.one_choice import codes_of, told_apart
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
    fault,
    non_answer_of,
    state_codes,
    to_say,
)

MAX_POSTED, MAX_NAMED = 400, 9
TOO_MANY = to_say("Choose at most %(limit)s answers; %(found)s are chosen.")
TOO_FEW = to_say("Choose at least %(limit)s answers (you chose %(found)s).")
EXCLUSIVE = to_say("The answer that stands alone cannot be chosen with others.")


class SeveralChoices(ItemKind):
    """Several options. Raw: a list of codes; one that stands alone is a list of one."""

    code = "several_choices"
    fields = frozenset(
        {"required", "constraints", "non_answers", "options", "max_choices", "min_choices"}
    )
    option_fields = frozenset({"exclusive", "specify"})
    is_free = False

    def faults(self, item: Item, place: str) -> list[Fault]:
        """Judge the options and the bounds."""
        faults = [*option_faults(item, place), *others.faults(item, place)]
        most = min(item.max_choices or len(item.options), len(item.options))
        if item.min_choices is not None and item.min_choices > most:
            said = to_say("This is more than may be chosen.")
            faults.append(fault(f"{place}.min_choices", said))
        return faults

    def known(self, item: Item) -> dict[str, Known]:
        """Return a set of codes."""
        return {item.code: Known("choices", frozenset(codes_of(item)))} | others.known(item)

    def keys(self, item: Item) -> tuple[str, ...]:
        """Return the key of the choice, and that of the words beside "other"."""
        return others.keys(item)

    def candidates(
        self, item: Item, named: Collection[str] | None, filtered: Collection[str]
    ) -> list[Value] | None:
        """Return every set of the codes that conditions tell apart."""
        told = told_apart(item, named, filtered)
        codes = [code for code in told if code not in item.non_answers]
        if len(codes) > MAX_NAMED:
            return None
        sizes = range(1, min(item.max_choices or len(codes), len(codes)) + 1)
        sets = chain.from_iterable(combinations(codes, size) for size in sizes)
        return [*sets, *(code for code in told if code in item.non_answers), None]

    def reads(self, item: Item) -> dict[str, Any]:
        """Read the ticked boxes; a non-answer alone is a code."""
        return {item.code: ["some", list(item.non_answers)]} | others.reads(item)

    def read(self, item: Item, form: FormData) -> dict[str, Raw]:
        """Return the codes posted, each once."""
        values = [v for v in form.getlist(FIELD + item.code) if v][:MAX_POSTED]
        codes = list(dict.fromkeys(v.replace("\x00", "")[:MAX_CODE] for v in values))
        return ({item.code: codes} if codes else {}) | others.read(item, form)

    def values(self, item: Item, typed: Typed) -> dict[str, Value]:
        """Return the codes offered, in order; a non-answer alone."""
        raw = typed.get(item.code)
        chosen: Value = None
        if isinstance(raw, list | tuple) and raw:
            chosen = tuple(o.code for o in item.options if o.code in raw) or None
            if raw[0] in item.non_answers:
                chosen = str(raw[0])
        return {item.code: chosen, **others.values(item, typed)}

    def judge(self, item: Item, typed: Typed) -> list[Problem]:
        """Accept codes that are offered, as many as may be, alone where they stand alone."""
        raw = typed[item.code]
        if not isinstance(raw, list) or not set(raw) <= set(codes_of(item)):
            return [Problem(item.code, "unknown", UNKNOWN)]
        alone = {o.code for o in item.options if o.exclusive} | set(item.non_answers)
        if alone & set(raw):
            return [Problem(item.code, "exclusive", EXCLUSIVE)] if len(raw) > 1 else []
        bounds = {"found": len(raw)}
        if item.max_choices is not None and len(raw) > item.max_choices:
            bounds["limit"] = item.max_choices
            return [Problem(item.code, "too_many", TOO_MANY, bounds)]
        if item.min_choices is not None and len(raw) < item.min_choices:
            bounds["limit"] = item.min_choices
            return [Problem(item.code, "too_few", TOO_FEW, bounds)]
        return others.judge(item, typed)

    def offered_only(self, raw: Raw, gone: Collection[str]) -> Raw:
        """Drop the codes that are not offered now."""
        return [code for code in raw if code not in gone] if isinstance(raw, list) else raw

    def with_hidden(self, raw: Raw, before: Raw, gone: Collection[str]) -> Raw:
        """Keep the hidden choices beside the new ones."""
        hidden = before if isinstance(before, list) else []
        return [*(raw or []), *(code for code in hidden if code in gone)]

    def memory(self, item: Item, typed: Typed) -> Hashable | None:
        """Name the chosen codes."""
        raw = tuple(typed.get(item.code) or ())
        is_plain = set(raw) <= set(codes_of(item)) and not typed.get(others.key_of(item))
        return raw if is_plain else None

    def store(
        self, item: Item, typed: Typed, document: MutableMapping[str, Any], texts: dict[str, str]
    ) -> None:
        """Keep the codes in the order of the questionnaire."""
        raw = typed.get(item.code)
        if raw:
            document[item.code] = (
                {"na": raw[0]}
                if raw[0] in item.non_answers
                else [option.code for option in item.options if option.code in raw]
            )
            others.store(item, typed, document, texts)

    def restore(self, item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
        """Return the codes."""
        value = document.get(item.code)
        reason = non_answer_of(value)
        if reason:
            return {item.code: [reason]}
        found = {item.code: list(value)} if isinstance(value, list) else {}
        return found | others.restore(item, document, texts)

    def count(self, item: Item, value: Any, counts: Counter[Any]) -> None:  # noqa: ANN401
        """Count each code."""
        del item
        if isinstance(value, list):
            counts.update(value)

    def summary(self, item: Item, counts: Counter[Any], base: int, voice: Voice) -> Summary:
        """Return the share of each option; together they may pass the whole."""
        return Summary(option_counts(item, counts, base, voice))

    def columns(self, item: Item, voice: Voice, *, varies: bool) -> list[Heading]:
        """Return a column for each option, and one for why there is none."""
        del varies
        title = voice.of(item.title)
        options = [Heading(o.code, f"{title} – {voice.of(o.label)}") for o in item.options]
        return [*options, *others.columns(item, voice), Heading("non_answer", title)]

    def cells(
        self,
        item: Item,
        stored: tuple[Document, Mapping[str, str]],
        voice: Voice,
        *,
        varies: bool,
    ) -> list[object]:
        """Return 1 or 0 for each option; nothing without an answer."""
        del voice, varies
        value = stored[0].get(item.code)
        chosen = value if isinstance(value, list) else None
        marks = [None if chosen is None else int(o.code in chosen) for o in item.options]
        return [*marks, *others.cells(item, stored[1]), non_answer_of(value)]

    def codes(self, item: Item, voice: Voice, *, varies: bool) -> Iterator[CodeRow]:
        """Yield each option in its column, and the reasons in theirs."""
        for option in item.options:
            yield CodeRow(option.code, option.code, voice.of(option.label))
        yield from others.codes(item)
        yield from state_codes(item, voice, "non_answer", varies=varies)
