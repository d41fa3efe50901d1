"""Queue mail in the transaction of the request, and send it afterwards (floor 0).

No page waits for a mail server. A message is claimed and committed as ``sending`` before
the server is spoken to. What fails before the body left is tried again later, with longer
and longer waits; what fails after it, or was being sent when the worker died, is ``unsure``:
it may have been delivered, so only a person sends it again. Nothing is sent twice.
"""

import contextlib
import smtplib
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import msgspec
import structlog
from flask import Flask
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    and_,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.clock import now
from consult.core.columns import UtcDateTime
from consult.core.db import Base, Session, read_session, write_session
from consult.core.events import Occurrence
from consult.core.i18n import render_in
from consult.core.ids import public_id
from consult.core.jobs import wake
from consult.core.settings import Settings

log = structlog.get_logger(__name__)

STATES = ("pending", "sending", "sent", "failed", "unsure")
BACK_OFF = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 240, 720, 1440))
SILENT_WORKER = timedelta(minutes=10)
KEPT = timedelta(days=7)
GIVEN_UP = timedelta(days=30)
_GO_AHEAD = 354
_FIRST_LASTING_REFUSAL = 500


class MailMessage(Base):
    """One mail on its way; its words, and the links in them, go the moment it is sent."""

    __tablename__ = "mail_message"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_mail_message_waiting", "state", "due_at"),
        # One mail for each event and recipient, however often its handler runs. Mails that
        # no event caused have no event, and are as many as the request queued.
        Index("uq_mail_message_event_recipient", "event_id", "recipient", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="SET NULL"))
    recipient: Mapped[str] = mapped_column(String(254))
    lang: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    fault: Mapped[str | None] = mapped_column(String(60))


def queue_mail(
    session: Session,
    recipient: str,
    lang: str,
    template: str,
    *,
    event: Occurrence | None = None,
    **context: object,
) -> None:
    """Write a mail in ``lang`` from ``mail/<template>.{subject.txt,txt,html}`` to the outbox.

    As the effect of an ``event`` it is written once for each recipient.
    """
    if event is not None and _is_written(session, event, recipient):
        return
    parts = {
        part: render_in(lang, f"mail/{template}.{part}", **context)
        for part in ("subject.txt", "txt", "html")
    }
    session.add(
        MailMessage(
            event_id=None if event is None else event.id,
            recipient=recipient,
            lang=lang,
            subject=" ".join(parts["subject.txt"].split())[:200],
            text=parts["txt"],
            html=parts["html"],
        )
    )
    wake()


def _is_written(session: Session, event: Occurrence, recipient: str) -> bool:
    statement = select(MailMessage.id).where(
        MailMessage.event_id == event.id, MailMessage.recipient == recipient
    )
    return session.scalar(statement) is not None


def deliver_pending(app: Flask, settings: Settings, limit: int = 50) -> int:
    """Send up to ``limit`` waiting mails; return how many left."""
    with read_session(app) as session:
        waiting = session.scalars(
            select(MailMessage.id)
            .where(MailMessage.state == "pending", MailMessage.due_at <= now())
            .order_by(MailMessage.due_at)
            .limit(limit)
        ).all()
    sent = 0
    for number in waiting:
        outcome = _deliver_one(app, settings, number)
        sent += outcome == "sent"
        if outcome == "unreachable":
            break  # the others would each wait as long for the same silent server
    return sent


class _Outcome(msgspec.Struct, frozen=True):
    """What became of one attempt: the new state of the row, and the name of the fault."""

    state: str
    fault: str | None = None
    reached: bool = True


def _deliver_one(app: Flask, settings: Settings, number: int) -> str:
    with write_session(app) as session:
        row = session.execute(
            update(MailMessage)
            .where(MailMessage.id == number, MailMessage.state == "pending")
            .values(state="sending", attempts=MailMessage.attempts + 1, due_at=now())
            .returning(
                MailMessage.recipient,
                MailMessage.subject,
                MailMessage.text,
                MailMessage.html,
                MailMessage.attempts,
            )
        ).one_or_none()
    if row is None:
        return "taken"
    message = _message(settings, *row[:4])
    deliver = _write if settings.mail_transport == "folder" else _send
    outcome = deliver(settings, message)
    state, due = _next_state(outcome, row.attempts)
    erased = {"text": "", "html": ""} if state == "sent" else {}
    with write_session(app) as session:
        session.execute(
            update(MailMessage)
            .where(MailMessage.id == number, MailMessage.state == "sending")
            .values(state=state, due_at=due, fault=outcome.fault, **erased)
        )
    if outcome.fault:
        log.warning("mail_failed", mail=number, state=state, reason=outcome.fault)
    return "unreachable" if not outcome.reached else state


def _next_state(outcome: _Outcome, attempts: int) -> tuple[str, datetime]:
    if outcome.state != "pending":
        return outcome.state, now()
    if attempts > len(BACK_OFF):
        return "failed", now()
    return "pending", now() + BACK_OFF[attempts - 1]


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


def _write(settings: Settings, message: EmailMessage) -> _Outcome:
    folder = settings.home_path / "mail"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{now():%Y%m%dT%H%M%S}-{public_id(6)}.eml"
        (folder / name).write_bytes(message.as_bytes())
    except OSError as error:
        return _Outcome("pending", type(error).__name__, reached=False)
    return _Outcome("sent")


class _Conversation(smtplib.SMTP):
    """Remember whether the server was given the body and has not answered for it."""

    is_in_doubt = False

    def getreply(self) -> tuple[int, bytes]:
        """Read one answer of the server; 354 asks for the body, the next one judges it."""
        code, text = super().getreply()
        self.is_in_doubt = code == _GO_AHEAD
        return code, text


def _send(settings: Settings, message: EmailMessage) -> _Outcome:
    """Give one message to the mail server, within the time-out at every step."""
    server: _Conversation | None = None
    try:
        server = _Conversation(
            settings.smtp_host, settings.smtp_port, timeout=settings.mail_timeout
        )
        if settings.smtp_starttls:
            server.starttls()
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        return _failure(error, is_in_doubt=server is not None and server.is_in_doubt)
    finally:
        _leave(server)
    return _Outcome("sent")


def _failure(error: Exception, *, is_in_doubt: bool) -> _Outcome:
    """Judge a failed attempt: refused for good, to be tried again, or in doubt."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max(code for code, _text in error.recipients.values())
        return _Outcome(_refused(code), f"{name} {code}")
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        return _Outcome(_refused(error.smtp_code), f"{name} {error.smtp_code}")
    # Connecting, greeting or signing in failed: no other mail would fare better now.
    return _Outcome("unsure" if is_in_doubt else "pending", name, reached=False)


def _refused(code: int) -> str:
    return "failed" if code >= _FIRST_LASTING_REFUSAL else "pending"


def _leave(server: smtplib.SMTP | None) -> None:
    """Say goodbye; whatever the server answers, the message has its fate already."""
    if server is not None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def sweep(session: Session) -> int:
    """Erase mails sent a week ago and those given up a month ago; return how many.

    What a dead worker was sending is called unsure.
    """
    session.execute(
        update(MailMessage)
        .where(MailMessage.state == "sending", MailMessage.due_at < now() - SILENT_WORKER)
        .values(state="unsure", fault="WorkerDied")
    )
    served = and_(MailMessage.state == "sent", MailMessage.due_at < now() - KEPT)
    given_up = and_(
        MailMessage.state.in_(("failed", "unsure")), MailMessage.due_at < now() - GIVEN_UP
    )
    gone = session.execute(
        delete(MailMessage).where(or_(served, given_up)).returning(MailMessage.id)
    )
    return len(gone.all())


def counts(session: Session) -> dict[str, list[int]]:
    """Return the numbers of the mails that are not sent, by state (at most 1,000)."""
    found: dict[str, list[int]] = {}
    statement = select(MailMessage.state, MailMessage.id).where(MailMessage.state != "sent")
    for state, number in session.execute(statement.order_by(MailMessage.id).limit(1000)):
        found.setdefault(state, []).append(number)
    return found


def send_again(session: Session, number: int) -> bool:
    """Put a failed or unsure mail back among the waiting ones; tell whether there was one."""
    changed = session.execute(
        update(MailMessage)
        .where(MailMessage.id == number, MailMessage.state.in_(("failed", "unsure")))
        .values(state="pending", attempts=0, due_at=now(), fault=None)
        .returning(MailMessage.id)
    )
    return changed.one_or_none() is not None
