"""Answer errors in the language of the page, and say what to do (floor 9)."""

import structlog
from flask import Flask, Response, make_response, request
from werkzeug.exceptions import HTTPException

from consult.core.db import ConflictError, DatabaseBusyError, db
from consult.core.i18n import gettext as _
from consult.core.i18n import render

log = structlog.get_logger(__name__)
RETRY_SECONDS = "5"


def register(app: Flask) -> None:
    """Install the pages of errors."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DatabaseBusyError, _busy)
    app.register_error_handler(ConflictError, _lost_race)
    app.register_error_handler(Exception, _unexpected)


def _texts(code: int) -> tuple[str, str]:
    known = {
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
    typed = (
        [
            (name, value)
            for name, values in request.form.lists()
            for value in values
            if name not in {"csrf_token", "password"}
        ]
        if code in {403, 409, 429, 503}
        else []
    )
    frame = {"canonical": "", "alternates": ()}  # an error has no address of its own
    page = render("web/error.html", title=title, text=text, code=code, typed=typed, **frame)
    return make_response(page, code)


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # noqa: PLR2004
        response: Response = error.get_response()  # type: ignore[assignment]
        return response
    return _page(error.code)


def _busy(_error: DatabaseBusyError) -> Response:
    response = _page(503)
    response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _lost_race(_error: ConflictError) -> Response:
    db.session.rollback()
    return _page(409)


def _unexpected(error: Exception) -> Response:
    db.session.rollback()
    log.error("unexpected", endpoint=request.endpoint, exc_info=error)
    return _page(500)
