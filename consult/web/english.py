"""Open English pages as the institution decided: freely, under a notice, or attested (floor 9)."""

from flask import Flask, Response, redirect, request, url_for

from consult.core.settings import Settings
from consult.web.views import attested_cookie

_FREE = frozenset({"web.attest"})


def register(app: Flask, settings: Settings) -> None:
    """Guard GET pages under /en/ when the setting asks for a statement; remember the language."""
    app.context_processor(lambda: {"english_notice": settings.english_access == "notice"})

    @app.before_request
    def ask() -> Response | None:
        english = request.path == "/en" or request.path.startswith("/en/")
        if settings.english_access != "attest" or not english or request.method != "GET":
            return None
        if request.endpoint in _FREE or attested_cookie(settings) in request.cookies:
            return None
        target = request.full_path.rstrip("?")
        return redirect(url_for("web.attest", next=target), code=303)  # type: ignore[return-value]
