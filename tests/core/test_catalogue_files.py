"""Catalogues of a checkout compile by themselves, and a French one with holes is refused."""

import gettext
import os
from pathlib import Path

import pytest

from consult.core.catalogues import compile_stale, ensure_complete, untranslated

HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: fr_CA\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""
YES = 'msgid "Yes"\nmsgstr "Oui"\n\n'
PLURAL = 'msgid "%(n)s answer"\nmsgid_plural "%(n)s answers"\nmsgstr[0] "{}"\nmsgstr[1] "{}"\n'


def written(folder: Path, entries: str, locale: str = "fr_CA") -> Path:
    """Write a ``.po`` file and return its path."""
    path = folder / locale / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + entries, "utf-8")
    return path


def spoken(source: Path) -> str:
    """Return what the compiled catalogue says for “Yes”."""
    with source.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext("Yes")


def test_a_missing_catalogue_is_compiled_and_leaves_nothing_else(tmp_path: Path) -> None:
    source = written(tmp_path, YES)
    compile_stale(tmp_path)
    assert spoken(source) == "Oui"
    assert {p.name for p in source.parent.iterdir()} == {"messages.po", "messages.mo"}


def test_only_an_older_catalogue_is_compiled_again(tmp_path: Path) -> None:
    source = written(tmp_path, YES)
    compile_stale(tmp_path)
    compiled = source.with_suffix(".mo")
    source.write_text(HEADER + YES.replace("Oui", "Ouais"), "utf-8")
    os.utime(source, (1_000, 1_000))
    os.utime(compiled, (2_000, 2_000))
    compile_stale(tmp_path)
    assert spoken(source) == "Oui"
    os.utime(source, (3_000, 3_000))
    compile_stale(tmp_path)
    assert spoken(source) == "Ouais"


def test_a_wheel_with_compiled_catalogues_alone_is_left_as_it_is(tmp_path: Path) -> None:
    source = written(tmp_path, YES)
    compile_stale(tmp_path)
    source.unlink()
    before = source.with_suffix(".mo").stat().st_mtime_ns
    compile_stale(tmp_path)
    assert source.with_suffix(".mo").stat().st_mtime_ns == before
    ensure_complete(tmp_path, "fr_CA")


def test_a_broken_source_leaves_the_compiled_catalogue(tmp_path: Path) -> None:
    source = written(tmp_path, YES)
    compile_stale(tmp_path)
    os.utime(source.with_suffix(".mo"), (1_000, 1_000))
    source.write_bytes(HEADER.encode() + b'msgid "No"\nmsgstr "\xff"\n')
    with pytest.raises(UnicodeDecodeError):
        compile_stale(tmp_path)
    assert spoken(source) == "Oui"
    assert {p.name for p in source.parent.iterdir()} == {"messages.po", "messages.mo"}


def test_an_absent_catalogue_is_refused_by_name(tmp_path: Path) -> None:
    written(tmp_path, YES, "en_CA")
    compile_stale(tmp_path)
    with pytest.raises(RuntimeError, match="the catalogue fr_CA is missing from"):
        ensure_complete(tmp_path, "fr_CA")


@pytest.mark.parametrize(
    ("entries", "hole"),
    [
        ('msgid "No"\nmsgstr ""\n', "No"),
        ('#, fuzzy\nmsgid "No"\nmsgstr "Non"\n', "No"),
        (PLURAL.format("%(n)s réponse", ""), "%(n)s answer"),
    ],
    ids=["untranslated", "fuzzy", "half a plural"],
)
def test_a_hole_is_refused_and_shown(tmp_path: Path, entries: str, hole: str) -> None:
    source = written(tmp_path, YES + entries)
    compile_stale(tmp_path)
    assert untranslated(source) == [hole]
    with pytest.raises(RuntimeError, match="lacks 1 translations, first: "):
        ensure_complete(tmp_path, "fr_CA")


def test_a_complete_catalogue_passes_whatever_was_dropped(tmp_path: Path) -> None:
    obsolete = '#~ msgid "Old"\n#~ msgstr ""\n'
    source = written(tmp_path, YES + PLURAL.format("%(n)s réponse", "%(n)s réponses") + obsolete)
    compile_stale(tmp_path)
    assert untranslated(source) == []
    ensure_complete(tmp_path, "fr_CA")
