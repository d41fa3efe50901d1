"""Give every page its frame: navigation, language switch, footer, notices (floor 9).

What depends only on the language and the place is made once and remembered: a page would
otherwise pay nine addresses and nine texts each time.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, g, get_flashed_messages, request, url_for
from werkzeug.exceptions import SecurityError

from consult.core.authz import PUBLIC, Actor, current_actor, may
from consult.core.english import page_languages
from consult.core.i18n import HTML_LANG, LANGUAGES, current_language, other_language, twin_url
from consult.core.i18n import gettext as _
from consult.core.registry import Panel
from consult.core.settings import Settings
from consult.web.assets import asset_url


def register(app: Flask, settings: Settings) -> None:
    """Put the frame's values into the context of every template."""
    asset = partial(asset_url, app.extensions["consult_assets"])
    sites = {lang: _site(settings, lang) for lang in LANGUAGES}
    places: dict[tuple[str, str, str], dict[str, Any]] = {}

    @app.context_processor
    def frame() -> dict[str, Any]:
        lang = current_language()
        context: dict[str, Any] = {
            "lang": lang,
            "asset": asset,
            "site": sites[lang],
            "demo": settings.demo,
        }
        if isinstance(request.routing_exception, SecurityError):
            return context  # a foreign host has no addresses
        place = (lang, request.endpoint or "", request.script_root)
        if place not in places:
            places[place] = {"nav": _nav(), "footer_links": _footer()}
        context |= places[place]
        context |= {
            "save_data": request.headers.get("Save-Data", "").lower() == "on",
        }
        if request.method == "GET" and request.endpoint is not None:
            context |= _in_languages(settings, lang)
        if _looks_at_session() and _has_cookie():
            context |= _personal(context["nav"])
        return context


# A page without session that is the same for everybody; the others of its kind are personal.
_OPEN_TO_ALL = frozenset({"surveys.start", "surveys.every_question", "surveys.paper"})


def _in_languages(settings: Settings, lang: str) -> dict[str, Any]:
    """Return the way to the other language, and for a public page its addresses for engines."""
    other = other_language(lang)
    twin = twin_url() if other in page_languages() else None
    if not _is_for_everybody():
        return {"twin_url": twin}
    base, query = settings.public_url.rstrip("/"), _kept_query()
    addresses = {lang: f"{base}{quote(request.path)}{query}"}
    if twin is not None:
        addresses[other] = f"{base}{twin.partition('?')[0]}{query}"
    rows = [{"lang": HTML_LANG[code], "href": href} for code, href in sorted(addresses.items())]
    rows.append({"lang": "x-default", "href": addresses.get("fr", addresses[lang])})
    return {"twin_url": twin, "canonical": addresses[lang], "alternates": rows}


def _is_for_everybody() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    is_public = getattr(view, "permission", "") == PUBLIC
    is_shared = getattr(view, "uses_session", False) or request.endpoint in _OPEN_TO_ALL
    rule = request.url_rule
    return is_public and is_shared and rule is not None and "lang" in (rule.defaults or {})


def _kept_query() -> str:
    """Return the place in a list, the one argument that makes another page of it."""
    after = request.args.get("after")
    return f"?after={quote(after)}" if after else ""


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
    return {
        "nav": (*nav, {"label": _("Desk"), "href": url_for("web.desk"), "current": at_desk}),
        "account_name": actor.name,
        "sign_out_url": url_for("accounts.sign_out"),
        "desk_nav": _desk_nav(actor),
        "notices": [{"kind": "success", "text": text} for text in get_flashed_messages()],
    }


def _desk_nav(actor: Actor) -> tuple[dict[str, Any], ...]:
    """Return the places of the desk that ``actor`` may open, between overview and account."""
    panels: list[Panel] = current_app.extensions.get("consult_panels", [])
    return _rows(
        [
            (_("Overview"), "web.desk"),
            *((str(p.label), p.endpoint) for p in panels if may(actor, p.permission)),
            (_("My account"), "accounts.my_account"),
        ]
    )


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
