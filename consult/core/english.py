"""Open English pages as the institution and each organisation decided (floor 0).

The instance setting ``english_access`` says how English opens: ``open``, under a ``notice``, or
after a good-faith statement (``attest``). The language policy of an organisation adds to it for
the pages of its tables and consultations, and never loosens it: ``bilingual`` adds nothing,
``fr_first_en_gated`` asks for the statement, ``fr_only`` has no English page. The statement is a
cookie of the browser's session: nothing about the person is stored. A POST is never held
back, so nothing typed is lost; French pages are never touched. Decision record 0007.
"""

from typing import Any

from flask import Response, abort, current_app, g, make_response, redirect, request, url_for

from consult.core.i18n import LANGUAGES, current_language, render
from consult.core.settings import Settings

ATTESTED = "consult_english"
_FRENCH_ONLY, _GATED = "fr_only", "fr_first_en_gated"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["consult_settings"]
    return settings


def cookie_name() -> str:
    """Return the name of the cookie of the statement; over TLS no other host sets it."""
    return f"__Host-{ATTESTED}" if _settings().is_https else ATTESTED


def has_attested() -> bool:
    """Tell whether the good-faith statement was made in this session of the browser."""
    return cookie_name() in request.cookies


def remember_statement(response: Response) -> Response:
    """Keep the statement in the browser, until it is closed."""
    secure = _settings().is_https
    response.set_cookie(cookie_name(), "1", httponly=True, samesite="Lax", secure=secure)
    return response


def ask_for_statement() -> Response:
    """Lead to the page that asks for the statement, and back here afterwards."""
    target = request.full_path.rstrip("?")
    endpoint = current_app.config["ATTEST_ENDPOINT"]
    return redirect(url_for(endpoint, next=target), code=303)  # type: ignore[return-value]


def speak(policy: str) -> None:
    """Hold this page to the language policy of its organisation.

    A view calls it once its object is loaded and allowed. Ends the request with the page that
    English readers get instead, when they may not read this one; the frame then offers no
    English address where there is none.
    """
    g.page_languages = ("fr",) if policy == _FRENCH_ONLY else LANGUAGES
    if request.method != "GET" or current_language() != "en":
        return
    if policy == _FRENCH_ONLY:
        abort(make_response(_french_only()))
    if policy == _GATED and not has_attested():
        abort(ask_for_statement())


def _french_only() -> str:
    values: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False)}
    french = url_for(request.endpoint or "", **(values | {"lang": "fr"}))
    return render("web/french_only.html", french=french, canonical="", alternates=())


def page_languages() -> tuple[str, ...]:
    """Return the languages in which the page being made exists."""
    languages: tuple[str, ...] = g.get("page_languages", LANGUAGES)
    return languages
