"""“Other: specify”: the words beside an option, a key and a variable of their own. Pure."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from consult.surveys.expressions import Known
from consult.surveys.rules.definition import Fault, Item
from consult.surveys.rules.kinds.protocol import (
    FIELD,
    MAX_CODE,
    CodeRow,
    Document,
    FormData,
    Heading,
    Problem,
    Raw,
    Typed,
    Voice,
    fault,
    to_say,
)
from consult.surveys.rules.kinds.texts import TOO_LONG

MAX_READ, MAX_WORDS, SUFFIX = 5000, 255, "_other"


def option_of(item: Item) -> str:
    """Return the code of the option that has a box; empty without one."""
    return next((option.code for option in item.options if option.specify), "")


def key_of(item: Item) -> str:
    """Return the key of the words."""
    return item.code + SUFFIX


def faults(item: Item, place: str) -> list[Fault]:
    """Want one box at most, and a code short enough for its key."""
    boxes = sum(option.specify for option in item.options)
    found = []
    if boxes > 1:
        said = to_say("Only one option of an item can have a box for words (“specify”).")
        found.append(fault(f"{place}.options", said))
    if boxes and len(key_of(item)) > MAX_CODE:
        said = to_say("With “specify”, the code of the item has at most %(limit)s characters.")
        found.append(fault(f"{place}.code", said, limit=MAX_CODE - len(SUFFIX)))
    return found


def keys(item: Item) -> tuple[str, ...]:
    """Return the keys of a choice, that of the words last."""
    return (item.code, key_of(item)) if option_of(item) else (item.code,)


def known(item: Item) -> dict[str, Known]:
    """Return the words as a variable."""
    return {key_of(item): Known("words")} if option_of(item) else {}


def read(item: Item, form: FormData) -> dict[str, Raw]:
    """Return the words, whatever option is chosen now: a change of mind loses nothing."""
    if not option_of(item):
        return {}
    found = next((v for v in form.getlist(FIELD + key_of(item)) if v.strip()), "")
    return {key_of(item): found.replace("\x00", "").strip()[:MAX_READ]} if found else {}


def words(item: Item, typed: Typed) -> str | None:
    """Return the words when their option is chosen and offered."""
    option, raw = option_of(item), typed.get(item.code)
    chosen = option and (option in raw if isinstance(raw, list) else option == raw)
    text = typed.get(key_of(item)) if chosen else None
    return text if isinstance(text, str) and text else None


def values(item: Item, typed: Typed) -> dict[str, str | None]:
    """Return the variable of the words."""
    return {key_of(item): words(item, typed)} if option_of(item) else {}


def judge(item: Item, typed: Typed) -> list[Problem]:
    """Accept words that are short enough."""
    length = len(words(item, typed) or "")
    if length <= MAX_WORDS:
        return []
    bounds = {"limit": MAX_WORDS, "found": length}
    return [Problem(item.code, "too_long", TOO_LONG, bounds, part=SUFFIX)]


def store(
    item: Item, typed: Typed, document: MutableMapping[str, Any], texts: dict[str, str]
) -> None:
    """Lay the words apart; without their option they are dropped."""
    text = words(item, typed)
    if text:
        document[key_of(item)] = {"text": True}
        texts[key_of(item)] = text


def restore(item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
    """Return the words."""
    key = key_of(item)
    return {key: texts[key]} if option_of(item) and key in document and key in texts else {}


def title(item: Item, voice: Voice) -> str:
    """Return the heading of the words: the question and the option."""
    label = next((voice.of(o.label) for o in item.options if o.specify), "")
    return f"{voice.of(item.title)} – {label}"


def reads(item: Item) -> dict[str, Any]:
    """Read the box while its option is chosen."""
    option = option_of(item)
    return {key_of(item): ["beside", item.code, option]} if option else {}


def columns(item: Item, voice: Voice) -> list[Heading]:
    """Return the column of the words."""
    return [Heading(SUFFIX, title(item, voice))] if option_of(item) else []


def cells(item: Item, texts: Mapping[str, str]) -> list[object]:
    """Return the words."""
    return [texts.get(key_of(item))] if option_of(item) else []


def codes(item: Item) -> Iterator[CodeRow]:
    """Yield the column of the words."""
    if option_of(item):
        yield CodeRow(SUFFIX, "", "")
