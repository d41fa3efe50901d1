"""Reading in a process of its own, and the commands that import and export."""

import json
import resource
import sys

import pytest
from click.testing import CliRunner

from consult.surveys.commands import make_group
from consult.surveys.importing import MAX_BYTES, guarding
from consult.surveys.importing.guarding import read_safely
from consult.surveys.rules import parse_definition
from tests.surveys.test_import_surveyjs import survey
from tests.surveys.test_import_xlsform import CHOICES, book, example, rows

SURVEY = json.dumps(
    survey({"type": "comment", "name": "why", "title": {"en": "Why?", "fr": "Pourquoi?"}})
).encode()


def nobody():
    pytest.fail("no application is needed")


def run(*arguments):
    done = CliRunner().invoke(make_group(nobody), [str(a) for a in arguments])
    return done, json.loads(done.stdout) if done.stdout.startswith("{") else None


def test_a_file_is_read_in_a_process_of_its_own():
    found = read_safely(SURVEY)
    assert found.faults == ()
    assert parse_definition(found.definition).items[0].title.fr == "Pourquoi?"


def test_what_costs_too_much_is_stopped(monkeypatch):
    monkeypatch.setattr(guarding, "WALL_SECONDS", 0.01)
    assert [f.code for f in read_safely(SURVEY).faults] == ["too_costly"]
    assert [f.code for f in read_safely(b"{" + b" " * MAX_BYTES).faults] == ["too_large"]


def test_the_process_has_less_memory_and_time_than_we_have():
    from subprocess import run as start

    code = (
        "import resource, sys, io; from consult.surveys.importing import __main__ as m;"
        "sys.stdin = io.TextIOWrapper(io.BytesIO(b'{}')); m.main(); sys.stdout.flush();"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0]);"
        "x = bytearray(1 << 30)"
    )
    done = start(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.splitlines()[-1].endswith(f"{768 << 20} 20")
    assert "MemoryError" in done.stderr
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != 768 << 20


def test_the_check_needs_no_database_and_tells_everything(tmp_path):
    file = tmp_path / "survey.json"
    file.write_bytes(SURVEY)
    done, report = run("import", file, "--check")
    assert done.exit_code == 0
    assert report == {
        "ok": True, "items": 1, "pages": 1, "conditions": 0, "languages": ["fr", "en"], "faults": [],
        "missing": [], "notes": [],
    }  # fmt: skip


def test_a_refused_file_exits_with_its_faults(tmp_path):
    file = tmp_path / "form.xlsx"
    file.write_bytes(book(rows(["geopoint", "here", "Here", "Ici"]), CHOICES))
    done, report = run("import", file, "--output", tmp_path / "out.json")
    assert done.exit_code == 1
    assert not (tmp_path / "out.json").exists()
    assert report["faults"] == [
        {
            "place": "survey!A2",
            "message": "A question of the type “geopoint” cannot be asked here.",
            "code": "unknown_type",
        }
    ]


def test_a_file_is_imported_written_exported_and_imported_again(tmp_path):
    first, form, second = tmp_path / "a.json", tmp_path / "b.xlsx", tmp_path / "c.json"
    import msgspec

    first.write_bytes(msgspec.json.encode(example()))
    assert run("export", first, "--format", "xlsform", "--output", form)[0].exit_code == 0
    assert run("import", form, "--output", second)[0].exit_code == 0
    assert parse_definition(second.read_bytes()) == example()
    assert run("export", second, "--format", "json", "--output", first)[0].exit_code == 0
    assert parse_definition(first.read_bytes()) == example()


def test_every_finding_of_an_import_has_words_in_both_languages(app):
    from consult.core.i18n import in_language
    from consult.surveys import importwords

    class Any(dict):
        def __missing__(self, key):
            return key

    for texts in (importwords.FAULTS, importwords.NOTES):
        for code, text in texts.items():
            told = {}
            for lang in ("fr", "en"):
                with app.test_request_context(f"/{lang}/"), in_language(lang):
                    told[lang] = str(text) % Any()
            assert told["fr"] != told["en"], code


def test_every_code_that_the_importers_give_has_words():
    import re
    from pathlib import Path

    from consult.surveys import faults, importwords

    known = {
        *importwords.FAULTS,
        *importwords.NOTES,
        *faults._SYNTAX,
        *faults._TYPES,
        *faults._ROUTES,
    }
    given = set()
    for path in Path(importwords.__file__).with_name("importing").rglob("*.py"):
        text = path.read_text("utf-8")
        given |= set(
            re.findall(r'(?:\.fault|\.note)\(\s*[^,()]*(?:\([^()]*\))?[^,()]*,\s*"(\w+)"', text)
        )
        given |= set(re.findall(r'(?:ExpressionError|UnreadableError|_refused)\(\s*"(\w+)"', text))
    assert len(given) > 50
    assert given - known == set()
