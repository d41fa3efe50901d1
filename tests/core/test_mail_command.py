"""The command line shows the mails that have not left, and sends one again."""

from click.testing import CliRunner

from consult.cli import main
from consult.core.db import write_session
from consult.core.mail import MailMessage


def run(app, *words):
    home = str(app.extensions["consult_settings"].home_path)
    return CliRunner().invoke(main, ["mail", *words], env={"CONSULT_HOME": home})


def test_mails_are_shown_by_state_and_only_failed_or_unsure_ones_are_sent_again(on_sqlite):
    values = {"recipient": "a@t.invalid", "lang": "fr", "subject": "x", "text": "x", "html": "x"}
    with write_session(on_sqlite) as session:
        mails = [MailMessage(state=s, **values) for s in ("pending", "failed", "unsure", "sent")]
        session.add_all(mails)
        session.flush()
        waiting, failed, unsure, sent = (mail.id for mail in mails)
    shown = run(on_sqlite)
    assert shown.exit_code == 0
    assert shown.output.splitlines() == ["pending 1", f"failed 1: {failed}", f"unsure 1: {unsure}"]
    again = run(on_sqlite, "--send-again", str(unsure))
    assert again.output.splitlines() == ["pending 2", f"failed 1: {failed}"]
    for number in (waiting, sent, 9999):
        refused = run(on_sqlite, "--send-again", str(number))
        assert refused.exit_code == 1
        assert f"no failed or unsure mail has number {number}" in refused.output
