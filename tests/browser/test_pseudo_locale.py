"""Read the whole site in a made-up language: no text escapes the catalogue, longer words fit."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import inspect, text

from consult.consultations import drawing as consultation_drawing
from consult.core import i18n
from consult.core.db import read_session
from consult.core.paths import PACKAGE, shipped
from consult.surveys import drawing, library
from tests.browser.conftest import gallery_of
from tests.conftest import copied, make_app
from tests.support.browser import NARROW, overflow, watched_page
from tests.support.gallery import Gallery
from tests.support.looking import all_well, complaints, texts
from tests.support.pseudo import CODE, bare, pseudo, write_catalogue

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
# Names of languages and formats, said the same everywhere; names of files and fields.
SAME = ("Français", "English", "Consult", "XLSX", "CSV", "JSON", "UTF", "IAP")
MARKS = re.compile(r"^\s*(?:[-*+>#]+|\d+\.)\s+|\*+|__")  # of Markdown
INLINE = re.compile(r"\s*\*+\s*|__|\[|\]\([^)]*\)|^\s*[-+]\s+")


@pytest.fixture(scope="module")
def made_up(sqlite_master: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    """Return the gallery of a site whose English pages speak the made-up language."""
    folder = tmp_path_factory.mktemp("translations")
    shutil.copytree(shipped("translations"), folder, dirs_exist_ok=True)
    write_catalogue(folder / "messages.pot", folder)
    home = copied(sqlite_master, tmp_path_factory.mktemp("pseudo"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(i18n.LOCALES, "en", CODE)
        patch.setattr(drawing, "_drawn", {})  # what other tests of this process drew in English
        patch.setattr(
            i18n, "shipped", lambda name: folder if name == "translations" else shipped(name)
        )
        consultation_drawing._draw.cache_clear()
        with gallery_of(lambda address: make_app(home, public_url=address)) as gallery:
            yield gallery
        consultation_drawing._draw.cache_clear()


def stored_texts(app: Flask) -> list[str]:
    """Return every text of the database, those inside JSON too, the longest first."""
    found: set[str] = set()
    with read_session(app) as session:
        inspector = inspect(session.connection())
        for name in inspector.get_table_names():
            for row in session.execute(text(f'SELECT * FROM "{name}"')):
                for value in row:
                    found |= set(_strings(value))
    parts = {piece for whole in found for piece in INLINE.split(whole)}
    parts |= {part for whole in found for part in (whole, *whole.split("\n"))}
    parts |= {MARKS.sub("", part) for part in parts}
    parts |= {piece for part in parts for piece in INLINE.split(part)}
    known = {" ".join(part.split()).replace("'", "’") for part in parts}
    return sorted(known, key=len, reverse=True)


def model_texts() -> set[str]:
    """Return every text of the questionnaires that are shipped: models, and those of the demo."""
    models: list[object] = [msgspec.to_builtins(library.model(name)) for name in library.MODELS]
    demo = (PACKAGE / "demo" / "data").glob("*.json")
    models += [msgspec.json.decode(file.read_bytes()) for file in demo]
    return {said.replace("'", "’") for model in models for said in _strings(model)}


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if value[:1] in '{["':
            try:
                yield from _strings(msgspec.json.decode(value))
            except msgspec.DecodeError:
                return
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def test_every_text_comes_from_the_catalogue_or_the_database(
    browser: Browser, made_up: Gallery
) -> None:
    stored = sorted([*stored_texts(made_up.app), *model_texts(), *SAME], key=len, reverse=True)
    wrong = {}
    with watched_page(browser, made_up.address) as page:
        for shot in made_up.of("en"):
            page.goto(made_up.url(shot))
            seen = [said.replace("'", "’") for lang, said in texts(page) if lang == "en"]
            if found := [rest for said in seen if (rest := bare(said, stored))]:
                wrong[shot.name] = found
    all_well(wrong)


def test_longer_words_fit_a_narrow_phone(browser: Browser, made_up: Gallery) -> None:
    wrong = {}
    with watched_page(browser, made_up.address, viewport=NARROW) as page:
        for shot in made_up.of("en"):
            page.goto(made_up.url(shot))
            found = complaints(page, "clipped", "outside")
            if overflow(page):
                found.append(f"{overflow(page)} px too wide")
            if found:
                wrong[shot.name] = found
    all_well(wrong)


def test_the_made_up_language_is_really_spoken(made_up: Gallery) -> None:
    assert pseudo("Sign in") in made_up.one("accounts.sign_in", "en").html
    assert "Connexion" in made_up.one("accounts.sign_in", "fr").html


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("⟦Ŝign ~⟧", ""),
        ("⟦Up to ⟦nested⟧ 3⟧ 12", ""),
        ("Send ⟦now⟧", "Send"),
        ("Pointe-au-Phare ⟦table⟧", ""),
        ("December 1, 2026 – 3:05 p.m. (Eastern time)", ""),
        ("Pointe-au-Phare and more", "and more"),
        ("Pointe-au-Phares", "Pointe au Phares"),
    ],
)
def test_a_text_outside_the_catalogue_is_seen(said: str, left: str) -> None:
    assert bare(said, ["Pointe-au-Phare"]) == left


def test_values_stay_where_the_text_holds_them() -> None:
    assert pseudo("%(n)s of %(total)s") == "⟦%(n)s õf %(total)s ~ ~ ~⟧"
