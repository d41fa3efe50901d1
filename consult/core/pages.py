"""Cut a long list into pages by a cursor, never by an offset (floor 0).

The cursor of a page is the sort key of a row: whatever is inserted or removed meanwhile, no
row is shown twice nor skipped, and page one thousand costs what page one costs when an index
has the order. It is opaque text for an address. A plain one is no secret: it holds only what
the page shows, and a forged one can but start the list elsewhere. Where the sort key must not
stand in an address (the key of a response, somebody's e-mail), the cursor is sealed under the
signing key of the instance.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, cast

import msgspec
from flask import current_app
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    SmallInteger,
    SQLColumnExpression,
    and_,
    literal,
    or_,
    tuple_,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from consult.core.codes import SealError, seal, unseal

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]
Order = Sequence[tuple[SQLColumnExpression[Any], Literal["asc", "desc"]]]
MAX_SIZE = 200
_LONGEST = 1_000
_DIGITS = 38
_INTEGER_BITS = ((SmallInteger, 15), (BigInteger, 63))


class Page(msgspec.Struct, frozen=True):
    """Some rows of a list, and the cursors of the pages after and before them, if any."""

    rows: Sequence[AnyRow]
    next: str | None
    previous: str | None = None


class _Place(msgspec.Struct, frozen=True):
    key: Sequence[Any] | None = None
    back: bool = False


def page_of(
    session: Session,
    statement: AnySelect,
    order: Order,
    cursor: str | None = None,
    size: int = 50,
    *,
    sealed: bool = False,
) -> Page:
    """Return the page at ``cursor``; one that cannot be read gives the first page.

    ``order`` is the whole order of the list, in which no two rows are equal: end it with a
    unique column. Its columns are never null, and are selected, alone or in their entity; else
    ValueError. ``size`` is held between 1 and 200. When every row beyond the cursor has gone,
    the nearest page that has rows is given: the last one forward, the first one backward.
    ``sealed`` cursors, within an application, tell nothing and cannot be forged.
    """
    size = max(1, min(size, MAX_SIZE))
    cipher = _cipher() if sealed else None
    place = _decode(cursor, order, cipher)
    rows, more = _fetch(session, statement, order, place, size)
    if place.key is not None and not rows:
        place = _Place(back=not place.back)
        rows, more = _fetch(session, statement, order, place, size)
    # There is something before a page reached forward, and after a page reached backward.
    beyond = place.key is not None
    has_next, has_previous = (beyond, more) if place.back else (more, beyond)
    keys = [_key(row, order) for row in rows]
    return Page(
        rows,
        _encode(_Place(keys[-1], back=False), cipher) if keys and has_next else None,
        _encode(_Place(keys[0], back=True), cipher) if keys and has_previous else None,
    )


def _fetch(
    session: Session, statement: AnySelect, order: Order, place: _Place, size: int
) -> tuple[Sequence[AnyRow], bool]:
    """Return up to ``size`` rows in the order of the list, and whether more lie further."""
    if place.key is not None:
        statement = statement.where(_beyond(order, place.key, back=place.back))
    ways = [column.asc() if _rises(way, place) else column.desc() for column, way in order]
    found = session.execute(statement.order_by(None).order_by(*ways).limit(size + 1)).all()
    rows = found[:size]
    return (rows[::-1] if place.back else rows), len(found) > size


def _rises(way: str, place: _Place) -> bool:
    return (way == "asc") != place.back


def _beyond(order: Order, key: Sequence[Any], *, back: bool) -> ColumnElement[bool]:
    """Return the condition that a row lies beyond ``key``, as one comparison when it can be."""
    values = [literal(value, _type(column)) for value, (column, _) in zip(key, order, strict=True)]
    columns = [column for column, _ in order]
    rising = [_rises(way, _Place(back=back)) for _, way in order]
    if len(set(rising)) == 1:
        left, right = tuple_(*columns), tuple_(*values)
        return left > right if rising[0] else left < right
    alternatives = []
    for i, column in enumerate(columns):
        equal = [columns[j] == values[j] for j in range(i)]
        step = column > values[i] if rising[i] else column < values[i]
        alternatives.append(and_(*equal, step))
    return or_(*alternatives)


def _key(row: AnyRow, order: Order) -> list[Any]:
    key = [_value(row, column) for column, _ in order]
    if any(value is None for value in key):
        message = "a column of the order is null in this row"
        raise ValueError(message)
    return key


def _value(row: AnyRow, column: SQLColumnExpression[Any]) -> Any:  # noqa: ANN401
    if column in row._mapping:  # noqa: SLF001  the documented name of the mapping
        return row._mapping[column]  # noqa: SLF001
    owner = getattr(column, "class_", None)
    for value in row:
        if owner is not None and isinstance(value, owner):
            return getattr(value, str(getattr(column, "key", "")))
    message = f"select {column}, for the list is ordered by it"
    raise ValueError(message)


def _cipher() -> bytes:
    """Return the key that seals cursors, derived from the signing key of the instance."""
    secret = current_app.secret_key or b""
    raw = secret.encode() if isinstance(secret, str) else secret
    return hmac.digest(raw, b"consult/cursor", hashlib.sha256)


def _encode(place: _Place, cipher: bytes | None) -> str:
    content = msgspec.json.encode((place.back, place.key))
    content = seal(cipher, content) if cipher else content
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decode(cursor: str | None, order: Order, cipher: bytes | None) -> _Place:
    """Return the place of a cursor, checked against the types of the columns."""
    if not cursor or len(cursor) > _LONGEST:
        return _Place()
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        raw = unseal(cipher, raw) if cipher else raw
        back, values = msgspec.json.decode(raw, type=tuple[bool, list[Any]])
    except (binascii.Error, UnicodeError, SealError, ValueError):
        return _Place()
    if len(values) != len(order):
        return _Place()
    key = [_readable(value, column) for value, (column, _) in zip(values, order, strict=True)]
    return _Place() if None in key else _Place(key, back)


def _readable(value: object, column: SQLColumnExpression[Any]) -> object | None:
    """Return ``value`` as the column holds it, or None when the database would refuse it."""
    kind = _type(column)
    kind = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    wanted = str if isinstance(kind, NullType) else kind.python_type
    try:
        found: object = msgspec.convert(value, wanted, strict=True)
    except msgspec.ValidationError:
        return None
    return found if _fits(found, kind) else None


def _fits(value: object, kind: TypeEngine[Any]) -> bool:
    """Tell whether the database can hold ``value`` in a column of this kind."""
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        bits = next((b for t, b in _INTEGER_BITS if isinstance(kind, t)), 31)
        return -(1 << bits) <= value < 1 << bits
    if isinstance(value, Decimal):
        scale = int(getattr(kind, "scale", None) or 0)
        whole = int(getattr(kind, "precision", None) or _DIGITS) - scale
        return value.is_finite() and -_DIGITS < value.adjusted() < whole
    if isinstance(value, str):
        return "\x00" not in value
    if isinstance(value, datetime):
        # Within a day of the ends of the calendar a moment cannot change zone.
        zoned = value.tzinfo is not None or not getattr(kind, "timezone", False)
        return zoned and date.min < value.date() < date.max
    return True


def _type(column: SQLColumnExpression[Any]) -> TypeEngine[Any]:
    return cast("ColumnElement[Any]", column).type
