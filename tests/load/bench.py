"""Measure CPU per request beside a bare page and a bare insert in the same run; print JSON.

One request is one call of the WSGI application in this process: no client, no server. CPU-ms of
this process, least of several interleaved rounds; on PostgreSQL also the CPU of the backends that
served the requests, read from the system. Figures of another machine compare by their ratio to
the bare page.
"""

import io
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from flask import Flask
from sqlalchemy import event, insert, select
from werkzeug.test import EnvironBuilder

from consult import demo, migrations
from consult.accounts.models import Account
from consult.accounts.services import open_session
from consult.consultations.models import Consultation
from consult.core.clock import today
from consult.core.db import db, write_session
from consult.core.ids import public_id
from consult.core.mail import MailMessage
from consult.surveys.rules import Definition, parse_definition, path, plan_of
from tests.conftest import close, make_app
from tests.support.databases import PostgresqlDatabase, postgresql_is_up
from tests.support.pages import BASE
from tests.support.questionnaires import put_in_force

ROUNDS, ROUND_MS, ITEMS = 60, 6.0, 20  # many short rounds: the least one met no neighbour
TICK = os.sysconf("SC_CLK_TCK")
# design §8, CPU of the server and of the database together
BUDGET = {
    "home": 0.7,
    "desk, signed in": 1.2,
    "questionnaire page of 20 items": 2.0,
    "answers posted": 1.5,
}
Call = Callable[[], tuple[str, bytes]]


def twenty_items() -> Definition:
    """Return a questionnaire with one page of twenty choices among five, and a long text."""
    words = {"fr": "Le transport vers l’hôpital : « assez » simple?", "en": "Is transport simple?"}
    options = [
        {"code": f"o{i}", "label": {"fr": f"Choix {i}", "en": f"Choice {i}"}} for i in "1234"
    ]
    items = [
        {"code": f"i{n}", "kind": "one_choice", "title": words, "options": options}
        for n in range(ITEMS - 1)
    ]
    text = {"code": "t", "kind": "long_text", "title": words}
    return parse_definition(
        {
            "format": "consult-questionnaire/1",
            "code": "bench",
            "title": words,
            "pages": [{"code": "p", "title": words, "items": [*items, text]}],
        }
    )


def branching() -> Definition:
    """Return 500 items on 25 pages of 20: 24 pages and 100 items depend on earlier answers."""
    words = {"fr": "Le transport vers l’hôpital: assez simple?", "en": "Is transport simple?"}
    options = [
        {"code": f"o{i}", "label": {"fr": f"Choix {i}", "en": f"Choice {i}"}} for i in "1234"
    ]
    items = [
        {
            "code": f"i{n}",
            "kind": "one_choice",
            "title": words,
            "options": options,
            "relevant": f"${{i{n - 30}}} != 'o2'" if n >= 100 and n % 4 == 0 else "",
        }
        for n in range(500)
    ]
    pages = [
        {
            "code": f"p{p}",
            "title": words,
            "items": items[p * ITEMS : (p + 1) * ITEMS],
            "relevant": f"${{i{p - 1}}} = 'o1'" if p else "",
        }
        for p in range(25)
    ]
    return parse_definition(
        {"format": "consult-questionnaire/1", "code": "long", "title": words, "pages": pages}
    )


def request(app: Flask, path: str, data: dict[str, str] | None = None, cookies: str = "") -> Call:
    """Return a call that sends the same request again and gives (status, body)."""
    headers = {"Origin": BASE} if data is not None else {}
    builder = EnvironBuilder(
        path=path,
        base_url=BASE,
        method="GET" if data is None else "POST",
        data=data,
        headers={**headers, **({"Cookie": cookies} if cookies else {})},
    )
    environ = builder.get_environ()
    body = environ["wsgi.input"].read()

    def call() -> tuple[str, bytes]:
        status: list[str] = []
        answer = app.wsgi_app(
            environ | {"wsgi.input": io.BytesIO(body)}, lambda s, *_: status.append(s)
        )
        content = b"".join(answer)
        answer.close()
        return status[0], content

    return call


def database_cpu(app: Flask) -> float:
    """Return the CPU seconds that the backends of this database have used; 0 on SQLite."""
    if app.extensions["consult_settings"].is_sqlite:
        return 0.0
    with app.app_context():
        url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        ).fetchall()
    return sum(_seconds(pid) for (pid,) in found)


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def cpu(app: Flask, work: Callable[[], object]) -> dict[str, float]:
    """Return CPU-ms of one call: this process (least of rounds), the database (mean), queries."""
    before = database_cpu(app)
    best, count = least(work)
    behind = (database_cpu(app) - before) / count * 1000
    found = {"server": round(best, 3), "database": round(behind, 3), "queries": queries(app, work)}
    return found | {"together": round(best + behind, 3)}


def least(work: Callable[[], object]) -> tuple[float, int]:
    """Return the CPU-ms of one call in the least round, and how many calls were made."""
    began = time.process_time()
    for _ in range(3):
        work()
    calls = max(2, round(ROUND_MS / ((time.process_time() - began) / 3 * 1000)))
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(calls):
            work()
        rounds.append((time.process_time() - began) / calls * 1000)
    return min(rounds), ROUNDS * calls + 3


def queries(app: Flask, work: Callable[[], object]) -> int:
    """Return how many statements one call sends."""
    seen: list[str] = []
    with app.app_context():
        engines = list(db.engines.values())

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    work()
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def bare_page() -> float:
    """Return the CPU-ms of an empty Flask page."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "hello")
    return round(least(request(app, "/"))[0], 3)


def bare_insert(app: Flask) -> Callable[[], None]:
    """Return one insert and its commit."""
    values = {"recipient": "x", "lang": "fr", "subject": "x", "text": "x", "html": "x"}

    def work() -> None:
        with write_session(app) as session:
            session.execute(insert(MailMessage).values(state="sent", **values))

    return work


def checked(call: Call, status: str) -> Call:
    """Return the call, once it has been seen to answer as it should."""
    found, body = call()
    assert found.startswith(status), (found, body[:300])
    return call


def visit(app: Flask, start: str) -> tuple[str, dict[str, str]]:
    """Start a sheet and send its one page; return the address of the page and what was typed."""
    client = Flask.test_client(app)
    options: dict[str, Any] = {"base_url": BASE, "headers": {"Origin": BASE}}
    step = client.post(start, **options).location
    found = re.search(r'name="code" value="([^"]+)"', client.get(step, base_url=BASE).text)
    assert found is not None
    typed = {"code": found[1], "q-t": "Un autobus l’hiver."}
    typed |= {f"q-i{n}": f"o{n % 4 + 1}" for n in range(ITEMS - 1)}
    client.post(step, data=typed, **options)
    return step, typed


def measure(app: Flask, code: str, cookie: str) -> dict[str, dict[str, float]]:
    """Return the figures of each page on the application's database."""
    start = f"/fr/c/{code}/questionnaire"
    step, typed = visit(app, start)
    held = f"consult_code_{code}={typed['code']}"
    review = {"code": typed["code"]}
    calls = {
        "home": checked(request(app, "/fr/"), "200"),
        "consultation": checked(request(app, f"/fr/c/{code}"), "200"),
        "desk, signed in": checked(request(app, "/fr/bureau", cookies=cookie), "200"),
        "questionnaire page of 20 items": checked(request(app, step, cookies=held), "200"),
        "answers posted": checked(request(app, step, typed, held), "303"),
    }
    report = {name: cpu(app, call) for name, call in calls.items()}
    report["submit, draft included"] = cpu(app, lambda: _send(app, start, step, typed))
    report["bare insert and commit"] = cpu(app, bare_insert(app))
    checked(request(app, start + "/verifier", review, held), "303")()
    receipt = f"consult_receipt_{code}={typed['code']}"
    shown = checked(request(app, f"/fr/c/{code}/recu", cookies=receipt), "200")
    report["receipt"] = cpu(app, shown)
    return report | measure_branches(app, code)


def measure_branches(app: Flask, code: str) -> dict[str, dict[str, float]]:
    """Return the figures of a page of 20 items among 500, and of the path itself."""
    definition = branching()
    plan = plan_of(definition)
    typed = {f"i{n}": "o1" for n in range(500)}
    day = today()
    assert len(path(plan, typed, day).questions) == 500
    with write_session(app) as session:
        consultation = session.scalars(
            select(Consultation).where(Consultation.state == "open")
        ).one()
        put_in_force(session, consultation, definition)
    step, posted = visit(app, f"/fr/c/{code}/questionnaire")
    held = f"consult_code_{code}={posted['code']}"
    page = {"code": posted["code"]} | {f"q-i{n}": "o1" for n in range(ITEMS)}
    calls = {
        "page of 20 items among 500": checked(request(app, step, cookies=held), "200"),
        "answers posted among 500": checked(request(app, step, page, held), "303"),
    }
    report = {name: cpu(app, call) for name, call in calls.items()}
    report["path of 500 items, 124 conditions"] = {
        "server": round(least(lambda: path(plan, typed, day))[0], 3)
    }
    return report


def _send(app: Flask, start: str, step: str, typed: dict[str, str]) -> None:
    """Post the page and send the sheet: stored once, then found stored by every repetition."""
    request(app, step, typed)()
    request(app, start + "/verifier", {"code": typed["code"]})()


def prepared(home: Path, url: str = "") -> tuple[Flask, str, str]:
    """Return an application with the demo's data, an open consultation's code, a staff cookie.

    It runs as an ordinary instance: without the one-click roles of a demo.
    """
    app = make_app(home, url)
    migrations.upgrade(app)
    demo.build(app)
    close(app)
    app = make_app(home, url, demo=False)
    with write_session(app) as session:
        consultation = session.scalars(
            select(Consultation).where(Consultation.state == "open")
        ).one()
        put_in_force(session, consultation, twenty_items())
        camille = session.scalars(select(Account).where(Account.email.like("camille%"))).one()
        token = open_session(session, camille, 12)
    client = Flask.test_client(app)
    with client.session_transaction(base_url=BASE) as opened:
        opened["sid"] = token
    client.get("/fr/bureau", base_url=BASE)  # the first page adds the token of forms
    name = app.config["SESSION_COOKIE_NAME"]
    held = client.get_cookie(name, domain=urlsplit(BASE).hostname or "")
    assert held is not None
    return app, consultation.code, f"{name}={held.value}"


def main() -> None:
    """Measure both databases and print one JSON object."""
    report: dict[str, object] = {"unit": "CPU-ms per request", "bare Flask page": bare_page()}
    report["budget"] = BUDGET
    home = Path(tempfile.gettempdir()) / f"consult-bench-{public_id()}"
    try:
        app, code, cookie = prepared(home / "sqlite")
        report["sqlite"] = measure(app, code, cookie)
        close(app)
        if postgresql_is_up():
            with PostgresqlDatabase() as url:
                app, code, cookie = prepared(home / "postgresql", url)
                report["postgresql"] = measure(app, code, cookie)
                close(app)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(json.dumps(report, indent=1))  # noqa: T201  the report is the purpose


if __name__ == "__main__":
    main()
