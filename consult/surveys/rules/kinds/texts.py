"""Words of the respondent: they lie apart from the document and are never copied. Pure."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from consult.surveys.expressions import Known, Value
from consult.surveys.rules.definition import Fault, Item
from consult.surveys.rules.kinds.protocol import (
    FIELD,
    UNKNOWN,
    CodeRow,
    Document,
    FormData,
    Heading,
    ItemKind,
    Problem,
    Raw,
    Typed,
    Voice,
    fault,
    non_answer_of,
    state_codes,
    to_say,
)

MAX_SHORT = 255
TOO_LONG = to_say("Shorten your text: %(found)s characters, the limit is %(limit)s.")


class FreeKind(ItemKind):
    """A kind whose values are free: why there is none stands in a column of its own."""

    def columns(self, item: Item, voice: Voice, *, varies: bool) -> list[Heading]:
        """Return the value, and why there is none."""
        return free_columns(item, voice, varies=varies)

    def cells(
        self,
        item: Item,
        stored: tuple[Document, Mapping[str, str]],
        voice: Voice,
        *,
        varies: bool,
    ) -> list[object]:
        """Return the value, and why there is none."""
        del voice
        value = stored[0].get(item.code)
        return free_cells(None if isinstance(value, dict) else value, value, varies=varies)

    def codes(self, item: Item, voice: Voice, *, varies: bool) -> Iterator[CodeRow]:
        """Yield the column of the value, and the reasons."""
        return free_codes(item, voice, varies=varies)


class LongText(FreeKind):
    """Several lines of words. Raw: the text."""

    code = "long_text"
    fields = frozenset({"required", "constraints", "non_answers", "max_length"})
    is_text = True

    def known(self, item: Item) -> dict[str, Known]:
        """Return words."""
        return {item.code: Known("words")}

    def reads(self, item: Item) -> dict[str, Any]:
        """Read the text."""
        return {item.code: "words"}

    def read(self, item: Item, form: FormData) -> dict[str, Raw]:
        """Return the text without the blanks around it."""
        found = next((v for v in form.getlist(FIELD + item.code) if v), "")
        text = found.replace("\r\n", "\n").replace("\x00", "").strip()
        return {item.code: text} if text else {}

    def values(self, item: Item, typed: Typed) -> dict[str, Value]:
        """Return the text."""
        raw = typed.get(item.code)
        return {item.code: raw if isinstance(raw, str) and raw else None}

    def judge(self, item: Item, typed: Typed) -> list[Problem]:
        """Accept a text that is short enough."""
        raw = typed[item.code]
        if not isinstance(raw, str):
            return [Problem(item.code, "unknown", UNKNOWN)]
        limit = item.longest
        if len(raw) <= limit:
            return []
        return [Problem(item.code, "too_long", TOO_LONG, {"limit": limit, "found": len(raw)})]

    def store(
        self, item: Item, typed: Typed, document: MutableMapping[str, Any], texts: dict[str, str]
    ) -> None:
        """Note that there is a text, and lay it apart."""
        raw = typed.get(item.code)
        if raw:
            document[item.code] = {"text": True}
            texts[item.code] = raw

    def restore(self, item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
        """Return the text."""
        return {item.code: texts.get(item.code, "")} if item.code in document else {}

    def cells(
        self,
        item: Item,
        stored: tuple[Document, Mapping[str, str]],
        voice: Voice,
        *,
        varies: bool,
    ) -> list[object]:
        """Return the text, and why there is none."""
        del voice
        document, texts = stored
        return free_cells(texts.get(item.code), document.get(item.code), varies=varies)


class ShortText(LongText):
    """One line of words."""

    code = "short_text"
    fields = frozenset({"required", "constraints", "max_length"})

    def faults(self, item: Item, place: str) -> list[Fault]:
        """Want a line, not a page."""
        if item.longest <= MAX_SHORT:
            return []
        said = to_say("Too much: the limit is %(limit)s here.")
        return [fault(f"{place}.max_length", said, limit=MAX_SHORT)]

    def read(self, item: Item, form: FormData) -> dict[str, Raw]:
        """Return the line, its blanks made plain."""
        return {code: " ".join(text.split()) for code, text in super().read(item, form).items()}


def free_columns(item: Item, voice: Voice, *, varies: bool) -> list[Heading]:
    """Return one column of values, and one for why there is none where that may be."""
    title = voice.of(item.title)
    return [Heading("", title), *([Heading("non_answer", title)] if varies else [])]


def free_cells(said: object, value: Any, *, varies: bool) -> list[object]:  # noqa: ANN401
    """Return the value, and why there is none."""
    return [said, non_answer_of(value)] if varies else [said]


def free_codes(item: Item, voice: Voice, *, varies: bool) -> Iterator[CodeRow]:
    """Yield the reasons, and the column of values without codes."""
    yield CodeRow("", "", "")
    yield from state_codes(item, voice, "non_answer", varies=varies)
