"""Open the database and close each request with one commit (floor 0).

The order of every request is fixed here: parse, authorise, act, commit once, then the
after-commit work. A safe method (GET, HEAD) only reads, enforced by the database itself; an
unsafe one is a single write transaction. What must be read at one instant (an export) says so.
How each kind of database is opened stands in ``core/engines.py``.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import structlog
from flask import Flask, Response, g, has_app_context, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import CompoundSelect, Connection, Engine, MetaData, Select, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import PoolProxiedConnection

from consult.core.engines import (
    READERS,
    engine_options,
    hold_to_reading,
    mode,
    prepare_engine,
    reader_options,
)
from consult.core.prepared import AnyRow, Prepared
from consult.core.settings import Settings

__all__ = [
    "AnyRow",
    "Base",
    "ConflictError",
    "ConsultFlask",
    "DatabaseBusyError",
    "Prepared",
    "Session",
    "after_commit",
    "commit_despite_error",
    "db",
    "read_session",
    "rows",
    "write_session",
]

log = structlog.get_logger(__name__)

AnySelect = Select[*tuple[Any, ...]]
AnyCompound = CompoundSelect[*tuple[Any, ...]]
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FIRST_ERROR_STATUS = 400

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
        if mode.get() == "read":
            _put_back()  # one request never holds two connections
            return _readers()
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
        token = mode.set("read" if request.method in _SAFE_METHODS else "write")
        try:
            with busy_translated():
                response = self.make_response(super().dispatch_request())
                if mode.get() == "write":
                    _finish(response)
        finally:
            _put_back()
            mode.reset(token)
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
    session: Session,
    statement: AnySelect | AnyCompound | Prepared,
    values: Mapping[str, object] | None = None,
) -> Sequence[AnyRow]:
    """Return the rows of a query of columns, read in the transaction of ``session``.

    Straight on the connection: loading entities is not asked, and its machinery costs as much
    as a short query. A page that only reads, through prepared statements, needs no transaction.
    A prepared write passes here too, and gives back what it returns.
    """
    if not isinstance(statement, Prepared):
        return session.connection().execute(statement, values).all()
    if mode.get() == "read" and not session.in_transaction():
        engine, held = _readers(), _taken()
        return statement.run(engine, held.driver_connection, held, values)
    connection = session.connection()
    raw = connection.connection.driver_connection
    return statement.run(connection.engine, raw, connection, values)


def _readers() -> Engine:
    return db.engines.get(READERS) or db.engine


def _taken() -> PoolProxiedConnection:
    """Return the connection through which this request reads, taken from the pool at need."""
    held: PoolProxiedConnection | None = g.get("reads_through")
    if held is None or not held.is_valid:
        held = g.reads_through = _readers().raw_connection()
        if isinstance(held.driver_connection, sqlite3.Connection):
            hold_to_reading(held)
    return held


def _put_back() -> None:
    held: PoolProxiedConnection | None = g.pop("reads_through", None)
    if held is not None:
        held.close()


@contextlib.contextmanager
def write_session(app: Flask) -> Iterator[Session]:
    """Give commands and jobs a session; commit once at the end, then do after-commit work."""
    with app.app_context():
        token = mode.set("write")
        try:
            yield db.session()
            db.session.commit()
            for work in g.pop("after_commit", []):
                work()
        finally:
            db.session.rollback()
            mode.reset(token)


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
    token = mode.set("instant")
    try:
        yield
    finally:
        mode.reset(token)


def register(app: Flask, settings: Settings) -> None:
    """Bind the database of ``settings`` to the application."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.sqlalchemy_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings)
    if not settings.is_sqlite:
        app.config["SQLALCHEMY_BINDS"] = {READERS: reader_options(settings)}
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine, settings)
