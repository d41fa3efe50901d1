"""Open each kind of database: its pools, its time-outs, its rules of transactions (floor 0).

On SQLite writers queue behind a fair lock, because its busy wait starves a client for seconds.
On PostgreSQL pages read through a pool of their own, so that a crowd of readers leaves the
writers their connections; its statements need no transaction around them, which spares two
round trips out of three.
"""

import sqlite3
import time
from contextvars import ContextVar
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from consult.core.seeking import FOLDED, folded
from consult.core.settings import Settings
from consult.core.writerlock import WriterLock

Mode = Literal["read", "instant", "write"]
mode: ContextVar[Mode] = ContextVar("transaction_mode", default="write")
READERS = "read"  # the name of the second pool
_IDLE_SECONDS = 10  # a connection that rested longer is tried before it is used
_REPEATABLE_READ = 3  # psycopg.IsolationLevel.REPEATABLE_READ; psycopg is an extra


def engine_options(settings: Settings) -> dict[str, Any]:
    """Return pool and time-out options for the database of ``settings``."""
    # An error that reaches the log must not carry an answer, an address or a key.
    private = {"hide_parameters": True, "json_deserializer": msgspec.json.decode}
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
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "PRAGMA foreign_keys=ON",
            "PRAGMA secure_delete=ON",
            "PRAGMA temp_store=MEMORY",
            "PRAGMA cache_size=-16000",
        ):
            connection.execute(pragma)
        connection.create_function(FOLDED, 1, folded, deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Straight to the driver: through SQLAlchemy these two lines cost as much as the query.
        raw: Any = connection.connection.dbapi_connection
        writes = mode.get() == "write"
        if writes:
            lock.acquire(raw)
        hold_to_reading(connection.connection, writes=writes)
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
        instant = mode.get() == "instant"
        raw.read_only = mode.get() != "write"
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


def hold_to_reading(held: PoolProxiedConnection, *, writes: bool = False) -> None:
    """Let SQLite itself refuse what a page that reads must not do."""
    if held.info.get("writes") != writes:
        raw: Any = held.driver_connection
        raw.execute("PRAGMA query_only=OFF" if writes else "PRAGMA query_only=ON")
        held.info["writes"] = writes
