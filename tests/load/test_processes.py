"""What ``consult serve`` starts lives and dies with it."""

import os
import signal
import time
from pathlib import Path

from tests.conftest import close, copied, make_app
from tests.load.site import Site, parent_of


def the_jobs(site):
    """Return the process of the background jobs."""
    said = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in site.children()}
    return [pid for pid, words in said.items() if b"worker" in words]


def until(condition, seconds=20):
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
