"""Serve a site to Chromium and drive it; what a page complains of fails the test."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 360, "height": 740}


@contextmanager
def serving(app: Flask, port: int) -> Iterator[str]:
    """Serve ``app`` on this machine in a thread; yield its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


@contextmanager
def chromium_running(executable: str) -> Iterator[Browser]:
    """Start Chromium without a window; it reaches nothing but this machine."""
    with sync_playwright() as driver:
        # consult.test is this machine under a name, where plain HTTP sends no Sec-Fetch headers.
        rules = (
            "--host-resolver-rules=MAP consult.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        )
        browser = driver.chromium.launch(
            executable_path=os.fspath(executable), args=[*FLAGS, rules]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched_page(browser: Browser, base_url: str, *, script: bool = True) -> Iterator[Page]:
    """Open a page of a phone's width; fail on script errors, refusals and foreign requests."""
    context = browser.new_context(base_url=base_url, viewport=PHONE, java_script_enabled=script)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if _is_refusal(m.text) else None)
    page.on("request", lambda r: complaints.append(r.url) if _is_foreign(r.url, base_url) else None)
    try:
        yield page
        assert complaints == []
    finally:
        context.close()


def _is_refusal(text: str) -> bool:
    return "Content Security Policy" in text or "Refused to" in text


def _is_foreign(url: str, base_url: str) -> bool:
    return not url.startswith((base_url, "data:", "about:"))
