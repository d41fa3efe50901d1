"""Queue mail in the transaction of the request, and send it afterwards (floor 0).

No page waits for a mail server. A message is claimed and committed as ``sending`` before
the server is spoken to, so that a killed worker never sends it twice; it stays visible as
``sending`` for a person to send again.
"""

import smtplib
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import structlog
from flask import Flask
from sqlalchemy import String, Text, select, update
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.clock import now
from consult.core.columns import UtcDateTime
from consult.core.db import Base, Session, read_session, write_session
from consult.core.i18n import render_in
from consult.core.ids import public_id
from consult.core.settings import Settings

log = structlog.get_logger(__name__)


class MailMessage(Base):
    """One mail on its way; sent rows are erased by the nightly sweep."""

    __tablename__ = "mail_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    lang: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8), default="pending", index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


def queue_mail(
    session: Session, recipient: str, lang: str, template: str, **context: object
) -> None:
    """Write a mail in ``lang`` from ``mail/<template>.{subject.txt,txt,html}`` to the outbox."""
    parts = {
        part: render_in(lang, f"mail/{template}.{part}", **context)
        for part in ("subject.txt", "txt", "html")
    }
    session.add(
        MailMessage(
            recipient=recipient,
            lang=lang,
            subject=" ".join(parts["subject.txt"].split())[:200],
            text=parts["txt"],
            html=parts["html"],
        )
    )


def deliver_pending(app: Flask, settings: Settings, limit: int = 50) -> int:
    """Send up to ``limit`` waiting mails; return how many left."""
    with read_session(app) as session:
        waiting = session.scalars(
            select(MailMessage.id).where(MailMessage.state == "pending").limit(limit)
        ).all()
    return sum(_deliver_one(app, settings, number) for number in waiting)


def _deliver_one(app: Flask, settings: Settings, number: int) -> int:
    with write_session(app) as session:
        row = session.execute(
            update(MailMessage)
            .where(MailMessage.id == number, MailMessage.state == "pending")
            .values(state="sending")
            .returning(
                MailMessage.recipient, MailMessage.subject, MailMessage.text, MailMessage.html
            )
        ).one_or_none()
    if row is None:
        return 0
    state = "sent"
    try:
        _send(settings, _message(settings, *row))
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail_failed", mail=number, reason=type(error).__name__)
        state = "failed"
    with write_session(app) as session:
        session.execute(update(MailMessage).where(MailMessage.id == number).values(state=state))
    return int(state == "sent")


def _message(
    settings: Settings, recipient: str, subject: str, text: str, html: str
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = recipient
    message["Subject"] = subject
    message["Date"] = formatdate(now().timestamp())
    message["Message-ID"] = make_msgid(domain="consult.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def _send(settings: Settings, message: EmailMessage) -> None:
    if settings.mail_transport == "folder":
        folder = settings.home_path / "mail"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{now():%Y%m%dT%H%M%S}-{public_id(6)}.eml"
        (folder / name).write_bytes(message.as_bytes())
        return
    with smtplib.SMTP(
        settings.smtp_host, settings.smtp_port, timeout=settings.mail_timeout
    ) as server:
        if settings.smtp_starttls:
            server.starttls()
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        server.send_message(message)
