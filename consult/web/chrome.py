"""Give every page its frame: navigation, language switch, footer, notices (floor 9)."""

from typing import Any

from flask import Flask, current_app, g, get_flashed_messages, request, url_for

from consult.core.authz import PUBLIC, current_actor
from consult.core.english import page_languages
from consult.core.i18n import HTML_LANG, current_language, other_language, twin_url
from consult.core.i18n import gettext as _
from consult.core.settings import Settings
from consult.web.assets import asset_url


def register(app: Flask, settings: Settings) -> None:
    """Put the frame's values into the context of every template."""
    names = app.extensions["consult_assets"]

    @app.context_processor
    def frame() -> dict[str, Any]:
        lang = current_language()
        context: dict[str, Any] = {
            "lang": lang,
            "asset": lambda name: asset_url(names, name),
            "site": _site(settings, lang),
            "demo": settings.demo,
        }
        if not request.endpoint:
            return context
        context |= {
            "twin_url": _twin(lang),
            "nav": _nav(),
            "footer_links": _footer(),
            "save_data": request.headers.get("Save-Data", "").lower() == "on",
        }
        if _is_for_everybody():
            context |= _addresses(settings, lang)
        if not g.get("sessionless", False):
            context |= _personal()
        return context


def _twin(lang: str) -> str | None:
    """Return the other language's address of this page, where the page exists in it."""
    exists = other_language(lang) in page_languages()
    return twin_url() if request.method == "GET" and exists else None


# A page without session that is the same for everybody; the others of its kind are personal.
_OPEN_TO_ALL = frozenset({"surveys.start"})


def _is_for_everybody() -> bool:
    view = current_app.view_functions[request.endpoint or ""]
    is_public = getattr(view, "permission", "") == PUBLIC
    shared = getattr(view, "uses_session", False) or request.endpoint in _OPEN_TO_ALL
    return request.method == "GET" and is_public and shared and _speaks()


def _speaks() -> bool:
    return current_app.url_map.is_endpoint_expecting(request.endpoint or "", "lang")


def _addresses(settings: Settings, lang: str) -> dict[str, Any]:
    """Return the absolute addresses of this page for search engines: itself, and by language."""
    kept = {name: request.args[name] for name in ("after",) if name in request.args}
    values = {**(request.view_args or {}), **kept}
    endpoint, base = request.endpoint or "", settings.public_url.rstrip("/")
    by_language = {
        code: base + url_for(endpoint, **(values | {"lang": code})) for code in page_languages()
    }
    rows = [{"lang": HTML_LANG[code], "href": href} for code, href in by_language.items()]
    rows.append({"lang": "x-default", "href": by_language["fr"]})
    return {"canonical": by_language.get(lang, ""), "alternates": rows}


def _site(settings: Settings, lang: str) -> dict[str, str]:
    return {
        "name": settings.site_name_fr if lang == "fr" else settings.site_name_en,
        "operator": settings.operator_fr if lang == "fr" else settings.operator_en,
        "contact_email": settings.contact_email,
        "contact_phone": settings.contact_phone,
        "privacy_officer": settings.privacy_officer,
        "privacy_email": settings.privacy_email,
    }


def _nav() -> list[dict[str, Any]]:
    places = [
        (_("Consultations"), "consultations.list_consultations", "consultations"),
        (_("Tables"), "tables.list_tables", "tables"),
    ]
    here = (request.endpoint or "").split(".")[0]
    rows = [
        {"label": label, "href": url_for(endpoint), "current": here == blueprint}
        for label, endpoint, blueprint in places
    ]
    if not g.get("sessionless", False) and _has_cookie() and current_actor() is not None:
        rows.append(
            {"label": _("Desk"), "href": url_for("web.desk"), "current": here.endswith("_desk")}
        )
    return rows


def _has_cookie() -> bool:
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def _personal() -> dict[str, Any]:
    if not _has_cookie():
        return {}
    actor = current_actor()
    if actor is None:
        return {}
    return {
        "account_name": actor.name,
        "sign_out_url": url_for("accounts.sign_out"),
        "desk_nav": [
            {"label": _("Overview"), "href": url_for("web.desk"), "current": _at("web.desk")},
            {
                "label": _("My tables"),
                "href": url_for("tables_desk.list_tables"),
                "current": _at("tables_desk.list_tables"),
            },
            {
                "label": _("My account"),
                "href": url_for("accounts.my_account"),
                "current": _at("accounts.my_account"),
            },
        ],
        "notices": [{"kind": "success", "text": text} for text in get_flashed_messages()],
    }


def _at(endpoint: str) -> bool:
    return request.endpoint == endpoint


def _footer() -> list[dict[str, Any]]:
    rows = [
        (_("Help and contact"), "web.help_page"),
        (_("Privacy"), "web.privacy"),
        (_("Accessibility"), "web.accessibility"),
        (_("Staff sign-in"), "accounts.sign_in"),
    ]
    return [
        {"label": label, "href": url_for(endpoint), "current": _at(endpoint)}
        for label, endpoint in rows
    ]
