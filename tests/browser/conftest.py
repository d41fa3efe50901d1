"""A site that Chromium can reach, and a page that is watched."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.conftest import BOTH, FULL, close, copied, demo_copy, make_app
from tests.support.browser import chromium_running, serving, watched_page
from tests.support.gallery import Gallery, Replay


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Return Chromium, started once for each worker."""
    with chromium_running(chromium) as started:
        yield started


@pytest.fixture(params=BOTH if FULL else BOTH[:1])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Flask]]:
    """Return the address of a fresh copy of the demo, and the application behind it."""
    with (
        demo_copy(request, request.param, tmp_path) as (home, url),
        serving(lambda address: make_app(home, url, public_url=address)) as made,
    ):
        yield made
        close(made[1])


@pytest.fixture
def site(served: tuple[str, Flask]) -> str:
    """Return the address of a fresh copy of the demo."""
    return served[0]


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """Return a page on a phone, with script and then without."""
    with watched_page(browser, site, script=request.param) as opened:
        yield opened


@pytest.fixture(scope="session")
def gallery(sqlite_master: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    """Return every page of the site in every state, ready to be opened in a browser."""
    home = copied(sqlite_master, tmp_path_factory.mktemp("gallery"))
    with gallery_of(lambda address: make_app(home, public_url=address)) as made:
        yield made


@contextmanager
def gallery_of(make: Callable[[str], Flask]) -> Iterator[Gallery]:
    """Serve an application whose pages are collected first."""

    def replayed(address: str) -> Flask:
        app = make(address)
        app.wsgi_app = Replay(app.wsgi_app)
        return app

    with serving(replayed) as (address, app):
        yield Gallery(app, address, app.wsgi_app)
        close(app)
