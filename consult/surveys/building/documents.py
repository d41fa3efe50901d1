"""Find things in a document, name new ones, and tell one state of a thing from another. Pure."""

import copy
import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from consult.surveys.rules import Definition, Item, Option, Words

Document = dict[str, Any]
# Not "items": what a page says of itself, apart from its questions.
_PAGE_HEAD = ("code", "title", "relevant")
_HEAD = ("title", "introduction")
_BLANK = {"fr": "", "en": ""}


class GoneError(LookupError):
    """Say that a page, an item or an option is no longer in the document."""


class Spot(msgspec.Struct, frozen=True):
    """Where an item stands: its page and both positions (from 0)."""

    page_index: int
    index: int
    page: Document
    item: Document


def document_of(definition: Definition) -> Document:
    """Return an accepted definition as a document."""
    content: Document = msgspec.json.decode(msgspec.json.encode(definition))
    return content


def completed(document: Document) -> Document:
    """Return a document in which everything has every key of its type, at its default.

    One that was kept by an earlier release, or written by hand, says less.
    """
    items = _defaults(Item(code="x", kind="note", title=Words()), "code", "kind", "title")
    options = _defaults(Option(code="x", label=Words()), "code", "label")

    def item_of(item: Document) -> Document:
        whole = copy.deepcopy(items) | item
        return whole | {"options": [options | option for option in whole["options"]]}

    pages = [
        {"relevant": ""} | page | {"items": [item_of(item) for item in page["items"]]}
        for page in document["pages"]
    ]
    return {"introduction": dict(_BLANK)} | document | {"pages": pages}


def _defaults(thing: msgspec.Struct, *needed: str) -> Document:
    values: Document = msgspec.json.decode(msgspec.json.encode(thing))
    return {name: value for name, value in values.items() if name not in needed}


def empty_document(code: str, title: Mapping[str, str]) -> Document:
    """Return a questionnaire with one page and nothing asked yet."""
    first = {"fr": "Première page", "en": "First page"}
    return {
        "format": "consult-questionnaire/1",
        "code": code,
        "title": _BLANK | dict(title),
        "introduction": dict(_BLANK),
        "languages": ["fr", "en"],
        "pages": [{"code": "page_1", "title": first, "relevant": "", "items": []}],
    }


def items_of(document: Document) -> Iterator[Document]:
    """Yield every item, in order."""
    for page in document["pages"]:
        yield from page["items"]


def find_page(document: Document, code: str) -> tuple[int, Document]:
    """Return the position and the page of that code; raises GoneError."""
    for index, page in enumerate(document["pages"]):
        if page["code"] == code:
            return index, page
    raise GoneError(code)


def find_item(document: Document, code: str) -> Spot:
    """Return where the item of that code stands; raises GoneError."""
    for page_index, page in enumerate(document["pages"]):
        for index, item in enumerate(page["items"]):
            if item["code"] == code:
                return Spot(page_index, index, page, item)
    raise GoneError(code)


def earlier_items(document: Document, what: str, code: str) -> list[Document]:
    """Return the items that come before an item or a page; raises GoneError."""
    if what == "page":
        index, _page = find_page(document, code)
        return [item for page in document["pages"][:index] for item in page["items"]]
    spot = find_item(document, code)
    before = [item for page in document["pages"][: spot.page_index] for item in page["items"]]
    return [*before, *spot.page["items"][: spot.index]]


def page_head(page: Document) -> Document:
    """Return what a page says of itself."""
    return {name: page[name] for name in _PAGE_HEAD if name in page}


def head_of(document: Document) -> Document:
    """Return what the questionnaire says of itself."""
    return {name: document[name] for name in _HEAD if name in document}


def digest(thing: object) -> str:
    """Return the mark of one state of a thing, for forms to say from which they were read."""
    encoded = msgspec.json.encode(thing, order="sorted")
    return hashlib.sha256(encoded).hexdigest()[:16]


def code_from(words: Mapping[str, str], taken: Collection[str], fallback: str) -> str:
    """Return a code made from the French words (else the English), unlike those ``taken``."""
    text = words.get("fr", "").strip() or words.get("en", "")
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    ascii_only = plain.encode("ascii", "ignore").decode()
    words_of = [w for w in re.split(r"[^a-z0-9]+", ascii_only.replace("'", " ")) if w]
    base = "_".join([w for w in words_of if w not in _SMALL] or words_of)[:40].strip("_")
    if not base or not base[0].isalpha():
        base = f"{fallback}_{base}".rstrip("_")
    code, number = base, 2
    while code in taken:
        code, number = f"{base}_{number}", number + 1
    return code


# Left out of a code, which is to be read at a glance in a spreadsheet.
_SMALL = [
    "a",
    "au",
    "aux",
    "ce",
    "ces",
    "de",
    "des",
    "du",
    "en",
    "est",
    "et",
    "il",
    "je",
    "l",
    "d",
    "la",
    "le",
    "les",
    "ma",
    "mes",
    "mon",
    "ou",
    "par",
    "pas",
    "pour",
    "qu",
    "que",
    "quel",
    "quelle",
    "quels",
    "quelles",
    "qui",
    "s",
    "se",
    "sur",
    "un",
    "une",
    "vos",
    "votre",
    "vous",
    "an",
    "and",
    "are",
    "at",
    "by",
    "do",
    "for",
    "how",
    "in",
    "is",
    "it",
    "my",
    "of",
    "on",
    "or",
    "the",
    "to",
    "what",
    "which",
    "you",
    "your",
]
