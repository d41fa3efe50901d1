"""A reader sees one instant of the database, however long it reads."""

from sqlalchemy import func, select

from consult.core.db import read_session, write_session
from consult.core.mail import MailMessage


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
