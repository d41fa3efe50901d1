"""Build a questionnaire that is not finished: pure changes of a document, and what it lacks.

A document is the questionnaire file as JSON values (``rules.Definition``), except that it may
be incomplete: pages without items, choices without options, texts still to write. Every change
takes a document and returns another; none is made in place. Neither Flask nor SQLAlchemy.
"""

from consult.surveys.building.documents import (
    Document,
    GoneError,
    Spot,
    code_from,
    digest,
    document_of,
    earlier_items,
    empty_document,
    find_item,
    find_page,
    head_of,
    items_of,
    page_head,
)
from consult.surveys.building.fields import FIELDS, PARTS, Field, fields_of, part_of
from consult.surveys.building.findings import Finding, findings, title_of
from consult.surveys.building.operations import (
    add_item,
    add_page,
    duplicate_item,
    move_item,
    move_item_to,
    move_page,
    move_part,
    part_code,
    remove_item,
    remove_page,
    remove_part,
    replace_head,
    replace_item,
    replace_page,
    taken_codes,
    uses_of,
)
from consult.surveys.building.texts import Written, marks_after, set_text, stale_side, texts_of

__all__ = [
    "FIELDS",
    "PARTS",
    "Document",
    "Field",
    "Finding",
    "GoneError",
    "Spot",
    "Written",
    "add_item",
    "add_page",
    "code_from",
    "digest",
    "document_of",
    "duplicate_item",
    "earlier_items",
    "empty_document",
    "fields_of",
    "find_item",
    "find_page",
    "findings",
    "head_of",
    "items_of",
    "marks_after",
    "move_item",
    "move_item_to",
    "move_page",
    "move_part",
    "page_head",
    "part_code",
    "part_of",
    "remove_item",
    "remove_page",
    "remove_part",
    "replace_head",
    "replace_item",
    "replace_page",
    "set_text",
    "stale_side",
    "taken_codes",
    "texts_of",
    "title_of",
    "uses_of",
]
