"""Answer errors in the language of the page, and say what to do (floor 9)."""

import re

import structlog
from flask import Flask, Response, current_app, g, make_response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from consult.core.db import ConflictError, DatabaseBusyError, db
from consult.core.forms import under_their_names
from consult.core.gate import SAFE, UNSHOWN
from consult.core.i18n import current_language, render
from consult.core.i18n import gettext as _

log = structlog.get_logger(__name__)
RETRY_SECONDS = "5"
_SIGNLESS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # what no page may hold


def register(app: Flask) -> None:
    """Install the pages of errors."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DatabaseBusyError, _busy)
    app.register_error_handler(ConflictError, _lost_race)
    app.register_error_handler(Exception, _unexpected)


def _texts(code: int) -> tuple[str, str]:
    known = {
        400: (
            _("This request cannot be read"),
            _("Check the address, or start again from the home page."),
        ),
        403: (
            _("This request did not come from this site"),
            _("Go back to the page, reload it and try again."),
        ),
        404: (
            _("This page cannot be found"),
            _("Check the address, or start again from the home page."),
        ),
        405: (
            _("This page cannot be used that way"),
            _("Go back and use the buttons of the page."),
        ),
        409: (
            _("This is no longer possible"),
            _("Something changed in the meantime. Go back and reload the page."),
        ),
        413: (
            _("This is too large"),
            _("Shorten the text or choose a smaller file, then send it again."),
        ),
        429: (
            _("Too many tries"),
            _("Wait a few minutes, then try again."),
        ),
        503: (
            _("The site is very busy"),
            _("Nothing was lost: what you typed is below. Send it again in a moment."),
        ),
    }
    general = (
        _("Something went wrong on our side"),
        _("The fault is recorded. Try again in a few minutes."),
    )
    return known.get(code, general)


def _page(code: int) -> Response:
    title, text = _texts(code)
    # Built without the request: under a foreign host it has no addresses.
    place = current_app.url_map.bind("")
    lang = current_language()
    links = {name: place.build(f"web.{name}", {"lang": lang}) for name in ("home", "help_page")}
    context = {"title": title, "text": text, "code": code, "typed": _typed(), "links": links}
    # An error has no address of its own.
    page = render("web/error.html", canonical="", alternates=(), **context)
    return make_response(page, code)


def _typed() -> list[tuple[str, str]]:
    """Return what the refused form held, as far as it was read: nothing typed is lost."""
    if request.method in SAFE:
        return []
    try:
        form = request.form
    except RequestEntityTooLarge:
        form = request.form  # what was read of it
    pairs = [(name, value) for name, values in form.lists() for value in values]
    typed = [(n, _SIGNLESS.sub("\ufffd", v)) for n, v in pairs if v and n not in UNSHOWN]
    return under_their_names(typed)


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # noqa: PLR2004
        response: Response = error.get_response()  # type: ignore[assignment]
        return response
    return _page(error.code)


def _busy(_error: DatabaseBusyError) -> Response:
    g.sessionless = True  # the frame must not ask the database who is signed in
    response = _page(503)
    response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _lost_race(_error: ConflictError) -> Response:
    db.session.rollback()
    return _page(409)


def _unexpected(error: Exception) -> Response:
    g.sessionless = True
    db.session.rollback()
    log.error("unexpected", endpoint=request.endpoint, exc_info=error)
    return _page(500)
