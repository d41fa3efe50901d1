"""Restore a backup into an empty home, and believe nothing that was not counted (floor 10)."""

import shutil
import tempfile
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from consult.audit.models import AuditSeal
from consult.audit.services import verify
from consult.core.settings import FILE_NAME, Settings, load_settings
from consult.upkeep import archive, postgresql, state
from consult.upkeep.archive import BackupError, Manifest
from consult.upkeep.backup import opened
from consult.upkeep.contents import counts, digests

PLACES = {
    archive.PEPPER_FILE: "pepper.json",
    archive.SECRET_FILE: "secret.key",
    archive.SETTINGS_FILE: FILE_NAME,
    archive.SQLITE_FILE: "consult.db",
}


def restore(source: Path, home: Path) -> Manifest:
    """Restore the backup ``source`` into the folder ``home``, empty or absent; return its manifest.

    A database of PostgreSQL goes to the address in the settings, and must be empty. Nothing
    is put in ``home`` before it was verified. Raises BackupError, ClientError, NotReadyError.
    """
    if home.exists() and any(home.iterdir()):
        message = f"{home} is not empty; a restore never overwrites an instance"
        raise BackupError(message)
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".consult-restore-") as made:
        folder = Path(made)
        manifest = archive.unpack(source, folder)
        for member, name in PLACES.items():
            if (folder / member).exists():
                (folder / member).rename(folder / name)
        settings = load_settings(home=str(folder))
        _check_pepper(settings, manifest, folder)
        _restore_database(settings, manifest, folder)
        home.mkdir(mode=0o700, exist_ok=True)
        for name in ("pepper.json", "secret.key", FILE_NAME, "consult.db"):
            if (folder / name).exists():
                shutil.move(folder / name, home / name)
    return manifest


def _check_pepper(settings: Settings, manifest: Manifest, folder: Path) -> None:
    """Put the pepper where the settings want it; refuse another one that lies there."""
    place = settings.pepper_path
    if place != folder / "pepper.json":
        if not place.exists():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(folder / "pepper.json", place)
        else:
            (folder / "pepper.json").unlink()
    fault = state.pepper_fault(state.load_pepper(settings), manifest.pepper)
    if fault:
        raise BackupError(fault)


def _restore_database(settings: Settings, manifest: Manifest, folder: Path) -> None:
    if manifest.database == "sqlite":
        if settings.database_url:
            message = (
                "this backup holds a SQLite database: restore it without CONSULT_DATABASE_URL, "
                "then carry it over with `consult move-database`"
            )
            raise BackupError(message)
        with opened(settings.sqlalchemy_url) as connection:
            _verify(settings, manifest, connection)
        return
    if not settings.database_url:
        message = (
            "this backup holds a PostgreSQL database: set CONSULT_DATABASE_URL to an empty one"
        )
        raise BackupError(message)
    with opened(settings.sqlalchemy_url) as connection:
        if state.revision(connection) is not None or counts(connection):
            message = "the database of CONSULT_DATABASE_URL is not empty; nothing was changed"
            raise BackupError(message)
    dump = folder / archive.POSTGRESQL_FILE
    postgresql.load(settings.sqlalchemy_url, dump)
    dump.unlink()
    with opened(settings.sqlalchemy_url) as connection:
        _verify(settings, manifest, connection)


def _verify(settings: Settings, manifest: Manifest, connection: Connection) -> None:
    faults = []
    if state.revision(connection) != manifest.schema:
        faults.append("the schema")
    if counts(connection) != manifest.counts:
        faults.append("the number of rows")
    same_schema = manifest.schema == state.head()
    if same_schema and manifest.digests and digests(connection) != manifest.digests:
        faults.append("the content of the rows")
    with Session(connection) as session:
        verdict = verify(session)
        link = session.scalar(select(AuditSeal.digest).order_by(AuditSeal.number.desc()).limit(1))
        known = state.known_peppers(session)
    if verdict.fault or (link.hex() if link else "") != manifest.audit_head:
        faults.append("the chain of the audit log")
    if state.pepper_fault(state.load_pepper(settings), known):
        faults.append("the pepper")
    if faults:
        message = f"what was restored is not what was backed up: {', '.join(faults)}"
        raise BackupError(message)
