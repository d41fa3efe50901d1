"""Judge what the types of a definition cannot say: repeated codes, limits, missing texts. Pure."""

from collections.abc import Iterator, Sequence

import msgspec

from consult.surveys.rules.definition import (
    MAX_ITEMS,
    Definition,
    Fault,
    Item,
    Option,
    Words,
)
from consult.surveys.rules.kinds import KINDS
from consult.surveys.rules.kinds.protocol import fault, to_say

MAX_EXPRESSIONS = 300_000
_OF_EVERY_ITEM = {"code", "kind", "title", "hint", "relevant"}
_OF_EVERY_OPTION = {"code", "label", "relevant"}
_OLD_LENGTH = 1000  # versions stored before it was left out name it for every item


def check_definition(definition: Definition) -> list[Fault]:
    """List what the types cannot say: repeated codes, keys of other kinds, limits."""
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    count = 0
    for p, page in enumerate(definition.pages):
        for i, item in enumerate(page.items):
            place = f"$.pages[{p}].items[{i}]"
            count += 1
            faults += [
                Fault(place, f"code {code!r} is already used at {seen[code]}")
                for code in _keys(item)
                if code in seen
            ]
            seen = dict.fromkeys(_keys(item), place) | seen
            faults += _item_faults(item, place)
    faults += _repeated_purposes(definition)
    pages = [page.code for page in definition.pages]
    faults += [
        Fault("$.pages", f"page code {code!r} is used twice")
        for code in sorted({c for c in pages if pages.count(c) > 1})
    ]
    length = sum(map(len, _expressions(definition)))
    if length > MAX_EXPRESSIONS:
        told = f"expressions have {length} characters together; the limit is {MAX_EXPRESSIONS}"
        faults.append(Fault("$", told))
    if count > MAX_ITEMS:
        faults.append(Fault("$.pages", f"{count} items; the limit is {MAX_ITEMS}"))
    return faults


def _repeated_purposes(definition: Definition) -> list[Fault]:
    said = to_say("Two items ask the same consent (“%(purpose)s”): ask each once.")
    found = [item.purpose for item in definition.items if item.purpose]
    return [
        fault("$.pages", said, purpose=purpose)
        for purpose in ("research", "quote")
        if found.count(purpose) > 1
    ]


def _keys(item: Item) -> tuple[str, ...]:
    return KINDS[item.kind].keys(item) if item.kind in KINDS else (item.code,)


def _expressions(definition: Definition) -> Iterator[str]:
    for page in definition.pages:
        yield page.relevant
        for item in page.items:
            yield from (item.relevant, item.calculation)
            yield from (option.relevant for option in item.options)
            yield from (row.relevant for row in item.rows)
            yield from (constraint.test for constraint in item.constraints)


def _item_faults(item: Item, place: str) -> list[Fault]:
    if item.kind not in KINDS:
        said = to_say("The kind “%(kind)s” is not supported yet.")
        return [fault(f"{place}.kind", said, kind=item.kind)]
    kind = KINDS[item.kind]
    named = {(place, name) for name in _given(item) - kind.fields - _OF_EVERY_ITEM}
    for n, option in enumerate(item.options):
        strange = _given(option) - kind.option_fields - _OF_EVERY_OPTION
        named |= {(f"{place}.options[{n}]", name) for name in strange}
    said = to_say("“%(name)s” does not belong to the kind “%(kind)s”.")
    faults = [fault(f"{at}.{name}", said, name=name, kind=item.kind) for at, name in sorted(named)]
    return faults or kind.faults(item, place)


def _given(owner: Item | Option) -> set[str]:
    """Return the keys that a file gives another value than the one they have when absent."""
    found = {
        field.name
        for field in msgspec.structs.fields(owner)
        if getattr(owner, field.name) != field.default
    }
    if isinstance(owner, Item) and owner.max_length == _OLD_LENGTH:
        found.discard("max_length")
    return found


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
            for option in () if item.options_from else item.options:
                look(option.label, f"{item.code}.{option.code}", needed=True)
            for row in item.rows:
                look(row.label, f"{item.code}.{row.code}", needed=True)
            look(item.unit, f"{item.code}.unit", needed=False)
            for n, constraint in enumerate(item.constraints):
                look(constraint.message, f"{item.code}.constraints[{n}].message", needed=True)
    return found
