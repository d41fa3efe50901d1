"""Serve the application of CONSULT_HOME on a port; ``--broken`` loses one commit in four.

The broken mode is the negative control of the test that counts lost receipts.
"""

import random
import sys

from werkzeug.serving import make_server

from consult.app import create_app
from consult.core import db
from consult.core.settings import load_settings


def lose_some_commits() -> None:
    """Acknowledge every write, but roll one in four back."""
    honest, chance = db._finish, random.Random(4)

    def finish(response: object) -> None:
        if chance.random() < 0.25:
            db.db.session.rollback()
        else:
            honest(response)

    db._finish = finish


if __name__ == "__main__":
    if "--broken" in sys.argv:
        lose_some_commits()
    make_server(
        "127.0.0.1", int(sys.argv[1]), create_app(load_settings()), threaded=True
    ).serve_forever()
