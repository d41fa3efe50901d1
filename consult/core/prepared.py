"""Run statements that were written once, without building them again (floor 0).

SQLAlchemy compiles a statement once and then spends more time on each execution than SQLite
spends on the query: a key for its cache, a context, the shape of a result. What a page asks
each time is made at import as a ``Prepared``; here only its text, its values and its rows pass,
through the same type adapters. Listeners of ``before_cursor_execute`` are told of it as of any
other statement, and errors of the driver come out as SQLAlchemy's, a lost connection dropped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from sqlalchemy import BindParameter, Dialect, Engine, Row
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

AnyRow = Row[*tuple[Any, ...]]
Adapter = Callable[[Any], Any] | None


class Held(Protocol):
    """A connection taken from a pool, by SQLAlchemy or by us."""

    def invalidate(self, error: BaseException | None = None) -> None:
        """Drop the connection: it is not given back to the pool."""


class _Value(msgspec.Struct, frozen=True):
    """One value of a statement: under which name it is given, and what stands when it is not."""

    name: str
    key: str
    bind: BindParameter[Any]
    adapt: Adapter

    def of(self, values: Mapping[str, object]) -> Any:  # noqa: ANN401  what the driver takes
        if self.key in values:
            value = values[self.key]
        elif self.bind.required:
            message = f"no value for {self.key}"
            raise KeyError(message)
        else:
            value = self.bind.effective_value
        return value if self.adapt is None else self.adapt(value)


class _Ready:
    """A statement in the words of one kind of database."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:  # noqa: ANN401
        compiled: SQLCompiler = statement.compile(dialect=dialect)
        found = {name: _value(bind, name, dialect) for bind, name in compiled.bind_names.items()}
        self.text = compiled.string
        self.is_positional = compiled.positional
        self.values = [found[name] for name in compiled.positiontup or found]
        columns = list(getattr(statement, "exported_columns", ()))
        self.types: list[TypeEngine[Any]] = [column.type for column in columns]
        names = [column.key for column in columns]
        if len(set(names)) < len(names):
            message = f"two columns of one name in {', '.join(names)}"
            raise TypeError(message)
        self.shape = SimpleResultMetaData(names)
        self.adapters: list[tuple[int, Callable[[Any], Any]]] | None = None

    def given(self, values: Mapping[str, object]) -> Any:  # noqa: ANN401
        if self.is_positional:
            return [value.of(values) for value in self.values]
        return {value.name: value.of(values) for value in self.values}

    def rows(self, cursor: DBAPICursor, dialect: Dialect) -> Sequence[AnyRow]:
        if cursor.description is None:
            return ()
        found: Iterable[Sequence[Any]] = cursor.fetchall()
        if self.adapters is None:
            self.adapters = _adapters(self.types, cursor, dialect)
        if found and self.adapters:
            found = [self._adapted(row, self.adapters) for row in found]
        return IteratorResult(self.shape, iter(found)).all()

    @staticmethod
    def _adapted(
        row: Sequence[Any], adapters: Iterable[tuple[int, Callable[[Any], Any]]]
    ) -> tuple[Any, ...]:
        values = list(row)
        for place, adapt in adapters:
            values[place] = adapt(values[place])
        return tuple(values)


def _value(bind: BindParameter[Any], name: str, dialect: Dialect) -> _Value:
    if bind.expanding or bind.literal_execute:
        message = f"{bind.key} changes the text of the statement each time it runs"
        raise TypeError(message)
    return _Value(name, bind.key, bind, bind.type.dialect_impl(dialect).bind_processor(dialect))


def _adapters(
    types: Iterable[TypeEngine[Any]], cursor: DBAPICursor, dialect: Dialect
) -> list[tuple[int, Callable[[Any], Any]]]:
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for place, (kind, described) in enumerate(zip(types, cursor.description or (), strict=True)):
        adapt = kind.dialect_impl(dialect).result_processor(dialect, described[1])
        if adapt is not None:
            found.append((place, adapt))
    return found


class Prepared:
    """A statement made at import, without a list of values: compiled once for each database."""

    def __init__(self, statement: Any) -> None:  # noqa: ANN401  a select, or a write
        """Keep the statement; it is compiled when it first runs."""
        self.statement = statement
        self._ready: dict[str, _Ready] = {}

    def run(
        self,
        engine: Engine,
        raw: Any,  # noqa: ANN401  the connection of one driver or another
        held: Held,
        values: Mapping[str, object] | None,
    ) -> Sequence[AnyRow]:
        """Run the statement on the driver's connection and return its rows, if it has any.

        Raises SQLAlchemy's errors; ``held`` is dropped when its database has gone.
        """
        dialect = engine.dialect
        ready = self._ready.get(dialect.name)
        if ready is None:
            ready = self._ready[dialect.name] = _Ready(self.statement, dialect)
        given = ready.given(values or {})
        cursor = raw.cursor()
        try:
            for tell in engine.dispatch.before_cursor_execute:
                tell(None, cursor, ready.text, given, None, False)  # noqa: FBT003
            cursor.execute(ready.text, given)
            return ready.rows(cursor, dialect)
        except dialect.loaded_dbapi.Error as error:
            raise _told(engine, raw, held, ready.text, error) from error
        finally:
            cursor.close()


def _told(
    engine: Engine,
    raw: Any,  # noqa: ANN401
    held: Held,
    text: str,
    error: Exception,
) -> BaseException:
    """Return the error as SQLAlchemy tells it; forget every connection when this one is dead."""
    dialect = engine.dialect
    is_gone = dialect.is_disconnect(error, raw, None)  # type: ignore[arg-type]
    if is_gone:
        held.invalidate(error)
        engine.dispose(close=False)
    return DBAPIError.instance(
        text,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=dialect,
    )
