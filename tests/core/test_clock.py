"""The time: aware, in UTC, with days as people in Quebec live them."""

import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from consult.core.clock import end_of_day, now, start_of_day, today, travel


def test_now_is_aware_and_in_utc() -> None:
    assert now().utcoffset() == timedelta(0)
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_phase_closes_at_the_end_of_the_local_day() -> None:
    assert end_of_day(date(2026, 12, 1)) == datetime(2026, 12, 2, 4, 59, 59, tzinfo=UTC)
    assert end_of_day(date(2026, 7, 1)) == datetime(2026, 7, 2, 3, 59, 59, tzinfo=UTC)
    assert start_of_day(date(2026, 12, 1)) == datetime(2026, 12, 1, 5, tzinfo=UTC)


def test_days_when_the_clocks_change_have_23_and_25_hours() -> None:
    for day, hours in ((date(2026, 3, 8), 23), (date(2026, 11, 1), 25)):
        length = end_of_day(day) - start_of_day(day) + timedelta(seconds=1)
        assert length == timedelta(hours=hours)


def test_today_is_the_local_day() -> None:
    with travel(datetime(2026, 12, 2, 3, tzinfo=UTC)):
        assert today() == date(2026, 12, 1)
        assert today(ZoneInfo("UTC")) == date(2026, 12, 2)


def test_travel_goes_on_or_stands_still_and_comes_back() -> None:
    there = datetime(2030, 1, 1, tzinfo=UTC)
    with travel(there):
        first = now()
        assert there <= first <= there + timedelta(seconds=5)
        with travel(there - timedelta(days=1), frozen=True):
            assert now() == now() == there - timedelta(days=1)
        assert now() >= first
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_travel_moves_only_its_own_thread() -> None:
    seen: list[datetime] = []
    with travel(datetime(2030, 1, 1, tzinfo=UTC)):
        thread = threading.Thread(target=lambda: seen.append(now()))
        thread.start()
        thread.join()
    assert abs(seen[0] - datetime.now(UTC)) < timedelta(seconds=5)


def test_travel_refuses_a_moment_without_zone() -> None:
    with pytest.raises(ValueError, match="zone"), travel(datetime(2030, 1, 1)):  # noqa: DTZ001
        pass
