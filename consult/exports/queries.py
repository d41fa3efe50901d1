"""Read the exports that were asked for (floor 8)."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select

from consult.accounts.models import Account
from consult.core.clock import now
from consult.core.db import Session
from consult.core.progress import Job

KIND = "export"
_SHOWN = 50


class Prepared(msgspec.Struct, frozen=True):
    """One export as the desk shows it; ``expires_at`` is None unless it can be downloaded."""

    token: str
    format: str
    labels: str
    asked_by: str
    asked_at: datetime
    state: str
    done: int
    total: int
    expires_at: datetime | None


def of_consultation(session: Session, code: str, hours: int) -> list[Prepared]:
    """Return the exports of one consultation, newest first (at most 50)."""
    rows = session.execute(
        select(Job, Account.name)
        .outerjoin(Account, Account.id == Job.asked_by)
        .where(Job.kind == KIND, Job.subject_kind == "consultation", Job.subject_id == code)
        .order_by(Job.id.desc())
        .limit(_SHOWN)
    )
    return [_prepared(job, name or "", hours) for job, name in rows]


def _prepared(job: Job, name: str, hours: int) -> Prepared:
    expires = expiry(job, hours)
    return Prepared(
        token=job.token,
        format=job.details["format"],
        labels=job.details["labels"],
        asked_by=name,
        asked_at=job.created_at,
        state="expired" if job.state == "done" and expires is None else job.state,
        done=job.done,
        total=job.total,
        expires_at=expires,
    )


def expiry(job: Job, hours: int) -> datetime | None:
    """Return until when the file of a job can be had; None when it cannot."""
    if job.state != "done" or job.file is None or job.ended_at is None:
        return None
    end = job.ended_at + timedelta(hours=hours)
    return end if end > now() else None


def find(session: Session, code: str, token: str) -> Job | None:
    """Return one export of one consultation; another consultation's is not found."""
    return session.scalars(
        select(Job).where(
            Job.token == token,
            Job.kind == KIND,
            Job.subject_kind == "consultation",
            Job.subject_id == code,
        )
    ).one_or_none()
