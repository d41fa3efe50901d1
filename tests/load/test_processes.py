"""What ``consult serve`` starts lives and dies with it."""

import os
import re
import signal
import time
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.conftest import close, copied, make_app
from tests.load.site import Site, parent_of
from tests.load.test_receipts_survive import the_open_one


def the_jobs(site):
    """Return the process of the background jobs."""
    return [pid for pid in site.children() if b"worker" in words_of(pid)]


def words_of(pid):
    """Return the words a process was started with; none when it has just ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_the_jobs_are_started_again_when_killed_and_end_with_the_server(sqlite_master, tmp_path):
    app = make_app(copied(sqlite_master, tmp_path))
    site = Site(app.extensions["consult_settings"].home_path, embedded_worker="true")
    site.start()
    (first,) = the_jobs(site)
    os.kill(first, signal.SIGKILL)
    assert until(lambda: the_jobs(site) not in ([], [first])), "nobody started the jobs again"
    children = site.children()
    assert len(children) == 2
    site.kill()
    assert until(lambda: not [pid for pid in children if parent_of(pid)]), "orphans live on"
    close(app)


def test_a_stop_ends_every_process_in_time(sqlite_master, tmp_path):
    app = make_app(copied(sqlite_master, tmp_path))
    site = Site(app.extensions["consult_settings"].home_path, embedded_worker="true", workers=2)
    site.start()
    children = site.children()
    assert len(children) == 3
    site.stop()
    assert [pid for pid in children if parent_of(pid)] == []
    close(app)


def test_a_workbook_asked_of_the_real_server_is_ready_in_seconds(sqlite_master, tmp_path):
    app = make_app(copied(sqlite_master, tmp_path))
    home = app.extensions["consult_settings"].home_path
    site = Site(home, embedded_worker="true", demo="true", english_access="open")
    site.start()
    try:
        browser, base = SignedIn(site), f"/en/desk/consultations/{the_open_one(app)}/export"
        browser.post("/en/demo/role", {"person": "facilitator"})
        browser.post(f"{base}/file", {"format": "xlsx", "labels": "en"}, token_from=base)
        assert until(lambda: "Ready" in browser.get(base)), browser.get(base)
        address = re.search(rf'action="({base}/[0-9a-z]{{26}})"', browser.get(base))[1]
        answer = browser.post(address, {}, token_from=base)
        content = answer.read()
        assert int(answer.headers["Content-Length"]) == len(content)
        assert content.startswith(b"PK")
    finally:
        site.stop()
    close(app)


class SignedIn:
    """A browser that keeps its cookies and sends the token of the page it is on."""

    def __init__(self, site):
        self.address = f"http://127.0.0.1:{site.port}"
        self.opener = build_opener(HTTPCookieProcessor())

    def get(self, path):
        with self.opener.open(self.address + path, timeout=10) as answer:
            return answer.read().decode()

    def post(self, path, form, token_from=""):
        if token_from:
            page = self.get(token_from)
            form = form | {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1]}
        request = Request(self.address + path, urlencode(form).encode(), {"Origin": self.address})
        return self.opener.open(request, timeout=10)
