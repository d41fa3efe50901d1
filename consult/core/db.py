"""Open the database and close each request with one commit (floor 0).

The order of every request is fixed here: parse, authorise, act, commit once, then the
after-commit work. A safe method (GET, HEAD) only reads, enforced by the database itself; an
unsafe one is a single write transaction. On SQLite writers queue behind a fair lock, because
its busy wait starves a client for seconds. On PostgreSQL pages read through a pool of their
own, so that a crowd of readers leaves the writers their connections; its statements need no
transaction around them, which spares two round trips out of three. What must be read at one
instant (an export) says so.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Literal

import structlog
from flask import Flask, Response, g, has_app_context, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    CompoundSelect,
    Connection,
    Engine,
    MetaData,
    Row,
    Select,
    event,
    func,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from consult.core.settings import Settings
from consult.core.writerlock import WriterLock

__all__ = [
    "Base",
    "ConflictError",
    "ConsultFlask",
    "DatabaseBusyError",
    "Session",
    "after_commit",
    "commit_despite_error",
    "db",
    "read_session",
    "rows",
    "write_session",
]

log = structlog.get_logger(__name__)

Mode = Literal["read", "instant", "write"]
AnySelect = Select[*tuple[Any, ...]]
AnyCompound = CompoundSelect[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]
_mode: ContextVar[Mode] = ContextVar("transaction_mode", default="write")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FIRST_ERROR_STATUS = 400
_READERS = "read"  # the name of the second pool
_IDLE_SECONDS = 10  # a connection that rested longer is tried before it is used
_REPEATABLE_READ = 3  # psycopg.IsolationLevel.REPEATABLE_READ; psycopg is an extra

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class DatabaseBusyError(RuntimeError):
    """Say that the database cannot take the request now (lock, pool or disk); answered 503."""


class ConflictError(RuntimeError):
    """Say that somebody else saved the same row first; answered 409, nothing was stored.

    Raised at any flush or commit of a model with a version. A view that can show both texts
    catches it around its service call, rolls back, and reads again what is saved now.
    """


class Base(DeclarativeBase):
    """Carry the metadata of every table; models inherit from it, never from ``db.Model``."""

    metadata = MetaData(naming_convention=NAMING)


class RoutedSession(FlaskSession):
    """Read pages through the readers' pool where there is one; tell a lost race from a fault."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:  # noqa: ANN401
        """Return the engine of what the request or job is doing."""
        engines = self._db.engines
        if _mode.get() == "read" and _READERS in engines:
            return engines[_READERS]
        bind: Engine | Connection = super().get_bind(*args, **kwargs)
        return bind

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Send what changed to the database; raises ConflictError when another editor was first."""
        try:
            super().flush(objects)
        except StaleDataError as error:
            raise ConflictError from error


db = SQLAlchemy(
    model_class=Base, session_options={"class_": RoutedSession, "expire_on_commit": False}
)


class ConsultFlask(Flask):
    """Dispatch a request inside its one transaction and commit it once."""

    def dispatch_request(self) -> Response:
        """Run the view, then commit when it succeeded or roll back when it did not.

        Raises DatabaseBusyError when the database refuses the work for now.
        """
        if request.method == "HEAD":
            request.method = "GET"  # else a view takes for a POST whatever is not a GET
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
    except (OperationalError, sqlite3.OperationalError, TimeoutError) as error:
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


def rows(
    session: Session, statement: AnySelect | AnyCompound, values: Mapping[str, object] | None = None
) -> Sequence[AnyRow]:
    """Return the rows of a query of columns, read in the transaction of ``session``.

    Straight on the connection: loading entities is not asked, and its machinery costs as much
    as a short query.
    """
    return session.connection().execute(statement, values).all()


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
    with app.app_context(), one_instant():
        try:
            session = db.session()
            if patient and session.get_bind().dialect.name == "postgresql":
                for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
                    session.execute(select(func.set_config(limit, "0", True)))  # noqa: FBT003
            yield session
        finally:
            db.session.rollback()


@contextlib.contextmanager
def one_instant() -> Iterator[None]:
    """Read everything inside the block as it stood at the first query, streamed if wished."""
    token = _mode.set("instant")
    try:
        yield
    finally:
        _mode.reset(token)


def register(app: Flask, settings: Settings) -> None:
    """Bind the database of ``settings`` to the application."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.sqlalchemy_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings)
    if not settings.is_sqlite:
        app.config["SQLALCHEMY_BINDS"] = {_READERS: reader_options(settings)}
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine, settings)


def engine_options(settings: Settings) -> dict[str, Any]:
    """Return pool and time-out options for the database of ``settings``."""
    # An error that reaches the log must not carry an answer, an address or a key.
    private = {"hide_parameters": True}
    if settings.is_sqlite:
        return private | {"connect_args": {"timeout": settings.writer_timeout}}
    options = (
        f"-c statement_timeout={settings.statement_timeout} "
        f"-c lock_timeout={settings.lock_timeout} "
        "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
    )
    return private | {
        "pool_size": settings.pool_size,
        "max_overflow": 2,
        "pool_timeout": settings.pool_timeout,
        "pool_recycle": 300,
        "connect_args": {"options": options, "connect_timeout": settings.pool_timeout},
    }


def reader_options(settings: Settings) -> dict[str, Any]:
    """Return the options of the pool through which pages read; the server refuses writes in it."""
    options = engine_options(settings)
    connect = options["connect_args"]
    read_only = f"{connect['options']} -c default_transaction_read_only=on"
    return options | {
        "url": settings.sqlalchemy_url,
        "isolation_level": "AUTOCOMMIT",
        "connect_args": connect | {"options": read_only},
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
        # Straight to the driver: through SQLAlchemy these two lines cost as much as the query.
        raw: Any = connection.connection.dbapi_connection
        info = connection.connection.info
        writes = _mode.get() == "write"
        if writes:
            lock.acquire(raw)
        if info.get("writes") != writes:
            raw.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
            info["writes"] = writes
        raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    # The lock is held until the COMMIT is on disk, so it is let go when the connection
    # returns to the pool rather than in the "commit" event, which comes before it.
    @event.listens_for(engine, "checkin")
    def _checkin(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        lock.release(connection)


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        if raw.autocommit:
            return
        # psycopg says this in its BEGIN: no extra round trip.
        instant = _mode.get() == "instant"
        raw.read_only = _mode.get() != "write"
        raw.isolation_level = _REPEATABLE_READ if instant else None

    @event.listens_for(engine, "checkin")
    def _checkin(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    # Not pool_pre_ping: asked before every request it costs as much as the request's own query.
    @event.listens_for(engine, "checkout")
    def _checkout(
        connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
    ) -> None:
        rested = time.monotonic() - record.info.get("rests_since", time.monotonic())
        if rested > _IDLE_SECONDS and not _answers(engine, connection):
            raise DisconnectionError


def _answers(engine: Engine, connection: DBAPIConnection) -> bool:
    try:
        return engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False
