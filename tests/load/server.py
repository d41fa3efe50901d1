"""Run ``consult serve`` with one thing broken: the negative controls of the tests that kill it.

``python -m tests.load.server FAULT``, with FAULT one of the names below.
"""

import os
import random
import sys

from sqlalchemy import event

from consult import serving
from consult.app import create_app
from consult.core import db, engines
from consult.core.settings import load_settings

FAULT = "CONSULT_TEST_FAULT"


def lose_some_commits() -> None:
    """Acknowledge every write, but roll one in four back."""
    honest, chance = db._finish, random.Random(4)

    def finish(response: object) -> None:
        if chance.random() < 0.25:
            db.db.session.rollback()
        else:
            honest(response)

    db._finish = finish


def acknowledge_before_the_disk() -> None:
    """Let SQLite say that it committed before the disk has it."""
    honest = engines._prepare_sqlite

    def prepare(engine, settings):
        honest(engine, settings)

        @event.listens_for(engine, "connect")
        def relax(connection, _record):
            connection.execute("PRAGMA synchronous=NORMAL")

    engines._prepare_sqlite = prepare


FAULTS = {"lost-commits": lose_some_commits, "late-disk": acknowledge_before_the_disk}

if __name__ == "__main__":
    os.environ[FAULT] = sys.argv[1]
    serving.serve(load_settings(), "tests.load.server:app")
elif os.environ.get(FAULT):
    serving.follow_parent()
    FAULTS[os.environ[FAULT]]()
    app = create_app(load_settings())
