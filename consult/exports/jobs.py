"""Prepare exports in the background, and erase them when their time is over (floor 8)."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import delete, select

from consult.consultations.models import Consultation
from consult.core.clock import now
from consult.core.db import read_session, write_session
from consult.core.i18n import in_language
from consult.core.progress import Job, Order, Progress
from consult.core.registry import export_sets
from consult.core.settings import Settings
from consult.exports import files
from consult.exports.queries import KIND, expiry
from consult.exports.writing import FORMATS, Wanted, write

_REMEMBERED = timedelta(days=30)


def prepare(app: Flask, settings: Settings, order: Order, progress: Progress) -> str:
    """Write one export from one instant of the database; return the name of its file."""
    details = order.details
    wanted = Wanted(order.subject_id, details["format"], details["labels"], details["set"])
    name = f"{progress.token}.{FORMATS[wanted.format].extension}"
    with files.workplace(settings, progress.token) as place:
        path = place / name
        with (
            files.new_file(path) as target,
            read_session(app, patient=True) as session,
            in_language(wanted.labels),
        ):
            consultation = session.scalars(
                select(Consultation).where(Consultation.code == wanted.consultation)
            ).one()
            kind = export_sets.get(wanted.set_code)
            progress.begin(kind.count(session, consultation))
            write(session, consultation, wanted, target, counted=progress.counted, folder=place)
        progress.confirm()
        files.keep(settings, path, name)
    return name


def sweep(app: Flask, settings: Settings) -> int:
    """Erase files whose time is over or that no job knows; forget jobs after a month."""
    with write_session(app) as session:
        done = session.scalars(select(Job).where(Job.kind == KIND, Job.file.is_not(None))).all()
        kept = set()
        for job in done:
            if expiry(job, settings.export_hours) is None:
                job.file = None
            else:
                kept.add(job.file)
        # A job that is ending now has its file in place a moment before its row says so.
        working = select(Job.token, Job.details).where(Job.kind == KIND, Job.state == "running")
        kept |= {
            f"{token}.{FORMATS[details['format']].extension}"
            for token, details in session.execute(working)
        }
        session.execute(
            delete(Job).where(
                Job.kind == KIND,
                Job.state.in_(("done", "failed")),
                Job.created_at < now() - _REMEMBERED,
            )
        )
    return files.erase_others(settings, {name for name in kept if name})
