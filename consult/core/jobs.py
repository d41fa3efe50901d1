"""Run work in the background: the only door to huey (floor 0).

Embedded: a SQLite store in the instance folder and a consumer inside ``consult serve``.
At scale: Redis and ``consult worker``. Work that must not be lost lies in the database;
the queue only says that it is time to look.
"""

from collections.abc import Callable

import structlog
from flask import Flask
from huey import RedisHuey, SqliteHuey, crontab
from huey.api import Huey
from huey.consumer import Consumer

from consult.core.settings import Settings

log = structlog.get_logger(__name__)
Job = Callable[[Flask, Settings], object]


def register(app: Flask, settings: Settings) -> None:
    """Give the application its queue."""
    app.extensions["consult_jobs"] = {}
    app.extensions["consult_settings"] = settings


def every_minute(app: Flask, name: str, job: Job) -> None:
    """Register ``job`` to run once a minute; it must be safe to run twice."""
    app.extensions["consult_jobs"][name] = job


def run_once(app: Flask) -> dict[str, object]:
    """Run every registered job now, in this process; return what each answered."""
    settings = app.extensions["consult_settings"]
    return {name: job(app, settings) for name, job in app.extensions["consult_jobs"].items()}


def make_queue(app: Flask, settings: Settings) -> Huey:
    """Return the queue of the instance with its periodic jobs."""
    if settings.redis_url:
        queue: Huey = RedisHuey("consult", url=settings.redis_url)
    else:
        queue = SqliteHuey("consult", filename=str(settings.home_path / "queue.db"))
    for name, job in app.extensions["consult_jobs"].items():
        _schedule(queue, app, settings, (name, job))
    return queue


def _schedule(queue: Huey, app: Flask, settings: Settings, named: tuple[str, Job]) -> None:
    name, job = named

    def run() -> None:
        log.info("job", name=name, result=job(app, settings))

    run.__name__ = f"run_{name}"
    queue.periodic_task(crontab(minute="*"), name=f"run_{name}")(run)


def make_consumer(app: Flask, settings: Settings) -> Consumer:
    """Return a consumer with one worker thread; ``start`` and ``stop`` it, or ``run`` it."""
    return make_queue(app, settings).create_consumer(workers=1, periodic=True)
