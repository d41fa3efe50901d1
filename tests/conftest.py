"""Fixtures: an application on each database, the demo territory, checked pages."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from consult import demo, migrations
from consult.app import create_app
from consult.cli import prepare_home
from consult.core.db import db
from consult.core.settings import Settings, load_settings
from tests.support.databases import PostgresqlDatabase, need, postgresql_is_up
from tests.support.pages import BASE, CheckedClient

ROOT = Path(__file__).resolve().parent.parent


def make_app(home: Path, url: str = "", **overrides: object) -> Flask:
    values = {
        "demo": True,
        "english_access": "open",
        "public_url": BASE,
        "signin_rate": "1000 per minute",
        "code_rate": "1000 per minute",
    }
    settings = load_settings({}, home=str(home), database_url=url, **(values | overrides))
    prepare_home(settings)
    app = create_app(settings)
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.test_client_class = CheckedClient
    return app


def close(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def sqlite_master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home folder with the demo on SQLite, copied for each test that writes."""
    home = tmp_path_factory.mktemp("master")
    app = make_app(home)
    migrations.upgrade(app)
    demo.build(app)
    close(app)
    return home


@pytest.fixture(scope="session")
def postgresql_master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Return a home folder and the name of a database with the demo, copied for each test."""
    need("postgresql", postgresql_is_up())
    home = tmp_path_factory.mktemp("postgresql")
    with PostgresqlDatabase() as url:
        app = make_app(home, url)
        migrations.upgrade(app)
        demo.build(app)
        close(app)
        yield home, url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def any_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """Return the demo on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        yield from _copy(request.getfixturevalue("sqlite_master"), tmp_path)
        return
    yield from _copy_postgresql(request.getfixturevalue("postgresql_master"), tmp_path)


def _copy_postgresql(master: tuple[Path, str], tmp_path: Path) -> Iterator[Flask]:
    home, template = master
    with PostgresqlDatabase(template) as url:
        app = make_app(copied(home, tmp_path), url)
        yield app
        close(app)


@pytest.fixture
def on_postgresql(postgresql_master: tuple[Path, str], tmp_path: Path) -> Iterator[Flask]:
    """Return the demo on PostgreSQL, for what only it has."""
    yield from _copy_postgresql(postgresql_master, tmp_path)


@pytest.fixture
def app(sqlite_master: Path, tmp_path: Path) -> Iterator[Flask]:
    """Return a fresh copy of the demo on SQLite."""
    yield from _copy(sqlite_master, tmp_path)


def copied(master: Path, tmp_path: Path) -> Path:
    """Return a home folder copied from ``master``, without what a running site leaves."""
    home = tmp_path / "home"
    shutil.copytree(master, home, ignore=shutil.ignore_patterns("*-wal", "*-shm", "*.writers"))
    return home


def _copy(master: Path, tmp_path: Path) -> Iterator[Flask]:
    made = make_app(copied(master, tmp_path))
    yield made
    close(made)


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    """Return a visitor of the demo on SQLite."""
    return app.test_client()


@pytest.fixture
def settings(app: Flask) -> Settings:
    """Return the settings of the demo."""
    return app.extensions["consult_settings"]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium; its tests are left out, with a word, where it is missing."""
    path = os.environ.get("CONSULT_TEST_CHROMIUM") or shutil.which("chromium")
    need("chromium", path is not None)
    return str(path)
