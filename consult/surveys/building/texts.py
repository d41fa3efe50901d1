"""List the texts of a document and tell whose translation is older than its source. Pure.

Of each text a pair of hashes is kept: the French and the English as they were when one was last
held against the other. When one side has changed since, the other is to be reviewed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from consult.surveys.building.documents import Document, digest

Marks = dict[str, list[str]]
LANGUAGES = ("fr", "en")
NEEDED = frozenset({"title", "label", "message"})
_PARTS = {"options": "option", "rows": "row", "constraints": "constraint"}


class Written(msgspec.Struct, frozen=True):
    """One text: its key for ever, the page or item it belongs to, its field there, its words."""

    key: str
    what: str  # head, page, item
    code: str
    field: str
    words: Mapping[str, str]
    is_needed: bool


def texts_of(document: Document) -> Iterator[Written]:
    """Yield every text of a document in the order of reading, blank ones included."""
    yield from _of({n: document.get(n) for n in ("title", "introduction")}, "head", "")
    for page in document["pages"]:
        yield from _of({"title": page["title"]}, "page", page["code"])
        for item in page["items"]:
            yield from _of(item, "item", item["code"])


def _of(thing: Mapping[str, Any], what: str, code: str) -> Iterator[Written]:
    for name, value in thing.items():
        if is_words(value):
            yield _written(what, code, name, name, value)
        elif isinstance(value, list) and name in _PARTS:
            for number, part in enumerate(value):
                label = part.get("code", number)
                for inner, words in part.items():
                    if is_words(words):
                        field = f"{_PARTS[name]}-{label}"
                        yield _written(what, code, field, inner, words)


def _written(what: str, code: str, field: str, name: str, words: Mapping[str, str]) -> Written:
    return Written(f"{what}:{code}:{field}", what, code, field, words, name in NEEDED)


def is_words(value: object) -> bool:
    """Tell whether a value of a document is a text in both languages."""
    return isinstance(value, dict) and set(value) <= set(LANGUAGES)


def side(words: Mapping[str, str], lang: str) -> str:
    """Return one language of a text, without blanks around it."""
    return words.get(lang, "").strip()


def mark_of(words: Mapping[str, str]) -> list[str]:
    """Return the pair of hashes of a text as it is now."""
    return [digest(side(words, lang)) for lang in LANGUAGES]


def stale_side(words: Mapping[str, str], mark: list[str] | None) -> str:
    """Return the language that is to be reviewed; empty when both were held together."""
    if mark is None or not all(side(words, lang) for lang in LANGUAGES):
        return ""
    changed = [now != then for now, then in zip(mark_of(words), mark, strict=True)]
    return {(True, False): "en", (False, True): "fr"}.get((changed[0], changed[1]), "")


def marks_after(marks: Marks, before: Document, after: Document) -> Marks:
    """Return the marks after a change: who writes one side has seen the other beside it.

    Only when the source alone changed does the mark stay behind, so that its translation shows.
    """
    earlier = {text.key: text.words for text in texts_of(before)}
    kept: Marks = {}
    for text in texts_of(after):
        old, mark = earlier.get(text.key), marks.get(text.key)
        found = mark if old is None or old == text.words else _mark_after(old, text.words, mark)
        if found is not None and found != mark_of(text.words):
            kept[text.key] = found
    return kept


def _mark_after(
    old: Mapping[str, str], new: Mapping[str, str], mark: list[str] | None
) -> list[str] | None:
    changed = [lang for lang in LANGUAGES if side(old, lang) != side(new, lang)]
    if len(changed) != 1:
        return None if changed else mark
    was_stale, was_empty = stale_side(old, mark) == changed[0], not side(old, changed[0])
    return None if was_stale or was_empty else mark or mark_of(old)
