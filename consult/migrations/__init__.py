"""Change the schema step by step, with Alembic, without prompt or network (floor 10)."""

from flask import Flask
from flask_migrate import Migrate
from flask_migrate import downgrade as _downgrade
from flask_migrate import upgrade as _upgrade

from consult.core.db import db
from consult.core.paths import MIGRATIONS

_migrate = Migrate(directory=str(MIGRATIONS), render_as_batch=True, compare_type=True)


def _bind(app: Flask) -> None:
    if "migrate" not in app.extensions:
        _migrate.init_app(app, db)


def upgrade(app: Flask, revision: str = "head") -> None:
    """Bring the database of ``app`` up to ``revision``."""
    _bind(app)
    with app.app_context():
        _upgrade(revision=revision)
        db.engine.dispose()


def downgrade(app: Flask, revision: str = "base") -> None:
    """Take the database of ``app`` down to ``revision``."""
    _bind(app)
    with app.app_context():
        _downgrade(revision=revision)
        db.engine.dispose()
