"""A full disk refuses answers clearly, keeps what was typed on the page, and loses nothing told."""

import os
import resource
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from consult.core.db import read_session
from tests.conftest import close, copied, make_app
from tests.load.site import Site, is_receipt, new_code
from tests.load.test_receipts_survive import faults, the_open_one
from tests.support.databases import need

TYPED = "Le trottoir de la rue des Érables est défoncé <depuis> l’hiver."
MOST_TRIES = 400


def a_small_disk_can_be_made(place: Path) -> bool:
    if os.geteuid() != 0:
        return False
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


class SmallDisk:
    """A disk of 16 MB of its own; it needs an administrator of the machine."""

    def __init__(self, place: Path) -> None:
        self.place = place
        need("small disk", a_small_disk_can_be_made(place))

    def fill(self, _site: Site) -> None:
        """Leave no byte free."""
        fill(self.place)

    def make_room(self, _site: Site) -> None:
        (self.place / "filler").unlink()

    def give_back(self) -> None:
        subprocess.run(["umount", "-l", str(self.place)], check=True)


class SmallFiles:
    """No file of the web processes may grow: what anybody can do to a process of theirs."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()

    def fill(self, site: Site) -> None:
        journal = self.place / "home" / "consult.db-wal"
        self._limit(site, journal.stat().st_size)

    def make_room(self, site: Site) -> None:
        self._limit(site, resource.RLIM_INFINITY)

    def give_back(self) -> None:
        """Nothing was taken."""

    def _limit(self, site: Site, size: int) -> None:
        for worker in site.children():
            resource.prlimit(worker, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.fixture(params=[SmallDisk, SmallFiles])
def small_disk(request, tmp_path):
    disk = request.param(tmp_path / "disk")
    yield disk
    disk.give_back()


def fill(place: Path) -> None:
    """Leave no byte free on the disk of ``place``."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    assert shutil.disk_usage(place).free == 0


def test_a_full_disk_is_refused_clearly_and_got_over(small_disk, sqlite_master):
    app = make_app(copied(sqlite_master, small_disk.place))
    home = app.extensions["consult_settings"].home_path
    site, base = Site(home, workers=1), f"/fr/c/{the_open_one(app)}/questionnaire"
    site.log = small_disk.place.parent / "serve.log"
    site.start()
    acknowledged = {}
    try:
        for _ in range(5):
            visit(site, base, acknowledged)
        started, _ = site.send("POST", base, {})
        form = {"code": new_code(started), "q-change": TYPED}
        small_disk.fill(site)
        refused, page = until_refused(site, f"{base}/etape/4", form)
        assert int(refused.getheader("Retry-After")) > 0
        assert "Le trottoir de la rue des Érables est défoncé &lt;depuis&gt; l’hiver." in page
        assert visit(site, base, acknowledged)[0].status == 503
        small_disk.make_room(site)
        before = len(acknowledged)
        for _ in range(3):
            visit(site, base, acknowledged)
        assert len(acknowledged) == before + 3, "the site did not get over it by itself"
    finally:
        site.stop()
    assert faults(app, the_open_one(app), acknowledged) == ([], [])
    with read_session(app) as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    close(app)


def visit(site, base, acknowledged):
    """Answer once; return the last answer of the server and its page."""
    started, page = site.send("POST", base, {})
    code = new_code(started)
    for path, form in (
        ("etape/1", {"q-role": "citizen"}),
        ("etape/4", {"q-change": TYPED}),
        ("verifier", {}),
    ):
        answer, page = site.send("POST", f"{base}/{path}", {"code": code, **form})
        if answer.status != 303:
            return answer, page
    if is_receipt(answer):
        acknowledged[code] = "citizen"
    return answer, page


def until_refused(site, path, form):
    """Send a text until it is refused: the journal may have room left at first."""
    for _ in range(MOST_TRIES):
        answer, page = site.send("POST", path, form)
        assert answer.status in {303, 503}, (answer.status, page[:300])
        if answer.status == 503:
            return answer, page
    message = "the full disk refused nothing"
    raise AssertionError(message)
