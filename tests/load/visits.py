"""Measure complete visits over HTTP against a real ``consult serve``; print JSON.

A visit is a person with an empty cache and no script: the page of the consultation and its
files, the start, four pages of the reference questionnaire answered and sent one after the
other, the review, the sending, the receipt. The CPU is that of the web processes and of the
database's backends, read from the system; the visitors' own, on the same machine, is told
beside it. ``python -m tests.load.visits [VISITS]``.
"""

import http.client
import json
import os
import random
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode, urljoin

import html5lib
from flask import Flask
from sqlalchemy import func, select

from consult import demo, migrations
from consult.consultations.models import Consultation
from consult.core.db import read_session, write_session
from consult.core.ids import public_id
from consult.surveys.models import Response
from tests.conftest import close, make_app
from tests.load.bench import _seconds, database_cpu
from tests.load.reference import STANDS_IN, reference_survey
from tests.load.site import Site
from tests.support.databases import PostgresqlDatabase, postgresql_is_up
from tests.support.questionnaires import put_in_force

VISITORS = (1, 8, 32)
VISITS = 160  # of each number of visitors
GOAL = {"CPU-ms, server and database": 33, "aim": 15}
OTHERS = {  # the same 16 items on 2 cores, 8 visitors
    "LimeSurvey": {"CPU-ms": 698, "visits/s": 2.1},
    "UK census runner": {"CPU-ms": 541, "visits/s": 3.3},
}
CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}\b")
TEXTS = {"textarea": "Un autobus l’hiver nous aiderait beaucoup.", "number": "7", "text": "Sorel"}


class Control(NamedTuple):
    """One field of a form: its name, what it takes, and the values it offers."""

    name: str
    kind: str
    values: tuple[str, ...]


class Answer(NamedTuple):
    """What the server answered."""

    status: int
    location: str
    page: str


class Visitor:
    """One person's browser: a connection that is kept, cookies, what it has received."""

    known: dict[str, list[Control]] = {}  # noqa: RUF012  a form is read once for all visitors

    def __init__(self, port: int, seed: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.chance = random.Random(seed)
        self.requests = self.bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.link.close()

    def ask(self, path: str, form: list[tuple[str, str]] | None = None) -> Answer:
        """Send one request and return its answer; raises AssertionError for an error page."""
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": held} if held else {}
        if form is None:
            self.link.request("GET", path, headers=headers)
        else:
            headers |= {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
            self.link.request("POST", path, urlencode(form), headers)
        answer = self.link.getresponse()
        content = answer.read()
        self.requests, self.bytes = self.requests + 1, self.bytes + len(content)
        for header in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = header.partition("=")
            self.cookies[name] = rest.partition(";")[0]
            if "Max-Age=0" in header:
                del self.cookies[name]
        assert answer.status in {200, 303}, (path, answer.status, content[:300])
        page = content.decode("utf-8", errors="replace")
        return Answer(answer.status, answer.headers.get("Location") or "", page)

    def follow(self, answer: Answer) -> tuple[str, str]:
        """Go where an accepted form leads; return the address and the page."""
        assert answer.status == 303, answer
        return answer.location, self.ask(answer.location).page

    def visit(self, consultation: str) -> str:
        """Answer the whole questionnaire; return the code of the receipt."""
        self.look(consultation)
        start = f"{consultation}/questionnaire"
        self.ask(start)
        address, page = self.follow(self.ask(start, []))
        while "/etape/" in address:
            address, page = self.follow(self.ask(address, self.filled(address, page)))
        code = code_in(page)
        receipt, page = self.follow(self.ask(address, [("code", code)]))
        assert receipt.endswith("/recu"), receipt
        assert CODE.search(page), page
        return code

    def look(self, address: str) -> None:
        """Open a page with an empty cache: the page, its style, script and fonts."""
        page = self.ask(address).page
        files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
        for file in sorted(files):
            text = self.ask(file).page
            if file.endswith("fonts.css"):
                for font in sorted(set(re.findall(r'url\("?([^")]+\.woff2)', text))):
                    self.ask(urljoin(file, font))

    def filled(self, address: str, page: str) -> list[tuple[str, str]]:
        """Return the form of a page of questions as this person fills it."""
        if address not in self.known:
            self.known[address] = controls(page)
        return [
            (control.name, value)
            for control in self.known[address]
            for value in self.chosen(control, page)
        ]

    def chosen(self, control: Control, page: str) -> list[str]:
        """Return what is sent of one field; one in ten is left out."""
        if control.kind == "hidden":
            return [code_in(page)] if control.name == "code" else [*control.values]
        if self.chance.random() < 0.1:
            return []
        if control.kind in TEXTS:
            return [TEXTS[control.kind]]
        most = 1 if control.kind == "radio" else min(3, len(control.values))
        return self.chance.sample(control.values, self.chance.randint(1, most))


def code_in(page: str) -> str:
    """Return the code that the form of a page carries."""
    found = re.search(r'name="code" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def controls(page: str) -> list[Control]:
    """Return the fields of the form of questions, as a browser sees them."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    form = next(form for form in tree.iter("form") if form.get("id") == "answers")
    values: dict[tuple[str, str], list[str]] = {}
    for field in _fields(form):
        kind = field.get("type") or "text" if field.tag == "input" else field.tag
        kind = "number" if field.get("inputmode") in {"numeric", "decimal"} else kind
        offered = [option.get("value") or "" for option in field.iter("option")]
        place = values.setdefault((field.get("name"), kind), [])
        place += [o for o in offered if o] or [field.get("value") or ""]
    return [Control(name, kind, tuple(offered)) for (name, kind), offered in values.items()]


def _fields(form: Any) -> Iterator[Any]:
    for field in form.iter():
        if field.tag in {"input", "textarea", "select"} and field.get("name"):
            yield field


def cpu_of(pids: list[int]) -> float:
    """Return the CPU seconds that processes have used."""
    return sum(_seconds(pid) for pid in pids)


class Visit(NamedTuple):
    """What one visit took and received."""

    seconds: float
    requests: int
    bytes: int


def let_come(site: Site, consultation: str, visitors: int, visits: int) -> list[Visit]:
    """Let ``visitors`` come at once, each again and again, until ``visits`` are complete."""
    made: list[Visit] = []
    left, lock = iter(range(visits)), threading.Lock()

    def come(_visitor: int) -> None:
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                return
            began = time.monotonic()
            with Visitor(site.port, number) as person:
                person.visit(consultation)
            made.append(Visit(time.monotonic() - began, person.requests, person.bytes))

    with ThreadPoolExecutor(visitors) as pool:
        list(pool.map(come, range(visitors)))
    return made


def measure(app: Flask, site: Site, consultation: str, visitors: int, visits: int) -> dict:
    """Return what complete visits cost when so many people come at once."""
    pids = [site.process.pid, *site.children()]
    before, behind = cpu_of(pids), database_cpu(app)
    own, began = time.process_time(), time.monotonic()
    made = let_come(site, consultation, visitors, visits)
    seconds = time.monotonic() - began
    server = (cpu_of(pids) - before) / visits * 1000
    database = (database_cpu(app) - behind) / visits * 1000
    took = sorted(visit.seconds * 1000 for visit in made)
    return {
        "visits": visits,
        "requests of a visit": round(statistics.mean(visit.requests for visit in made), 1),
        "KB of a visit": round(statistics.mean(visit.bytes for visit in made) / 1000, 1),
        "CPU-ms of a visit": {
            "server": round(server, 2),
            "database": round(database, 2),
            "together": round(server + database, 2),
            "visitor, not counted": round((time.process_time() - own) / visits * 1000, 2),
        },
        "visits/s": round(visits / seconds, 1),
        "ms of a visit": {
            "median": round(statistics.median(took), 1),
            "worst": round(took[-1], 1),
        },
    }


def repeated(app: Flask, site: Site, consultation: str, times: int = 8) -> dict[str, object]:
    """Send the same sheet many times at once, and once more later: one receipt, one response."""
    before = stored(app)
    with Visitor(site.port, 1) as person:
        address, page = person.follow(person.ask(f"{consultation}/questionnaire", []))
        while "/etape/" in address:
            address, page = person.follow(person.ask(address, person.filled(address, page)))
    form = [("code", code_in(page))]

    def send(number: int) -> str:
        with Visitor(site.port, number) as again:
            again.cookies = dict(person.cookies)
            receipt, shown = again.follow(again.ask(address, form))
        found = CODE.search(shown)
        return f"{receipt} {found[0] if found else ''}"

    with ThreadPoolExecutor(times) as pool:
        receipts = set(pool.map(send, range(times)))
    receipts.add(send(times))
    return {
        "sent": times + 1,
        "receipts": len(receipts),
        "the receipt shows the code of the sheet": all(form[0][1] in text for text in receipts),
        "responses stored": stored(app) - before,
    }


def stored(app: Flask) -> int:
    """Return how many responses the database holds."""
    with read_session(app) as session:
        return session.scalar(select(func.count()).select_from(Response)) or 0


def report_on(home: Path, url: str, visits: int) -> dict[str, object]:
    """Measure one database."""
    app = make_app(home, url)
    migrations.upgrade(app)
    demo.build(app)
    with write_session(app) as session:
        consultation = session.scalars(
            select(Consultation).where(Consultation.state == "open")
        ).one()
        put_in_force(session, consultation, reference_survey())
        address = f"/fr/c/{consultation.code}"
    site = Site(home, url, workers=2, demo="false", english_access="open")
    site.start()
    try:
        for number in range(8):
            with Visitor(site.port, number) as person:
                person.visit(address)
        report: dict[str, object] = {
            f"visitors: {visitors}": measure(app, site, address, visitors, visits)
            for visitors in VISITORS
        }
        report["a repeated last submit"] = repeated(app, site, address)
    finally:
        site.stop()
        close(app)
    return report


def main() -> None:
    """Measure both databases and print one JSON object."""
    visits = int(sys.argv[1]) if len(sys.argv) > 1 else VISITS
    report: dict[str, object] = {
        "goal": GOAL,
        "other products, 8 visitors": OTHERS,
        "kinds that stand in": STANDS_IN,
        "load of the machine before": round(os.getloadavg()[0], 1),
    }
    home = Path(tempfile.gettempdir()) / f"consult-visits-{public_id()}"
    try:
        report["sqlite"] = report_on(home / "sqlite", "", visits)
        if postgresql_is_up():
            with PostgresqlDatabase() as url:
                report["postgresql"] = report_on(home / "postgresql", url, visits)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(json.dumps(report, indent=1, ensure_ascii=False))  # noqa: T201  the report is the purpose


if __name__ == "__main__":
    main()
