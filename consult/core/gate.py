"""Guard every unsafe request: where it comes from, and whose session acts (law 5; floor 0).

``Sec-Fetch-Site: same-origin`` passes; absent, ``Origin`` must be a configured host; both
absent, the request may not carry a session. Where a session acts, a Flask-WTF token
without a clock is required as well; without it the person is shown what was typed and
asked to send it again, so nothing typed dies with a token.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, make_response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.wrappers import Request
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms.validators import ValidationError

from consult.core.authz import current_actor
from consult.core.db import busy_translated
from consult.core.forms import under_their_names
from consult.core.i18n import environments, render
from consult.core.settings import Settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN = "csrf_token"  # noqa: S105  the name of a field, not a secret
UNSHOWN = frozenset({TOKEN, "password", "present", "page-shown", "page-seen", "page-confirm"})


class CookieSessions(SecureCookieSessionInterface):
    """Open the signed cookie only when the browser sent one: nearly nobody is signed in."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of the cookie, or an empty one."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def register(app: Flask, settings: Settings) -> None:
    """Install the gate in front of every view."""
    app.session_interface = CookieSessions()
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_ENABLED"] = False  # forms parse; this gate alone checks the token
    app.extensions["consult_hosts"] = settings.hosts
    app.extensions["consult_send_again"] = _send_again
    app.before_request(_guard)
    for environment in environments(app):
        environment.globals["csrf_token"] = generate_csrf


def _holds_nul() -> bool:
    """Tell whether a NUL stands in the address or the form: PostgreSQL stores none."""
    if "\x00" in request.path or "%00" in request.query_string.decode("ascii", "replace"):
        return True
    return request.method not in SAFE and any("\x00" in value for value in request.form.values())


def _guard() -> Response | None:
    _bound_files()
    if _holds_nul():
        abort(404)
    if request.method in SAFE or request.endpoint is None:
        return None
    if not comes_from_here():
        abort(403)
    view = current_app.view_functions[request.endpoint]
    if not getattr(view, "uses_session", True):
        return None
    if _has_session() and not token_is_valid():
        return _send_again()
    return None


def _bound_files() -> None:
    """Hold a form of a route without sessions to the size of answers, files included."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.mimetype == "multipart/form-data" and not getattr(view, "uses_session", True):
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def comes_from_here() -> bool:
    """Tell whether the browser says that the request was made by one of our own pages.

    Where people come over TLS, a page that came without TLS is not one of ours.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    if origin is not None:
        return _is_ours(origin)
    return not _has_session()


def _is_ours(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or current_app.config["PREFERRED_URL_SCHEME"] == "http"
    return is_safe and parts.netloc in current_app.extensions["consult_hosts"]


def _has_session() -> bool:
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def token_is_valid() -> bool:
    """Tell whether the form carries this session's token."""
    try:
        validate_csrf(request.form.get(TOKEN) or request.headers.get("X-CSRF-Token"))
    except ValidationError:
        return False
    return True


def _send_again() -> Response:
    """Show what was typed, with a fresh token and one button; files must be chosen anew."""
    g.sessionless = False
    fields = [(k, v) for k, values in request.form.lists() for v in values if k not in UNSHOWN]
    with busy_translated():
        is_signed_in = current_actor() is not None
    page = render(
        "web/send_again.html",
        fields=fields,
        shown=under_their_names((name, text) for name, text in fields if text),
        has_files=bool(request.files),
        token=generate_csrf(),
        is_signed_in=is_signed_in,
    )
    return make_response(page, 422)
