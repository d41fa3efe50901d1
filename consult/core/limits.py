"""Limit how often something may be tried, without ever answering 500 (floor 0).

Only unsafe requests are counted: the look-up of limits costs 40 µs a request, which pages
that are only read do not pay.
"""

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from consult.core.settings import Settings

limiter = Limiter(key_func=get_remote_address, in_memory_fallback_enabled=True)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def register(app: Flask, settings: Settings) -> None:
    """Bind the limiter; when Redis is away it counts in memory."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or "memory://"
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True
    app.config["RATELIMIT_HEADERS_ENABLED"] = False
    limiter.init_app(app)
    # A limited view checks itself; the hook before every request would only look for defaults.
    app.before_request_funcs[None].pop()


@limiter.request_filter
def _is_read_only() -> bool:
    return request.method in _SAFE
