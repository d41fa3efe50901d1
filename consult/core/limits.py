"""Limit how often something may be tried, without ever answering 500 (floor 0).

Who tries is counted under a keyed hash: neither Redis nor a copy of its memory holds an
address, and the hash goes with its window. When Redis is away each process counts by itself.
Only unsafe requests are counted: the look-up of limits costs 40 µs a request, which pages that
are only read do not pay.
"""

import hashlib
import hmac

from flask import Flask, current_app, request
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
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


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
    # A limited view checks itself; the hook before every request would only look for defaults,
    # the one after it for headers that we do not send.
    app.before_request_funcs[None].pop()
    app.after_request_funcs[None].pop()


@limiter.request_filter
def _is_read_only() -> bool:
    return request.method in _SAFE
