"""The questions of a LimeSurvey structure: each becomes items, or a finding. Pure."""

import re
from collections.abc import Callable

from consult.surveys.importing.drafting import (
    Draft,
    DraftGroup,
    DraftItem,
    DraftOption,
    Source,
    option_code,
)
from consult.surveys.importing.limesurvey.tables import Row
from consult.surveys.importing.limesurvey.wording import Texts
from consult.surveys.importing.texts import each
from consult.surveys.importing.values import number_or_none

Words = dict[str, str]
YES, NO = {"fr": "Oui", "en": "Yes"}, {"fr": "Non", "en": "No"}
_FIXED: dict[str, list[tuple[str, Words]]] = {
    "Y": [("Y", YES), ("N", NO)],
    "G": [("F", {"fr": "Féminin", "en": "Female"}), ("M", {"fr": "Masculin", "en": "Male"})],
    "C": [("Y", YES), ("U", {"fr": "Incertain", "en": "Uncertain"}), ("N", NO)],
    "E": [("I", {"fr": "Augmenter", "en": "Increase"}),
          ("S", {"fr": "Sans changement", "en": "Same"}),
          ("D", {"fr": "Diminuer", "en": "Decrease"})],
    "5": [(str(n), dict.fromkeys(("fr", "en"), str(n))) for n in range(1, 6)],
    "A": [(str(n), dict.fromkeys(("fr", "en"), str(n))) for n in range(1, 6)],
    "B": [(str(n), dict.fromkeys(("fr", "en"), str(n))) for n in range(1, 11)],
}  # fmt: skip
_KNOWN_ATTRIBUTES = {
    "max_answers", "min_answers", "exclude_all_others", "maximum_chars", "min_num_value_n",
    "max_num_value_n", "num_value_int_only", "prefix", "suffix", "other_replace_text", "hidden",
    "equation",
}  # fmt: skip


class Questions:
    """Read questions into the pages of a draft."""

    def __init__(self, draft: Draft, texts: Texts, tables: dict[str, list[Row]]) -> None:
        """Write into ``draft``; tables hold answers, sub-questions and attributes by question."""
        self.draft, self.texts = draft, texts
        self.parts: dict[str, tuple[DraftItem, str]] = {}
        self.answers = _by(tables.get("answers", ()), "qid")
        self.below = _by(tables.get("subquestions", ()), "parent_qid")
        self.attributes = _by(tables.get("question_attributes", ()), "qid")
        self.conditions = _by(tables.get("conditions", ()), "qid")
        one, several = self.choice, self.several
        self.readers: dict[str, Callable[[Row], list[DraftItem]]] = {
            **dict.fromkeys("L!YG", one), "O": one, "5": one, "M": several, "P": several,
            **dict.fromkeys("ABCEFH", self.matrix), "1": self.dual, "R": self.ranking,
            "S": self.text, "T": self.text, "U": self.text, "N": self.number, "D": self.day,
            "Q": self.lines, "K": self.lines, "X": self.note, "*": self.equation,
        }  # fmt: skip

    def read(self, row: Row, page: DraftGroup) -> None:
        """Read one question into its page."""
        kind = row["type"]
        given = self.given(row)
        if given.get("hidden") == "1" and kind != "*":
            self.draft.note(row.place, "never_visible", name=row["title"])
            self.draft.refused.add(row["title"])
            return
        if kind == "I":
            self.draft.note(row.place, "property_not_carried", property="language switch")
            return
        reader = self.readers.get(kind)
        if reader is None:
            self.draft.refuse(row.place, kind or "?", row["title"])
            return
        page.nodes += reader(row)
        for name in sorted(given.keys() - _KNOWN_ATTRIBUTES):
            if given[name] not in {"", "0", "N"}:
                self.draft.note(row.place, "property_not_carried", property=name)
        if row["preg"]:
            self.draft.note(row.place, "check_not_carried", check=row["preg"][:60])

    def given(self, row: Row) -> dict[str, str]:
        """Return the attributes of a question."""
        return {r["attribute"]: r["value"] for r in self.attributes.get(row["qid"], ())}

    def make(self, row: Row, kind: str, name: str = "", title: Words | None = None) -> DraftItem:
        """Return an item with what every question has."""
        name = name or row["title"] or f"Q{row['qid']}"
        specifies = row["other"] == "Y" and kind in {"one_choice", "several_choices"}
        item = DraftItem(
            name=name,
            code=self.draft.item_code(name, specifies=specifies),
            kind=kind,
            title=title or self.texts.of("questions", row["qid"], "question", row.place),
            place=row.place,
            hint=self.texts.of("questions", row["qid"], "help", row.place),
            relevant=self.sources(row),
        )
        if row["mandatory"] in {"Y", "S"} and kind not in {"note", "computed"}:
            item.more["required"] = True
        self.draft.register(item)
        for number in (f"{row['sid']}X{row['gid']}X{row['qid']}", f"Q{row['qid']}"):
            self.draft.named.setdefault(number, item)
        return item

    def sources(self, row: Row) -> list[Source]:
        """Return the condition of a question: its relevance, else the old table of conditions."""
        text = row["relevance"].strip()
        if text not in {"", "1"}:
            return [Source(text, f"{row.place}, relevance")]
        groups: dict[str, dict[str, list[str]]] = {}
        for rule in self.conditions.get(row["qid"], ()):
            if rule["method"] == "RX" or not rule["cfieldname"] or rule["value"][:1] == "@":
                self.draft.fault(rule.place, "property_unknown", property=rule["method"])
                continue
            name = rule["cfieldname"].lstrip("+")
            value = rule["value"].strip().replace("\\", "\\\\").replace('"', '\\"')
            sign = rule["method"].strip() or "=="
            tests = groups.setdefault(rule["scenario"], {}).setdefault(name, [])
            tests.append(f'{name} {sign} "{value}"')
        whole = [
            "(" + " and ".join("(" + " or ".join(tests) + ")" for tests in names.values()) + ")"
            for names in groups.values()
        ]
        first = self.conditions.get(row["qid"], [row])[0].place
        return [Source(" or ".join(whole), first)] if whole else []

    def part(self, item: DraftItem, row: Row, title: str, code: str) -> None:
        """Let expressions name a part of a question, by code and by the old numbers."""
        for owner in (row["title"], f"{row['sid']}X{row['gid']}X{row['qid']}"):
            joint = "" if "X" in owner and owner[:1].isdigit() else "_"
            self.parts[f"{owner}{joint}{title}"] = (item, code)

    def options(self, row: Row, rows: list[Row], table: str, key: str) -> list[DraftOption]:
        """Return answers or sub-questions in their order, the languages of each together."""
        found: dict[str, DraftOption] = {}
        used: set[str] = set()
        order = "sortorder" if key == "code" else "question_order"
        for entry in sorted(rows, key=lambda r: number_or_none(r[order]) or 0.0):
            name = entry[key]
            if name in found:
                continue
            id_ = entry["aid"] or entry["qid"] if key == "code" else entry["qid"]
            text = "answer" if key == "code" else "question"
            label = self.texts.of(table, id_ if not entry[text] else f"{row['qid']}/{name}",
                                  text, entry.place)  # fmt: skip
            option = DraftOption(name, option_code(name, used), label, entry.place)
            if key == "title" and entry["relevance"].strip() not in {"", "1"}:
                option.relevant.append(Source(entry["relevance"], f"{entry.place}, relevance"))
            found[name] = option
        return list(found.values())

    def listed(self, row: Row, scale: str = "0") -> list[DraftOption]:
        """Return the answers that a question offers."""
        if row["type"] in _FIXED:
            used: set[str] = set()
            return [
                DraftOption(name, option_code(name, used), dict(label), row.place)
                for name, label in _FIXED[row["type"]]
            ]
        rows = [r for r in self.answers.get(row["qid"], ()) if (r["scale_id"] or "0") == scale]
        return self.options(row, rows, "answers", "code")

    def sub(self, row: Row, scale: str = "0") -> list[DraftOption]:
        """Return the sub-questions of a question."""
        rows = [r for r in self.below.get(row["qid"], ()) if (r["scale_id"] or "0") == scale]
        return self.options(row, rows, "subquestions", "title")

    def other(self, item: DraftItem, row: Row) -> None:
        """Add the option to specify."""
        if row["other"] != "Y":
            return
        used = {option.code for option in item.options}
        label = {"fr": "Autre", "en": "Other"}
        item.options.append(
            DraftOption("-oth-", option_code("other", used), label, row.place,
                        more={"specify": True})
        )  # fmt: skip
        self.part(item, row, "other", "_other")

    def choice(self, row: Row) -> list[DraftItem]:
        """Read one choice, with a box for a comment where it has one."""
        item = self.make(row, "scale" if row["type"] == "5" else "one_choice")
        item.options = self.listed(row)
        self.other(item, row)
        if row["type"] != "O":
            return [item]
        title = {"fr": "Commentaire", "en": "Comment"}
        comment = self.make(row, "long_text", f"{row['title']}_comment", title)
        comment.more.pop("required", None)
        comment.hint = {}
        return [item, comment]

    def several(self, row: Row) -> list[DraftItem]:
        """Read several choices: each sub-question is an option."""
        item = self.make(row, "several_choices")
        item.options = self.sub(row)
        given = self.given(row)
        for key, ours in (("max_answers", "max_choices"), ("min_answers", "min_choices")):
            if given.get(key, "").isdigit() and int(given[key]) > 0:
                item.more[ours] = int(given[key])
        alone = set(re.split(r"[;,]", given.get("exclude_all_others", "")))
        for option in item.options:
            if option.name in alone:
                option.more["exclusive"] = True
            self.part(item, row, option.name, option.code)
        self.other(item, row)
        if row["type"] == "P":
            self.draft.note(row.place, "property_not_carried", property="comments")
        return [item]

    def matrix(self, row: Row) -> list[DraftItem]:
        """Read an array of one answer a row."""
        item = self.make(row, "matrix")
        item.rows, item.options = self.sub(row), self.listed(row)
        for sub in item.rows:
            self.part(item, row, sub.name, sub.code)
        return [item]

    def dual(self, row: Row) -> list[DraftItem]:
        """Read an array of two scales as two arrays."""
        first = self.make(row, "matrix")
        first.rows, first.options = self.sub(row), self.listed(row)
        second = self.make(row, "matrix", f"{row['title']}_2")
        second.rows, second.options = self.sub(row), self.listed(row, "1")
        return [first, second]

    def ranking(self, row: Row) -> list[DraftItem]:
        """Read a ranking."""
        item = self.make(row, "ranking")
        item.options = self.listed(row) or self.sub(row)
        most = self.given(row).get("max_answers", "")
        if most.isdigit() and int(most) > 0:
            item.more["max_choices"] = int(most)
        return [item]

    def text(self, row: Row) -> list[DraftItem]:
        """Read a text: of one line, or long."""
        is_long = row["type"] != "S"
        item = self.make(row, "long_text" if is_long else "short_text")
        cap = 5000 if is_long else 255
        most = self.given(row).get("maximum_chars", "")
        item.more["max_length"] = min(int(most), cap) if most.isdigit() and int(most) else cap
        return [item]

    def number(self, row: Row) -> list[DraftItem]:
        """Read a number with its bounds and unit."""
        return [self.numbered(self.make(row, "number"), row)]

    def numbered(self, item: DraftItem, row: Row) -> DraftItem:
        """Give a number its bounds, decimals and unit."""
        given = self.given(row)
        for key, ours in (("min_num_value_n", "minimum"), ("max_num_value_n", "maximum")):
            figure = number_or_none(given.get(key, ""))
            if figure is not None:
                item.more[ours] = int(figure) if figure.is_integer() else figure
        item.more["decimals"] = 0 if given.get("num_value_int_only") == "1" else 6
        if given.get("suffix"):
            item.more["unit"] = self.texts.plain(given["suffix"], row.place)
        return item

    def day(self, row: Row) -> list[DraftItem]:
        """Read a day."""
        return [self.make(row, "date")]

    def lines(self, row: Row) -> list[DraftItem]:
        """Read several lines of text or numbers, an item each."""
        title = self.texts.of("questions", row["qid"], "question", row.place)
        found = []
        for sub in self.sub(row):
            kind = "number" if row["type"] == "K" else "short_text"
            name = f"{row['title']}_{sub.name}"
            item = self.make(row, kind, name, each(title, " – ", sub.label))
            if kind == "number":
                self.numbered(item, row)
            else:
                item.more["max_length"] = 255
            found.append(item)
        return found

    def note(self, row: Row) -> list[DraftItem]:
        """Read words between questions."""
        return [self.make(row, "note")]

    def equation(self, row: Row) -> list[DraftItem]:
        """Read a computed value."""
        item = self.make(row, "computed")
        text = self.given(row).get("equation", "") or next(iter(item.title.values()), "")
        item.calculation = Source(text.strip("{} "), row.place)
        item.title = dict.fromkeys(("fr", "en"), item.name)
        return [item]


def _by(rows: object, key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows if isinstance(rows, list) else ():
        found.setdefault(row[key], []).append(row)
    return found
