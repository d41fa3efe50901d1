"""Dress every page: frame, headers, errors, assets, home, help (floor 9)."""

from flask import Flask

from consult.web import assets, chrome, english, errors, headers
from consult.web.views import pages


def register(app: Flask) -> None:
    """Add the pages of the site and what surrounds every page."""
    settings = app.extensions["consult_settings"]
    assets.register(app, settings)
    app.register_blueprint(pages)
    chrome.register(app, settings)
    english.register(app, settings)
    errors.register(app)
    headers.register(app, settings)
