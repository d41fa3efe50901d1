"""Questionnaire files on the command line: what is too large is refused, unread."""

import json

from click.testing import CliRunner
from sqlalchemy import select

from consult.cli import main
from consult.consultations.models import Consultation
from consult.core.db import read_session
from consult.surveys.models import QuestionnaireVersion

SIZE = 1 << 36  # a file with a hole: no disk holds so much


def test_a_file_that_is_too_large_is_refused_by_check_and_by_load(app, tmp_path, monkeypatch):
    monkeypatch.setenv("CONSULT_HOME", str(app.extensions["consult_settings"].home_path))
    file = tmp_path / "large.json"
    with file.open("wb") as opened:
        opened.truncate(SIZE)
    checked = CliRunner().invoke(main, ["questionnaire", "check", str(file)])
    assert checked.exit_code == 1
    assert json.loads(checked.output)["faults"][0]["message"] == "over 2097152 bytes"
    with read_session(app) as session:
        code = session.scalars(
            select(Consultation.code).where(Consultation.state == "draft")
        ).first()
        before = session.scalars(select(QuestionnaireVersion.id)).all()
    command = ["questionnaire", "load", str(file), "--consultation", code]
    loaded = CliRunner().invoke(main, command)
    assert loaded.exit_code == 1
    assert "over 2097152 bytes" in loaded.output
    with read_session(app) as session:
        assert session.scalars(select(QuestionnaireVersion.id)).all() == before
