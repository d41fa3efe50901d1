"""Let staff take answers away as files (floor 8)."""

from flask import Flask

from consult.core import progress
from consult.core.jobs import every_hour
from consult.exports.jobs import prepare, sweep
from consult.exports.manage import desk
from consult.exports.queries import KIND


def register(app: Flask) -> None:
    """Add the pages, the job that prepares files, and the sweep that erases them."""
    app.register_blueprint(desk)
    progress.on(app, KIND, prepare)
    every_hour(app, "sweep_exports", sweep)
