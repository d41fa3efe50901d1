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


@pytest.mark.parametrize("own", ["answering.js", "code.js"])
def test_the_scripts_of_a_page_weigh_at_most_5_kb(own: str) -> None:
    assert {path.name for path in SCRIPTS} == {"enhance.js", "answering.js", "code.js"}
    assert weight(*[path for path in SCRIPTS if path.name in {"enhance.js", own}]) <= 5 * KB


def test_no_page_loads_two_scripts_of_its_own() -> None:
    for path in (STATIC.parents[1] / "templates").rglob("*.html"):
        source = path.read_text("utf-8")
        assert len(re.findall(r"js/\w+\.js", source)) == source.count("asset('js/") <= 1, path


def test_fonts_weigh_at_most_38_kb() -> None:
    assert sum(path.stat().st_size for path in FONTS.glob("*.woff2")) <= 38 * KB


@pytest.mark.parametrize("name", kitchen_sink.PAGES)
def test_a_full_page_with_style_and_script_weighs_at_most_15_kb(name: str) -> None:
    html = kitchen_sink.pages({})[name].encode()
    own = {"fonts.css", "consult.css", "desk.css" if name == "desk" else ""}
    public = [path for path in STYLES if path.name in own]
    script = "answering.js" if name == "questionnaire" else "code.js"
    run = [path for path in SCRIPTS if path.name in {"enhance.js", script}]
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
