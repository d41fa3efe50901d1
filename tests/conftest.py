"""Fixtures: an application on each database, the demo territory, checked pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
# The long run (``make test-full``) does everything on both databases.
FULL = bool(os.environ.get("CONSULT_TEST_FULL"))
BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.database))


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


@contextmanager
def demo_copy(
    request: pytest.FixtureRequest, kind: str, folder: Path
) -> Iterator[tuple[Path, str]]:
    """Copy the demo on the database ``kind``; yield its home folder and its address."""
    if kind == "sqlite":
        yield copied(request.getfixturevalue("sqlite_master"), folder), ""
        return
    home, template = request.getfixturevalue("postgresql_master")
    with PostgresqlDatabase(template) as url:
        yield copied(home, folder), url


def _copy(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[Flask]:
    with demo_copy(request, kind, folder) as (home, url):
        made = make_app(home, url)
        yield made
        close(made)


@pytest.fixture(params=BOTH)
def any_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """Return the demo on SQLite, then on PostgreSQL."""
    yield from _copy(request, request.param, tmp_path)


@pytest.fixture
def on_sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """Return the demo on SQLite, for what only it has."""
    yield from _copy(request, "sqlite", tmp_path)


@pytest.fixture
def on_postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """Return the demo on PostgreSQL, for what only it has."""
    yield from _copy(request, "postgresql", tmp_path)


@pytest.fixture(params=BOTH if FULL else BOTH[:1])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """Return the demo on SQLite; in the long run on PostgreSQL as well."""
    yield from _copy(request, request.param, tmp_path)


def copied(master: Path, tmp_path: Path) -> Path:
    """Return a home folder copied from ``master``, without what a running site leaves."""
    home = tmp_path / "home"
    shutil.copytree(master, home, ignore=shutil.ignore_patterns("*-wal", "*-shm", "*.writers"))
    return home


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    """Return a visitor of the demo."""
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
