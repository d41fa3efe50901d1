"""The French catalogue is complete, fresh, and written as Quebec writes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from consult.core.typography import typography_faults
from tests.support.tree import ROOT

FOLDER = ROOT / "translations"
FRENCH = FOLDER / "fr_CA" / "LC_MESSAGES" / "messages.po"
ENGLISH = FOLDER / "en_CA" / "LC_MESSAGES" / "messages.po"
KEYWORDS = ("_", "_l", "gettext", "lazy_gettext", "to_say", "ngettext:1,2")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?[a-z]+[^>]*>")


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def messages(path: Path) -> list[Message]:
    found = [message for message in catalogue(path) if message.id]
    assert len(found) > 200, f"{path} is nearly empty"
    return found


def texts(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def french() -> list[str]:
    return [text for message in messages(FRENCH) for text in texts(message.string)]


def test_every_text_has_its_french() -> None:
    holes = [m.id for m in messages(FRENCH) if m.fuzzy or not all(texts(m.string))]
    assert holes == []


def test_french_plurals_have_both_forms() -> None:
    plural = [m for m in messages(FRENCH) if not isinstance(m.id, str)]
    assert plural
    assert [m.id for m in plural if len(texts(m.string)) != len(texts(m.id))] == []


@pytest.mark.parametrize("path", [FRENCH, ENGLISH], ids=["fr", "en"])
def test_placeholders_are_those_of_the_source(path: Path) -> None:
    wrong = []
    for message in messages(path):
        wanted = set(PLACEHOLDER.findall(texts(message.id)[-1]))
        singular = {p for p in wanted if p != "%(n)s"}  # « une réponse » may leave the number out
        for index, text in enumerate(texts(message.string)):
            if not text:
                continue
            given = set(PLACEHOLDER.findall(text))
            plural = len(texts(message.string)) > 1
            right = singular <= given <= wanted if plural and index == 0 else given == wanted
            if not right:
                wrong.append((message.id, text))
    assert wrong == []


def test_catalogues_are_fresh(tmp_path: Path) -> None:
    target = tmp_path / "fresh.pot"
    words = [part for keyword in KEYWORDS for part in ("-k", keyword)]
    command = [sys.executable, "-m", "babel.messages.frontend", "extract", "-F", "babel.cfg"]
    run = subprocess.run(
        [*command, *words, "-o", str(target), "."],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-500:]
    fresh = {m.id for m in messages(target)}
    for path in (FOLDER / "messages.pot", FRENCH, ENGLISH):
        known = {m.id for m in messages(path)}
        assert (fresh - known, known - fresh) == (set(), set()), f"{path.name}: run `make i18n`"


def test_french_follows_the_typography_of_quebec() -> None:
    faults = {text: found for text in french() if (found := typography_faults(text))}
    assert faults == {}


@pytest.mark.parametrize(
    ("word", "why"),
    [
        (r"\bsondages?\b", "a consultation asks a questionnaire"),
        (r"\w[·•]\w", "read badly aloud by screen readers"),
        (r"\b(?:email|e-mail|mail)s?\b", "courriel"),
        (r"\bcliquez ici\b", "a link names where it leads"),
        (r"\btu\b|\bton\b|\btes\b", "people are addressed as vous"),
    ],
)
def test_french_uses_the_words_of_the_glossary(word: str, why: str) -> None:
    found = [text for text in french() if re.search(word, text, re.IGNORECASE)]
    assert found == [], why


def test_english_typography_is_curly() -> None:
    straight = [
        m.id for m in messages(FRENCH) if any(re.search(r"\w'\w|\.{3}", t) for t in texts(m.id))
    ]
    assert straight == []
