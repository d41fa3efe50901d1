"""Put the house together: ``create_app(settings)`` and nothing else (floor 10)."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from consult import accounts, consultations, exports, surveys, tables, web
from consult.core import authz, db, events, gate, i18n, jobs, limits, logs, progress, richtext
from consult.core.bounds import BoundedRequest, NumberConverter
from consult.core.mail import deliver_pending
from consult.core.paths import shipped
from consult.core.settings import Settings, SettingsError, host_without_port, public_url_fault
from consult.housekeeping import seal_audit, sweep

MIN_KEY = 32


def create_app(settings: Settings) -> Flask:
    """Build the application for ``settings``; no prompt, no network, no change of schema.

    Raises SettingsError when the signing key is missing or short, or the public address unusable.
    """
    app = db.ConsultFlask("consult", static_folder=None, template_folder=str(shipped("templates")))
    configure(app, settings)
    logs.register(settings)
    jobs.register(app, settings)
    events.register(app)
    progress.register(app)
    db.register(app, settings)
    i18n.register(app)
    richtext.register(app)
    limits.register(app, settings)
    gate.register(app, settings)
    for feature in (accounts, tables, consultations, surveys, exports, web):
        feature.register(app)
    jobs.every_minute(app, "handle_events", events.handle_pending, soon=True)
    jobs.every_minute(app, "deliver_mail", deliver_pending, soon=True)
    jobs.every_minute(app, "seal_audit", seal_audit)
    jobs.every_minute(app, "long_jobs", progress.run_waiting, soon=True)
    jobs.every_hour(app, "sweep", sweep)
    authz.verify_routes(app)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=0
        )
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Set keys, cookies and limits of the request; raises SettingsError."""
    if fault := public_url_fault(settings):
        raise SettingsError(fault)
    app.request_class = BoundedRequest
    app.url_map.converters["int"] = NumberConverter
    prefix = "__Host-" if settings.is_https else ""
    app.config.update(
        SECRET_KEY=_secret(settings),
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SESSION_COOKIE_NAME=f"{prefix}consult_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=settings.max_upload,
        MAX_FORM_MEMORY_SIZE=settings.max_body,
        MAX_FORM_PARTS=2000,
        TRUSTED_HOSTS=sorted({host_without_port(host) for host in settings.hosts}),
        PREFERRED_URL_SCHEME="https" if settings.is_https else "http",
        TEMPLATES_AUTO_RELOAD=False,
    )


def _secret(settings: Settings) -> str:
    key = settings.secret_key
    if not key and settings.secret_path.is_file():
        key = settings.secret_path.read_text(encoding="ascii").strip()
    if len(key) < MIN_KEY:
        message = (
            f"no signing key in {settings.secret_path}: run `consult init` first, "
            f"or set CONSULT_SECRET_KEY to at least {MIN_KEY} characters"
        )
        raise SettingsError(message)
    return key
