"""What the tree says: its words, and the licences of what it stands on."""

import ast
import csv
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.tree import ROOT, parsed, sources

BINARY = {".png", ".woff2", ".ico", ".jpg", ".gz", ".xlsx"}
# In halves, so that this file does not find itself.
ELSEWHERE = re.compile(
    r"(?<!\w)/wo"
    r"rk/|/ro"
    r"ot/|/tm"
    r"p/bash|(?:pypi|npmjs|pythonhosted)\.(?:org|com)/"
    r"|\b(?:Clau"
    r"de|Anthro"
    r"pic|Chat"
    r"GPT|Open"
    r"AI|Copi"
    r"lot)\b",
    re.IGNORECASE,
)
FREE = re.compile(
    r"MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python Software Foundation|LGPL|Lesser|Unlicense|0BSD|Zlib|free of charge",
    re.IGNORECASE,
)
GLOSSARY = ROOT / "translations" / "glossary.csv"


def kept() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and path.suffix not in BINARY]


def test_no_file_names_a_machine_a_registry_or_a_writing_tool() -> None:
    files = kept()
    assert len(files) > 200
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in files
        if (match := ELSEWHERE.search(path.read_text("utf-8", errors="replace")))
    }
    assert found == set()


def pinned(name: str) -> list[str]:
    text = (ROOT / "requirements" / name).read_text("utf-8")
    return re.findall(r"(?m)^([\w.-]+)(?:\[.*?\])?==", text)


@pytest.mark.parametrize("name", pinned("runtime.txt"))
def test_what_we_stand_on_has_a_free_licence(name: str) -> None:
    told = metadata.metadata(name)
    fields = ("License-Expression", "License", "Classifier")
    texts = [text for field in fields for text in told.get_all(field, [])]
    licences = [t[:200] for t in texts if not t.startswith(("Programming", "Topic", "Intended"))]
    assert any(FREE.search(text) for text in [*licences, *licence_files(name)]), licences


def licence_files(name: str) -> list[str]:
    files = metadata.files(name) or []
    return [file.read_text()[:500] for file in files if file.name.startswith("LICENSE")]


def terms() -> list[dict[str, str]]:
    with GLOSSARY.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_glossary_has_each_term_once_in_both_languages() -> None:
    found = terms()
    assert len(found) >= 76
    assert [row for row in found if not row["fr"] or not row["en"]] == []
    french = [row["fr"] for row in found]
    assert len(french) == len(set(french))


def test_the_catalogue_uses_no_word_that_the_glossary_sets_aside() -> None:
    path = ROOT / "translations" / "fr_CA" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        pairs = [(m.id, m.string) for m in read_po(file, locale="fr_CA") if m.id]
    assert len(pairs) > 200
    for row in terms():
        for language, place in (("en", 0), ("fr", 1)):
            for word in filter(None, row[f"not_{language}"].split("|")):
                pattern = re.compile(rf"\b{re.escape(word)}s?\b", re.IGNORECASE)
                assert [pair[place] for pair in pairs if pattern.search(str(pair[place]))] == []


def imported() -> set[str]:
    """Return the packages outside the standard library that the program imports."""
    found: set[str] = set()
    for path in sources("consult"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"consult"}


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    declared = {
        canonicalize_name(Requirement(line).name) for line in (*project["dependencies"], *extras)
    }
    names = metadata.packages_distributions()
    undeclared = {
        name
        for name in imported()
        if not {canonicalize_name(owner) for owner in names.get(name, [])} & declared
    }
    assert len(imported()) > 15
    assert undeclared == set()
