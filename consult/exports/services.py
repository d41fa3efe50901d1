"""Ask for exports and take them away; the audit log keeps both (floor 8)."""

from consult.audit.services import record
from consult.consultations.models import Consultation
from consult.consultations.services import subject
from consult.core.authz import Actor
from consult.core.db import Session
from consult.core.progress import Job, Order, start_job
from consult.core.registry import export_sets
from consult.exports.queries import KIND
from consult.exports.writing import FORMATS, Wanted


def is_large(session: Session, consultation: Consultation, wanted: Wanted, limit: int) -> bool:
    """Tell whether a file is made by a job: a workbook always, others above ``limit`` rows."""
    if FORMATS[wanted.format].is_workbook:
        return True
    return export_sets.get(wanted.set_code).count(session, consultation) > limit


def ask(session: Session, actor: Actor, consultation: Consultation, wanted: Wanted) -> str:
    """Start the job that prepares a file; return its token."""
    details = {"format": wanted.format, "labels": wanted.labels, "set": wanted.set_code}
    about = subject(consultation)
    record(session, actor, "answers.export_asked", about, details)
    order = Order(KIND, about.kind, about.id, about.table_id, actor.account_id, details)
    return start_job(session, order)


def taken(session: Session, actor: Actor, consultation: Consultation, wanted: Wanted) -> None:
    """Record that somebody takes answers away."""
    details = {"format": wanted.format, "labels": wanted.labels}
    record(session, actor, "answers.exported", subject(consultation), details)


def wanted_by(job: Job) -> Wanted:
    """Return what a job was asked to prepare."""
    details = job.details
    return Wanted(job.subject_id, details["format"], details["labels"], details["set"])
