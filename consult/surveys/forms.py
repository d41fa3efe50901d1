"""Parse what staff type into the parts of a questionnaire (floor 6)."""

import copy
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from consult.core.forms import tidy
from consult.core.i18n import gettext as _
from consult.surveys import building
from consult.surveys.building import Document, Field
from consult.surveys.expressions import MAX_LENGTH
from consult.surveys.rules import MAX_TEXT

NEW_ROWS = 3  # empty lines under a list of options
MAX_CHECKS = 5
NON_ANSWERS = ("dont_know", "prefer_not")
_LINE = ("item", "test", "value")
_CODE = r"[a-z0-9][a-z0-9_]{0,59}"


class Typed(msgspec.Struct):
    """What was typed: the thing as it would be stored, its errors, numbers that are none."""

    thing: Document
    errors: list[dict[str, str]] = []
    raw: dict[str, str] = {}

    def refuse(self, name: str, text: str) -> None:
        """Add one line to the error summary, with its link."""
        self.errors.append({"href": f"#{name}", "text": text})

    def error_of(self, name: str) -> str:
        """Return what is wrong with one control."""
        return next((e["text"] for e in self.errors if e["href"] == f"#{name}"), "")

    def errors_of(self, name: str) -> dict[str, str]:
        """Return what is wrong with a text by language, and with a control of that very name."""
        found = {lang: self.error_of(f"{name}-{lang}") for lang in ("fr", "en")}
        found[""] = self.error_of(name)
        return {key: text for key, text in found.items() if text}


def read_words(form: Mapping[str, str], name: str, typed: Typed) -> dict[str, str]:
    """Return both languages of a text; one that is too long is told."""
    words = {lang: tidy(form.get(f"{name}-{lang}", "").strip()) for lang in ("fr", "en")}
    for lang, text in words.items():
        if len(text) > MAX_TEXT:
            told = _("Shorten this text to %(limit)s characters.", limit=MAX_TEXT)
            typed.refuse(f"{name}-{lang}", told)
    return words


def read_head(form: Mapping[str, str], names: tuple[str, ...]) -> Typed:
    """Return the texts of the questionnaire or of a page."""
    typed = Typed({})
    for name in names:
        typed.thing[name] = read_words(form, name, typed)
    return typed


def read_line(form: Mapping[str, str], name: str) -> building.Line:
    """Return one line of a condition as typed; a decimal comma is a point."""
    item, test, value = (form.get(f"{name}-{part}", "").strip() for part in _LINE)
    is_plain = value.replace(",", "", 1).isdigit()
    return building.Line(item, test, value.replace(",", ".") if is_plain else value)


def read_item(form: Any, item: Document) -> Typed:  # noqa: ANN401  a werkzeug MultiDict
    """Return an item as typed over the stored one: what its kind does not ask stays."""
    typed = Typed(copy.deepcopy(item))
    for name in ("title", "hint"):
        typed.thing[name] = read_words(form, name, typed)
    for field in building.fields_of(item):
        _READERS[field.control](form, field, typed)
    if building.takes_checks(item):
        typed.thing["constraints"] = _checks(form, item, typed)
    return typed


def _flag(form: Any, field: Field, typed: Typed) -> None:  # noqa: ANN401
    typed.thing[field.name] = bool(form.get(field.name))


def _number(form: Any, field: Field, typed: Typed) -> None:  # noqa: ANN401
    text = form.get(field.name, "").strip()
    typed.raw[field.name] = text
    plain = text.replace(",", ".").replace("\u00a0", "").replace("\u2212", "-")
    pattern = r"-?\d{1,12}(\.\d{1,6})?" if field.control == "number" else r"-?\d{1,9}"
    if not text:
        typed.thing[field.name] = field.default
    elif re.fullmatch(pattern, plain) is None or not _within(float(plain), field):
        least, most = field.least, field.most
        told = _("Write a number.")
        if least is not None and most is not None:
            bounds = {"least": int(least), "most": int(most)}
            told = _("Write a whole number from %(least)s to %(most)s.", **bounds)
        typed.refuse(field.name, told)
    else:
        typed.thing[field.name] = float(plain) if "." in plain else int(plain)


def _within(value: float, field: Field) -> bool:
    over = field.least is None or value >= field.least
    return over and (field.most is None or value <= field.most)


def _words(form: Any, field: Field, typed: Typed) -> None:  # noqa: ANN401
    typed.thing[field.name] = read_words(form, field.name, typed)


def _choice(form: Any, field: Field, typed: Typed) -> None:  # noqa: ANN401
    value = form.get(field.name, "")
    if value in field.values:
        typed.thing[field.name] = value
    else:
        typed.refuse(field.name, _("Choose one of the answers offered."))


def _code(form: Any, field: Field, typed: Typed) -> None:  # noqa: ANN401
    value = form.get(field.name, "")
    typed.thing[field.name] = value if re.fullmatch(_CODE, value) else field.default


def _expression(form: Any, field: Field, typed: Typed) -> None:  # noqa: ANN401
    typed.thing[field.name] = read_expression(form, field.name, typed)


def read_expression(form: Any, name: str, typed: Typed) -> str:  # noqa: ANN401
    """Return an expression as typed, on one line; too long a one is told."""
    source = " ".join(tidy(form.get(name, "")).split())
    if len(source) > MAX_LENGTH:
        typed.refuse(name, _("Shorten this text to %(limit)s characters.", limit=MAX_LENGTH))
    return source


def _non_answers(form: Any, field: Field, typed: Typed) -> None:  # noqa: ANN401
    chosen = form.getlist(field.name)
    typed.thing[field.name] = [code for code in NON_ANSWERS if code in chosen]


def _parts(form: Any, field: Field, typed: Typed) -> None:  # noqa: ANN401
    """Read the options that were shown, those typed anew, and keep those added meanwhile."""
    prefix = building.PARTS[field.name]
    parts = typed.thing.get(field.name) or []
    known = {part["code"] for part in parts}
    for found in (re.fullmatch(f"{prefix}-({_CODE})-fr", name) for name in form):
        if found and found[1] not in known:
            parts.append({"code": found[1], "label": {}})
    for part in parts:
        name = f"{prefix}-{part['code']}"
        if f"{name}-fr" in form:
            _read_part(form, field, typed, (part, name))
    for number in range(NEW_ROWS):
        name = f"new-{prefix}-{number}"
        part = {"code": "", "label": {}}
        _read_part(form, field, typed, (part, name))
        if any(part["label"].values()):
            part["code"] = building.part_code(part["label"], parts)
            parts.append(part)
    typed.thing[field.name] = parts


def _read_part(form: Any, field: Field, typed: Typed, place: tuple[Document, str]) -> None:  # noqa: ANN401
    part, name = place
    part["label"] = read_words(form, name, typed)
    for flag in field.flags:
        part[flag] = bool(form.get(f"{name}-{flag}"))


def _checks(form: Any, item: Document, typed: Typed) -> list[Document]:  # noqa: ANN401
    """Read the checks of an answer; one whose test and message are blank is left out."""
    if "constraint-0-fr" not in form:
        return item.get("constraints") or []
    checks = []
    for number in range(MAX_CHECKS):
        name = f"constraint-{number}"
        test, message = read_expression(form, f"{name}-test", typed), read_words(form, name, typed)
        if test or any(message.values()):
            if not test:
                typed.refuse(f"{name}-test", _("Write what the answer must hold."))
            checks.append(
                {"test": test, "message": message, "soft": bool(form.get(f"{name}-soft"))}
            )
    return checks


_READERS = {
    "flag": _flag,
    "whole": _number,
    "number": _number,
    "words": _words,
    "choice": _choice,
    "item": _code,
    "expression": _expression,
    "non_answers": _non_answers,
    "parts": _parts,
}
