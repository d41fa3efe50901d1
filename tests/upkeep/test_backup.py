"""A backup made under load restores: every acknowledged receipt opens, every row is the same."""

import contextlib
import shutil
import sqlite3
import stat
import tarfile
import time

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import inspect, select, update
from sqlalchemy.exc import DatabaseError

from consult.accounts.models import Account
from consult.audit.services import verify
from consult.cli import main
from consult.core import jobs
from consult.core.codes import Pepper
from consult.core.db import db, read_session, write_session
from consult.housekeeping import seal_audit
from consult.surveys.models import Response
from consult.upkeep import archive, postgresql, state
from consult.upkeep.archive import BackupError
from consult.upkeep.backup import make_backup
from consult.upkeep.restore import restore
from tests.conftest import close, make_app
from tests.load.site import Site
from tests.load.test_receipts_survive import Visitors, faults, the_open_one
from tests.support.databases import PostgresqlDatabase


@contextlib.contextmanager
def empty_database(app, monkeypatch):
    """Give a place for the restored database: nothing for SQLite, an empty PostgreSQL one else."""
    if settings_of(app).is_sqlite:
        yield ""
        return
    with PostgresqlDatabase() as url:
        monkeypatch.setenv("CONSULT_DATABASE_URL", url)
        yield url


def settings_of(app):
    return app.extensions["consult_settings"]


@contextlib.contextmanager
def written_to(app):
    """Serve ``app`` in processes of their own to citizens who answer; yield the codes promised."""
    settings = settings_of(app)
    site = Site(settings.home_path, settings.database_url)
    site.start()
    try:
        with Visitors(site, f"/fr/c/{the_open_one(app)}/questionnaire") as visitors:
            yield visitors.acknowledged
        assert visitors.in_vain == []
    finally:
        site.stop()


def promised(acknowledged, count):
    deadline = time.monotonic() + 60
    while len(acknowledged) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(acknowledged) >= count
    return dict(acknowledged)


def test_a_backup_under_load_restores_every_receipt_promised_before_it(
    any_app, tmp_path, monkeypatch
):
    state.remember_pepper(any_app)
    seal_audit(any_app, settings_of(any_app))
    file, home = tmp_path / "night.tar", tmp_path / "elsewhere" / "home"
    with written_to(any_app) as acknowledged:
        before = promised(acknowledged, 15)
        manifest = make_backup(settings_of(any_app), file)
        promised(acknowledged, len(before) + 5)
    with empty_database(any_app, monkeypatch) as url:
        assert restore(file, home) == manifest
        again = make_app(home, url)
        code = the_open_one(again)
        assert faults(again, code, before) == ([], [])
        with read_session(again) as session:
            assert len(session.scalars(select(Response.key)).all()) == manifest.counts["response"]
            verdict = verify(session)
        assert (verdict.fault, verdict.sealed) == (None, manifest.audit_sealed)
        assert manifest.audit_sealed > 10
        page = again.test_client().post(
            f"/fr/c/{code}/mon-code", data={"typed": next(iter(before))}, follow_redirects=True
        )
        assert (page.status_code, page.request.path) == (200, f"/fr/c/{code}/ma-reponse")
        state.refuse_unready(again)
        close(again)


def test_a_plain_copy_of_the_file_loses_receipts_and_the_drill_sees_it(on_sqlite, tmp_path):
    """The control: what backup does not do must fail, or the drill would prove nothing."""
    consultation, bad = the_open_one(on_sqlite), 0
    with written_to(on_sqlite) as acknowledged:
        for attempt in range(4):  # one may fall just after SQLite emptied its log into the file
            home = tmp_path / f"copied-{attempt}"
            home.mkdir()
            before = promised(acknowledged, len(acknowledged) + 6)
            for name in ("consult.db", "pepper.json", "secret.key"):
                shutil.copy(settings_of(on_sqlite).home_path / name, home / name)
            bad += is_bad(home, consultation, before)
    assert bad


def is_bad(home, consultation, before):
    """Tell whether a copied instance lost a receipt, or cannot even be read."""
    copy = make_app(home)
    try:
        return faults(copy, consultation, before) != ([], [])
    except DatabaseError:
        return True
    finally:
        close(copy)


@pytest.fixture
def backed_up(any_app, tmp_path):
    """Return an instance and a backup of it, made at rest."""
    state.remember_pepper(any_app)
    file = tmp_path / "rest.tar"
    make_backup(settings_of(any_app), file)
    return any_app, file


def test_only_its_owner_may_read_a_backup(backed_up):
    _app, file = backed_up
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as tar:
        names = tar.getnames()
    assert names[0] == "manifest.json"
    assert {"pepper.json", "secret.key"} < set(names)
    assert not [path for path in file.parent.iterdir() if path.name.startswith(".consult-")]


def test_the_queue_of_jobs_stays_behind(backed_up, tmp_path, monkeypatch):
    """Work that must not be lost lies in the database; an old knock would only confuse."""
    app, _file = backed_up
    with app.app_context():
        jobs.make_queue(app, settings_of(app))
    file, home = tmp_path / "again.tar", tmp_path / "new"
    make_backup(settings_of(app), file)
    with empty_database(app, monkeypatch) as url:
        restore(file, home)
        assert not (home / "queue.db").exists()
        if url:
            again = make_app(home, url)
            with again.app_context():
                assert jobs.QUEUE_SCHEMA not in inspect(db.engine).get_schema_names()
            close(again)


def test_a_backup_overwrites_nothing(backed_up):
    app, file = backed_up
    content = file.read_bytes()
    with pytest.raises(BackupError, match="exists already"):
        make_backup(settings_of(app), file)
    assert file.read_bytes() == content


def test_a_restore_overwrites_no_instance_and_no_database(backed_up, tmp_path, monkeypatch):
    app, file = backed_up
    home = settings_of(app).home_path
    before = sorted(path.name for path in home.iterdir())
    with pytest.raises(BackupError, match="is not empty"):
        restore(file, home)
    assert sorted(path.name for path in home.iterdir()) == before
    if not settings_of(app).is_sqlite:
        monkeypatch.setenv("CONSULT_DATABASE_URL", settings_of(app).database_url)
        with pytest.raises(BackupError, match="not empty; nothing was changed"):
            restore(file, tmp_path / "new")
        assert not (tmp_path / "new").exists()


def test_a_damaged_or_shortened_backup_is_refused_whole(backed_up, tmp_path):
    _app, file = backed_up
    content = bytearray(file.read_bytes())
    with tarfile.open(file) as tar:
        member = next(m for m in tar.getmembers() if m.name.startswith("database."))
    content[member.offset_data + member.size // 2] ^= 1
    for name, damaged in {"flipped": bytes(content), "short": content[: len(content) // 2]}.items():
        broken = tmp_path / f"{name}.tar"
        broken.write_bytes(damaged)
        with pytest.raises(BackupError, match=r"damaged|whole backup"):
            restore(broken, tmp_path / name)
        assert not (tmp_path / name).exists()


def test_a_restored_row_that_differs_is_told(backed_up, tmp_path, monkeypatch):
    """The manifest is honest: a database changed after it was counted does not pass."""
    app, file = backed_up
    folder = tmp_path / "members"
    folder.mkdir()
    manifest = archive.unpack(file, folder)
    digests = manifest.digests | {"account": "0" * 64}
    forged = tmp_path / "forged.tar"
    archive.pack(folder, msgspec.structs.replace(manifest, digests=digests), forged)
    with empty_database(app, monkeypatch), pytest.raises(BackupError, match="content of the rows"):
        restore(forged, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_digest_of_a_table_sees_one_changed_word(any_app, tmp_path):
    first, second = tmp_path / "one.tar", tmp_path / "two.tar"
    one = make_backup(settings_of(any_app), first)
    with write_session(any_app) as session:
        account = session.scalars(select(Account.id).limit(1)).one()
        session.execute(update(Account).where(Account.id == account).values(name="Autre nom"))
    two = make_backup(settings_of(any_app), second)
    assert one.counts == two.counts
    changed = {name for name, digest in one.digests.items() if two.digests[name] != digest}
    assert changed == {"account"}


def test_a_backup_without_its_pepper_is_not_made(app, tmp_path):
    state.remember_pepper(app)
    path = settings_of(app).pepper_path
    path.unlink()
    with pytest.raises(state.NotReadyError, match="Without it no receipt opens"):
        make_backup(settings_of(app), tmp_path / "a.tar")
    Pepper.create(path)
    with pytest.raises(BackupError, match="not the one that made the receipts"):
        make_backup(settings_of(app), tmp_path / "a.tar")
    assert not (tmp_path / "a.tar").exists()


def test_a_missing_client_of_postgresql_is_told_with_the_way_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(postgresql.ClientError, match="apt install postgresql-client"):
        postgresql.dump("postgresql+psycopg://u@127.0.0.1/d", "1", tmp_path / "x")


def test_the_password_of_the_database_stands_on_no_command_line(tmp_path, monkeypatch):
    seen = tmp_path / "seen"
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$@" > {seen}\necho "$PGPASSWORD" >> {seen}\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    address = "postgresql+psycopg://u:s%40cret@db.example.org:5433/d?sslmode=require"
    postgresql.dump(address, "1", tmp_path / "x")
    arguments, password = seen.read_text().splitlines()
    assert password == "s@cret"
    assert "cret" not in arguments
    assert "postgresql://u@db.example.org:5433/d?sslmode=require" in arguments


def test_the_commands_back_up_check_and_restore(on_sqlite, tmp_path, monkeypatch):
    home, file, new = settings_of(on_sqlite).home_path, tmp_path / "b.tar", tmp_path / "new"
    run = CliRunner()
    monkeypatch.setenv("CONSULT_HOME", str(home))
    unnoted = run.invoke(main, ["check"])
    assert unnoted.exit_code == 1
    assert "run `consult upgrade`" in unnoted.output
    assert run.invoke(main, ["upgrade"]).exit_code == 0
    assert run.invoke(main, ["check"]).exit_code == 0
    made = run.invoke(main, ["backup", str(file)])
    assert made.exit_code == 0, made.output
    assert "encrypt it" in made.output
    again = run.invoke(main, ["backup", str(file)])
    assert (again.exit_code, "exists already" in again.output) == (1, True)
    monkeypatch.setenv("CONSULT_HOME", str(new))
    back = run.invoke(main, ["restore", str(file)])
    assert back.exit_code == 0, back.output
    assert run.invoke(main, ["check"]).output.count("ok ") == 8


def test_check_tells_a_broken_chain_and_a_row_that_points_nowhere(on_sqlite, monkeypatch):
    state.remember_pepper(on_sqlite)
    seal_audit(on_sqlite, settings_of(on_sqlite))
    with contextlib.closing(sqlite3.connect(settings_of(on_sqlite).sqlite_path)) as intruder:
        intruder.execute("DROP TRIGGER audit_entry_no_update")
        intruder.execute("UPDATE audit_entry SET verb = 'x' WHERE id = 3")
        intruder.execute("DELETE FROM consultation WHERE state = 'open'")
        intruder.commit()
    monkeypatch.setenv("CONSULT_HOME", str(settings_of(on_sqlite).home_path))
    told = CliRunner().invoke(main, ["check"])
    assert told.exit_code == 1
    assert "WRONG audit chain: link 3" in told.output
    assert "point nowhere" in told.output
