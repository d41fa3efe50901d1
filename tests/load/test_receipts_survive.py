"""No acknowledged receipt is lost when the web process is killed under load."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from consult import demo, migrations
from consult.consultations.models import Consultation
from consult.core.codes import Pepper, derive_keys
from consult.core.db import read_session
from consult.surveys.models import Response
from tests.conftest import ROOT, close, copied, make_app
from tests.support.databases import PostgresqlDatabase, need, postgresql_is_up

KILLS, CLIENTS = 4, 4


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """The server as a process of its own, which can be killed and started again."""

    def __init__(self, home, url, *, broken=False):
        self.port = free_port()
        self.command = [sys.executable, "-m", "tests.load.server", str(self.port)]
        self.command += ["--broken"] if broken else []
        self.env = os.environ | {
            "CONSULT_HOME": str(home),
            "CONSULT_DATABASE_URL": url,
            "CONSULT_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "CONSULT_LOG_LEVEL": "error",
        }

    def start(self):
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            self.command, env=self.env, cwd=ROOT, stdout=quiet, stderr=quiet
        )
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.05)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def send(self, method, path, form=None):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        headers = {"Origin": f"http://127.0.0.1:{self.port}"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            link.request(method, path, urlencode(form) if form is not None else None, headers)
            answer = link.getresponse()
            return answer, answer.read().decode()
        finally:
            link.close()


def visit(site, base, acknowledged):
    """Answer once; note the code when, and only when, the receipt was promised."""
    started, _ = site.send("POST", base, {})
    code = re.search(r"consult_code_\w+=([A-Z0-9-]+)", started.getheader("Set-Cookie") or "")[1]
    site.send("POST", f"{base}/etape/1", {"code": code, "q-role": "citizen"})
    sent, _ = site.send("POST", f"{base}/verifier", {"code": code})
    if sent.status == 303 and (sent.getheader("Location") or "").endswith("/recu"):
        acknowledged.append(code)


def storm(site, base, *, kills):
    acknowledged, over = [], threading.Event()

    def client():
        while not over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, TypeError):
                visit(site, base, acknowledged)

    site.start()
    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for _ in range(kills):
        time.sleep(1)
        site.kill()
        site.start()
    time.sleep(3)
    over.set()
    for thread in threads:
        thread.join()
    site.kill()
    return acknowledged


def lost(app, consultation, acknowledged):
    """Return the acknowledged codes that have no response."""
    pepper = Pepper.load(app.extensions["consult_settings"].pepper_path)
    with read_session(app) as session:
        stored = set(session.scalars(select(Response.key)))
    return [c for c in acknowledged if derive_keys(pepper, consultation, c).response not in stored]


def outcome(app, url="", *, broken=False, kills=KILLS):
    home = app.extensions["consult_settings"].home_path
    with read_session(app) as session:
        code = session.scalars(select(Consultation.code).where(Consultation.state == "open")).one()
    site = Site(home, url, broken=broken)
    acknowledged = storm(site, f"/fr/c/{code}/questionnaire", kills=kills)
    assert len(acknowledged) > 10
    return lost(app, code, acknowledged)


def test_kills_lose_no_receipt_on_sqlite(sqlite_master, tmp_path):
    app = make_app(copied(sqlite_master, tmp_path))
    assert outcome(app) == []
    close(app)


@pytest.mark.database
def test_kills_lose_no_receipt_on_postgresql(tmp_path):
    need("postgresql", postgresql_is_up())
    with PostgresqlDatabase() as url:
        app = make_app(tmp_path / "home", url)
        migrations.upgrade(app)
        demo.build(app)
        assert outcome(app, url) == []
        close(app)


def test_the_check_catches_a_server_that_loses_commits(sqlite_master, tmp_path):
    app = make_app(copied(sqlite_master, tmp_path))
    assert outcome(app, broken=True, kills=0)
    close(app)
