"""Limit how often something may be tried, without ever answering 500 (floor 0)."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from consult.core.settings import Settings

limiter = Limiter(key_func=get_remote_address, in_memory_fallback_enabled=True)


def register(app: Flask, settings: Settings) -> None:
    """Bind the limiter; when Redis is away it counts in memory."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or "memory://"
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True
    app.config["RATELIMIT_HEADERS_ENABLED"] = False
    limiter.init_app(app)
