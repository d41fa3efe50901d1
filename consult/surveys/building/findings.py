"""List what a document lacks before publication, each with the field that mends it. Pure."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from consult.surveys.building.documents import Document, find_item, find_page
from consult.surveys.building.texts import Marks, Written, side, stale_side, texts_of
from consult.surveys.rules import DefinitionError, Fault, parse_definition

_PLACE = re.compile(r"^\$\.pages\[(\d+)\](?:\.items\[(\d+)\])?\.?(.*)$")
_PART = re.compile(r"^(options|rows|constraints)\[(\d+)\](.*)$")
_NAMES = {"options": "option", "rows": "row", "constraints": "constraint"}


class Finding(msgspec.Struct, frozen=True):
    """One thing to mend: of which kind, of which page or item, at which field.

    Kinds: missing and stale (a text, in ``lang``), empty_page, no_question, fault.
    """

    kind: str
    what: str  # head, page, item
    code: str
    field: str = ""
    lang: str = ""
    fault: Fault | None = None
    text: Written | None = None


def findings(document: Document, languages: Sequence[str], marks: Marks) -> list[Finding]:
    """List everything to mend, in the order of reading; nothing means ready to be published."""
    found = [*_of_shape(document), *_of_rules(document), *_of_texts(document, languages, marks)]
    order = _order(document)
    return sorted(found, key=lambda finding: order.get((finding.what, finding.code), -1))


def _order(document: Document) -> dict[tuple[str, str], int]:
    names: list[tuple[str, str]] = [("head", "")]
    for page in document["pages"]:
        names.append(("page", page["code"]))
        names += [("item", item["code"]) for item in page["items"]]
    return {name: number for number, name in enumerate(names)}


def _of_shape(document: Document) -> Iterator[Finding]:
    asked = [
        item
        for page in document["pages"]
        for item in page["items"]
        if item["kind"] not in {"note", "computed", "section"}
    ]
    if not asked:
        yield Finding("no_question", "head", "")
    for page in document["pages"]:
        if not page["items"]:
            yield Finding("empty_page", "page", page["code"])


def _of_rules(document: Document) -> list[Finding]:
    """Judge the pages that hold something; the places of faults are those of what was judged."""
    judged = document | {"pages": [page for page in document["pages"] if page["items"]]}
    if not judged["pages"]:
        return []
    try:
        parse_definition(judged)
    except DefinitionError as error:
        return [_placed(fault, judged) for fault in error.faults]
    return []


def _placed(fault: Fault, document: Document) -> Finding:
    found = _PLACE.match(fault.place)
    if found is None:
        return Finding("fault", "head", "", fault=fault)
    page = document["pages"][int(found[1])]
    if found[2] is None:
        return Finding("fault", "page", page["code"], found[3], fault=fault)
    item = page["items"][int(found[2])]
    return Finding("fault", "item", item["code"], _field(item, found[3]), fault=fault)


def _field(item: Document, rest: str) -> str:
    found = _PART.match(rest)
    if found is None:
        return rest.partition("[")[0].partition(".")[0]
    number = int(found[2])
    part = item[found[1]][number]
    name = f"{_NAMES[found[1]]}-{part.get('code', number)}"
    return f"{name}-relevant" if found[3].endswith("relevant") else name


def _of_texts(document: Document, languages: Sequence[str], marks: Marks) -> Iterator[Finding]:
    for text in texts_of(document):
        is_written = any(side(text.words, lang) for lang in ("fr", "en"))
        for lang in languages:
            if not side(text.words, lang) and (text.is_needed or is_written):
                yield Finding("missing", text.what, text.code, text.field, lang)
        stale = stale_side(text.words, marks.get(text.key))
        if stale in languages:
            yield Finding("stale", text.what, text.code, text.field, stale, text=text)


def title_of(document: Document, finding: Finding) -> dict[str, str]:
    """Return the title of what a finding is about, in both languages."""
    if finding.what == "item":
        title: dict[str, str] = find_item(document, finding.code).item["title"]
    elif finding.what == "page":
        title = find_page(document, finding.code)[1]["title"]
    else:
        title = document["title"]
    return title
