"""Let staff take answers away as files (floor 8)."""

from flask import Flask

from consult.exports.manage import desk


def register(app: Flask) -> None:
    """Add the export pages."""
    app.register_blueprint(desk)
