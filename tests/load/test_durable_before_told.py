"""SQLite has the answer on the disk before the receipt leaves (a power cut loses nothing told).

A kill cannot show this: what a dead process wrote stays in the memory of the system. So the
system calls are watched: between the request and its redirect to the receipt, the journal of
the database must have been synced. The negative control is SQLite that syncs later.
"""

import re
import shutil
import signal
import subprocess
import time

import pytest

from tests.conftest import close, copied, make_app
from tests.load.site import Site, is_receipt, new_code
from tests.load.test_receipts_survive import the_open_one
from tests.support.databases import need

SYNCED = re.compile(r"^\d+ +(?:fdatasync|fsync)\(\d+<[^>]*consult\.db-wal>\) += 0")
RESUMED = re.compile(r"^\d+ +<\.\.\. (?:fdatasync|fsync) resumed>\) += 0")
ANSWERED = re.compile(r"HTTP/1\.1 \d{3} ")
TOLD = re.compile(r"HTTP/1\.1 303.*location: /fr/c/\w+/recu", re.IGNORECASE)
RECEIPTS = 5
CALLS = "trace=fdatasync,fsync,read,recvfrom,recvmsg,write,writev,sendto,sendmsg"


@pytest.fixture
def strace():
    need("strace", shutil.which("strace") is not None)


def watched(site, log, base):
    """Send a few answers while the calls of the web process are written to ``log``."""
    site.start()
    (worker,) = site.children()
    command = ["strace", "-f", "-y", "-s", "600", "-e", CALLS, "-o", str(log), "-p", str(worker)]
    tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1.5)
        for _ in range(RECEIPTS):
            started, _ = site.insist(base, {})
            code = new_code(started)
            site.insist(f"{base}/etape/1", {"code": code, "q-role": "citizen"})
            sent, _ = site.insist(f"{base}/verifier", {"code": code})
            assert is_receipt(sent)
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(10)
        site.stop()
    return log.read_text("utf-8", errors="replace").splitlines()


def told_before_the_disk(lines):
    """Return how many receipts were told, and how many of them before the journal was synced.

    One visitor comes at a time: what is synced since the answer before is this answer's.
    """
    told = early = 0
    synced = False
    for line in lines:
        if SYNCED.search(line) or RESUMED.search(line):
            synced = True
        elif ANSWERED.search(line):
            if TOLD.search(line):
                told += 1
                early += not synced
            synced = False
    return told, early


def outcome(sqlite_master, tmp_path, fault=""):
    app = make_app(copied(sqlite_master, tmp_path))
    site = Site(app.extensions["consult_settings"].home_path, fault=fault, workers=1)
    base = f"/fr/c/{the_open_one(app)}/questionnaire"
    lines = watched(site, tmp_path / "calls", base)
    close(app)
    return told_before_the_disk(lines)


def test_no_receipt_leaves_before_the_disk_has_the_answer(strace, sqlite_master, tmp_path):
    assert outcome(sqlite_master, tmp_path) == (RECEIPTS, 0)


def test_the_check_catches_a_database_that_syncs_later(strace, sqlite_master, tmp_path):
    told, early = outcome(sqlite_master, tmp_path, "late-disk")
    assert told == RECEIPTS
    assert early == RECEIPTS
