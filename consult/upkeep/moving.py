"""Carry the rows of SQLite to PostgreSQL, with counts and contents verified (floor 10)."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec
from flask import Flask
from sqlalchemy import (
    JSON,
    Connection,
    MetaData,
    RowMapping,
    Table,
    create_engine,
    func,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from consult import migrations
from consult.app import create_app
from consult.core.db import Base, write_session
from consult.core.settings import Settings
from consult.upkeep import state
from consult.upkeep.contents import counts, digests

_BATCH = 1000


class MoveError(RuntimeError):
    """Say why the rows were not moved; the old database is as it was."""


def move(app: Flask, target: Settings, told: Callable[[str, int], None]) -> dict[str, int]:
    """Copy every row of ``app``'s SQLite database to the empty PostgreSQL one of ``target``.

    Writers wait meanwhile; all rows arrive in one transaction, or none. ``told`` hears each
    table and its number of rows. Raises MoveError, NotReadyError.
    """
    if not app.extensions["consult_settings"].is_sqlite or target.is_sqlite:
        message = "rows are moved from SQLite to PostgreSQL only"
        raise MoveError(message)
    state.refuse_unready(app)
    engine = create_engine(target.sqlalchemy_url, poolclass=NullPool, hide_parameters=True)
    try:
        _prepare(engine.connect, target)
        # A write transaction: it holds the queue of writers, so that nothing is left behind.
        with write_session(app) as session, engine.begin() as arrival:
            departure = session.connection()
            for table in Base.metadata.sorted_tables:
                told(table.name, _copy(table, departure, arrival))
            if digests(departure) != digests(arrival):
                message = "the rows that arrived are not those that left; nothing was kept"
                raise MoveError(message)
            moved = counts(arrival)
    except OperationalError as error:
        message = f"The database does not answer: {error.orig}"
        raise MoveError(message) from error
    except DBAPIError as error:
        message = f"PostgreSQL refuses a row that SQLite held, and nothing was kept: {error.orig}"
        raise MoveError(message) from error
    finally:
        engine.dispose()
    return moved


def _prepare(connect: Callable[[], Connection], target: Settings) -> None:
    with connect() as connection:
        filled = [name for name, rows in counts(connection).items() if rows]
        other = set(counts(connection)) - set(Base.metadata.tables)
    if filled or other:
        names = ", ".join(sorted({*filled, *other})[:5])
        message = f"the target is not empty ({names}); nothing was changed"
        raise MoveError(message)
    # Its own application: migrations run on the engine of the one that asks.
    migrations.upgrade(create_app(msgspec.structs.replace(target, embedded_worker=False)))


def _copy(table: Table, departure: Connection, arrival: Connection) -> int:
    statement = insert(_null_kept(table))
    rows = departure.execution_options(yield_per=_BATCH).execute(select(table)).mappings()
    moved = 0
    for batch in _batches(table, rows):
        arrival.execute(statement, batch)
        moved += len(batch)
    _restart_sequence(table, arrival)
    return moved


def _batches(table: Table, rows: Iterable[RowMapping]) -> Iterator[list[dict[str, Any]]]:
    """Yield rows by the thousand; where rows point to others of their table, parents first."""
    links = [
        (element.parent.name, element.column.name)
        for constraint in table.foreign_key_constraints
        if constraint.referred_table is table
        for element in constraint.elements
    ]
    ordered = iter(_parents_first(list(rows), links) if links else rows)
    while batch := [dict(row) for row in islice(ordered, _BATCH)]:
        yield batch


def _parents_first(rows: list[RowMapping], links: list[tuple[str, str]]) -> Iterator[RowMapping]:
    there: dict[str, set[Any]] = {target: set() for _, target in links}
    waiting = rows
    while waiting:
        later = []
        for row in waiting:
            if all(row[name] is None or row[name] in there[target] for name, target in links):
                for target, seen in there.items():
                    seen.add(row[target])
                yield row
            else:
                later.append(row)
        if len(later) == len(waiting):
            message = "rows of one table point to one another in a circle"
            raise MoveError(message)
        waiting = later


def _null_kept(table: Table) -> Table:
    """Return ``table`` with JSON columns that write None as NULL, as it was read."""
    copy = table.to_metadata(MetaData())
    for column in copy.columns:
        if type(column.type) is JSON and column.nullable:
            column.type = JSON(none_as_null=True)
    return copy


def _restart_sequence(table: Table, arrival: Connection) -> None:
    """Let the next row of ``table`` be numbered after those that arrived."""
    key = table.autoincrement_column
    if key is None:
        return
    last = arrival.scalar(select(func.max(key)))
    sequence = func.pg_get_serial_sequence(table.name, key.name)
    arrival.execute(select(func.setval(sequence, last or 1, last is not None)))
