"""Compile the catalogues of a checkout and refuse a French one with holes (floor 0)."""

import os
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_stale(folder: Path) -> None:
    """Compile each ``.po`` that is newer than its ``.mo``; a wheel has only ``.mo``."""
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        catalogue = _read(source)
        temporary = target.with_name(f"{target.name}.{os.getpid()}")
        with temporary.open("wb") as file:
            write_mo(file, catalogue)
        temporary.replace(target)


def ensure_complete(folder: Path, locale: str) -> None:
    """Raise RuntimeError when the catalogue of ``locale`` is absent or incomplete."""
    base = folder / locale / "LC_MESSAGES" / "messages"
    if not base.with_suffix(".mo").is_file():
        message = f"the catalogue {locale} is missing from {folder}"
        raise RuntimeError(message)
    source = base.with_suffix(".po")
    if source.is_file():
        holes = untranslated(source)
        if holes:
            message = f"{source} lacks {len(holes)} translations, first: {holes[0]!r}"
            raise RuntimeError(message)


def untranslated(source: Path) -> list[str]:
    """Return the texts of a ``.po`` file that are empty or marked fuzzy."""
    holes = []
    for entry in _read(source):
        texts = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        if entry.id and (entry.fuzzy or not all(texts)):
            holes.append(entry.id if isinstance(entry.id, str) else entry.id[0])
    return holes


def _read(source: Path) -> Catalog:
    with source.open("rb") as file:
        return read_po(file)
