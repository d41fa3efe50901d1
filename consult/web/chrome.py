"""Give every page its frame: navigation, language switch, footer, notices (floor 9).

What depends only on the language and the place is made once and remembered: a page would
otherwise pay nine addresses and nine texts each time.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from flask import Flask, current_app, g, get_flashed_messages, request, url_for

from consult.core.authz import current_actor
from consult.core.i18n import LANGUAGES, current_language, twin_url
from consult.core.i18n import gettext as _
from consult.core.settings import Settings
from consult.web.assets import asset_url


def register(app: Flask, settings: Settings) -> None:
    """Put the frame's values into the context of every template."""
    asset = partial(asset_url, app.extensions["consult_assets"])
    sites = {lang: _site(settings, lang) for lang in LANGUAGES}
    places: dict[tuple[str, str | None, str], dict[str, Any]] = {}

    @app.context_processor
    def frame() -> dict[str, Any]:
        lang = current_language()
        context: dict[str, Any] = {
            "lang": lang,
            "asset": asset,
            "site": sites[lang],
            "demo": settings.demo,
        }
        place = (lang, request.endpoint, request.script_root)
        if place not in places:
            places[place] = {"nav": _nav(), "footer_links": _footer()}
        context |= places[place]
        context |= {
            "twin_url": twin_url() if request.method == "GET" else None,
            "save_data": request.headers.get("Save-Data", "").lower() == "on",
        }
        if _looks_at_session() and _has_cookie():
            context |= _personal(context["nav"])
        return context


def _site(settings: Settings, lang: str) -> dict[str, str]:
    return {
        "name": settings.site_name_fr if lang == "fr" else settings.site_name_en,
        "operator": settings.operator_fr if lang == "fr" else settings.operator_en,
        "contact_email": settings.contact_email,
        "contact_phone": settings.contact_phone,
        "privacy_officer": settings.privacy_officer,
        "privacy_email": settings.privacy_email,
    }


def _nav() -> tuple[dict[str, Any], ...]:
    places = (
        (_("Consultations"), "consultations.list_consultations", "consultations"),
        (_("Tables"), "tables.list_tables", "tables"),
    )
    return tuple(
        {"label": label, "href": url_for(endpoint), "current": _area() == blueprint}
        for label, endpoint, blueprint in places
    )


def _area() -> str:
    return (request.endpoint or "").split(".")[0]


def _looks_at_session() -> bool:
    """Tell whether this page may know who reads it; an address that leads nowhere need not."""
    return request.endpoint is not None and not g.get("sessionless", False)


def _has_cookie() -> bool:
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def _personal(nav: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    actor = current_actor()
    if actor is None:
        return {}
    at_desk = _area().endswith("_desk") or _at("web.desk")
    places = (
        (_("Overview"), "web.desk"),
        (_("My tables"), "tables_desk.list_tables"),
        (_("My account"), "accounts.my_account"),
    )
    return {
        "nav": (*nav, {"label": _("Desk"), "href": url_for("web.desk"), "current": at_desk}),
        "account_name": actor.name,
        "sign_out_url": url_for("accounts.sign_out"),
        "desk_nav": _rows(places),
        "notices": [{"kind": "success", "text": text} for text in get_flashed_messages()],
    }


def _at(endpoint: str) -> bool:
    return request.endpoint == endpoint


def _footer() -> tuple[dict[str, Any], ...]:
    return _rows(
        (
            (_("Help and contact"), "web.help_page"),
            (_("Privacy"), "web.privacy"),
            (_("Accessibility"), "web.accessibility"),
            (_("Staff sign-in"), "accounts.sign_in"),
        )
    )


def _rows(places: Iterable[tuple[str, str]]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"label": label, "href": url_for(endpoint), "current": _at(endpoint)}
        for label, endpoint in places
    )
