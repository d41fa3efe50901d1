"""One choice for each row, all rows over the same options. Pure."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, MutableMapping
from typing import Any

from consult.surveys.expressions import Known, Value
from consult.surveys.rules.definition import MAX_OPTIONS, Fault, Item
from consult.surveys.rules.kinds.one_choice import codes_of
from consult.surveys.rules.kinds.options import option_faults, repeated
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

ROW_MISSING = to_say("Answer this row to continue.")


class Matrix(ItemKind):
    """Rows by options. Raw: the code chosen in each row, by row."""

    code = "matrix"
    fields = frozenset({"required", "constraints", "non_answers", "options", "rows"})

    def faults(self, item: Item, place: str) -> list[Fault]:
        """Judge the rows and the options."""
        faults = [*option_faults(item, place), *repeated(item.rows, f"{place}.rows")]
        if not 1 <= len(item.rows) <= MAX_OPTIONS:
            said = to_say("Give from 1 to %(limit)s rows.")
            faults.append(fault(f"{place}.rows", said, limit=MAX_OPTIONS))
        return faults

    def known(self, item: Item) -> dict[str, Known]:
        """Return the set of answered rows, and the choice made in each."""
        rows = frozenset(row.code for row in item.rows)
        choice = Known("choice", frozenset(codes_of(item)))
        return {item.code: Known("choices", rows)} | {
            f"{item.code}.{row.code}": choice for row in item.rows
        }

    def reads(self, item: Item) -> dict[str, Any]:
        """Read the chosen button of each row."""
        rows = {f"{item.code}.{row.code}": "one" for row in item.rows}
        return {item.code: ["rows", item.code, [row.code for row in item.rows]], **rows}

    def read(self, item: Item, form: FormData) -> dict[str, Raw]:
        """Return the first code posted for each row."""
        found = {}
        for row in item.rows:
            values = form.getlist(f"{FIELD}{item.code}.{row.code}")
            code = next((v for v in values if v), "").replace("\x00", "")[:MAX_CODE]
            if code:
                found[row.code] = code
        return {item.code: found} if found else {}

    def values(self, item: Item, typed: Typed) -> dict[str, Value]:
        """Return which rows have an answer, and the answer of each."""
        raw = typed.get(item.code)
        raw, codes = raw if isinstance(raw, dict) else {}, codes_of(item)
        given = {row.code: raw.get(row.code) for row in item.rows if raw.get(row.code) in codes}
        return {item.code: tuple(given) or None} | {
            f"{item.code}.{row.code}": given.get(row.code) for row in item.rows
        }

    def judge(self, item: Item, typed: Typed) -> list[Problem]:
        """Accept codes that are offered; where an answer is required, every row needs one."""
        raw, codes = typed[item.code], codes_of(item)
        rows = [row.code for row in item.rows]
        if not isinstance(raw, dict):
            return [Problem(item.code, "unknown", UNKNOWN, part=rows[0])]
        wrong = [r for r in rows if r in raw and raw[r] not in codes]
        if wrong:
            return [Problem(item.code, "unknown", UNKNOWN, part=wrong[0])]
        missing = [r for r in rows if r not in raw] if item.required else []
        return [Problem(item.code, "row_missing", ROW_MISSING, part=r) for r in missing[:1]]

    def offered_only(self, raw: Raw, gone: Collection[str]) -> Raw:
        """Drop rows that are not asked now, and codes that are not offered."""
        given = raw if isinstance(raw, dict) else {}
        return {r: c for r, c in given.items() if f"row:{r}" not in gone and c not in gone}

    def with_hidden(self, raw: Raw, before: Raw, gone: Collection[str]) -> Raw:
        """Keep the answers to hidden rows, and hidden choices while nothing else is chosen."""
        given = before if isinstance(before, dict) else {}
        hidden = {r: c for r, c in given.items() if f"row:{r}" in gone or c in gone}
        return {**hidden, **(raw or {})}

    def memory(self, item: Item, typed: Typed) -> Hashable | None:
        """Name the codes chosen, row by row."""
        raw, codes = typed.get(item.code) or {}, codes_of(item)
        if not isinstance(raw, dict) or not set(raw.values()) <= set(codes):
            return None
        return tuple((row.code, raw.get(row.code, "")) for row in item.rows)

    def store(
        self, item: Item, typed: Typed, document: MutableMapping[str, Any], texts: dict[str, str]
    ) -> None:
        """Keep the code of each row, in the order of the rows."""
        del texts
        raw = typed.get(item.code) or {}
        rows = {
            row.code: {"na": raw[row.code]} if raw[row.code] in item.non_answers else raw[row.code]
            for row in item.rows
            if row.code in raw
        }
        if rows:
            document[item.code] = {"rows": rows}

    def restore(self, item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
        """Return the code of each row."""
        del texts
        rows = _rows(document.get(item.code))
        return {item.code: {r: non_answer_of(v) or v for r, v in rows.items()}} if rows else {}

    def count(self, item: Item, value: Any, counts: Counter[Any]) -> None:  # noqa: ANN401
        """Count each code of each row, as ``row:code``."""
        del item
        for row, answer in _rows(value).items():
            reason = non_answer_of(answer)
            if reason or isinstance(answer, str):
                counts[f"{row}:{reason or answer}"] += 1

    def summary(self, item: Item, counts: Counter[Any], base: int, voice: Voice) -> Summary:
        """Return the shares of each row, over those who answered it."""
        del base
        return Summary(parts=tuple(_part(item, row.code, counts, voice) for row in item.rows))

    def columns(self, item: Item, voice: Voice, *, varies: bool) -> list[Heading]:
        """Return the code and the label of each row."""
        del varies
        title = voice.of(item.title)
        return [
            Heading(f"{row.code}{end}", f"{title} – {voice.of(row.label)}")
            for row in item.rows
            for end in ("", ".label")
        ]

    def cells(
        self,
        item: Item,
        stored: tuple[Document, Mapping[str, str]],
        voice: Voice,
        *,
        varies: bool,
    ) -> list[object]:
        """Return the code of each row with its label; a reason why there is none is a code too."""
        del varies
        value = stored[0].get(item.code)
        labels = {option.code: voice.of(option.label) for option in item.options}
        labels |= {code: voice.non_answer(code) for code in item.non_answers}
        rows, whole = _rows(value), non_answer_of(value)
        found: list[object] = []
        for row in item.rows:
            answer = rows.get(row.code)
            code = whole or non_answer_of(answer) or answer
            found += [code, labels.get(str(code))]
        return found

    def codes(self, item: Item, voice: Voice, *, varies: bool) -> Iterator[CodeRow]:
        """Yield the options and the reasons, for the column of each row."""
        for row in item.rows:
            for option in item.options:
                yield CodeRow(row.code, option.code, voice.of(option.label))
            yield from state_codes(item, voice, row.code, varies=varies)


def _rows(value: Any) -> Mapping[str, Any]:  # noqa: ANN401  a stored answer
    found = value.get("rows") if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _part(item: Item, row: str, counts: Counter[Any], voice: Voice) -> PartResult:
    base = sum(counts[f"{row}:{option.code}"] for option in item.options)
    options = tuple(
        OptionCount(o.code, voice.of(o.label), n, n / base if base else 0)
        for o in item.options
        for n in (counts[f"{row}:{o.code}"],)
    )
    label = next(voice.of(one.label) for one in item.rows if one.code == row)
    return PartResult(row, label, base, options)
