"""A worker killed in the middle of an export gives no short file; the next one makes it whole."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import openpyxl

from consult.core.clock import now, travel
from consult.core.progress import SILENCE, run_waiting
from tests.conftest import ROOT
from tests.consultations.test_staff_path import Staff
from tests.exports.test_taking_answers_away import files_of, responses, settings_of, the_job
from tests.load.test_receipts_survive import the_open_one
from tests.support.crowds import crowd

MANY = 12_000


def test_a_killed_worker_leaves_no_short_file_and_another_finishes(any_app):
    crowd(any_app, MANY)
    code = the_open_one(any_app)
    camille, base = Staff(any_app, "facilitator"), f"/en/desk/consultations/{code}/export"
    camille.post(f"{base}/file", {"format": "xlsx", "labels": "en"})
    kill_midway(any_app)
    assert the_job(any_app).state == "running"
    assert ">Download<" not in camille.client.get(base).text
    assert all(name.endswith(".part") for name in files_of(any_app))
    assert camille.post(f"{base}/{the_job(any_app).token}").status_code == 303
    assert run_waiting(any_app, settings_of(any_app)) == 0, "taken over while it may be alive"
    with travel(now() + SILENCE + timedelta(seconds=5)):
        assert run_waiting(any_app, settings_of(any_app)) == 1
    job, count = the_job(any_app), responses(any_app, code)
    assert (job.state, job.done, job.total, job.attempts) == ("done", count, count, 2)
    book = openpyxl.load_workbook(settings_of(any_app).export_path / job.file, read_only=True)
    assert sum(1 for _ in book["Responses"].iter_rows()) == count + 2
    book.close()


def kill_midway(app):
    """Let a worker of its own begin, and kill it when it has written some of the rows."""
    chosen = settings_of(app)
    env = os.environ | {
        "CONSULT_HOME": str(chosen.home_path),
        "CONSULT_DATABASE_URL": chosen.database_url,
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "consult", "jobs"], env=env, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job = the_job(app)
        if 0 < job.done < job.total:
            break
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    job = the_job(app)
    assert 0 < job.done < job.total, "the worker was not killed midway"
