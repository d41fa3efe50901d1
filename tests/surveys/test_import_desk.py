"""A file of another program on the desk and on the command line: taken, given, taken again."""

import io
import re

import msgspec
from click.testing import CliRunner
from sqlalchemy import select

from consult.cli import main
from consult.consultations.models import Consultation
from consult.core.db import read_session
from consult.surveys import queries
from consult.surveys.importing import read
from consult.surveys.rules import parse_definition
from tests.surveys.test_desk import Desk
from tests.surveys.test_import_process import SURVEY
from tests.surveys.test_import_xlsform import CHOICES, book, example, rows

FORM = book(
    rows(
        ["select_one yn", "sure", "Sure?", "Sûr?", "x.png"],
        ["text", "why", "Why?", "Pourquoi?"],
        head=["media::image"],
    ),
    CHOICES,
)


def upload(desk, content, name):
    return desk.staff.post(desk.path("file"), {"file": (io.BytesIO(content), name)})


def draft(app, code):
    with read_session(app) as session:
        found = session.scalars(select(Consultation).where(Consultation.code == code)).one()
        return queries.sheet(session, found.id, "draft").definition


def test_a_workbook_sent_on_the_desk_becomes_the_questionnaire_and_its_remarks_are_told(app):
    desk = Desk(app)
    sent = upload(desk, FORM, "form.xlsx")
    assert sent.status_code == 303
    shown = desk.staff.get(sent.location).text
    assert "The questionnaire is loaded." in shown
    assert "survey!E2" in shown
    assert draft(app, desk.code) == parse_definition(read(FORM).definition)


def test_a_file_of_surveyjs_sent_on_the_desk_becomes_the_questionnaire(app):
    desk = Desk(app)
    assert upload(desk, SURVEY, "survey.json").status_code == 303
    assert [i.title.fr for i in draft(app, desk.code).items] == ["Pourquoi?"]


def test_a_refused_file_tells_its_cell_and_changes_nothing(app):
    desk = Desk(app)
    upload(desk, FORM, "form.xlsx")
    before = draft(app, desk.code)
    wrong = book(rows(["geopoint", "here", "Here", "Ici"]), CHOICES)
    sent = upload(desk, wrong, "form.xlsx")
    assert sent.status_code == 422
    assert "survey!A2" in sent.text
    assert draft(app, desk.code) == before


def test_what_is_downloaded_is_the_questionnaire_in_both_formats(app):
    desk = Desk(app)
    upload(desk, msgspec.json.encode(example()), "q.json")
    assert (kept := draft(app, desk.code)) == example()
    for form, end, kind in (("json", "json", "json"), ("xlsform", "xlsx", "spreadsheetml")):
        given = desk.staff.get(desk.path(f"download?format={form}"))
        assert given.status_code == 200
        assert kind in given.headers["Content-Type"]
        name = re.search(r'filename="?([^";]+)', given.headers["Content-Disposition"])[1]
        assert name == f"{kept.code}.{end}"
        assert parse_definition(read(given.data).definition) == kept
    assert desk.staff.get(desk.path("download?format=doc")).status_code == 404


def command(app, monkeypatch, *arguments):
    monkeypatch.setenv("CONSULT_HOME", str(app.extensions["consult_settings"].home_path))
    return CliRunner().invoke(main, ["questionnaire", "import", *map(str, arguments)])


def test_the_command_loads_a_file_as_the_draft_of_a_consultation(app, tmp_path, monkeypatch):
    file = tmp_path / "form.xlsx"
    file.write_bytes(FORM)
    code = Desk(app).code
    done = command(app, monkeypatch, file, "--consultation", code)
    assert done.exit_code == 0, done.output
    assert re.search(r"version \d+", done.stderr)
    assert draft(app, code) == parse_definition(read(FORM).definition)


def test_the_command_refuses_a_consultation_that_is_no_draft(app, tmp_path, monkeypatch):
    file = tmp_path / "survey.json"
    file.write_bytes(SURVEY)
    done = command(app, monkeypatch, file, "--consultation", "nobody")
    assert done.exit_code == 1
    assert "no consultation 'nobody' that is still a draft" in done.stderr
