"""The texts of a workbook: one column a language; names between ``${}`` become codes. Pure."""

import re

from consult.surveys.importing.drafting import Draft
from consult.surveys.importing.texts import LANGUAGES, is_alike, unmarked
from consult.surveys.importing.xlsform.logic import NAME
from consult.surveys.importing.xlsform.sheets import Row
from consult.surveys.rules import MAX_TEXT


class Labels:
    """Read texts; ``default``: the language of columns that name none."""

    def __init__(self, draft: Draft, default: str) -> None:
        """Tell in ``draft`` what is not carried."""
        self.draft = draft
        self.default = default
        self.pieces: list[tuple[dict[str, str], str]] = []

    def read(self, row: Row, key: str) -> dict[str, str]:
        """Return the texts under a heading by language."""
        found: dict[str, str] = {}
        for lang, cell in sorted(row.words.get(key, {}).items(), reverse=True):
            if lang.startswith("?"):
                self.draft.note(cell.place, "other_language", language=lang[1:])
                continue
            text = unmarked(cell.text) if re.search(r"</?\w+[^>]*>", cell.text) else cell.text
            if len(text) > MAX_TEXT:
                self.draft.fault(cell.place, "long_text", found=len(text), limit=MAX_TEXT)
            found.setdefault(lang or self.default, text)
        if len(row.words.get(key, {})) == 1 and found:
            (text,) = found.values()
            if is_alike(text):
                return dict.fromkeys(LANGUAGES, text)
        self.draft.languages |= found.keys()
        kept = {lang: found[lang] for lang in LANGUAGES if lang in found}
        if any("${" in text for text in kept.values()):
            self.pieces.append((kept, row.where(key)))
        return kept

    def name_codes(self) -> None:
        """Put codes in the place of names in every text read, once all items are known."""
        for words, place in self.pieces:
            for lang, text in words.items():
                words[lang] = NAME.sub(lambda found: self.code(found, place), text)  # noqa: B023

    def code(self, found: re.Match[str], place: str) -> str:
        """Return the code of a name in a text; one that nobody has is a fault."""
        item = self.draft.named.get(found[1])
        if item is None or item.kind in {"note", "section"}:
            self.draft.fault(place, self.draft.unknown(found[1]), item=found[1])
            return found[0]
        return f"${{{item.code}}}"
