"""Write a questionnaire as an XLSForm workbook that other programs read and we read back equal.

What XLSForm has is written as XLSForm. What it lacks (a matrix, points, consent, the words of the
program) goes beside it as JSON in a column ``consult``, which other programs pass over. Pure.
"""

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import xlsxwriter

from consult.surveys.rules import Definition, Item, Option, Page, Words

Cells = dict[str, str]
LANGUAGE_NAMES = {"fr": "French (fr)", "en": "English (en)"}
_TYPES = {
    "short_text": "text", "long_text": "text", "number": "decimal", "date": "date",
    "note": "note", "computed": "calculate",
}  # fmt: skip
_LISTED = {
    "one_choice": "select_one", "scale": "select_one", "several_choices": "select_multiple",
    "ranking": "rank",
}  # fmt: skip
_SAID = {"code", "title", "hint", "relevant", "calculation"}
NON_ANSWERS = {
    "dont_know": Words(fr="Je ne sais pas", en="I don’t know"),
    "prefer_not": Words(fr="Je préfère ne pas répondre", en="I prefer not to answer"),
}


def workbook(definition: Definition) -> bytes:
    """Return the workbook of a definition: sheets survey, choices and settings."""
    writer = _Writer(definition)
    for page in definition.pages:
        writer.page(page)
    head = {"title": definition.title, "introduction": definition.introduction,
            "languages": definition.languages, "code": definition.code}  # fmt: skip
    first = definition.languages[0]
    settings = {
        "form_title": definition.title.pick(first)[0] or definition.code,
        "form_id": definition.code,
        "default_language": LANGUAGE_NAMES[first],
        "consult": _json(head),
    }
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(stream, options) as book:
        _sheet(book.add_worksheet("survey"), ("type", "name"), writer.rows)
        _sheet(book.add_worksheet("choices"), ("list_name", "name"), writer.choices)
        _sheet(book.add_worksheet("settings"), ("form_title", "form_id"), [settings])
    return stream.getvalue()


def _sheet(sheet: Any, first: Iterable[str], rows: list[Cells]) -> None:  # noqa: ANN401  untyped
    headings = list(dict.fromkeys([*first, *(key for row in rows for key in row)]))
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading)
    for number, row in enumerate(rows, 1):
        for column, heading in enumerate(headings):
            if row.get(heading):
                sheet.write_string(number, column, row[heading])


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


class _Writer:
    def __init__(self, definition: Definition) -> None:
        self.languages = definition.languages
        self.rows: list[Cells] = []
        self.choices: list[Cells] = []

    def words(self, key: str, words: Words) -> Cells:
        """Return a cell a language."""
        return {f"{key}::{LANGUAGE_NAMES[lang]}": getattr(words, lang) for lang in self.languages}

    def page(self, page: Page) -> None:
        """Write a page as a group that is shown at once; sections are groups inside."""
        begin = {"type": "begin_group", "name": f"page_{page.code}", "appearance": "field-list"}
        about = {"page": page.code} | self.lost({"title": page.title})
        self.rows.append(
            begin | self.words("label", page.title) | {"relevant": page.relevant,
                                                       "consult": _json(about)}
        )  # fmt: skip
        is_open = False
        for item in page.items:
            if item.kind == "section":
                if is_open:
                    self.rows.append({"type": "end_group"})
                self.rows.append(self.head("begin_group", item))
                is_open = True
            else:
                self.item(item)
        for _group in range(1 + is_open):
            self.rows.append({"type": "end_group"})

    def lost(self, words: Mapping[str, Words]) -> dict[str, Any]:
        """Return the texts in a language that the questionnaire does not declare."""
        gone = {
            key: text
            for key, text in words.items()
            if any(getattr(text, lang) for lang in ("fr", "en") if lang not in self.languages)
        }
        return {"texts": gone} if gone else {}

    def head(self, kind: str, item: Item) -> Cells:
        """Return the row of an item, without what only its kind has."""
        row: Cells = {"type": kind, "name": item.code, **self.words("label", item.title)}
        if item.hint != Words():
            row |= self.words("hint", item.hint)
        return row | {
            "required": "yes" if item.required else "",
            "relevant": item.relevant,
            "calculation": item.calculation,
            "consult": _json(self.rest(item)),
        }

    def rest(self, item: Item) -> dict[str, Any]:
        """Return all of an item that other columns do not say whole."""
        raw = msgspec.to_builtins(item)
        plain = msgspec.to_builtins(Item(code="x", kind="note", title=Words()))
        kept = {k: v for k, v in raw.items() if k not in _SAID and v != plain.get(k)}
        return {**kept, "kind": item.kind, **self.lost({"title": item.title, "hint": item.hint})}

    def item(self, item: Item) -> None:
        """Write an item as the type that comes nearest."""
        if item.kind in _LISTED and item.options:
            self.listed(item)
        elif item.kind in _TYPES:
            row = self.head(_TYPES[item.kind], item)
            if item.kind == "long_text":
                row["appearance"] = "multiline"
            self.judged(row, item)
        else:
            self.split(item)

    def judged(self, row: Cells, item: Item) -> None:
        """Write a row with its constraints: hard ones joined, with the words of the first."""
        hard = [constraint for constraint in item.constraints if not constraint.soft]
        if hard:
            row["constraint"] = " and ".join(f"({constraint.test})" for constraint in hard)
            row |= self.words("constraint_message", hard[0].message)
        self.rows.append(row)

    def listed(self, item: Item) -> None:
        """Write a choice with a list of its own, its non-answers last."""
        row = self.head(f"{_LISTED[item.kind]} {item.code}", item)
        if item.kind == "scale":
            row["appearance"] = "likert"
        self.list(item.code, item.options, item.non_answers)
        if any(option.relevant for option in item.options):
            row["choice_filter"] = _filter(item.options)
        self.judged(row, item)
        for option in item.options:
            if getattr(option, "specify", False):
                self.rows.append(
                    {"type": "text", "name": f"{item.code}_other",
                     **self.words("label", option.label),
                     "relevant": f"selected(${{{item.code}}}, '{option.code}')",
                     "consult": '{"part":true}'}
                )  # fmt: skip

    def list(self, name: str, options: Iterable[Option], non_answers: Iterable[str] = ()) -> None:
        """Write the options of a list; one offered on a condition has its code in ``when``."""
        for option in options:
            when = {"when": option.code} if option.relevant else {}
            self.choice(name, option.code, option.label, when)
        for code in non_answers:
            self.choice(name, code, NON_ANSWERS[code])

    def choice(self, name: str, code: str, label: Words, more: Cells | None = None) -> None:
        self.choices.append(
            {"list_name": name, "name": code, **self.words("label", label), **(more or {})}
        )

    def split(self, item: Item) -> None:
        """Write what XLSForm has no type for: a group of one question a row or an option."""
        self.rows.append(self.head("begin_group", item))
        parts = getattr(item, "rows", ()) or item.options
        lists = getattr(item, "rows", ()) and item.options
        if lists:
            self.list(item.code, item.options, item.non_answers)
        for part in parts:
            kind = f"select_one {item.code}" if lists else "integer"
            self.rows.append(
                {"type": kind, "name": f"{item.code}_{part.code}",
                 **self.words("label", part.label), "relevant": part.relevant,
                 "consult": '{"part":true}'}
            )  # fmt: skip
        if not parts:
            self.rows.append(
                {"type": "text", "name": f"{item.code}_answer",
                 **self.words("label", item.title), "consult": '{"part":true}'}
            )  # fmt: skip
        self.rows.append({"type": "end_group"})


def _filter(options: Iterable[Option]) -> str:
    """Return one filter for all options: those without a condition, or each under its own."""
    asked = [f"(when = '{o.code}' and ({o.relevant}))" for o in options if o.relevant]
    return " or ".join(["when = ''", *asked])


def plain_reference(text: str) -> str:
    """Return an expression with parts of answers as the columns of other programs."""
    return re.sub(r"\$\{(\w+)\.(\w+)\}", r"${\1_\2}", text)
