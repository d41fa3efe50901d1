"""Measure CPU per request beside a bare page and a bare insert in the same run; print JSON.

CPU-ms of this process, least of several interleaved rounds; the database server's own CPU is
not in it on PostgreSQL.
"""

import json
import re
import shutil
import tempfile
import time
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, select

from consult import demo, migrations
from consult.consultations.models import Consultation
from consult.core.db import db, read_session, write_session
from consult.core.ids import public_id
from consult.core.mail import MailMessage
from tests.conftest import close, make_app
from tests.support.databases import PostgresqlDatabase, postgresql_is_up
from tests.support.pages import BASE

ROUNDS, CALLS = 7, 30
BUDGET = {"home": 0.7, "questionnaire page": 2.0, "answers posted": 1.5}


def cpu(work) -> float:
    """Return CPU-ms of one call, the least of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        before = time.process_time()
        for _ in range(CALLS):
            work()
        best = min(best, (time.process_time() - before) / CALLS * 1000)
    return round(best, 3)


def bare_page() -> float:
    """Return the CPU of an empty Flask page."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "hello")
    client = app.test_client()
    return cpu(lambda: client.get("/").get_data())


def bare_insert(app: Flask) -> float:
    """Return the CPU of one insert and its commit."""

    def work() -> None:
        with write_session(app) as session:
            values = {"recipient": "x", "lang": "fr", "subject": "x", "text": "x", "html": "x"}
            session.execute(insert(MailMessage).values(state="sent", **values))

    return cpu(work)


def measure(app: Flask) -> dict[str, float]:
    """Return CPU-ms per request of each page on the application's database."""
    app.test_client_class = None
    client = app.test_client()
    with read_session(app) as session:
        code = session.scalars(select(Consultation.code).where(Consultation.state == "open")).one()
    start = f"/fr/c/{code}/questionnaire"
    options = {"base_url": BASE, "headers": {"Origin": BASE}}
    step = client.post(start, **options).location
    found = re.search(r'name="code" value="([^"]+)"', client.get(step, base_url=BASE).text)
    held = found[1] if found else ""
    third = step.replace("etape/1", "etape/3")
    typed = {"code": held, "q-heat": "4", "q-rides": "2", "q-lonely": "rarely"}

    def send() -> None:
        fresh = app.test_client()
        first = fresh.post(start, **options).location
        fresh.post(first, data={"q-role": "citizen"}, **options)
        fresh.post(start + "/verifier", **options)

    client.post(third, data=typed, **options)
    result = {
        "home": cpu(lambda: client.get("/fr/", base_url=BASE).get_data()),
        "questionnaire page": cpu(lambda: client.get(third, base_url=BASE).get_data()),
        "answers posted": cpu(lambda: client.post(third, data=typed, **options)),
        "whole visit of three posts": cpu(send),
        "bare insert and commit": bare_insert(app),
    }
    client.post(start + "/verifier", data={"code": held}, **options)
    result["receipt"] = cpu(lambda: client.get(f"/fr/c/{code}/recu", base_url=BASE).get_data())
    return result


def prepared(home: Path, url: str = "") -> Flask:
    """Return an application with the demo."""
    app = make_app(home, url)
    migrations.upgrade(app)
    demo.build(app)
    return app


def main() -> None:
    """Measure both databases and print one JSON object."""
    report: dict[str, object] = {"unit": "CPU-ms per request", "bare Flask page": bare_page()}
    report["budget"] = BUDGET
    home = Path(tempfile.gettempdir()) / f"consult-bench-{public_id()}"
    try:
        app = prepared(home / "sqlite")
        report["sqlite"] = measure(app)
        close(app)
        if postgresql_is_up():
            with PostgresqlDatabase() as url:
                app = prepared(home / "postgresql", url)
                report["postgresql"] = measure(app)
                with app.app_context():
                    db.engine.dispose()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(json.dumps(report, indent=1))  # noqa: T201  the report is the purpose


if __name__ == "__main__":
    main()
