"""The texts of a SurveyJS file: one text, or one by language; HTML made plain. Pure."""

from typing import Any

from consult.surveys.importing.drafting import Draft
from consult.surveys.importing.texts import (
    LANGUAGES,
    has_words,
    html_blocks,
    is_alike,
    tongue,
    unmarked,
)
from consult.surveys.rules import MAX_TEXT


class Wording:
    """Read texts of one file; ``default`` is the language of its texts without one."""

    def __init__(self, draft: Draft, default: str) -> None:
        """Tell in ``draft`` what cannot be kept."""
        self.draft = draft
        self.default = default

    def raw(self, value: Any, place: str) -> dict[str, str]:  # noqa: ANN401  JSON
        """Return the texts of a value by language, as they stand."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            text = str(value)
            if is_alike(text):
                if has_words(text):
                    self.draft.note(place, "text_alike", text=text[:60])
                return dict.fromkeys(LANGUAGES, text)
            return {self.default: text} if self.default else self.lost(place, "default")
        found: dict[str, str] = {}
        # The plain code of a language wins over one with a country.
        for key in sorted(value, key=len, reverse=True):
            lang = self.default if key == "default" else tongue(str(key))
            text = value[key]
            if not isinstance(text, str):
                continue
            if lang and not (key == "default" and lang in found):
                found[lang] = text
            elif not lang:
                self.lost(place, str(key))
        return found

    def lost(self, place: str, key: str) -> dict[str, str]:
        """Tell of a text in a third language."""
        self.draft.note(place, "other_language", language=key)
        return {}

    def read(self, value: Any, place: str) -> dict[str, str]:  # noqa: ANN401  JSON
        """Return the texts of a value without HTML; a language in use is kept for the file."""
        return self.kept({k: unmarked(t) for k, t in self.raw(value, place).items()}, place)

    def kept(self, found: dict[str, str], place: str) -> dict[str, str]:
        """Return texts within bounds; languages of their own are those of the file."""
        found = {lang: found[lang] for lang in LANGUAGES if found.get(lang, "").strip()}
        for text in found.values():
            if len(text) > MAX_TEXT:
                self.draft.fault(place, "long_text", found=len(text), limit=MAX_TEXT)
        if len(found) == 1 or len(set(found.values())) > 1:
            self.draft.languages |= found.keys()
        return found

    def blocks(self, value: Any, place: str) -> tuple[dict[str, str], dict[str, str]]:  # noqa: ANN401
        """Return the first block of an HTML text by language, and the rest."""
        head, body = {}, {}
        for lang, text in self.raw(value, place).items():
            found, _heads, lost = html_blocks(text)
            if lost:
                self.draft.note(place, "media_lost", tags=", ".join(sorted(lost)))
            if found:
                head[lang], body[lang] = found[0], "\n".join(found[1:])
        return self.kept(head, place), self.kept(body, place)
