"""Set the security headers of every answer (floor 9)."""

from flask import Flask, Response, g, request
from flask.sessions import SessionMixin

from consult.core.gate import CookieSessions
from consult.core.settings import Settings

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000; includeSubDomains"
_FIRST_ERROR_STATUS = 400


def security_headers(settings: Settings) -> dict[str, str]:
    """Return the headers of every answer of an instance, files included."""
    return HEADERS | ({"Strict-Transport-Security": HSTS} if settings.is_https else {})


class PrivateSessions(CookieSessions):
    """Sessions whose pages nobody keeps: Flask says ``Vary: Cookie``, we add ``no-store``.

    It is done here because Flask writes the session after the after-request functions.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session; a page that read it belongs to one person."""
        super().save_session(app, session, response)
        if session.accessed:
            response.headers["Cache-Control"] = "no-store"


def register(app: Flask, settings: Settings) -> None:
    """Add the headers after every request, errors included."""
    app.session_interface = PrivateSessions()
    secure = security_headers(settings)

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(secure)
        if response.mimetype == "text/html":
            response.vary.add("Cookie")  # the frame shows who is signed in
        if _is_private(response):
            response.headers["Cache-Control"] = "no-store"
        return response


def _is_private(response: Response) -> bool:
    """Tell whether an answer may hold what one person typed, sees or received."""
    return bool(
        request.cookies
        or request.method not in {"GET", "HEAD", "OPTIONS"}
        or response.status_code >= _FIRST_ERROR_STATUS
        or "Set-Cookie" in response.headers
        or g.get("sessionless", False)  # answer pages, sign-in, one-time links
    )
