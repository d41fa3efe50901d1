"""Extract the texts, update both catalogues, and say what is not translated yet."""

import subprocess
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations"
POT = FOLDER / "messages.pot"
KEYWORDS = ("_", "_l", "gettext", "lazy_gettext", "to_say", "ngettext:1,2")


def extract() -> None:
    """Write the template of the catalogues."""
    words = [part for keyword in KEYWORDS for part in ("-k", keyword)]
    command = [sys.executable, "-m", "babel.messages.frontend", "extract", "-F", "babel.cfg"]
    command += ["--no-location", "--sort-output", "--omit-header", *words, "-o", str(POT), "."]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def update(locale: str) -> Catalog:
    """Bring one catalogue to the present texts; nothing is guessed."""
    path = FOLDER / locale / "LC_MESSAGES" / "messages.po"
    with POT.open("rb") as file:
        fresh = read_po(file)
    known: dict[object, object] = {}
    if path.exists():
        with path.open("rb") as file:
            known = {m.id: m.string for m in read_po(file, locale=locale) if m.id}
    catalogue = Catalog(locale=locale, project="Consult", charset="utf-8", fuzzy=False)
    for message in fresh:
        if message.id:
            catalogue.add(message.id, known.get(message.id), flags=message.flags)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, omit_header=False, sort_output=True, width=100)
    _steady_header(path)
    return catalogue


def _steady_header(path: Path) -> None:
    """Drop the dates, so that a catalogue changes only with its texts."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(('"POT-Creation', '"PO-Revision'))]
    path.write_text("".join(kept), encoding="utf-8")


def main() -> None:
    """Do it all and report."""
    extract()
    for locale in ("fr_CA", "en_CA"):
        catalogue = update(locale)
        holes = [m.id for m in catalogue if m.id and not all(_texts(m.string))]
        print(f"{locale}: {len(catalogue)} texts, {len(holes)} without translation")
        for hole in holes if locale == "fr_CA" else []:
            print("  ", hole)


def _texts(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


if __name__ == "__main__":
    main()
