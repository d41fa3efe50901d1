"""The rows of the sheet ``survey``: each an item, a group, or a finding at its cell. Pure."""

import re
from collections.abc import Callable
from typing import Any

from consult.surveys.importing.drafting import (
    Draft,
    DraftGroup,
    DraftItem,
    DraftOption,
    DraftRule,
    Source,
    option_code,
)
from consult.surveys.importing.values import number_or_none
from consult.surveys.importing.xlsform.extras import (
    COLUMN,
    NON_ANSWERS,
    SPLIT,
    apply_extras,
    read_extras,
)
from consult.surveys.importing.xlsform.labels import Labels
from consult.surveys.importing.xlsform.logic import FilterSource
from consult.surveys.importing.xlsform.sheets import Row, Sheet
from consult.surveys.rules import Words

_SELECT = re.compile(
    r"(?P<kind>select_one|select_multiple|rank)"
    r"(?:_from)?\s+(?P<list>\S+)(?P<other>\s+(?:or_other|or_specify_other|or\s+specify\s+other))?$"
)
_SPELLINGS = (
    (r"^(?:add )?select[ _]?(?:one|1)\b(?:\s+from)?|^select1\b", "select_one"),
    (r"^(?:add )?select[ _](?:multiple|all that apply)\b(?:\s+from)?", "select_multiple"),
    (r"^odk:rank\b", "rank"),
)
_TEXTS = {"text", "string", "q string", "add text prompt", "phone number", "phonenumber number",
          "email", "url"}  # fmt: skip
_NUMBERS = {"integer": 0, "int": 0, "add integer prompt": 0, "q int": 0, "decimal": 6,
            "add decimal prompt": 6, "q decimal": 6, "percentage": 0, "range": 0}  # fmt: skip
_META = {
    "start", "end", "today", "deviceid", "uri:deviceid", "username", "uri:username", "email ",
    "uri:email", "phonenumber", "uri:phonenumber", "simserial", "uri:simserial", "subscriberid",
    "uri:subscriberid", "audit", "start-geopoint", "background-audio", "background-geopoint",
    "get today", "get start time", "get end time", "get phone number", "get device id", "imei",
    "hidden", "instanceid",
}  # fmt: skip
_LOOKS = {"field-list", "minimal", "compact", "quick", "horizontal", "vertical", "likert",
          "autocomplete", "label", "list-nolabel", "numbers", "multiline", "table-list", "w1",
          "w2", "w3", "w4", "columns", "no-buttons", "columns-pack"}  # fmt: skip
_YES = {"yes", "true", "true()", "1", "x"}
NO_FIT = {"fr": "Cette réponse ne convient pas ici.", "en": "This answer does not fit here."}
OTHER = {"fr": "Autre", "en": "Other"}
_CARRIED = {
    "type", "name", "label", "hint", "required", "relevant", "constraint", "constraint_message",
    "choice_filter", "calculation", "appearance", "parameters", "repeat_count", "guidance_hint",
    COLUMN,
}  # fmt: skip


class Questions:
    """Read rows into the pages of a draft."""

    def __init__(self, draft: Draft, labels: Labels, choices: Sheet | None) -> None:
        """Write into ``draft``; ``choices`` holds the options by the name of their list."""
        self.draft = draft
        self.labels = labels
        self.lists: dict[str, list[Row]] = {}
        self.headings = frozenset(h[0] for h in choices.headings) if choices else frozenset()
        for row in choices.rows if choices else ():
            if name := row.text("list_name"):
                self.lists.setdefault(name, []).append(row)
            else:
                draft.fault(row.place, "cell_missing", heading="list_name")
        self.open: list[tuple[DraftGroup, str, Row]] = []
        self.loose: DraftGroup | None = None

    def read(self, sheet: Sheet) -> None:
        """Read every row; a group left open is a fault at its row."""
        for row in sheet.rows:
            kind = re.sub(r"\s+", " ", row.text("type")).strip()
            if kind:
                self.row(kind, row)
            elif row.text("name") or row.text("label"):
                self.draft.fault(row.place, "cell_missing", heading="type")
        for group, word, row in self.open:
            self.draft.fault(row.where("type"), "group_open", name=group.name, type=word)

    def row(self, kind: str, row: Row) -> None:
        """Read one row by its type."""
        block = re.match(r"(begin|end)[ _](group|repeat|lgroup|looped group)\b", kind.lower())
        if block and block[1] == "begin":
            self.begin(block[2], row)
        elif block:
            self.end(block[2], row)
        elif self.part(kind, row):
            return
        elif item := self.question(kind, row):
            if extras := read_extras(self.draft, row):
                apply_extras(item, extras, row)
            self.place(item)

    def part(self, kind: str, row: Row) -> bool:
        """Read a row that our export split off an item; False for every other row."""
        part = read_extras(self.draft, row).get("part")
        if not isinstance(part, str):
            return False
        if part and self.open:
            item = DraftItem(part, part, kind, self.labels.read(row, "label"), row.place)
            item.relevant = self.sources(row)
            found = _SELECT.match(kind)
            if found and found["list"] in self.lists:
                self.options(item, found["list"], row)
            self.open[-1][0].nodes.append(item)
        return True

    def begin(self, word: str, row: Row) -> None:
        """Open a group: a page at the top, a section inside; a repeat is refused."""
        if word != "group":
            self.draft.fault(row.where("type"), "repeat", name=row.text("name"))
            word = "repeat"
        name = row.text("name") or "group"
        group = DraftGroup(
            name=name,
            title=self.labels.read(row, "label"),
            hint=self.labels.read(row, "hint"),
            place=row.place,
            relevant=self.sources(row),
        )
        self.looks(row, {"repeat_count"})
        extras = read_extras(self.draft, row)
        if self.open:
            self.open[-1][0].nodes.append(group)
        else:
            self.loose = None
            group.code = self.draft.page_code(str(extras.get("page") or name))
            self.draft.pages.append(group)
        self.open.append((group, word, row))

    def end(self, word: str, row: Row) -> None:
        """Close the group that is open."""
        wanted = "group" if word == "group" else "repeat"
        if not self.open or self.open[-1][1] != wanted:
            self.draft.fault(row.where("type"), "group_not_open", type=wanted)
        else:
            group, _word, begun = self.open.pop()
            if (extras := read_extras(self.draft, begun)).get("kind") in SPLIT:
                self.whole(group, extras, begun)

    def whole(self, group: DraftGroup, extras: dict[str, Any], row: Row) -> None:
        """Make one item again of the group that our export split it into."""
        parts = [node for node in group.nodes if isinstance(node, DraftItem)]
        item = self.make(str(extras["kind"]), row)
        rows = [
            DraftOption(part.name, part.code, part.title, part.place, relevant=part.relevant)
            for part in parts
        ]
        if item.kind == "matrix":
            item.rows = rows
            item.options = parts[0].options if parts else []
            item.non_answers = parts[0].non_answers if parts else {}
        else:
            item.options = rows
        apply_extras(item, extras, row)
        owner = self.open[-1][0] if self.open else None
        if owner is not None:
            owner.nodes[owner.nodes.index(group)] = item
        for part in parts:
            self.draft.parts[f"{item.name}_{part.code}"] = f"{item.code}.{part.code}"

    def place(self, item: DraftItem) -> None:
        """Put an item into the open group, or on a page of its own kind."""
        if self.open:
            self.open[-1][0].nodes.append(item)
            return
        if self.loose is None:
            code = self.draft.page_code("page")
            self.loose = DraftGroup("page", dict(self.draft.title), item.place, code=code)
            self.draft.pages.append(self.loose)
        self.loose.nodes.append(item)

    def question(self, kind: str, row: Row) -> DraftItem | None:
        """Return the item of a row, or None with a finding."""
        low = kind.lower()
        if low in _META:
            self.draft.note(row.where("type"), "type_not_kept", type=low)
            self.draft.refused.add(row.text("name"))
            return None
        if not row.text("name") and low != "note":
            self.draft.fault(row.place, "cell_missing", heading="name")
            return None
        plain = kind
        for pattern, word in _SPELLINGS:
            plain = re.sub(pattern, word, plain, flags=re.IGNORECASE)
        if found := _SELECT.match(plain):
            return self.select(found, row)
        reader = self.readers().get(low)
        if reader is None:
            self.draft.refuse(row.where("type"), kind, row.text("name"))
            return None
        return reader(low, row)

    def readers(self) -> dict[str, Callable[[str, Row], DraftItem | None]]:
        """Return what reads each type that has no list."""
        return {
            **dict.fromkeys(_TEXTS, self.text),
            **dict.fromkeys(_NUMBERS, self.number),
            "date": lambda _kind, row: self.make("date", row),
            "note": self.note,
            "calculate": self.calculate,
            "acknowledge": self.acknowledge,
            "trigger": self.acknowledge,
        }

    def make(self, kind: str, row: Row, *, specifies: bool = False) -> DraftItem:
        """Return an item with what every row may have."""
        name = row.text("name") or "note"
        item = DraftItem(
            name=name,
            code=self.draft.item_code(name, specifies=specifies),
            kind=kind,
            title=self.labels.read(row, "label"),
            place=row.place,
            hint=self.labels.read(row, "hint"),
            relevant=self.sources(row),
        )
        required = row.text("required").lower()
        if required in _YES and kind not in {"note", "computed"}:
            item.more["required"] = True
        elif required not in {"", "no", "false", "false()", "0", *_YES}:
            self.draft.fault(row.where("required"), "conditional_required")
        if row.text("constraint") and kind != "computed":
            said = self.labels.read(row, "constraint_message") or dict(NO_FIT)
            source = Source(row.text("constraint"), row.where("constraint"))
            item.rules.append(DraftRule(source, said))
        if row.text("calculation") and kind != "computed":
            self.draft.fault(row.where("calculation"), "calculation_of_question")
        self.looks(row, set())
        self.draft.register(item)
        return item

    def sources(self, row: Row) -> list[Source]:
        """Return the condition of a row."""
        text = row.text("relevant")
        return [Source(text, row.where("relevant"))] if text else []

    def looks(self, row: Row, used: set[str]) -> None:
        """Tell each cell that is not carried."""
        for word in row.text("appearance").split():
            if word.lower() not in _LOOKS:
                self.draft.note(row.where("appearance"), "look_not_carried", look=word)
        for key, cell in row.cells.items():
            if key in _CARRIED | used:
                continue
            code = "media_not_carried" if key.startswith("media:") else "column_not_carried"
            self.draft.note(cell.place, code, column=key.removeprefix("media:"))
        if row.text("guidance_hint"):
            self.draft.note(
                row.where("guidance_hint"), "column_not_carried", column="guidance_hint"
            )

    def text(self, kind: str, row: Row) -> DraftItem:
        """Read a text: of one line, unless it is shown with several."""
        is_long = "multiline" in row.text("appearance")
        item = self.make("long_text" if is_long else "short_text", row)
        item.more["max_length"] = 5000 if is_long else 255
        if kind in {"phone number", "email", "url"}:
            self.draft.note(row.where("type"), "check_not_carried", check=kind)
        return item

    def number(self, kind: str, row: Row) -> DraftItem:
        """Read a number; the ends of a range are its bounds."""
        item = self.make("number", row)
        item.more["decimals"] = _NUMBERS[kind]
        given = parameters(row.text("parameters"))
        for key, ours in (("start", "minimum"), ("end", "maximum")):
            figure = number_or_none(given.get(key, ""))
            if kind == "range":
                figure = {"start": 1.0, "end": 10.0}[key] if figure is None else figure
                item.more[ours] = int(figure) if figure.is_integer() else figure
        if "." in given.get("step", ""):
            item.more["decimals"] = min(len(given["step"].partition(".")[2]), 6)
        if kind == "percentage":
            item.more |= {"minimum": 0, "maximum": 100, "unit": {"fr": "%", "en": "%"}}
        return item

    def note(self, _kind: str, row: Row) -> DraftItem | None:
        """Read a note; one without words is told and left out."""
        if not row.text("label"):
            self.looks(row, set())
            self.draft.note(row.place, "note_without_words", name=row.text("name"))
            return None
        return self.make("note", row)

    def calculate(self, _kind: str, row: Row) -> DraftItem:
        """Read a computed value; one without a label has its name for title."""
        item = self.make("computed", row)
        item.calculation = Source(row.text("calculation"), row.where("calculation"))
        item.title = item.title or dict.fromkeys(("fr", "en"), item.name)
        return item

    def acknowledge(self, _kind: str, row: Row) -> DraftItem:
        """Read an acknowledgement: a choice between OK and no answer is one of two options."""
        item = self.make("one_choice", row)
        item.options = [
            DraftOption("OK", "ok", {"fr": "D’accord", "en": "OK"}, row.place),
            DraftOption("no", "no", {"fr": "Non", "en": "No"}, row.place),
        ]
        self.draft.note(row.where("type"), "acknowledge_as_choice", name=item.name)
        return item

    def select(self, found: re.Match[str], row: Row) -> DraftItem | None:
        """Read a choice from a list of the sheet ``choices``."""
        kinds = {"select_one": "one_choice", "select_multiple": "several_choices"}
        if found["list"] not in self.lists:
            code = "list_in_question" if found["list"].startswith("${") else "no_list"
            self.draft.fault(row.where("type"), code, name=found["list"])
            self.draft.refused.add(row.text("name"))
            return None
        kind = kinds.get(found["kind"], "ranking")
        item = self.make(kind, row, specifies=bool(found["other"]))
        self.options(item, found["list"], row)
        if found["other"]:
            used = {option.code for option in item.options}
            item.options.append(
                DraftOption(
                    "other", option_code("other", used), dict(OTHER), row.place,
                    more={"specify": True},
                )
            )  # fmt: skip
        if parameters(row.text("parameters")).get("randomize", "") == "true":
            self.draft.note(row.where("parameters"), "order_not_carried")
        return item

    def options(self, item: DraftItem, name: str, row: Row) -> None:
        """Read the options of a list; each has the filter of the row, its own cells filled in."""
        used: set[str] = set()
        test = row.text("choice_filter")
        for choice in self.lists[name]:
            value = choice.text("name")
            if not value:
                self.draft.fault(choice.place, "cell_missing", heading="name")
                continue
            label = self.labels.read(choice, "label")
            if value in NON_ANSWERS and _is_ours(label, NON_ANSWERS[value]):
                item.non_answers[value] = value
                continue
            filters = []
            if test:
                cells = {key: cell.text for key, cell in choice.cells.items()}
                filters = [FilterSource(test, row.where("choice_filter"), cells, self.headings)]
            before = next((o for o in item.options if o.name == value), None)
            if before is not None and before.label == label and test:
                before.either += filters
            elif before is not None:
                self.draft.fault(choice.where("name"), "value_used_twice", item=value)
            else:
                code = option_code(value, used)
                item.options.append(
                    DraftOption(value, code, label, choice.place, either=list(filters))
                )
            for key, cell in choice.cells.items():
                if key.startswith("media:"):
                    self.draft.note(cell.place, "media_not_carried", column=key[6:])


def _is_ours(label: dict[str, str], words: Words) -> bool:
    return bool(label) and all(getattr(words, lang) == text for lang, text in label.items())


def parameters(text: str) -> dict[str, str]:
    """Return the parameters of a question: ``start=0 end=10``."""
    return {key.lower(): value for key, value in re.findall(r"([\w-]+)\s*=\s*([^\s;,]+)", text)}
