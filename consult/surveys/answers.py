"""Read one page of answers from a form, and judge it against its items. Pure.

``Answer`` values: an option code for one choice and scale, a tuple of codes for several
choices, a text for long text, ``NonAnswer`` codes under the key ``na``. An item that was
seen and left empty has no key.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from consult.surveys.rules import Definition, Item, Page

NON_ANSWERS = ("dont_know", "prefer_not")
FIELD = "q-"


class FormData(Protocol):
    """What is needed of a posted form."""

    def getlist(self, key: str) -> list[str]:
        """Return every value of a field."""


class Problem(msgspec.Struct, frozen=True):
    """Why an answer is not accepted: the item, a reason code, and its figures."""

    item: str
    reason: str
    limit: int = 0
    found: int = 0


def read_page(page: Page, form: FormData) -> dict[str, Any]:
    """Return what was typed on ``page``, raw but bounded, by item code."""
    typed: dict[str, Any] = {}
    for item in page.items:
        if item.kind == "note":
            continue
        values = [v for v in form.getlist(FIELD + item.code) if v != ""]
        if item.kind == "several_choices":
            if values:
                typed[item.code] = list(dict.fromkeys(v[:60] for v in values[:400]))
        elif values:
            text = values[0].replace("\r\n", "\n").replace("\x00", "")
            typed[item.code] = text.strip() if item.kind == "long_text" else text[:60]
            if not typed[item.code]:
                del typed[item.code]
    return typed


def problems(items: Sequence[Item], typed: Mapping[str, Any]) -> list[Problem]:
    """Judge raw answers; an empty list means that they can be stored."""
    found = []
    for item in items:
        if item.kind == "note":
            continue
        value = typed.get(item.code)
        if value in (None, "", []):
            if item.required:
                found.append(Problem(item.code, "required"))
            continue
        found += _judge(item, value)
    return found


def _judge(item: Item, value: Any) -> list[Problem]:  # noqa: ANN401  raw input
    if item.kind == "long_text":
        length = len(value) if isinstance(value, str) else -1
        if length < 0:
            return [Problem(item.code, "unknown")]
        over = length > item.max_length
        return [Problem(item.code, "too_long", item.max_length, length)] if over else []
    known = {option.code for option in item.options} | set(item.non_answers)
    chosen = value if isinstance(value, list) else [value]
    if isinstance(value, list) != (item.kind == "several_choices") or not set(chosen) <= known:
        return [Problem(item.code, "unknown")]
    if item.kind != "several_choices":
        return []
    return _judge_several(item, chosen)


def _judge_several(item: Item, chosen: list[str]) -> list[Problem]:
    alone = {option.code for option in item.options if option.exclusive} | set(item.non_answers)
    if len(chosen) > 1 and alone & set(chosen):
        return [Problem(item.code, "exclusive")]
    if item.max_choices is not None and len(chosen) > item.max_choices:
        return [Problem(item.code, "too_many", item.max_choices, len(chosen))]
    return []


def to_document(
    definition: Definition, typed: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Split accepted raw answers into the stored document and the free texts apart.

    The document holds a code, a list of codes in the order of the questionnaire,
    ``{"na": code}`` for a typed non-answer, ``{"text": true}`` where a text lies apart.
    """
    document: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for item in definition.items:
        value = typed.get(item.code)
        if value in (None, "", []):
            continue
        first = value[0] if isinstance(value, list) else value
        if item.kind == "long_text":
            document[item.code] = {"text": True}
            texts[item.code] = value
        elif first in item.non_answers:
            document[item.code] = {"na": first}
        elif isinstance(value, list):
            order = {option.code: i for i, option in enumerate(item.options)}
            document[item.code] = sorted(value, key=order.__getitem__)
        else:
            document[item.code] = value
    return document, texts


def to_typed(document: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """Undo ``to_document``: what the form shows again for a correction."""
    typed: dict[str, Any] = {}
    for code, value in document.items():
        if isinstance(value, dict):
            typed[code] = texts.get(code, "") if value.get("text") else value["na"]
        else:
            typed[code] = list(value) if isinstance(value, list) else value
    return typed


def is_partial(definition: Definition, document: Mapping[str, Any]) -> bool:
    """Tell whether at least one question was left without any answer."""
    return any(item.code not in document for item in definition.items)
