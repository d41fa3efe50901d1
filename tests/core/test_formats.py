"""Dates, hours, numbers and percentages as Quebec writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.core.formats import date_long, number, percent, time_short, when


def shown(text: str) -> str:
    """Make the non-breaking spaces visible."""
    return text.replace("\u00a0", "_")


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        (date(2026, 12, 1), "1er_décembre 2026", "December_1, 2026"),
        (date(2026, 8, 11), "11_août 2026", "August_11, 2026"),
        (datetime(2026, 12, 2, 4, 59, 59, tzinfo=UTC), "1er_décembre 2026", "December_1, 2026"),
    ],
)
def test_dates(day: date, french: str, english: str) -> None:
    assert shown(date_long(day, "fr")) == french
    assert shown(date_long(day, "en")) == english


@pytest.mark.parametrize(
    ("hour", "minute", "french", "english"),
    [
        (19, 30, "14_h_30", "2:30_p.m."),
        (5, 5, "0_h_05", "12:05_a.m."),
        (17, 0, "12_h", "12:00_p.m."),
        (14, 0, "9_h", "9:00_a.m."),
    ],
)
def test_hours(hour: int, minute: int, french: str, english: str) -> None:
    moment = datetime(2026, 12, 1, hour, minute, tzinfo=UTC)
    assert shown(time_short(moment, "fr")) == french
    assert shown(time_short(moment, "en")) == english


def test_a_moment_names_its_zone() -> None:
    moment = datetime(2026, 12, 1, 19, 30, tzinfo=UTC)
    assert shown(when(moment, "fr")) == "1er_décembre 2026 à 14_h_30 (heure de l’Est)"
    assert shown(when(moment, "en")) == "December_1, 2026, 2:30_p.m. (Eastern time)"


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        when(datetime(2026, 12, 1), "fr")  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "decimals", "french", "english"),
    [
        (1204, None, "1_204", "1,204"),
        (1234567, None, "1_234_567", "1,234,567"),
        (12.5, None, "12,5", "12.5"),
        (12.0, None, "12", "12"),
        (2.25, None, "2,3", "2.3"),
        (2.5, 0, "3", "3"),
        (-1204.5, None, "-1_204,5", "-1,204.5"),
        (-0.01, None, "0", "0"),
        (1, 2, "1,00", "1.00"),
        (Decimal("0.125"), 2, "0,13", "0.13"),
    ],
)
def test_numbers(value: float, decimals: int | None, french: str, english: str) -> None:
    assert shown(number(value, "fr", decimals)) == french
    assert shown(number(value, "en", decimals)) == english


@pytest.mark.parametrize(
    ("share", "french", "english"),
    [
        (0.125, "12,5_%", "12.5%"),
        (0.5, "50_%", "50%"),
        (1, "100_%", "100%"),
        (0.285, "28,5_%", "28.5%"),
        (12.04, "1_204_%", "1,204%"),
    ],
)
def test_percentages(share: float, french: str, english: str) -> None:
    assert shown(percent(share, "fr")) == french
    assert shown(percent(share, "en")) == english


@given(st.floats(-1e12, 1e12), st.datetimes(timezones=st.just(UTC)), st.sampled_from(["fr", "en"]))
def test_no_character_that_the_fonts_lack(value: float, moment: datetime, lang: str) -> None:
    for text in (number(value, lang), percent(value, lang), date_long(moment.date(), lang)):
        assert not set(text) & {"\u202f", "\u2009", "\u2011"}
