"""A site that Chromium can reach, and a page that is watched."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import close, copied, make_app
from tests.support.browser import chromium_running, serving, watched_page


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Return Chromium, started once for each worker."""
    with chromium_running(chromium) as started:
        yield started


@pytest.fixture
def live_site(sqlite_master: Path, tmp_path: Path) -> Iterator[str]:
    """Return the address of a fresh copy of the demo."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = make_app(copied(sqlite_master, tmp_path), public_url=f"http://127.0.0.1:{port}")
    with serving(app, port) as address:
        yield address
    close(app)


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(request: pytest.FixtureRequest, browser: Browser, live_site: str) -> Iterator[Page]:
    """Return a page on a phone, with script and then without."""
    with watched_page(browser, live_site, script=request.param) as opened:
        yield opened
