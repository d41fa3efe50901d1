"""Texts of foreign files: which language they are in, HTML made plain. Pure."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

LANGUAGES = ("fr", "en")
# Words written alike in French and English: a text of these alone, or without any letters, may
# serve both languages. Every other text is taken for the one language it is in.
ALIKE = frozenset(
    word + end
    for word in ("consultation", "document", "phase", "questionnaire", "question", "quorum")
    for end in ("", "s")
)
_LETTERS = re.compile(r"[^\W\d_]+")
_BLOCKS = {
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "br", "tr", "table",
    "section", "article", "blockquote", "dt", "dd", "hr", "pre",
}  # fmt: skip
_SILENT = {"script", "style", "template"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


def tongue(name: str) -> str:
    """Return ``fr`` or ``en`` for the name of a language or a locale; empty for the others."""
    flat = name.strip().lower()
    code = re.search(r"\(([a-z]{2,3})(?:[-_][a-z0-9]+)*\)\s*$", flat)
    flat = code[1] if code else re.split(r"[-_]", flat)[0]
    names = {"french": "fr", "français": "fr", "francais": "fr", "english": "en", "anglais": "en"}
    flat = names.get(flat, {"fra": "fr", "fre": "fr", "eng": "en"}.get(flat, flat))
    return flat if flat in LANGUAGES else ""


def is_alike(text: str) -> bool:
    """Tell whether a text reads the same in French and English: no letters, or words alike."""
    return all(len(word) == 1 or word.lower() in ALIKE for word in _LETTERS.findall(text))


def has_words(text: str) -> bool:
    """Tell whether a text has any word, not figures and single letters alone."""
    return any(len(word) > 1 for word in _LETTERS.findall(text))


def each(words: Mapping[str, str], join: str, more: Mapping[str, str]) -> dict[str, str]:
    """Return two texts joined, language by language; one that lacks leaves the other."""
    found = {}
    for lang in LANGUAGES:
        parts = [text for text in (words.get(lang, ""), more.get(lang, "")) if text]
        if parts:
            found[lang] = join.join(parts)
    return found


class _Plain(HTMLParser):
    """Gather the text of HTML in blocks; the address of a link stands behind its words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = [""]
        self.heading = ""
        self.silent = 0
        self.links: list[str] = []
        self.lost: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, a link, or what is not shown."""
        given = dict(attrs)
        if tag in _BLOCKS:
            if tag in _HEADINGS and not any(map(str.strip, self.blocks)):
                self.heading = tag
            self.blocks.append("• " if tag == "li" else "")
        elif tag == "a":
            self.links.append(given.get("href") or "")
        elif tag in _SILENT:
            self.silent += 1
        elif tag in {"img", "iframe", "video", "audio", "object", "embed"}:
            self.lost.add(tag)

    def handle_endtag(self, tag: str) -> None:
        """End a block, a link, or what is not shown."""
        if tag in _BLOCKS:
            self.blocks.append("")
        elif tag == "a" and self.links:
            address = self.links.pop()
            if re.match(r"https?://|mailto:", address) and address not in self.blocks[-1]:
                self.blocks[-1] += f" ({address})"
        elif tag in _SILENT and self.silent:
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        """Keep words that are shown."""
        if not self.silent:
            self.blocks[-1] += data


def html_blocks(text: str) -> tuple[list[str], bool, set[str]]:
    """Return the blocks of an HTML text, whether it opens with a heading, and what is lost."""
    parser = _Plain()
    parser.feed(text)
    parser.close()
    blocks = [" ".join(block.split()) for block in parser.blocks]
    return [b for b in blocks if b not in {"", "•"}], bool(parser.heading), parser.lost


def unmarked(text: str) -> str:
    """Return a text without its HTML, in one piece with line ends between its blocks."""
    if "<" not in text and "&" not in text:
        return text.strip()
    return "\n".join(html_blocks(text)[0])
