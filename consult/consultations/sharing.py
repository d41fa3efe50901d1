"""Give a consultation an address that fits on a poster (floor 4)."""

from urllib.parse import urljoin

from flask import current_app, url_for


def short_address(code: str) -> str:
    """Return the address without language, on the public name of the site."""
    base: str = current_app.extensions["consult_settings"].public_url
    return urljoin(base, url_for("consultations.short", code=code))
