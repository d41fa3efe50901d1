"""Back up a running instance as one instant, in one file (floor 10).

SQLite is copied by ``VACUUM INTO``, in one read transaction: a file copy of a running database
loses what lies in its write-ahead log. PostgreSQL is dumped from an exported snapshot, and
the manifest is counted in that same snapshot.
"""

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, create_engine, event, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from consult import __version__
from consult.audit.models import AuditSeal
from consult.audit.services import verify
from consult.core.clock import now
from consult.core.settings import FILE_NAME, Settings
from consult.upkeep import archive, postgresql, state
from consult.upkeep.archive import BackupError, Manifest
from consult.upkeep.contents import counts, digests


def make_backup(settings: Settings, target: Path) -> Manifest:
    """Write the backup of the instance to ``target``, which must not exist; return its manifest.

    Raises BackupError, ClientError, or NotReadyError when the pepper is missing or foreign.
    """
    if target.exists():
        message = f"{target} exists already; a backup never overwrites a file"
        raise BackupError(message)
    if settings.is_sqlite and not settings.sqlite_path.is_file():
        message = f"there is no database at {settings.sqlite_path}"
        raise BackupError(message)
    # Beside the target: what is being made never lies on a disk with other readers.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".consult-backup-") as made:
        folder = Path(made) / "members"
        folder.mkdir(mode=0o700)
        manifest = _copy_database(settings, folder)
        _copy_keys(settings, folder)
        whole = Path(made) / "whole"
        manifest = archive.pack(folder, manifest, whole)
        whole.rename(target)
    return manifest


def _copy_keys(settings: Settings, folder: Path) -> None:
    present = {
        archive.PEPPER_FILE: settings.pepper_path,
        archive.SECRET_FILE: settings.secret_path,
        archive.SETTINGS_FILE: settings.home_path / FILE_NAME,
    }
    for name, source in present.items():
        if source.is_file():
            shutil.copyfile(source, folder / name)


def _copy_database(settings: Settings, folder: Path) -> Manifest:
    if settings.is_sqlite:
        copy = folder / archive.SQLITE_FILE
        _copy_sqlite(settings.sqlite_path, copy)
        with opened(f"sqlite:///{copy}") as connection:
            return _describe(settings, connection)
    with opened(settings.sqlalchemy_url) as connection:
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        manifest = _describe(settings, connection)
        target = folder / archive.POSTGRESQL_FILE
        postgresql.dump(settings.sqlalchemy_url, snapshot, target)
        return manifest


def _copy_sqlite(source: Path, target: Path) -> None:
    """Write the database anew, in the order of its keys: the copy keeps no order of arrival."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as running:
            found = running.execute("PRAGMA quick_check").fetchone()[0]
            running.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        message = f"the database is damaged, and so would be its copy: {found}"
        raise BackupError(message)


@contextlib.contextmanager
def opened(url: str) -> Iterator[Connection]:
    """Open a database for one long reading of one instant, without the site's time limits."""
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    else:
        event.listen(engine, "connect", lambda made, _: made.execute("PRAGMA query_only=ON"))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _describe(settings: Settings, connection: Connection) -> Manifest:
    schema = state.revision(connection)
    if schema is None:
        message = "the database is empty: there is nothing to back up"
        raise BackupError(message)
    pepper = state.load_pepper(settings)
    with Session(connection) as session:
        fault = state.pepper_fault(pepper, state.known_peppers(session))
        if fault:
            raise BackupError(fault)
        verdict = verify(session)
        if verdict.fault:
            message = f"the chain of the audit log is broken ({verdict.fault})"
            raise BackupError(message)
        link = session.scalar(select(AuditSeal.digest).order_by(AuditSeal.number.desc()).limit(1))
    return Manifest(
        version=__version__,
        made_at=now().isoformat(timespec="seconds"),
        database="sqlite" if settings.is_sqlite else "postgresql",
        schema=schema,
        counts=counts(connection),
        digests=digests(connection) if schema == state.head() else {},
        audit_sealed=verdict.sealed,
        audit_unsealed=verdict.unsealed,
        audit_head=link.hex() if link else "",
        pepper=pepper.checks(),
    )
