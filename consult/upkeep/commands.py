"""Commands that look after an instance: check, backup, restore, move-database (floor 10)."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from consult.audit.services import verify as verify_audit
from consult.core import html
from consult.core.codes import Pepper
from consult.core.db import read_session
from consult.core.settingfaults import hide_password
from consult.core.settings import Settings, SettingsError, normal_url
from consult.upkeep import moving, state
from consult.upkeep.archive import BackupError
from consult.upkeep.backup import make_backup
from consult.upkeep.opening import (
    open_app,
    read_settings,
    ready_app,
    refuse_missing_drivers,
)
from consult.upkeep.postgresql import ClientError
from consult.upkeep.restore import restore as restore_backup

FAULTS = (
    BackupError,
    ClientError,
    SettingsError,
    state.NotReadyError,
    state.UnreachableError,
    moving.MoveError,
    OSError,
    OperationalError,
)
FILE = click.Path(dir_okay=False, path_type=Path)
_LONGEST_ADDRESS = 2_000


def _said(error: Exception) -> click.ClickException:
    if isinstance(error, OperationalError):
        return click.ClickException(f"The database does not answer: {error.orig}")
    return click.ClickException(str(error))


@click.command()
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Back up the running instance to FILE: database, pepper, signing key, settings file."""
    settings = read_settings()
    try:
        manifest = make_backup(settings, file)
    except FAULTS as error:
        raise _said(error) from error
    rows = sum(manifest.counts.values())
    click.echo(f"{file}: {rows} rows of {len(manifest.counts)} tables, schema {manifest.schema}")
    sealed, waiting = manifest.audit_sealed, manifest.audit_unsealed
    click.echo(f"audit log: {sealed} sealed, {waiting} not yet, head {manifest.audit_head or '-'}")
    click.echo(f"members: {', '.join(manifest.files)}")
    if settings.secret_key:
        click.echo("The signing key comes from the environment: keep CONSULT_SECRET_KEY as well.")
    click.echo("The file opens everything: encrypt it before it leaves this machine.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Restore the backup FILE into the empty folder CONSULT_HOME, verify it row by row."""
    home = read_settings().home_path
    try:
        manifest = restore_backup(file, home)
    except FAULTS as error:
        raise _said(error) from error
    click.echo(f"{home}: {sum(manifest.counts.values())} rows, made {manifest.made_at}")
    click.echo("Schema, rows, audit chain and pepper are those of the backup.")
    if manifest.schema != state.head():
        click.echo("Its schema is older than this version: run `consult upgrade`.")


@click.command()
def check() -> None:
    """Check home, keys, database, pepper and audit chain; exit 1 when something is wrong."""
    settings = read_settings()
    wrong = 0
    for name, fault in findings(settings):
        wrong += fault is not None
        click.echo(f"{'ok   ' if fault is None else 'WRONG'} {name}{f': {fault}' if fault else ''}")
    if wrong:
        sys.exit(1)


def findings(settings: Settings) -> Iterator[tuple[str, str | None]]:
    """Yield (what was looked at, what is wrong or None); ends where nothing more can be seen."""
    writable = settings.home_path.is_dir() and os.access(settings.home_path, os.W_OK)
    yield "home", None if writable else f"{settings.home_path} is not a folder we may write in"
    try:
        app = open_app(settings)
    except click.ClickException as error:
        yield "signing key", error.message
        return
    yield "signing key", None
    try:
        state.refuse_unready(app)
    except (state.NotReadyError, state.UnreachableError) as error:
        yield "database and pepper", str(error)
        return
    yield "database and pepper", None
    yield "sanitiser", _sanitiser_fault()
    yield from _database_findings(app, settings)


def _sanitiser_fault() -> str | None:
    if html.ENGINE == "nh3":
        return None
    return f"nh3 is missing and {html.ENGINE} takes its place, slower and without further mending"


def _database_findings(app: Flask, settings: Settings) -> Iterator[tuple[str, str | None]]:
    with read_session(app) as session:
        known = state.known_peppers(session)
        yield "pepper is noted", None if known else "never noted: run `consult upgrade`"
        yield "audit chain", verify_audit(session).fault
        if settings.is_sqlite:
            found = session.execute(text("PRAGMA quick_check")).scalar_one()
            orphans = session.execute(text("PRAGMA foreign_key_check")).first()
            yield "database file", None if found == "ok" else str(found)
            yield "references", None if orphans is None else f"rows of {orphans[0]} point nowhere"


@click.command(name="move-database")
@click.option("--to", "address", default="", help="Address of an empty PostgreSQL database.")
@click.option(
    "--to-file",
    "source",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="File that holds the address, with its password; - reads it from standard input.",
)
def move_database(address: str, source: str | None) -> None:
    """Carry the rows of SQLite to PostgreSQL and verify them; stop the site first."""
    settings = read_settings()
    found = _target(address, source)
    target = msgspec.structs.replace(settings, database_url=normal_url(found))
    app = open_app(settings)
    refuse_missing_drivers(target)
    try:
        moved = moving.move(app, target, lambda name, rows: click.echo(f"{rows:>9} {name}"))
    except FAULTS as error:
        raise _said(error) from error
    click.echo(f"{sum(moved.values())} rows arrived; counts and contents are the same.")
    click.echo("Now set CONSULT_DATABASE_URL to that address for every process and start them.")
    click.echo(f"{settings.sqlite_path} was left as it is: put it away after the first backup.")


def _target(address: str, source: str | None) -> str:
    """Return the address of the new database; say so when its password could be read by others."""
    if bool(address) == bool(source):
        message = "say where to by --to ADDRESS or by --to-file FILE, one of them"
        raise click.UsageError(message)
    if not source:
        if hide_password(address) != address:
            click.echo(
                "Other accounts of this machine can read a password in a command: "
                "--to-file reads the address from a file.",
                err=True,
            )
        return address
    with click.open_file(source, encoding="utf-8") as file:
        found = str(file.readline(_LONGEST_ADDRESS)).strip()
    if not found:
        message = f"{source} holds no address in its first line"
        raise click.UsageError(message)
    return found


@click.command(name="rotate-pepper")
def rotate_pepper() -> None:
    """Add a new version to the pepper; earlier codes still open. Stop the site first."""
    settings = read_settings()
    app = ready_app(settings)
    state.remember_pepper(app)
    pepper = Pepper.rotate(settings.pepper_path)
    state.remember_pepper(app)
    click.echo(f"New codes are made under version {pepper.current} of the pepper.")
    click.echo("Copy the file to every machine that serves this instance, start it, and back up.")


COMMANDS = (backup, restore, check, move_database, rotate_pepper)
