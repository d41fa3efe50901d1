"""A site that Chromium can reach, and a page that is watched."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.conftest import close, copied, make_app
from tests.support.browser import chromium_running, serving, watched_page


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Return Chromium, started once for each worker."""
    with chromium_running(chromium) as started:
        yield started


@contextmanager
def demo_served(master: Path, folder: Path) -> Iterator[tuple[str, Flask]]:
    """Serve a fresh copy of the demo; yield its address and the application."""
    home = copied(master, folder)
    with serving(lambda address: make_app(home, public_url=address)) as served:
        yield served
        close(served[1])


@pytest.fixture
def served(sqlite_master: Path, tmp_path: Path) -> Iterator[tuple[str, Flask]]:
    """Return the address of a fresh copy of the demo, and the application behind it."""
    with demo_served(sqlite_master, tmp_path) as (address, app):
        yield address, app


@pytest.fixture
def site(served: tuple[str, Flask]) -> str:
    """Return the address of a fresh copy of the demo."""
    return served[0]


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """Return a page on a phone, with script and then without."""
    with watched_page(browser, site, script=request.param) as opened:
        yield opened
