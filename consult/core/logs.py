"""Write one JSON line per event; never a code, an answer or an address (floor 0)."""

import logging

import structlog

from consult.core.settings import Settings


def register(settings: Settings) -> None:
    """Set the format and the least severe level of the log."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
