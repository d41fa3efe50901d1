"""Tell whether an instance may start: its schema, and the pepper of its receipts (floor 10)."""

import contextlib
from collections.abc import Iterator

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from consult.audit.models import AuditEntry
from consult.audit.services import Subject, record
from consult.core.codes import Pepper, PepperError
from consult.core.db import Session, read_session, write_session
from consult.core.paths import MIGRATIONS
from consult.core.settings import Settings

# One audit entry for each version of the pepper: the log cannot be changed, travels with
# every copy of the database, and the check value tells nothing about the key.
PEPPER_VERB = "pepper.known"


class NotReadyError(RuntimeError):
    """Say in plain words why the instance cannot start, and what to do."""


class UnreachableError(RuntimeError):
    """Say that the database does not answer now."""


def revision(connection: Connection) -> str | None:
    """Return the schema revision of a database; None when it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Return the schema revision that this version of the code needs."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def schema_fault(connection: Connection) -> str | None:
    """Return what is wrong with the schema, or None when code and database agree."""
    found, wanted = revision(connection), head()
    if found == wanted:
        return None
    if found is None:
        return "The database is empty: run `consult init` (or `consult demo`)."
    if _is_known(found):
        return (
            f"The database is at schema {found} and this version needs {wanted}: "
            "run `consult upgrade`."
        )
    return _newer(found)


def _is_known(found: str) -> bool:
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return found in {script.revision for script in scripts}


def _newer(found: str) -> str:
    return (
        f"The database is at schema {found}, which this version of Consult does not know: a newer "
        "version made it. Install that version, or restore a backup made before its upgrade."
    )


def load_pepper(settings: Settings) -> Pepper:
    """Return the pepper; raises NotReadyError when it is missing or unusable."""
    path = settings.pepper_path
    try:
        return Pepper.load(path)
    except OSError as error:
        message = (
            f"The pepper {path} cannot be read ({error.strerror}). Without it no receipt opens: "
            "restore it from a backup. A new instance gets one from `consult init`."
        )
        raise NotReadyError(message) from error
    except PepperError as error:
        message = f"The pepper cannot be used: {error}."
        raise NotReadyError(message) from error


def known_peppers(session: Session) -> dict[int, str]:
    """Return the check value of every version of the pepper that the database has met."""
    rows = session.execute(
        select(AuditEntry.subject_id, AuditEntry.details)
        .where(AuditEntry.verb == PEPPER_VERB)
        .order_by(AuditEntry.id.desc())
    )
    return {int(row.subject_id): row.details["check"] for row in rows}


def pepper_fault(pepper: Pepper, known: dict[int, str]) -> str | None:
    """Return what is wrong with the pepper for a database that knows ``known``, or None."""
    present = pepper.checks()
    lost = sorted(set(known) - set(present))
    if lost:
        numbers = ", ".join(str(number) for number in lost)
        return (
            f"The pepper lacks version {numbers}, which made receipts of this database: "
            "they would not open. Restore the pepper from a backup."
        )
    if any(present[number] != check for number, check in known.items()):
        return (
            "The pepper is not the one that made the receipts of this database: none would open. "
            "Restore the pepper that belongs to it from a backup."
        )
    return None


def remember_pepper(app: Flask) -> None:
    """Note the check value of each version of the pepper that the database has not met.

    Raises NotReadyError when the pepper does not belong to this database.
    """
    pepper = load_pepper(app.extensions["consult_settings"])
    with write_session(app) as session:
        known = known_peppers(session)
        fault = pepper_fault(pepper, known)
        if fault:
            raise NotReadyError(fault)
        for number, check in pepper.checks().items():
            if number not in known:
                subject = Subject("pepper", str(number))
                record(session, None, PEPPER_VERB, subject, {"check": check})


def refuse_newer(app: Flask) -> None:
    """Raise NotReadyError when a newer version made the database, UnreachableError without one."""
    with _reading(app) as session:
        found = revision(session.connection())
    if found is not None and not _is_known(found):
        raise NotReadyError(_newer(found))


def refuse_unready(app: Flask) -> None:
    """Raise NotReadyError when the instance may not start, UnreachableError without database."""
    settings: Settings = app.extensions["consult_settings"]
    if settings.is_sqlite and not settings.sqlite_path.is_file():
        message = f"There is no database at {settings.sqlite_path}: run `consult init` first."
        raise NotReadyError(message)
    pepper = load_pepper(settings)
    with _reading(app) as session:
        fault = schema_fault(session.connection())
        fault = fault or pepper_fault(pepper, known_peppers(session))
    if fault:
        raise NotReadyError(fault)


@contextlib.contextmanager
def _reading(app: Flask) -> Iterator[Session]:
    try:
        with read_session(app) as session:
            yield session
    except OperationalError as error:
        message = f"The database does not answer: {error.orig}"
        raise UnreachableError(message) from error
