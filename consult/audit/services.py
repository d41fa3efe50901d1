"""Write and seal the audit log; entries are never changed (floor 1)."""

import hashlib
from collections.abc import Mapping

import msgspec
from sqlalchemy import func, select

from consult.audit.models import AuditEntry, AuditSeal
from consult.core.authz import Actor
from consult.core.db import Session


class Subject(msgspec.Struct, frozen=True):
    """What an entry is about: a kind, an id as text, and the table it belongs to."""

    kind: str
    id: str
    table_id: int | None = None


def record(
    session: Session,
    actor: Actor | None,
    verb: str,
    subject: Subject,
    details: Mapping[str, object] | None = None,
) -> None:
    """Add one entry in the current transaction; ``details`` holds ids and codes, never words."""
    session.add(
        AuditEntry(
            actor_id=actor.account_id if actor else None,
            verb=verb,
            subject_kind=subject.kind,
            subject_id=subject.id,
            table_id=subject.table_id,
            details=dict(details or {}),
        )
    )


def _digest(previous: bytes, values: Mapping[str, object]) -> bytes:
    """Chain one entry: SHA-256 over the previous digest and the entry as canonical JSON."""
    return hashlib.sha256(previous + msgspec.json.encode(values, order="sorted")).digest()


_NAMES = tuple(column.name for column in AuditEntry.__table__.c)


def seal(session: Session, limit: int = 1000) -> int:
    """Chain up to ``limit`` entries that are not sealed yet; return how many were."""
    last = session.execute(
        select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)
    ).scalar_one_or_none()
    number, digest = (last.number, last.digest) if last else (0, b"")
    rows = session.execute(
        select(*AuditEntry.__table__.c)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.entry_id.is_(None))
        .order_by(AuditEntry.id)
        .limit(limit)
    ).all()
    for row in rows:
        number += 1
        digest = _digest(digest, dict(zip(_NAMES, row, strict=True)))
        session.add(AuditSeal(number=number, entry_id=row.id, digest=digest))
    return len(rows)


class Verdict(msgspec.Struct, frozen=True):
    """What a verification found: entries in the chain, entries not sealed yet, first fault."""

    sealed: int
    unsealed: int
    fault: str | None


def verify(session: Session) -> Verdict:
    """Recompute the whole chain; a deleted, edited or reordered entry breaks it."""
    digest, fault = b"", None
    statement = (
        select(AuditSeal.number, AuditSeal.digest, *AuditEntry.__table__.c)
        .outerjoin(AuditEntry, AuditSeal.entry_id == AuditEntry.id)
        .order_by(AuditSeal.number)
    )
    for expected, row in enumerate(session.execute(statement), start=1):
        if row.id is None or row[0] != expected:
            fault = f"link {expected}: entry missing"
            break
        digest = _digest(digest, dict(zip(_NAMES, tuple(row)[2:], strict=True)))
        if digest != row[1]:
            fault = f"link {expected}: entry {row.id} was changed"
            break
    entries = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    seals = session.scalar(select(func.count()).select_from(AuditSeal)) or 0
    return Verdict(sealed=seals, unsealed=max(0, entries - seals), fault=fault)
