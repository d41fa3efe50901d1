"""Take questionnaires of other programs: bytes in, a document of ours with faults and notes out.

Pure: neither Flask nor a database. What cannot be carried is a fault or a note with its place.
``guarding`` runs the reading in a process of its own, within limits.
"""

import re

import msgspec

from consult.surveys.importing import limesurvey, surveyjs, xlsform
from consult.surveys.importing.assembling import Imported
from consult.surveys.importing.xlsform.writing import workbook
from consult.surveys.rules import Definition, DefinitionError, Fault, parse_definition

MAX_BYTES = 8_388_608
_OURS = re.compile(rb'\A[\xef\xbb\xbf\s]*\{\s*"format"\s*:\s*"consult-')
__all__ = ["MAX_BYTES", "Imported", "exported", "is_ours", "read"]


def is_ours(content: bytes) -> bool:
    """Tell whether a file says first that it is one of ours."""
    return bool(_OURS.match(content[:200]))


def read(content: bytes, language: str = "") -> Imported:
    """Return what a file gives, its format known by its content."""
    if len(content) > MAX_BYTES:
        return _refused("too_large", limit=MAX_BYTES)
    head = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if content.startswith(b"PK"):
        return xlsform.read(content, language)
    if head == b"<":
        return limesurvey.read(content, language)
    if head == b"{":
        return _json(content.lstrip(b"\xef\xbb\xbf"), language)
    return _refused("unknown_format")


def _refused(code: str, **values: object) -> Imported:
    return Imported(None, (Fault(place="$", code=code, values=values),))


def _json(content: bytes, language: str) -> Imported:
    try:
        raw = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return _refused("broken_json")
    if not isinstance(raw, dict):
        return _refused("unknown_format")
    if "format" in raw:
        return _ours(content)
    if any(isinstance(raw.get(key), list) for key in ("pages", "elements", "questions")):
        return surveyjs.read(raw, language)
    return _refused("unknown_format")


def _ours(content: bytes) -> Imported:
    try:
        definition = parse_definition(content)
    except DefinitionError as error:
        return Imported(None, error.faults)
    document = msgspec.to_builtins(definition)
    counts = {
        "items": sum(len(page.items) for page in definition.pages),
        "pages": len(definition.pages),
    }
    return Imported(document, (), (), counts)


def exported(definition: Definition, form: str) -> bytes:
    """Return a questionnaire as a file: an XLSForm workbook, or our own JSON."""
    if form == "xlsform":
        return workbook(definition)
    return msgspec.json.format(msgspec.json.encode(definition), indent=2)
