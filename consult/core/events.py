"""Write down what happened in the transaction where it happened, and act on it later (floor 0).

``emit`` adds a row to the outbox: it is committed with the change itself or not at all.
A job then claims rows in small batches and calls the handlers of their kind. The mark
``done`` and whatever a handler writes to the database are one transaction, so a worker
killed midway leaves either both or neither. On PostgreSQL several workers share the work
(``SKIP LOCKED``); on SQLite the writers' queue keeps them apart.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
import structlog
from flask import Flask
from sqlalchemy import JSON, CheckConstraint, Index, String, delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.clock import now
from consult.core.columns import UtcDateTime
from consult.core.db import Base, Session, write_session
from consult.core.jobs import wake
from consult.core.settings import Settings

log = structlog.get_logger(__name__)

BATCH = 10
BACK_OFF = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 240, 720))
KEPT = timedelta(days=30)
_CODE = re.compile(r"[\w.:/-]{0,64}", re.ASCII)


class Event(Base):
    """One thing that happened: ids and codes only; erased a month after it was dealt with."""

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'done', 'failed')", name="state"),
        Index("ix_event_waiting", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(40))
    table_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(8), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    fault: Mapped[str | None] = mapped_column(String(120))


class Named(Protocol):
    """What an event is about: a kind, an id as text, and the table it belongs to."""

    @property
    def kind(self) -> str:
        """Return the kind of thing."""

    @property
    def id(self) -> str:
        """Return its id, as text."""

    @property
    def table_id(self) -> int | None:
        """Return the advisory table it belongs to, if any."""


class Occurrence(msgspec.Struct, frozen=True):
    """An event as a handler sees it."""

    id: int
    kind: str
    subject_kind: str
    subject_id: str
    table_id: int | None
    payload: Mapping[str, Any]
    at: datetime


Handler = Callable[[Session, Occurrence], None]


def register(app: Flask) -> None:
    """Give the application its empty list of handlers."""
    app.extensions["consult_handlers"] = {}


def on(app: Flask, kind: str, handler: Handler) -> None:
    """Call ``handler`` for events of ``kind``; it writes to its session and never commits."""
    app.extensions["consult_handlers"].setdefault(kind, []).append(handler)


def emit(
    session: Session, kind: str, subject: Named, payload: Mapping[str, object] | None = None
) -> None:
    """Add an event to the current transaction.

    ``payload`` holds ids and codes; raises ValueError for anything that could be words.
    """
    values = dict(payload or {})
    for name, value in values.items():
        if not _is_code(value):
            message = f"an event carries ids and codes only, not {name} of {kind}"
            raise ValueError(message)
    session.add(
        Event(
            kind=kind,
            subject_kind=subject.kind,
            subject_id=subject.id,
            table_id=subject.table_id,
            payload=values,
        )
    )
    wake()


def _is_code(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_code(part) for part in value)
    if isinstance(value, str):
        return _CODE.fullmatch(value) is not None
    return value is None or isinstance(value, bool | int)


def handle_pending(app: Flask, settings: Settings, batches: int = 50) -> int:
    """Deal with events that are due, batch by batch; return how many were done."""
    done = 0
    for _ in range(batches):
        claimed, succeeded = _handle_batch(app, settings)
        done += succeeded
        if claimed < BATCH:
            break
    return done


def _handle_batch(app: Flask, settings: Settings) -> tuple[int, int]:
    # Links in mails need a request's address: that of the site, not of a visitor.
    with write_session(app) as session, app.test_request_context(base_url=settings.public_url):
        rows = session.scalars(
            select(Event)
            .where(Event.state == "pending", Event.due_at <= now())
            .order_by(Event.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        return len(rows), sum(_handle(session, app, row) for row in rows)


def _handle(session: Session, app: Flask, row: Event) -> bool:
    seen = Occurrence(
        row.id,
        row.kind,
        row.subject_kind,
        row.subject_id,
        row.table_id,
        row.payload,
        row.created_at,
    )
    try:
        with session.begin_nested():
            for handler in app.extensions["consult_handlers"].get(row.kind, ()):
                handler(session, seen)
            row.state, row.fault = "done", None
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        _put_off(session, seen, error)
        return False
    return True


def _put_off(session: Session, seen: Occurrence, error: Exception) -> None:
    """Count the failure, keep its name, and try again later, or give up and say so."""
    attempts = 1 + (session.scalar(select(Event.attempts).where(Event.id == seen.id)) or 0)
    spent = attempts > len(BACK_OFF)
    log.error("event_failed", number=seen.id, kind=seen.kind, attempts=attempts, exc_info=error)
    session.execute(
        update(Event)
        .where(Event.id == seen.id)
        .values(
            attempts=attempts,
            state="failed" if spent else "pending",
            due_at=now() if spent else now() + BACK_OFF[attempts - 1],
            fault=type(error).__name__[:120],
        )
    )


def sweep(session: Session) -> int:
    """Erase events dealt with a month ago; return how many."""
    gone = session.execute(
        delete(Event)
        .where(Event.state == "done", Event.created_at < now() - KEPT)
        .returning(Event.id)
    )
    return len(gone.all())


def settle(session: Session) -> None:
    """Mark every waiting event as done without acting on it (data that nobody must hear of)."""
    session.execute(update(Event).where(Event.state == "pending").values(state="done"))
