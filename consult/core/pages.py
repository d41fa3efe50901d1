"""Cut a long list into pages by a cursor, never by an offset (floor 0)."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, or_

from consult.core.db import Session

Order = Sequence[tuple[ColumnElement[Any], Literal["asc", "desc"]]]
MAX_SIZE = 200


class Page(msgspec.Struct, frozen=True):
    """Some rows of a list, and the cursor of the page after them, if any."""

    rows: Sequence[Row[Any]]
    next: str | None


def page_of(
    session: Session, statement: Select[Any], order: Order, cursor: str | None, size: int = 50
) -> Page:
    """Return the page that starts after ``cursor``.

    ``order`` must end with a unique column; its columns must be selected, in any place.
    A cursor that cannot be read gives the first page.
    """
    size = max(1, min(size, MAX_SIZE))
    after = _decode(cursor, len(order))
    if after is not None:
        statement = statement.where(_beyond(order, after))
    statement = statement.order_by(*[c.desc() if d == "desc" else c.asc() for c, d in order])
    rows = session.execute(statement.limit(size + 1)).all()
    has_more = len(rows) > size
    rows = rows[:size]
    following = None
    if has_more:
        following = _encode([rows[-1]._mapping[column] for column, _ in order])  # noqa: SLF001
    return Page(rows, following)


def _beyond(order: Order, after: Sequence[Any]) -> ColumnElement[bool]:
    alternatives = []
    for i, (column, direction) in enumerate(order):
        equal = [earlier == after[j] for j, (earlier, _) in enumerate(order[:i])]
        step = column < after[i] if direction == "desc" else column > after[i]
        alternatives.append(and_(*equal, step))
    return or_(*alternatives)


def _encode(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def _decode(cursor: str | None, length: int) -> list[Any] | None:
    if not cursor or len(cursor) > 500:  # noqa: PLR2004
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = msgspec.json.decode(raw, type=list[str | int | float])
    except (binascii.Error, msgspec.DecodeError, ValueError):
        return None
    return values if len(values) == length else None
