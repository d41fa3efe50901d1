"""Limit how often something may be tried, without ever answering 500 (floor 0).

Who tries is counted under a keyed hash: neither Redis nor a copy of its memory holds an
address, and the hash goes with its window. When Redis is away each process counts by itself.
"""

import hashlib
import hmac

from flask import Flask, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from consult.core.settings import Settings

_REDIS_PATIENCE = 1  # seconds; then the count goes on in memory


def masked(text: str) -> str:
    """Return what stands for ``text`` in a store of counts: 128 bits under the site's key."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, b"limits\0" + text.encode(), hashlib.sha256).hexdigest()[:32]


def visitor() -> str:
    """Return the masked network address of the present request."""
    return masked(get_remote_address())


limiter = Limiter(key_func=visitor, in_memory_fallback_enabled=True)


def register(app: Flask, settings: Settings) -> None:
    """Bind the limiter; when Redis is away it counts in memory."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or "memory://"
    if settings.redis_url:
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {
            "socket_connect_timeout": _REDIS_PATIENCE,
            "socket_timeout": _REDIS_PATIENCE,
        }
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True
    app.config["RATELIMIT_HEADERS_ENABLED"] = False
    limiter.init_app(app)
