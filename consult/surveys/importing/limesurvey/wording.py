"""The texts of a LimeSurvey structure: in tables of their own, or a row a language. Pure."""

import re

from consult.surveys.importing.drafting import Draft
from consult.surveys.importing.limesurvey.tables import Row
from consult.surveys.importing.texts import LANGUAGES, is_alike, tongue, unmarked
from consult.surveys.rules import MAX_TEXT

_APART = {
    "questions": ("question_l10ns", "qid"), "subquestions": ("question_l10ns", "qid"),
    "groups": ("group_l10ns", "gid"), "answers": ("answer_l10ns", "aid"),
}  # fmt: skip
_PIPE = re.compile(r"\{([A-Za-z]\w*)(?:\.\w+)?\}")


class Texts:
    """Find the texts of a row by language."""

    def __init__(self, draft: Draft, tables: dict[str, list[Row]], base: str) -> None:
        """Index the texts of every table; ``base`` is the language of the survey."""
        self.draft, self.base = draft, base
        self.found: dict[tuple[str, str], list[Row]] = {}
        self.pieces: list[tuple[dict[str, str], str]] = []
        for table, (apart, key) in _APART.items():
            for row in tables.get(apart, ()):
                self.found.setdefault((table, row[key]), []).append(row)
            for row in tables.get(table, ()):
                if row["language"] or not tables.get(apart):
                    self.found.setdefault((table, _old_key(table, row)), []).append(row)

    def of(self, table: str, key: str, name: str, place: str) -> dict[str, str]:
        """Return a text by language, without HTML."""
        words: dict[str, str] = {}
        for row in self.found.get((table, key), ()):
            lang = tongue(row["language"] or self.base)
            if not lang:
                if row[name]:
                    self.draft.note(row.place, "other_language", language=row["language"])
                continue
            if text := unmarked(row[name]):
                words[lang] = text
        return self.kept(words, place)

    def plain(self, text: str, place: str) -> dict[str, str]:
        """Return a text that has no language of its own."""
        text = unmarked(text)
        if is_alike(text):
            return dict.fromkeys(LANGUAGES, text)
        return self.kept({self.base: text} if self.base in LANGUAGES else {}, place)

    def kept(self, words: dict[str, str], place: str) -> dict[str, str]:
        """Return texts within bounds, in the order of our files."""
        for text in words.values():
            if len(text) > MAX_TEXT:
                self.draft.fault(place, "long_text", found=len(text), limit=MAX_TEXT)
        self.draft.languages |= words.keys()
        kept = {lang: words[lang] for lang in LANGUAGES if lang in words}
        if any("{" in text for text in kept.values()):
            self.pieces.append((kept, place))
        return kept

    def name_codes(self) -> None:
        """Put our references in the place of ``{CODE}``; other expressions in texts are told."""
        for words, place in self.pieces:
            for lang, text in words.items():
                words[lang] = _PIPE.sub(self.code, text)
                if re.search(r"(?<!\$)\{[^}\s][^}]*\}", words[lang]):
                    self.draft.note(place, "expression_in_text")

    def code(self, found: re.Match[str]) -> str:
        """Return the reference of a name in a text; the text itself for what is no question."""
        item = self.draft.named.get(found[1])
        return f"${{{item.code}}}" if item else found[0]


def _old_key(table: str, row: Row) -> str:
    """Return under what a row of the old form is looked up."""
    if table == "answers":
        return f"{row['qid']}/{row['code']}"
    if table == "subquestions":
        return f"{row['parent_qid']}/{row['title']}"
    return row["gid"] if table == "groups" else row["qid"]
