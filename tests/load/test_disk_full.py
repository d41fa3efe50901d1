"""A full disk refuses answers clearly, keeps what was typed on the page, and loses nothing told."""

import os
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


@pytest.fixture
def small_disk(tmp_path):
    """Mount a disk of 16 MB for the test alone; it needs an administrator of the machine."""
    place = tmp_path / "disk"
    need("small disk", a_small_disk_can_be_made(place))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
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
    return filler


def test_a_full_disk_is_refused_clearly_and_got_over(small_disk, sqlite_master):
    app = make_app(copied(sqlite_master, small_disk))
    home = app.extensions["consult_settings"].home_path
    site, base = Site(home, workers=1), f"/fr/c/{the_open_one(app)}/questionnaire"
    site.log = small_disk.parent / "serve.log"
    site.start()
    acknowledged = {}
    try:
        for _ in range(5):
            visit(site, base, acknowledged)
        started, _ = site.send("POST", base, {})
        form = {"code": new_code(started), "q-change": TYPED}
        filler = fill(small_disk)
        refused, page = until_refused(site, f"{base}/etape/4", form)
        assert int(refused.getheader("Retry-After")) > 0
        assert "Le trottoir de la rue des Érables est défoncé &lt;depuis&gt; l’hiver." in page
        assert visit(site, base, acknowledged)[0].status == 503
        filler.unlink()
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
