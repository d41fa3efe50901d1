"""Static files are light, ours alone, and the ones whose origin is recorded."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.house import kitchen_sink

STATIC = Path(__file__).resolve().parents[2] / "consult" / "static"
FONTS = STATIC / "fonts"
RECORDED = json.loads((FONTS / "fonts.json").read_text("utf-8"))
STYLES = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
KB = 1024


def weight(*paths: Path) -> int:
    """Return what the files weigh on the wire, in bytes, compressed one by one."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


@pytest.mark.parametrize("own", ["desk.css", "paper.css"])
def test_the_styles_of_a_page_weigh_at_most_9_kb(own: str) -> None:
    every = [path for path in STYLES if path.name in {"fonts.css", "consult.css", own}]
    assert weight(*every) <= 9 * KB


@pytest.mark.parametrize(
    "names",
    [
        {"enhance.js", "code.js"},
        {"enhance.js", "autosave.js", "conditions.js"},
        {"enhance.js", "autosave.js", "ranking.js"},
    ],
)
def test_the_scripts_of_a_page_weigh_at_most_5_kb(names: set[str]) -> None:
    found = [path for path in SCRIPTS if path.name in names]
    assert len(found) == len(names)
    assert weight(*found) <= 5 * KB


def test_no_script_is_loaded_beside_those_that_are_weighed() -> None:
    known = {"enhance.js", "code.js", "autosave.js", "conditions.js", "ranking.js"}
    assert {path.name for path in SCRIPTS} == known
    # A ranking on a page whose questions also depend on each other loads every script of answering.
    assert weight(*[path for path in SCRIPTS if path.name != "code.js"]) <= 5.8 * KB


def test_fonts_weigh_at_most_38_kb() -> None:
    assert sum(path.stat().st_size for path in FONTS.glob("*.woff2")) <= 38 * KB


@pytest.mark.parametrize("name", kitchen_sink.PAGES)
def test_a_full_page_with_style_and_script_weighs_at_most_15_kb(name: str) -> None:
    html = kitchen_sink.pages({})[name].encode()
    own = {"fonts.css", "consult.css", "desk.css" if name == "desk" else ""}
    public = [path for path in STYLES if path.name in own]
    # Conditions and rankings are loaded by the pages that ask them.
    answering = {"autosave.js", "conditions.js"} if name == "questionnaire" else set()
    run = [path for path in SCRIPTS if path.name in {"enhance.js"} | answering]
    assert len(gzip.compress(html, 9)) + weight(*public, *run) <= 15 * KB


def test_every_font_is_recorded_with_its_digest_and_licence() -> None:
    fonts = {path.name: path for path in FONTS.glob("*.woff2")}
    assert fonts.keys() == RECORDED.keys()
    for name, path in fonts.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == RECORDED[name]["sha256"]
        licence = path.with_suffix(".OFL.txt").read_text("utf-8")
        assert "SIL Open Font License, Version 1.1" in licence
        assert "Reserved Font Name" not in licence.split("PREAMBLE")[0]


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_fetch_nothing_from_elsewhere(path: Path) -> None:
    css = path.read_text("utf-8")
    assert "@import" not in css
    for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", css):
        target, _, version = address.partition("?v=")
        file = (path.parent / target).resolve()
        assert file.is_relative_to(STATIC)
        assert hashlib.sha256(file.read_bytes()).hexdigest().startswith(version)
        assert len(version) == 8


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS], ids=lambda path: path.name)
def test_assets_name_no_host_and_evaluate_no_text(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"https?:|//[\w-]+\.\w|\beval\(|new Function|innerHTML", text) == []


def test_a_page_asks_for_nothing_from_elsewhere_and_has_nothing_inline() -> None:
    for html in kitchen_sink.pages({}).values():
        fetched = re.findall(
            r"<(?:script|img|iframe)[^>]*\ssrc=\"([^\"]*)|<link[^>]*href=\"([^\"]*)", html
        )
        assert all("".join(address).startswith("static/") for address in fetched)
        assert re.findall(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", html) == []
