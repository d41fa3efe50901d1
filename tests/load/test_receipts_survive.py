"""No acknowledged receipt is lost when the processes of the real server are killed under load."""

import random
import threading
import time

import pytest
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.codes import Pepper, derive_keys
from consult.core.db import read_session
from consult.surveys.models import Response
from tests.conftest import close, copied, make_app
from tests.load.site import Site, is_receipt, new_code, parent_of
from tests.support.databases import PostgresqlDatabase, need, postgresql_is_up

# A busy machine is given time; what is judged is what was promised, never how fast.
pytestmark = pytest.mark.timeout(400)

CLIENTS = 4
DOUBLE = 0.2
ROLES = ("citizen", "user", "caregiver")
# A web process that dies twice within 5.5 s makes the server stop for good: kills keep apart.
BETWEEN_KILLS = 6.0


class Visitors:
    """People who answer one after the other, try again when cut off, and click twice at times."""

    def __init__(self, site, base):
        self.site, self.base = site, base
        self.over = threading.Event()
        self.acknowledged: dict[str, str] = {}
        self.in_vain: list[BaseException] = []
        self.threads = [
            threading.Thread(target=self._come, args=(random.Random(n),)) for n in range(CLIENTS)
        ]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_exc):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def go_on(self, count=6):
        """Wait until ``count`` more receipts were promised, however busy the machine is."""
        wanted, deadline = len(self.acknowledged) + count, time.monotonic() + 90
        while len(self.acknowledged) < wanted and not self.in_vain:
            assert time.monotonic() < deadline, "nobody gets a receipt any more"
            time.sleep(0.05)

    def _come(self, chance):
        try:
            while not self.over.is_set():
                self._answer(chance)
        except BaseException as error:
            self.in_vain.append(error)
            raise

    def _answer(self, chance):
        """Answer once; note the code when, and only when, the receipt was promised."""
        started, _ = self.site.insist(self.base, {})
        code, role = new_code(started), chance.choice(ROLES)
        kept, _ = self.site.insist(f"{self.base}/etape/1", {"code": code, "q-role": role})
        assert kept.status == 303
        clicks = 2 if chance.random() < DOUBLE else 1
        answers = []

        def click():
            sent, _ = self.site.insist(f"{self.base}/verifier", {"code": code})
            answers.append(sent)

        threads = [threading.Thread(target=click) for _ in range(clicks)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if any(is_receipt(answer) for answer in answers):
            self.acknowledged[code] = role


def the_open_one(app):
    with read_session(app) as session:
        return session.scalars(select(Consultation.code).where(Consultation.state == "open")).one()


def faults(app, consultation, acknowledged):
    """Return the acknowledged codes whose response is absent, and those whose answer is another."""
    pepper = Pepper.load(app.extensions["consult_settings"].pepper_path)
    with read_session(app) as session:
        stored = dict(session.execute(select(Response.key, Response.answers)).all())
    keys = {c: derive_keys(pepper, consultation, c).response for c in acknowledged}
    lost = [code for code, key in keys.items() if key not in stored]
    wrong = [c for c, k in keys.items() if k in stored and stored[k]["role"] != acknowledged[c]]
    return lost, wrong


def storm(app, site, kills):
    code = the_open_one(app)
    site.start()
    with Visitors(site, f"/fr/c/{code}/questionnaire") as visitors:
        visitors.go_on()
        kills(site, visitors)
        visitors.go_on()
    site.stop()
    assert visitors.in_vain == []
    return faults(app, code, visitors.acknowledged)


def replaced(site, count):
    """Wait until there are as many web processes as before."""
    deadline = time.monotonic() + 30
    while len(site.children()) < count:
        assert time.monotonic() < deadline, site.log.read_text()
        time.sleep(0.1)


def kill_workers_then_all(site, visitors):
    """Kill each web process, then the main one, and start the site again."""
    before = set(site.children())
    for number in range(2):
        if number and len(before) == 1:
            time.sleep(BETWEEN_KILLS)
        site.kill_a_worker()
        replaced(site, len(before))
        visitors.go_on()
    children = site.children()
    assert not before & set(children), "the dead were not replaced"
    site.kill()
    site.start_again()
    deadline = time.monotonic() + 30
    while [pid for pid in children if parent_of(pid)] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [pid for pid in children if parent_of(pid)] == [], "old processes go on answering"


@pytest.mark.parametrize("workers", [1, 2])
def test_kills_lose_no_receipt_on_sqlite(sqlite_master, tmp_path, workers):
    app = make_app(copied(sqlite_master, tmp_path))
    home = app.extensions["consult_settings"].home_path
    assert storm(app, Site(home, workers=workers), kill_workers_then_all) == ([], [])
    close(app)


@pytest.mark.database
@pytest.mark.parametrize("workers", [1, 2])
def test_kills_lose_no_receipt_on_postgresql(postgresql_master, tmp_path, workers):
    need("postgresql", postgresql_is_up())
    master, template = postgresql_master
    with PostgresqlDatabase(template) as url:
        app = make_app(copied(master, tmp_path), url)
        home = app.extensions["consult_settings"].home_path
        assert storm(app, Site(home, url, workers=workers), kill_workers_then_all) == ([], [])
        close(app)


def test_the_check_catches_a_server_that_loses_commits(sqlite_master, tmp_path):
    app = make_app(copied(sqlite_master, tmp_path))
    home = app.extensions["consult_settings"].home_path
    site = Site(home, fault="lost-commits", workers=1)
    lost, _wrong = storm(app, site, lambda _site, visitors: visitors.go_on(30))
    assert lost
    close(app)
