"""A reader sees one instant of the database, however long it reads."""

from sqlalchemy import func, select, text

from consult.core.db import read_session, write_session
from consult.core.mail import MailMessage
from tests.conftest import close, copied, make_app
from tests.support.databases import PostgresqlDatabase


def mails(session):
    return session.scalar(select(func.count()).select_from(MailMessage))


def test_a_reader_does_not_see_what_was_written_after_it_began(any_app):
    mail = MailMessage(recipient="a@b.invalid", lang="fr", subject="x", text="x", html="x")
    with read_session(any_app) as reader:
        before = mails(reader)
        with write_session(any_app) as writer:
            writer.add(mail)
        assert mails(reader) == before
    with read_session(any_app) as reader:
        assert mails(reader) == before + 1


def test_only_a_patient_reader_may_rest_as_long_as_it_likes(postgresql_master, tmp_path):
    master, template = postgresql_master
    with PostgresqlDatabase(template) as url:
        app = make_app(copied(master, tmp_path), url)
        hurried, patient = ["1min", "5s"], ["0", "0"]
        for limits in (hurried, patient, hurried):
            with read_session(app, patient=limits == patient) as reader:
                shown = [
                    reader.execute(text(f"SHOW {name}")).scalar_one()
                    for name in ("idle_in_transaction_session_timeout", "statement_timeout")
                ]
                assert shown == limits
        close(app)
