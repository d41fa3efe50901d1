"""Settings are documented, and what is installed is pinned by its digest."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from consult.core.settings import describe
from tests.support.tree import ROOT

PAGE = ROOT / "docs" / "operators" / "settings.md"
PINS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_every_setting_is_documented_and_nothing_else() -> None:
    text = PAGE.read_text("utf-8")
    written = {name.lower() for name in re.findall(r"CONSULT_([A-Z]\w*)", text)}
    known = {row[0] for row in describe()}
    assert known
    assert known - written == set()
    assert {name for name in written - known if not name.startswith("test_")} == set()


def test_every_setting_explains_itself() -> None:
    assert [name for name, _kind, _default, help_text in describe() if not help_text] == []


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.name)
def test_every_pin_carries_digests_and_names_no_place(path: Path) -> None:
    text = path.read_text("utf-8")
    wanted = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^#.*\n", "", text))
    pins = [block for block in wanted if re.match(r"[a-z0-9][\w.\[\]-]*==", block)]
    assert len(pins) > 10
    assert [block.split()[0] for block in pins if "--hash=sha256:" not in block] == []
    assert (
        re.findall(r"://|--(?:index|extra-index|find-links|trusted)\S*|(?<!\w)/\w+/\S*", text) == []
    )


def test_there_are_pins() -> None:
    assert {path.name for path in PINS} == {"runtime.txt", "test.txt"}


def test_every_dependency_is_pinned() -> None:
    text = (ROOT / "requirements" / "runtime.txt").read_text("utf-8")
    pinned = {canonicalize_name(name) for name in re.findall(r"(?m)^([\w.-]+)(?:\[.*?\])?==", text)}
    extras = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    wanted = {canonicalize_name(Requirement(r).name) for r in (*PROJECT["dependencies"], *extras)}
    assert len(wanted) > 20
    assert wanted - pinned == set()


def test_the_files_that_the_project_promises_exist() -> None:
    for name in ("README.md", "LICENSE", "CONTRIBUTING.md", "SECURITY.md", "Makefile", ".ci/run"):
        assert (ROOT / name).is_file(), name
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
