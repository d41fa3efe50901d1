"""Open the database and close each request with one commit (floor 0).

The order of every request is fixed here: parse, authorise, act, commit once, then the
after-commit work. A safe method (GET, HEAD) runs in a read-only transaction, enforced by
the database itself; an unsafe one in a single write transaction. On SQLite writers queue
behind a fair lock, because its busy wait starves a client for seconds.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, Literal

import structlog
from flask import Flask, Response, g, has_app_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, Row, Select, event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from consult.core.settings import Settings
from consult.core.writerlock import WriterLock

__all__ = [
    "Base",
    "ConsultFlask",
    "DatabaseBusyError",
    "Session",
    "after_commit",
    "commit_despite_error",
    "db",
    "read_session",
    "write_session",
]

log = structlog.get_logger(__name__)

Mode = Literal["read", "write"]
AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]
_mode: ContextVar[Mode] = ContextVar("transaction_mode", default="write")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FIRST_ERROR_STATUS = 400
_REPEATABLE_READ = 3  # psycopg.IsolationLevel.REPEATABLE_READ; the driver is optional

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class DatabaseBusyError(RuntimeError):
    """Say that the database cannot take the request now (lock, pool or disk); answered 503."""


class Base(DeclarativeBase):
    """Carry the metadata of every table; models inherit from it, never from ``db.Model``."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class ConsultFlask(Flask):
    """Dispatch a request inside its one transaction and commit it once."""

    def dispatch_request(self) -> Response:
        """Run the view, then commit when it succeeded or roll back when it did not.

        Raises DatabaseBusyError when the database refuses the work for now.
        """
        token = _mode.set("read" if request.method in _SAFE_METHODS else "write")
        try:
            with busy_translated():
                response = self.make_response(super().dispatch_request())
                if _mode.get() == "write":
                    _finish(response)
        finally:
            _mode.reset(token)
        return response


def _finish(response: Response) -> None:
    succeeded = response.status_code < _FIRST_ERROR_STATUS
    if succeeded or g.get("commit_despite_error", False):
        db.session.commit()
        for work in g.pop("after_commit", []):
            work()
    else:
        db.session.rollback()


def after_commit(work: Callable[[], None]) -> None:
    """Call ``work`` once the transaction of this request or job is committed; never before."""
    if has_app_context():
        g.setdefault("after_commit", []).append(work)


def commit_despite_error() -> None:
    """Keep what this request stored although its answer is an error page.

    Only for what the person typed (a draft) and for counters of failed attempts.
    """
    g.commit_despite_error = True


@contextlib.contextmanager
def busy_translated() -> Iterator[None]:
    """Turn a lock, time-out or full-disk error of the database into DatabaseBusyError."""
    try:
        yield
    except (OperationalError, TimeoutError) as error:
        db.session.rollback()
        reason = str(error).lower()
        if any(sign in reason for sign in _BUSY_SIGNS):
            log.warning("database_busy", reason=reason[:200])
            raise DatabaseBusyError(reason[:200]) from error
        raise


_BUSY_SIGNS = (
    "database is locked",
    "disk is full",
    "disk i/o error",
    "no space left",
    "queuepool limit",
    "statement timeout",
    "lock timeout",
    "connection refused",
    "turn to write",
    "too many clients",
    "terminating connection",
    "server closed the connection",
)


@contextlib.contextmanager
def write_session(app: Flask) -> Iterator[Session]:
    """Give commands and jobs a session; commit once at the end, then do after-commit work."""
    with app.app_context():
        token = _mode.set("write")
        try:
            yield db.session()
            db.session.commit()
            for work in g.pop("after_commit", []):
                work()
        finally:
            db.session.rollback()
            _mode.reset(token)


@contextlib.contextmanager
def read_session(app: Flask, *, patient: bool = False) -> Iterator[Session]:
    """Give commands and jobs a read-only session on one instant of the database.

    A ``patient`` one may take its time in a statement and between two: long exports do.
    """
    with app.app_context():
        token = _mode.set("read")
        try:
            session = db.session()
            if patient and session.get_bind().dialect.name == "postgresql":
                for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
                    session.execute(select(func.set_config(limit, "0", True)))  # noqa: FBT003
            yield session
        finally:
            db.session.rollback()
            _mode.reset(token)


def register(app: Flask, settings: Settings) -> None:
    """Bind the database of ``settings`` to the application."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.sqlalchemy_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine, settings)


def engine_options(settings: Settings) -> dict[str, Any]:
    """Return pool and time-out options for the database of ``settings``."""
    if settings.is_sqlite:
        return {"connect_args": {"timeout": settings.writer_timeout}}
    options = (
        f"-c statement_timeout={settings.statement_timeout} "
        f"-c lock_timeout={settings.lock_timeout} "
        "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
    )
    return {
        "pool_size": settings.pool_size,
        "max_overflow": 2,
        "pool_timeout": settings.pool_timeout,
        "pool_recycle": 300,
        "pool_pre_ping": True,
        "connect_args": {"options": options, "connect_timeout": settings.pool_timeout},
    }


def prepare_engine(engine: Engine, settings: Settings) -> None:
    """Install the transaction rules of this module on ``engine``."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, settings)
    else:
        _prepare_postgresql(engine)


def _prepare_sqlite(engine: Engine, settings: Settings) -> None:
    lock = WriterLock(settings.sqlite_path.with_suffix(".writers"), settings.writer_timeout)

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        connection.isolation_level = None  # we say BEGIN ourselves; the driver must not
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "temp_store=MEMORY",
            "cache_size=-16000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _mode.get() == "write":
            lock.acquire(connection.connection.dbapi_connection)
            connection.exec_driver_sql("PRAGMA query_only=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            connection.exec_driver_sql("BEGIN")

    # The lock is held until the COMMIT is on disk, so it is let go when the connection
    # returns to the pool rather than in the "commit" event, which comes before it.
    @event.listens_for(engine, "checkin")
    def _checkin(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        lock.release(connection)


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        is_read = _mode.get() == "read"
        # psycopg says all this in its BEGIN: no extra round trip. A reader sees one instant of
        # the database, as on SQLite, however many statements it takes.
        raw.read_only = is_read  # type: ignore[union-attr]
        raw.isolation_level = _REPEATABLE_READ if is_read else None  # type: ignore[union-attr]
