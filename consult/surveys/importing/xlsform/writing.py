"""Write a questionnaire as an XLSForm workbook that other programs read and we read back equal.

What XLSForm has is written as XLSForm, and is what counts when the workbook comes back. What it
lacks stands as JSON in a column ``consult``, which other programs pass over. Pure.
"""

import io
import re
from collections.abc import Iterable
from typing import Any

import msgspec
import xlsxwriter

from consult.surveys.importing.texts import LANGUAGES
from consult.surveys.importing.xlsform.extras import NON_ANSWERS, joined_tests
from consult.surveys.rules import Constraint, Definition, Item, Option, Page, Words

Cells = dict[str, str]
LANGUAGE_NAMES = {"fr": "French (fr)", "en": "English (en)"}
_TYPES = {
    "short_text": "text", "long_text": "text", "number": "decimal", "date": "date",
    "note": "note", "computed": "calculate", "postal_code": "text",
}  # fmt: skip
_LISTED = {
    "one_choice": "select_one", "scale": "select_one", "several_choices": "select_multiple",
    "ranking": "rank",
}  # fmt: skip
# Said by columns; the options only in part, their flags are added.
_SAID = {
    "code", "kind", "title", "hint", "required", "relevant", "calculation", "options", "rows",
    "non_answers", "constraints",
}  # fmt: skip
_CONSENT = (
    Option(code="yes", label=Words(fr="Oui", en="Yes")),
    Option(code="no", label=Words(fr="Non", en="No")),
)


def workbook(definition: Definition) -> bytes:
    """Return the workbook of a definition: sheets survey, choices and settings."""
    writer = _Writer(definition)
    for page in definition.pages:
        writer.page(page)
    first = definition.languages[0]
    head = {
        "title": definition.title,
        "introduction": definition.introduction,
        "languages": definition.languages,
    }
    settings = {
        "form_title": definition.title.pick(first)[0] or definition.code,
        "form_id": definition.code,
        "default_language": LANGUAGE_NAMES[first],
        "consult": _json(head),
    }
    stream = io.BytesIO()
    options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    with xlsxwriter.Workbook(stream, {"in_memory": True, **options}) as book:
        _sheet(book.add_worksheet("survey"), ("type", "name"), writer.rows)
        if writer.choices:
            _sheet(book.add_worksheet("choices"), ("list_name", "name"), writer.choices)
        _sheet(book.add_worksheet("settings"), ("form_title", "form_id"), [settings])
    return stream.getvalue()


def _sheet(sheet: Any, first: Iterable[str], rows: list[Cells]) -> None:  # noqa: ANN401  untyped
    keys = [key for row in rows for key, text in row.items() if text]
    headings = list(dict.fromkeys([*first, *keys]))
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
        self.rows: list[Cells] = []
        self.choices: list[Cells] = []
        self.lists = {i.code: i.options for page in definition.pages for i in page.items}

    def words(self, key: str, words: Words) -> Cells:
        """Return a cell a language."""
        return {f"{key}::{LANGUAGE_NAMES[lang]}": getattr(words, lang) for lang in LANGUAGES}

    def page(self, page: Page) -> None:
        """Write a page as a group that is shown at once; sections are groups inside."""
        row = {"type": "begin_group", "name": f"page_{page.code}", "appearance": "field-list"}
        row |= self.words("label", page.title)
        self.rows.append(row | {"relevant": plain_names(page.relevant),
                                "consult": _json({"page": page.code})})  # fmt: skip
        is_open = False
        for item in page.items:
            if item.kind == "section":
                if is_open:
                    self.rows.append({"type": "end_group"})
                self.rows.append(self.head("begin_group", item))
                is_open = True
            else:
                self.item(item)
        self.rows += [{"type": "end_group"} for _group in range(1 + is_open)]

    def head(self, kind: str, item: Item) -> Cells:
        """Return the row of an item, without what only its kind has."""
        row: Cells = {"type": kind, "name": item.code, **self.words("label", item.title)}
        row |= self.words("hint", item.hint)
        return row | {
            "required": "yes" if item.required else "",
            "relevant": plain_names(item.relevant),
            "calculation": plain_names(item.calculation),
            "consult": _json({"kind": item.kind, **_rest(item)}),
        }

    def item(self, item: Item) -> None:
        """Write an item as the type that comes nearest."""
        if item.kind in _LISTED:
            self.listed(item)
        elif item.kind == "consent":
            self.list(item.code, _CONSENT)
            self.rows.append(self.judged(self.head(f"select_one {item.code}", item), item))
        elif item.kind in _TYPES:
            row = self.head(_TYPES[item.kind], item)
            if item.kind == "long_text":
                row["appearance"] = "multiline"
            self.rows.append(self.judged(row, item))
        else:
            self.split(item)

    def judged(self, row: Cells, item: Item) -> Cells:
        """Return a row with its hard constraints joined, under the words of the first."""
        hard = [constraint for constraint in item.constraints if not constraint.soft]
        if hard:
            row["constraint"] = plain_names(joined_tests([c.test for c in hard]))
            row |= self.words("constraint_message", hard[0].message)
        return row

    def listed(self, item: Item) -> None:
        """Write a choice with a list of its own, its non-answers last."""
        row = self.head(f"{_LISTED[item.kind]} {item.code}", item)
        if item.kind == "scale":
            row["appearance"] = "likert"
        options = item.options or self.lists.get(item.options_from, ())
        self.list(item.code, options, item.non_answers)
        if any(option.relevant for option in item.options):
            row["choice_filter"] = _filter(item.options)
        self.rows.append(self.judged(row, item))
        for option in item.options:
            if option.specify:
                other = {"type": "text", "name": f"{item.code}_other",
                         **self.words("label", option.label)}  # fmt: skip
                chosen = f"selected(${{{item.code}}}, '{option.code}')"
                self.rows.append(other | {"relevant": chosen, "consult": '{"part":""}'})

    def list(self, name: str, options: Iterable[Option], non_answers: Iterable[str] = ()) -> None:
        """Write the options of a list; one offered on a condition has its code in ``when``."""
        for option in options:
            when = option.code if option.relevant else ""
            self.choice(name, option.code, option.label, when)
        for code in non_answers:
            self.choice(name, code, NON_ANSWERS[code], "")

    def choice(self, name: str, code: str, label: Words, when: str) -> None:
        """Write one row of the sheet of choices."""
        row = {"list_name": name, "name": code, **self.words("label", label), "when": when}
        self.choices.append(row)

    def split(self, item: Item) -> None:
        """Write what XLSForm has no type for: a group of one question a row or an option."""
        self.rows.append(self.head("begin_group", item))
        if item.kind == "matrix":
            self.list(item.code, item.options, item.non_answers)
        for part in item.rows or item.options:
            kind = f"select_one {item.code}" if item.kind == "matrix" else "integer"
            row = {"type": kind, "name": f"{item.code}_{part.code}",
                   **self.words("label", part.label)}  # fmt: skip
            row |= {"relevant": plain_names(part.relevant), "consult": _json({"part": part.code})}
            if item.kind == "matrix" and any(option.relevant for option in item.options):
                row["choice_filter"] = _filter(item.options)
            self.rows.append(row)
        self.rows.append({"type": "end_group"})


def _rest(item: Item) -> dict[str, Any]:
    """Return what of an item no column says."""
    raw = msgspec.to_builtins(item)
    usual = msgspec.to_builtins(Item(code="x", kind="note", title=Words()))
    kept = {key: v for key, v in raw.items() if key not in _SAID and v != usual[key]}
    for flag in ("exclusive", "specify"):
        codes = [option.code for option in item.options if getattr(option, flag)]
        kept |= {flag: codes} if codes else {}
    if not _is_plain(item.constraints) or item.kind in {"matrix", "points", "best_worst"}:
        kept |= {"constraints": item.constraints} if item.constraints else {}
    return kept


def _is_plain(constraints: tuple[Constraint, ...]) -> bool:
    return len(constraints) <= 1 and not any(constraint.soft for constraint in constraints)


def _filter(options: Iterable[Option]) -> str:
    """Return one filter for all options: those without a condition, or each under its own."""
    asked = [f"(when = '{o.code}' and ({plain_names(o.relevant)}))" for o in options if o.relevant]
    return " or ".join(["when = ''", *asked])


def plain_names(text: str) -> str:
    """Return an expression with a part of an answer under the name of its own question."""
    return re.sub(r"\$\{(\w+)\.(\w+)\}", r"${\1_\2}", text)
