"""Serve a site to Chromium and drive it; what a page complains of fails the test."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A name that is this machine, where plain HTTP sends no Sec-Fetch headers; no other name exists.
HOST = "consult.test"
NAMES = f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
PHONE = {"width": 360, "height": 740}
NARROW = {"width": 320, "height": 640}
DESKTOP = {"width": 1280, "height": 800}


def whole(app: Flask) -> Callable[..., list[bytes]]:
    """Read each answer to its end at once: a browser that leaves early leaves no file open."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        parts = app(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return answer


@contextmanager
def serving(make: Callable[[str], Flask]) -> Iterator[tuple[str, Flask]]:
    """Serve ``make(address)`` in a thread over plain HTTP; yield its address and the application."""
    server = make_server("127.0.0.1", 0, _not_yet, threaded=True)
    address = f"http://{HOST}:{server.server_port}"
    app = make(address)
    server.app = whole(app)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address, app
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


def _not_yet(_environ: Any, start: Any) -> list[bytes]:
    start("503 Service Unavailable", [])
    return []


@contextmanager
def chromium_running(executable: str) -> Iterator[Browser]:
    """Start Chromium without a window; it reaches nothing but this machine."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=os.fspath(executable), args=[*FLAGS, NAMES]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched_context(
    browser: Browser, base_url: str, *, script: bool = True, **look: Any
) -> Iterator[BrowserContext]:
    """Open a browser for one person; fail on script errors, refusals and foreign requests.

    ``look`` goes to ``Browser.new_context``; without a ``viewport`` it is a phone.
    """
    look.setdefault("viewport", PHONE)
    context = browser.new_context(base_url=base_url, java_script_enabled=script, **look)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda m: complaints.append(m.text) if _is_refusal(m.text) else None)
    context.on(
        "request", lambda r: complaints.append(r.url) if _is_foreign(r.url, base_url) else None
    )
    try:
        yield context
        assert complaints == []
    finally:
        context.close()


@contextmanager
def watched_page(
    browser: Browser, base_url: str, *, script: bool = True, **look: Any
) -> Iterator[Page]:
    """Open one page in a browser of its own, watched as ``watched_context`` says."""
    with watched_context(browser, base_url, script=script, **look) as context:
        yield context.new_page()


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    page.wait_for_load_state("domcontentloaded")  # a page that is just coming has no element yet
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


def no_sideways_scroll(page: Page) -> None:
    """Fail when a reader would have to scroll sideways."""
    assert overflow(page) == 0, page.url


def _is_refusal(text: str) -> bool:
    return "Content Security Policy" in text or "Refused to" in text


def _is_foreign(url: str, base_url: str) -> bool:
    return not url.startswith((base_url, "data:", "about:"))
