"""Open English pages as the institution decided: freely, under a notice, or attested (floor 9)."""

from flask import Flask, Response, request

from consult.core.english import ask_for_statement, has_attested
from consult.core.settings import Settings

_FREE = frozenset({"web.attest"})


def register(app: Flask, settings: Settings) -> None:
    """Guard GET pages under /en/ when the setting asks for a statement."""
    app.config["ATTEST_ENDPOINT"] = "web.attest"
    app.context_processor(lambda: {"english_notice": settings.english_access == "notice"})

    @app.before_request
    def ask() -> Response | None:
        english = request.path == "/en" or request.path.startswith("/en/")
        if settings.english_access != "attest" or not english or request.method != "GET":
            return None
        return None if request.endpoint in _FREE or has_attested() else ask_for_statement()
