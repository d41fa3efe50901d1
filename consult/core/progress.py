"""Do long work in the background and show how far it is (floor 0).

``start_job`` writes a row in the transaction of the request; a worker claims it, runs the
function of its kind and keeps count. While it works a heartbeat is written every few seconds.
A row whose heart stopped belonged to a killed worker: it is tried again, then called failed.
Each claim has a number, so that a worker thought dead cannot finish what another took over.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from threading import Event as Signal
from threading import Lock, Thread
from typing import Any, TypeVar

import msgspec
import structlog
from flask import Flask
from sqlalchemy import JSON, CheckConstraint, Index, String, and_, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.clock import now
from consult.core.columns import UtcDateTime
from consult.core.db import Base, Session, write_session
from consult.core.ids import public_id
from consult.core.jobs import wake
from consult.core.settings import Settings

log = structlog.get_logger(__name__)

HEARTBEAT = 10.0
SILENCE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
_PACE = 1.0
_one_at_a_time = Lock()
Row = TypeVar("Row")


class Job(Base):
    """One long piece of work that somebody asked for."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        Index("ix_job_subject", "kind", "subject_kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(30), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(40))
    table_id: Mapped[int | None] = mapped_column(index=True)
    asked_by: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(8), default="queued", index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    beat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fault: Mapped[str | None] = mapped_column(String(60))
    file: Mapped[str | None] = mapped_column(String(60))


class Order(msgspec.Struct, frozen=True):
    """What is asked: the kind of job, about what, by whom, and codes that say how."""

    kind: str
    subject_kind: str
    subject_id: str
    table_id: int | None
    asked_by: int | None
    details: Mapping[str, Any]


class JobLostError(RuntimeError):
    """Say that another worker took the job over: this one must stop and write nothing."""


Function = Callable[[Flask, Settings, Order, "Progress"], "str | None"]


def register(app: Flask) -> None:
    """Give the application its empty list of kinds."""
    app.extensions["consult_long_jobs"] = {}


def on(app: Flask, kind: str, function: Function) -> None:
    """Let ``function`` do jobs of ``kind``; it may be called again after a worker's death.

    It returns the name of the file it made, if any.
    """
    app.extensions["consult_long_jobs"][kind] = function


def start_job(session: Session, order: Order) -> str:
    """Write the job in the current transaction; return its token, which nobody can guess."""
    token = public_id(26)
    session.add(Job(token=token, **msgspec.structs.asdict(order)))
    wake()
    return token


class Progress:
    """Count what is done, and keep the row of the job alive; ``token`` names the job."""

    def __init__(self, app: Flask, number: int, claim: int, token: str) -> None:
        """Serve the claim ``claim`` of job ``number``."""
        self.token = token
        self._app = app
        self._number = number
        self._claim = claim
        self._waiting = 0
        self._last = time.monotonic()

    def begin(self, total: int) -> None:
        """Say how much there is to do."""
        self._write(total=total, done=0)

    def advance(self, n: int = 1) -> None:
        """Count ``n`` more; written about once a second. Raises JobLostError."""
        self._waiting += n
        if time.monotonic() - self._last >= _PACE:
            # A moment without a turn to write is no reason to lose the work done so far.
            with contextlib.suppress(OperationalError, TimeoutError):
                self._flush()

    def counted(self, rows: Iterable[Row], every: int = 200) -> Iterator[Row]:
        """Yield ``rows`` and count them as they go by."""
        pending = 0
        for row in rows:
            yield row
            pending += 1
            if pending == every:
                self.advance(pending)
                pending = 0
        self._waiting += pending
        self._flush()

    def _flush(self) -> None:
        self._write(done=Job.done + self._waiting)
        self._waiting, self._last = 0, time.monotonic()

    def _write(self, **values: Any) -> None:  # noqa: ANN401  columns of the row
        with write_session(self._app) as session:
            mine = and_(Job.id == self._number, Job.attempts == self._claim, Job.state == "running")
            statement = update(Job).where(mine).values(beat_at=now(), **values)
            if session.execute(statement.returning(Job.id)).one_or_none() is None:
                raise JobLostError

    def confirm(self) -> None:
        """Make sure that the job is still this worker's; raises JobLostError."""
        self._flush()

    def finish(self, state: str, fault: str | None, file: str | None) -> None:
        """Close the job."""
        self._write(state=state, fault=fault, file=file, ended_at=now())

    @contextlib.contextmanager
    def beating(self) -> Iterator[None]:
        """Write a heartbeat while the block runs, however long one step of it takes."""
        over = Signal()

        def beat() -> None:
            while not over.wait(HEARTBEAT):
                try:
                    self._write()
                except Exception as error:  # noqa: BLE001  the next beat or the work itself tells
                    log.warning("heartbeat_failed", job=self._number, reason=type(error).__name__)

        thread = Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def run_waiting(app: Flask, settings: Settings) -> int:
    """Do the jobs that wait, one after the other; return how many ended well.

    One at a time in a process: a second call finds the first at work and leaves.
    """
    if not _one_at_a_time.acquire(blocking=False):
        return 0
    try:
        done = 0
        while (claimed := _claim(app)) is not None:
            done += _perform(app, settings, *claimed)
        return done
    finally:
        _one_at_a_time.release()


def _claim(app: Flask) -> tuple[Order, Progress] | None:
    moment = now()
    silent = and_(Job.state == "running", Job.beat_at < moment - SILENCE)
    with write_session(app) as session:
        while True:
            row = session.scalars(
                select(Job)
                .where(or_(Job.state == "queued", silent))
                .order_by(Job.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if row is None:
                return None
            if row.attempts < MAX_ATTEMPTS:
                break
            row.state, row.ended_at, row.fault = "failed", moment, "WorkerDied"
            session.flush()
        row.state, row.attempts, row.done, row.fault = "running", row.attempts + 1, 0, None
        row.started_at = row.beat_at = moment
        names = Order.__struct_fields__
        order = Order(**{name: getattr(row, name) for name in names})
        return order, Progress(app, row.id, row.attempts, row.token)


def _perform(app: Flask, settings: Settings, order: Order, progress: Progress) -> bool:
    function: Function = app.extensions["consult_long_jobs"][order.kind]
    try:
        with progress.beating():
            file = function(app, settings, order, progress)
        progress.finish("done", None, file)
    except JobLostError:
        log.warning("job_lost", kind=order.kind)
        return False
    except Exception as error:
        log.exception("job_failed", kind=order.kind)
        with contextlib.suppress(JobLostError):
            progress.finish("failed", type(error).__name__[:60], None)
        return False
    return True
