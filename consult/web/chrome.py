"""Give every page its frame: navigation, language switch, footer, notices (floor 9)."""

from typing import Any

from flask import Flask, current_app, g, get_flashed_messages, request, url_for

from consult.core.authz import current_actor
from consult.core.i18n import current_language, twin_url
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
        context |= {
            "twin_url": twin_url() if request.method == "GET" else None,
            "nav": _nav(),
            "footer_links": _footer(),
            "save_data": request.headers.get("Save-Data", "").lower() == "on",
        }
        if _looks_at_session():
            context |= _personal()
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
    if _looks_at_session() and _has_cookie() and current_actor() is not None:
        rows.append(
            {"label": _("Desk"), "href": url_for("web.desk"), "current": here.endswith("_desk")}
        )
    return rows


def _looks_at_session() -> bool:
    """Tell whether this page may know who reads it; an address that leads nowhere need not."""
    return request.endpoint is not None and not g.get("sessionless", False)


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
