"""Run work in the background: the only door to huey (floor 0).

Embedded: a SQLite store in the instance folder and a consumer beside ``consult serve``.
At scale: Redis, or PostgreSQL when no Redis is named, and ``consult worker``. Work that must
not be lost lies in the database; the queue only says that it is time to look.
"""

from collections.abc import Callable
from threading import Lock
from urllib.parse import urlsplit

import msgspec
import structlog
from flask import Flask, Response, g, has_request_context
from huey import PostgresHuey, RedisHuey, SqliteHuey, crontab
from huey.api import Huey
from huey.consumer import Consumer
from sqlalchemy import text

from consult.core.db import db
from consult.core.settings import Settings

log = structlog.get_logger(__name__)
Job = Callable[[Flask, Settings], object]

NAME = "consult"
QUEUE_SCHEMA = "consult_queue"
_STORE_LOCK = 4_052_026  # any number that nobody else locks in the same database
_opening = Lock()


class _Regular(msgspec.Struct, frozen=True):
    """A registered job: how often it runs, and whether a change calls for it at once."""

    job: Job
    hourly: bool = False
    soon: bool = False


def register(app: Flask, settings: Settings) -> None:
    """Give the application its jobs; after a request that called for them, wake the worker."""
    app.extensions["consult_jobs"] = {}
    app.extensions["consult_settings"] = settings

    @app.after_request
    def wake_worker(response: Response) -> Response:
        if g.pop("wakes_worker", False):
            _knock(app, settings)
        return response


def every_minute(app: Flask, name: str, job: Job, *, soon: bool = False) -> None:
    """Register ``job`` to run once a minute, and when woken if ``soon``.

    It must be safe to run twice, and at the same time in two workers.
    """
    app.extensions["consult_jobs"][name] = _Regular(job, soon=soon)


def every_hour(app: Flask, name: str, job: Job) -> None:
    """Register ``job`` to run once an hour; it must be safe to run twice."""
    app.extensions["consult_jobs"][name] = _Regular(job, hourly=True)


def run_once(app: Flask) -> dict[str, object]:
    """Run every registered job now, in this process; return what each answered."""
    settings = app.extensions["consult_settings"]
    regulars: dict[str, _Regular] = app.extensions["consult_jobs"]
    return {name: regular.job(app, settings) for name, regular in regulars.items()}


def wake() -> None:
    """Ask that the worker look for work once the present request is answered.

    Outside a request nothing happens: the worker looks every minute anyway.
    """
    if has_request_context():
        g.wakes_worker = True


def _knock(app: Flask, settings: Settings) -> None:
    try:
        with _opening:
            if "consult_queue" not in app.extensions:
                app.extensions["consult_queue"] = make_queue(app, settings)
        queue, look = app.extensions["consult_queue"]
        look()
        queue.storage.close()  # knocks are rare: no connection is kept for them
    except Exception as error:  # noqa: BLE001  the work is stored; a page never fails for a knock
        log.warning("worker_not_woken", reason=type(error).__name__)


def make_queue(app: Flask, settings: Settings) -> tuple[Huey, Callable[[], object]]:
    """Return the queue of the instance with its regular jobs, and the task that wakes them."""
    queue = open_store(app, settings)
    regulars: dict[str, _Regular] = app.extensions["consult_jobs"]
    for name, regular in regulars.items():
        _schedule(queue, app, settings, (name, regular))

    def look() -> None:
        for name, regular in regulars.items():
            if regular.soon:
                _run(app, settings, (name, regular))

    return queue, queue.task(name="look")(look)


def open_store(app: Flask, settings: Settings) -> Huey:
    """Open the store of the queue: Redis when named, else PostgreSQL, else a SQLite file."""
    if settings.redis_url:
        # A Redis that does not answer is given up quickly; the time-outs ride in the address.
        sign = "&" if urlsplit(settings.redis_url).query else "?"
        url = f"{settings.redis_url}{sign}socket_connect_timeout=2&socket_timeout=5"
        return RedisHuey(NAME, url=url, results=False)
    if settings.is_sqlite:
        return SqliteHuey(NAME, filename=str(settings.home_path / "queue.db"), results=False)
    return _postgresql_store(app, settings)


def _postgresql_store(app: Flask, settings: Settings) -> Huey:
    """Open the store in a schema of its own, apart from the tables that migrations know.

    Two processes may start at once: a lock keeps them from making the same tables together.
    """
    lock = text("SELECT pg_advisory_xact_lock(:number)")
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(lock, {"number": _STORE_LOCK})
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS consult_queue"))
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(lock, {"number": _STORE_LOCK})
        return PostgresHuey(
            NAME,
            dsn=settings.database_url.replace("+psycopg", "", 1),
            results=False,
            options=f"-c search_path={QUEUE_SCHEMA} -c statement_timeout=10000",
            connect_timeout=settings.pool_timeout,
        )


def _schedule(queue: Huey, app: Flask, settings: Settings, named: tuple[str, _Regular]) -> None:
    when = crontab(minute="7") if named[1].hourly else crontab(minute="*")

    def run() -> None:
        _run(app, settings, named)

    run.__name__ = f"run_{named[0]}"
    queue.periodic_task(when, name=f"run_{named[0]}")(run)


def _run(app: Flask, settings: Settings, named: tuple[str, _Regular]) -> None:
    name, regular = named
    log.info("job", name=name, result=regular.job(app, settings))


def make_consumer(app: Flask, settings: Settings) -> Consumer:
    """Return a consumer; ``start`` and ``stop`` it, or ``run`` it.

    Two threads: a long export never keeps mail waiting, since one runs at a time.
    """
    queue, _look = make_queue(app, settings)
    return queue.create_consumer(workers=2, periodic=True, max_delay=2)
