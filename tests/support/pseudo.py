"""A catalogue that brackets, lengthens and accents every text: what it leaves bare is not translated.

Babel knows no code for a made-up language; ``eo`` is used, in tests only.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CODE = "eo"
OPEN, CLOSE = "⟦", "⟧"
_ACCENTS = str.maketrans("aeiouycnAEIOUYCN", "àéîõüÿçñÀÉÎÕÜŸÇÑ")
_HELD = re.compile(r"(%\(\w+\)[sd])")
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
# Written by the filters of dates and hours, which have tests of their own.
# What is no word of any language: codes of the software, addresses, paths in a file.
_CODES = re.compile(r"\$[\w.\[\]]*|\b[a-z]+(?:[-_][a-z0-9]+)+\b|https?://\S+|\S+@\S+")
_WORD = re.compile(r"[a-z0-9_.:/-]*")  # may be a code: it is a text of its own or nothing
_FORMATTED = re.compile(rf"{_MONTH}\s\d+, \d{{4}}|\d+:\d\d\s[ap]\.m\.(?: \(Eastern time\))?")


def pseudo(text: str) -> str:
    """Return ``text`` bracketed, accented and 40 % longer; what it holds for values stays."""
    parts = _HELD.split(text)
    spoken = "".join(p if _HELD.fullmatch(p) else p.translate(_ACCENTS) for p in parts)
    return f"{OPEN}{spoken}{' ~' * (len(text) // 5)}{CLOSE}"


def write_catalogue(source: Path, folder: Path) -> None:
    """Write under ``folder`` the catalogue made from the texts of ``source`` (a template)."""
    made = Catalog(locale=CODE)
    with source.open("rb") as file:
        texts = read_po(file)
    for entry in texts:
        if entry.id:
            several = isinstance(entry.id, tuple)
            told = tuple(map(pseudo, entry.id)) if several else pseudo(entry.id)
            made.add(entry.id, told, flags=entry.flags)
    target = folder / CODE / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, made)


def bare(text: str, stored: Sequence[str]) -> str:
    """Return what of ``text`` is neither bracketed, nor stored, nor a date; empty when nothing is.

    ``stored`` holds every text of the database, the longest first.
    """
    if text in stored:
        return ""
    rest = text
    while (shorter := re.sub(rf"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}", " ", rest)) != rest:
        rest = shorter
    rest = _FORMATTED.sub(" ", rest)
    if re.search(r"[^\W\d_]{2}", rest):
        for known in stored:
            if len(known) > 3 and known in rest and not _WORD.fullmatch(known):
                rest = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", " ", rest)
    return " ".join(re.findall(r"[^\W\d_]{2,}", _CODES.sub(" ", rest)))
