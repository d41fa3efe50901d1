"""Tell the time: aware moments in UTC, days as people in Quebec live them (floor 0)."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("America/Toronto")
_offset: ContextVar[timedelta] = ContextVar("clock_offset", default=timedelta(0))
_frozen: ContextVar[datetime | None] = ContextVar("clock_frozen", default=None)


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC) + _offset.get()


def today(zone: ZoneInfo = LOCAL_ZONE) -> date:
    """Return the day it is in ``zone``."""
    moment = _frozen.get()
    return (moment.astimezone(zone) if moment else datetime.now(zone) + _offset.get()).date()


def start_of_day(day: date, zone: ZoneInfo = LOCAL_ZONE) -> datetime:
    """Return 00:00:00 local of ``day``, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo = LOCAL_ZONE) -> datetime:
    """Return 23:59:59 local of ``day``, in UTC: when a phase that closes that day closes."""
    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)


@contextlib.contextmanager
def travel(to: datetime, *, frozen: bool = False) -> Iterator[None]:
    """Live at another moment within this context (tests and demo data).

    Time goes on from there, or stands still when ``frozen``. Only the calling thread moves: a
    server thread keeps the true time. Raises ValueError for a moment without a zone.
    """
    if to.tzinfo is None:
        message = "a moment needs its time zone"
        raise ValueError(message)
    moment = to.astimezone(UTC)
    offset = _offset.set(moment - datetime.now(UTC))
    stop = _frozen.set(moment if frozen else None)
    try:
        yield
    finally:
        _frozen.reset(stop)
        _offset.reset(offset)
