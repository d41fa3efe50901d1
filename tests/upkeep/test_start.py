"""An instance that cannot work says why, in plain words, before it starts."""

import contextlib
import socket
import sqlite3

import pytest
from click.testing import CliRunner
from flask import Flask

from consult import migrations
from consult.cli import main, prepare_home
from consult.core.codes import Pepper
from consult.core.db import db, write_session
from consult.core.settings import SettingsError, describe, load_settings
from consult.upkeep import opening, state


def settings_of(app: Flask):
    return app.extensions["consult_settings"]


def told(*arguments: str, **environ: object) -> str:
    """Return what a command that must fail says; a trace-back is a failure of ours."""
    result = CliRunner().invoke(
        main, arguments, env={f"CONSULT_{k.upper()}": str(v) for k, v in environ.items()}
    )
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception
    return result.output


def test_a_folder_without_instance_says_to_run_init(tmp_path):
    assert "run `consult init` first" in told("serve", home=tmp_path)


def test_a_home_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    home = tmp_path / "file" / "home"
    assert "cannot be written" in told("init", "--admin-email", "a@example.org", home=home)
    assert "cannot be written" in told("demo", "--home", str(home))


def test_a_port_in_use_is_told_with_another(on_sqlite):
    state.remember_pepper(on_sqlite)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = told("serve", home=settings_of(on_sqlite).home_path, port=port)
    assert f"port {port} already" in said
    assert f"CONSULT_PORT={port + 1}" in said


def with_revision(app: Flask, name: str) -> None:
    with contextlib.closing(sqlite3.connect(settings_of(app).sqlite_path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (name,))
        connection.commit()


@pytest.mark.parametrize("command", ["serve", "worker", "jobs", "audit-verify"])
def test_a_database_newer_than_the_code_is_told(on_sqlite, command):
    with_revision(on_sqlite, "9999")
    said = told(command, home=settings_of(on_sqlite).home_path)
    assert "a newer version made it" in said


def test_upgrade_does_not_touch_a_newer_database(on_sqlite):
    with_revision(on_sqlite, "9999")
    assert "a newer version made it" in told("upgrade", home=settings_of(on_sqlite).home_path)


def test_a_database_that_was_not_upgraded_says_so(on_sqlite, monkeypatch):
    monkeypatch.setattr(state, "head", lambda: "0002")
    for command in ("serve", "worker", "jobs"):
        assert "run `consult upgrade`" in told(command, home=settings_of(on_sqlite).home_path)


def test_an_empty_database_says_to_run_init(app):
    migrations.downgrade(app)
    assert "run `consult init`" in told("serve", home=settings_of(app).home_path)


def test_a_database_that_does_not_answer_is_told_in_one_line(app):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/consult"
        said = told("serve", home=settings_of(app).home_path, database_url=address)
    assert "The database does not answer" in said


@pytest.mark.parametrize(
    ("library", "name", "address", "extra"),
    [
        ("psycopg", "database_url", "postgresql://u@127.0.0.1/d", "consult[postgres]"),
        ("redis", "redis_url", "redis://127.0.0.1:6379/0", "consult[redis]"),
    ],
)
def test_a_driver_that_was_not_installed_is_named(monkeypatch, app, library, name, address, extra):
    monkeypatch.setattr(opening, "find_spec", lambda wanted: None if wanted == library else True)
    said = told("check", home=settings_of(app).home_path, **{name: address})
    assert extra in said


def test_a_server_inherits_no_connection_from_the_check(any_app, monkeypatch):
    monkeypatch.setattr(opening, "create_app", lambda _settings: any_app)
    ready = opening.ready_app(settings_of(any_app))
    with ready.app_context():
        assert [engine.pool.checkedin() for engine in db.engines.values()] == [0] * len(db.engines)


def test_another_pepper_is_told_at_start_and_by_upgrade(any_app):
    state.remember_pepper(any_app)
    state.refuse_unready(any_app)
    path = settings_of(any_app).pepper_path
    path.unlink()
    with pytest.raises(state.NotReadyError, match="cannot be read"):
        state.refuse_unready(any_app)
    Pepper.create(path)
    for refuse in (state.refuse_unready, state.remember_pepper):
        with pytest.raises(state.NotReadyError, match="none would open"):
            refuse(any_app)


def test_a_pepper_that_lost_a_version_is_told_and_a_new_version_is_noted(app):
    path = settings_of(app).pepper_path
    state.remember_pepper(app)
    first = path.read_bytes()
    Pepper.rotate(path)
    state.refuse_unready(app)
    state.remember_pepper(app)
    path.write_bytes(first)
    with pytest.raises(state.NotReadyError, match="lacks version 2"):
        state.refuse_unready(app)


def test_the_command_rotates_the_pepper_and_notes_it(on_sqlite, monkeypatch):
    state.remember_pepper(on_sqlite)
    monkeypatch.setenv("CONSULT_HOME", str(settings_of(on_sqlite).home_path))
    done = CliRunner().invoke(main, ["rotate-pepper"])
    assert done.exit_code == 0, done.output
    assert "under version 2" in done.output
    with write_session(on_sqlite) as session:
        assert set(state.known_peppers(session)) == {1, 2}
    state.refuse_unready(on_sqlite)


def test_the_pepper_is_noted_once_and_its_check_tells_no_key(app):
    state.remember_pepper(app)
    state.remember_pepper(app)
    pepper = Pepper.load(settings_of(app).pepper_path)
    with write_session(app) as session:
        known = state.known_peppers(session)
    assert known == pepper.checks()
    assert known[1] not in pepper.keys[1].hex()


def test_what_is_known_of_no_pepper_hinders_nobody(app):
    state.refuse_unready(app)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"CONSULT_PROT": "1"}, "CONSULT_PROT (did you mean CONSULT_PORT?)"),
        ({"CONSULT_PORT": "99999"}, "CONSULT_PORT is '99999' in the environment; it takes: number"),
        ({"CONSULT_PORT": "x"}, "CONSULT_PORT is 'x' in the environment"),
        ({"CONSULT_DEMO": "oui"}, "it takes: true or false"),
        ({"CONSULT_ENGLISH_ACCESS": "yes"}, "attest | notice | open"),
        ({"CONSULT_DATABASE_URL": "mysql://h/d"}, "CONSULT_DATABASE_URL starts with 'mysql'"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place_and_what_it_takes(environ, said, tmp_path):
    with pytest.raises(SettingsError) as caught:
        load_settings({**environ, "CONSULT_HOME": str(tmp_path)})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("prot = 1", "(did you mean CONSULT_PORT?)"),
        ("port = 0", "CONSULT_PORT is 0 in"),
        ("port = = 1", "cannot be read as a settings file"),
        ("smtp_password = 12", "CONSULT_SMTP_PASSWORD is •••• in"),
    ],
)
def test_a_wrong_setting_of_the_file_names_the_file(content, said, tmp_path):
    (tmp_path / "consult.toml").write_text(content)
    with pytest.raises(SettingsError) as caught:
        load_settings({}, home=str(tmp_path))
    assert said in str(caught.value)
    assert str(tmp_path / "consult.toml") in str(caught.value)


def test_the_list_of_settings_fits_80_columns_and_tells_no_secret(app):
    environ = {
        "home": "i",
        "secret_key": "signing-key-that-nobody-may-read-1234567890",
        "smtp_password": "open-sesame",
        "database_url": "postgresql://consult:hidden-word@127.0.0.1/consult",
        "redis_url": "redis://:other-word@127.0.0.1:6379/0",
    }
    shown = CliRunner().invoke(
        main, ["settings"], env={f"CONSULT_{k.upper()}": v for k, v in environ.items()}
    )
    assert shown.exit_code == 0
    long = [line for line in shown.output.splitlines() if len(line) > 80]
    assert long == []
    for secret in ("nobody-may-read", "open-sesame", "hidden-word", "other-word"):
        assert secret not in shown.output
    for name, *_rest in describe():
        assert f"CONSULT_{name.upper()} = " in shown.output


def test_a_signing_key_that_a_full_disk_left_empty_is_made_by_the_next_init(tmp_path):
    home = tmp_path / "home"
    prepare_home(load_settings({}, home=str(home)))
    (home / "secret.key").write_bytes(b"")
    prepare_home(load_settings({}, home=str(home)))
    key = (home / "secret.key").read_text()
    assert len(key) > 40
    prepare_home(load_settings({}, home=str(home)))
    assert (home / "secret.key").read_text() == key, "a key that is there is kept"
