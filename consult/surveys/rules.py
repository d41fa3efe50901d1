"""The questionnaire as a value: its definition, its pages, and what counts as an answer.

Pure: neither Flask nor SQLAlchemy. A definition is compiled once per version and shared;
answers are keyed by item codes and hold option codes, never labels.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

FORMAT = "consult-questionnaire/1"
KINDS = ("note", "one_choice", "several_choices", "scale", "long_text")
Kind = Literal["note", "one_choice", "several_choices", "scale", "long_text"]
NonAnswer = Literal["dont_know", "prefer_not"]

MAX_PAGES, MAX_ITEMS, MAX_OPTIONS, MAX_TEXT = 60, 600, 200, 5000
Code = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,59}$", description="Stable code.")]
OptionCode = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_]{0,59}$", description="Stable code.")]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in French and English."""

    fr: Annotated[str, Meta(max_length=MAX_TEXT)] = ""
    en: Annotated[str, Meta(max_length=MAX_TEXT)] = ""

    def pick(self, lang: str) -> tuple[str, str]:
        """Return (text, its language): the asked one, else the other, else empty."""
        first, second = (self.fr, self.en) if lang == "fr" else (self.en, self.fr)
        other = "en" if lang == "fr" else "fr"
        return (first, lang) if first or not second else (second, other)


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One option of a choice, or one step of a scale."""

    code: OptionCode
    label: Words
    exclusive: bool = False


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question, or a note between questions."""

    code: Code
    kind: Kind
    title: Words
    hint: Words = Words()
    required: bool = False
    options: tuple[Option, ...] = ()
    max_choices: Annotated[int, Meta(ge=1)] | None = None
    max_length: Annotated[int, Meta(ge=1, le=MAX_TEXT)] = 1000
    non_answers: tuple[NonAnswer, ...] = ()


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of the questionnaire."""

    code: Code
    title: Words
    items: Annotated[tuple[Item, ...], Meta(min_length=1)]


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole questionnaire; the published JSON Schema is made from this type."""

    format: Literal["consult-questionnaire/1"]
    code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,59}$")]
    title: Words
    pages: Annotated[tuple[Page, ...], Meta(min_length=1, max_length=MAX_PAGES)]
    languages: tuple[Literal["fr", "en"], ...] = ("fr", "en")
    introduction: Words = Words()

    @property
    def items(self) -> tuple[Item, ...]:
        """Return every item that takes an answer, in order."""
        return tuple(i for page in self.pages for i in page.items if i.kind != "note")


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with a definition: where (a path), what, and how to mend it."""

    place: str
    message: str


class DefinitionError(ValueError):
    """Carry the faults of a definition that was refused."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults for the page or the report."""
        super().__init__("; ".join(f"{fault.place}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)


_NUL = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")


def parse_definition(data: bytes | Mapping[str, Any]) -> Definition:
    """Read and check a definition; raises DefinitionError listing every fault found."""
    if isinstance(data, bytes) and _NUL.search(data):
        raise DefinitionError([Fault("$", "a text holds the character NUL, which cannot be kept")])
    try:
        if isinstance(data, bytes):
            definition = msgspec.json.decode(data, type=Definition)
        else:
            definition = msgspec.convert(data, Definition)
    except msgspec.DecodeError as error:
        raise DefinitionError([_decode_fault(error)]) from error
    faults = check_definition(definition)
    if faults:
        raise DefinitionError(faults)
    return definition


def _decode_fault(error: msgspec.DecodeError) -> Fault:
    text, _, place = str(error).partition(" - at `")
    return Fault(place=place.rstrip("`") or "$", message=text)


def check_definition(definition: Definition) -> list[Fault]:
    """List what the types cannot say: repeated codes, choices without options, limits."""
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    count = 0
    for p, page in enumerate(definition.pages):
        for i, item in enumerate(page.items):
            place = f"$.pages[{p}].items[{i}]"
            count += 1
            if item.code in seen:
                faults.append(
                    Fault(place, f"code {item.code!r} is already used at {seen[item.code]}")
                )
            seen.setdefault(item.code, place)
            faults += _item_faults(item, place)
    pages = [page.code for page in definition.pages]
    faults += [
        Fault("$.pages", f"page code {code!r} is used twice")
        for code in sorted({c for c in pages if pages.count(c) > 1})
    ]
    if count > MAX_ITEMS:
        faults.append(Fault("$.pages", f"{count} items; the limit is {MAX_ITEMS}"))
    return faults


def _item_faults(item: Item, place: str) -> list[Fault]:
    faults = []
    takes_options = item.kind in {"one_choice", "several_choices", "scale"}
    if takes_options and not 2 <= len(item.options) <= MAX_OPTIONS:  # noqa: PLR2004
        faults.append(Fault(f"{place}.options", f"give from 2 to {MAX_OPTIONS} options"))
    if not takes_options and item.options:
        faults.append(Fault(f"{place}.options", f"an item of kind {item.kind} has no options"))
    codes = [option.code for option in item.options]
    faults += [
        Fault(f"{place}.options", f"option code {code!r} is used twice")
        for code in sorted({c for c in codes if codes.count(c) > 1})
    ]
    if item.kind != "several_choices" and (
        item.max_choices is not None or any(option.exclusive for option in item.options)
    ):
        faults.append(Fault(place, "max_choices and exclusive belong to several_choices"))
    if item.max_choices is not None and item.max_choices > len(item.options):
        faults.append(Fault(f"{place}.max_choices", "more than there are options"))
    if set(codes) & {"dont_know", "prefer_not"}:
        faults.append(
            Fault(f"{place}.options", "dont_know and prefer_not are kept for non_answers")
        )
    return faults


class Missing(msgspec.Struct, frozen=True):
    """A text that is not written in a declared language."""

    place: str
    lang: str
    other: str


def missing_texts(definition: Definition, languages: Sequence[str] | None = None) -> list[Missing]:
    """List each text that lacks in one of ``languages``; by default those the file declares."""
    found: list[Missing] = []
    wanted = definition.languages if languages is None else languages

    def look(words: Words, place: str, *, needed: bool) -> None:
        for lang in wanted:
            text, other = (words.fr, words.en) if lang == "fr" else (words.en, words.fr)
            if not text.strip() and (needed or other.strip()):
                found.append(Missing(place, lang, other))

    look(definition.title, "title", needed=True)
    look(definition.introduction, "introduction", needed=False)
    for page in definition.pages:
        look(page.title, f"{page.code}.title", needed=True)
        for item in page.items:
            look(item.title, f"{item.code}.title", needed=True)
            look(item.hint, f"{item.code}.hint", needed=False)
            for option in item.options:
                look(option.label, f"{item.code}.{option.code}", needed=True)
    return found


def json_schema() -> dict[str, Any]:
    """Return the published JSON Schema of a questionnaire file."""
    schema = msgspec.json.schema(Definition)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
