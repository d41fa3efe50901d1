"""The questionnaire as a value: its definition, its conditions, and the path of one respondent.

Pure: neither Flask nor SQLAlchemy. A definition is compiled once per version and shared;
answers are keyed by item codes and hold option codes, never labels.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from consult.surveys.rules.borrowing import borrow
from consult.surveys.rules.checks import Missing, check_definition, missing_texts
from consult.surveys.rules.compiling import compile_definition
from consult.surveys.rules.definition import (
    MAX_TEXT,
    SILENT,
    Constraint,
    Definition,
    DefinitionError,
    Fault,
    Item,
    Option,
    Page,
    Words,
)
from consult.surveys.rules.differences import (
    Difference,
    Reused,
    all_codes,
    differences,
    free_code,
    renamed,
    reused,
    to_decide,
)
from consult.surveys.rules.kinds import KINDS, ItemKind, kind_of
from consult.surveys.rules.kinds.protocol import (
    FIELD,
    NON_ANSWER_WORDS,
    NOT_ASKED_CODE,
    FormData,
    Heading,
    OptionCount,
    PartResult,
    Problem,
    Voice,
)
from consult.surveys.rules.kinds.ranking import moved, ranks
from consult.surveys.rules.merging import Edition, Merged, MergedItem, merge
from consult.surveys.rules.paths import (
    Path,
    browser_rules,
    path,
    shown_pages,
    waiting_items,
)
from consult.surveys.rules.plans import ItemPlan, PagePlan, PathPage, Plan
from consult.surveys.rules.reaching import unreachable

__all__ = [
    "FIELD",
    "KINDS",
    "MAX_TEXT",
    "NON_ANSWER_WORDS",
    "NOT_ASKED_CODE",
    "SILENT",
    "Constraint",
    "Definition",
    "DefinitionError",
    "Difference",
    "Edition",
    "Fault",
    "FormData",
    "Heading",
    "Item",
    "ItemKind",
    "ItemPlan",
    "Merged",
    "MergedItem",
    "Missing",
    "Option",
    "OptionCount",
    "Page",
    "PagePlan",
    "PartResult",
    "Path",
    "PathPage",
    "Plan",
    "Problem",
    "Reused",
    "Voice",
    "Words",
    "all_codes",
    "browser_rules",
    "check_definition",
    "differences",
    "free_code",
    "json_schema",
    "kind_of",
    "merge",
    "missing_texts",
    "moved",
    "parse_definition",
    "path",
    "plan_of",
    "ranks",
    "renamed",
    "reused",
    "shown_pages",
    "to_decide",
    "unreachable",
    "waiting_items",
]


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
    definition, faults = borrow(definition)
    faults += check_definition(definition)
    if not faults:
        definition = _prepared(definition)
        plan, faults = compile_definition(definition)
        faults += unreachable(plan) if not faults else []
    if faults:
        raise DefinitionError(faults)
    return definition


def _prepared(definition: Definition) -> Definition:
    """Give each item what its kind gives it."""
    pages = tuple(
        msgspec.structs.replace(page, items=tuple(kind_of(i).prepared(i) for i in page.items))
        for page in definition.pages
    )
    return msgspec.structs.replace(definition, pages=pages)


def _decode_fault(error: msgspec.DecodeError) -> Fault:
    text, _, place = str(error).partition(" - at `")
    return Fault(place=place.rstrip("`") or "$", message=text)


def plan_of(definition: Definition) -> Plan:
    """Return a definition that was accepted, ready to run; make it once per version."""
    return compile_definition(borrow(definition)[0])[0]


def json_schema() -> dict[str, Any]:
    """Return the published JSON Schema of a questionnaire file."""
    schema = msgspec.json.schema(Definition)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
