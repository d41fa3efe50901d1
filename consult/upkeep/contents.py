"""Count and fingerprint what a database holds, alike on SQLite and PostgreSQL (floor 10)."""

import hashlib
from typing import Any

import msgspec
from sqlalchemy import Connection, func, inspect, select, table

from consult.core.db import Base
from consult.core.textmap import TextMap

_BATCH = 2000
_MODULUS = 1 << 256
_BOOKKEEPING = frozenset({"alembic_version"})


def counts(connection: Connection) -> dict[str, int]:
    """Return the number of rows of every table there is, whatever version made the schema."""
    names = sorted(set(inspect(connection).get_table_names()) - _BOOKKEEPING)
    return {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        for name in names
    }


def digests(connection: Connection) -> dict[str, str]:
    """Return a hash of the rows of every table of this version, whatever their order.

    Each row is hashed as canonical JSON of its typed values, and the hashes are added: the
    same rows give the same figure on both databases, though they lie in another order.
    """
    return {made.name: _digest(connection, made) for made in Base.metadata.sorted_tables}


def _digest(connection: Connection, made: Any) -> str:  # noqa: ANN401  a Table of any columns
    total = 0
    streamed = connection.execution_options(yield_per=_BATCH)
    for row in streamed.execute(select(made)):
        content = msgspec.json.encode(tuple(row), enc_hook=_plain, order="sorted")
        total += int.from_bytes(hashlib.sha256(content).digest(), "big")
    return f"{total % _MODULUS:064x}"


def _plain(value: object) -> object:
    if isinstance(value, TextMap):
        return value.to_json()
    message = f"no canonical form for {type(value).__name__}"
    raise NotImplementedError(message)
