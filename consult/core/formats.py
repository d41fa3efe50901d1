"""Write dates, hours, numbers and percentages as Quebec does, in both languages (floor 0).

Explicit patterns, for Babel's fr_CA writes “1 décembre” (it is 1er) and “min 00 s”, and its
en_CA puts U+202F before “a.m.”, a character that the fonts lack. Spaces inside a date's day
and month, an hour, a number and before a sign are U+00A0. Source: Banque de dépannage
linguistique (OQLF), « Heure », « Date », « Espacement ».
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from consult.core.clock import LOCAL_ZONE

NBSP = "\u00a0"
_MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_ZONE = {"fr": "heure de l’Est", "en": "Eastern time"}
_NOON = 12


def date_long(value: date | str, lang: str) -> str:
    """Return ``1er décembre 2026`` or ``December 1, 2026``; moments are taken in local time.

    A text is the ISO form of a day.
    """
    value = date.fromisoformat(value) if isinstance(value, str) else value
    day = _local(value).date() if isinstance(value, datetime) else value
    month = _MONTHS[lang][day.month - 1]
    if lang == "fr":
        number_text = "1er" if day.day == 1 else str(day.day)
        return f"{number_text}{NBSP}{month} {day.year}"
    return f"{month}{NBSP}{day.day}, {day.year}"


def time_short(value: datetime, lang: str) -> str:
    """Return ``14 h 30`` or ``2:30 p.m.``, in local time; a full hour is ``14 h``."""
    local = _local(value)
    if lang == "fr":
        minutes = f"{NBSP}{local.minute:02d}" if local.minute else ""
        return f"{local.hour}{NBSP}h{minutes}"
    half = "a.m." if local.hour < _NOON else "p.m."
    return f"{local.hour % _NOON or _NOON}:{local.minute:02d}{NBSP}{half}"


def when(value: datetime, lang: str) -> str:
    """Return the day, the hour and the name of the zone."""
    joint = " à " if lang == "fr" else ", "
    return f"{date_long(value, lang)}{joint}{time_short(value, lang)} ({_ZONE[lang]})"


def number(value: float | Decimal, lang: str, decimals: int | None = None) -> str:
    """Return ``1 204`` or ``1,204``, halves away from zero.

    With ``decimals`` exactly that many digits; without, at most one and none when it is 0.
    """
    digits = 1 if decimals is None else decimals
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if decimals is None and rounded == rounded.to_integral_value():
        rounded = rounded.quantize(Decimal(1))
    text = f"{rounded or abs(rounded):,}"  # abs: no “-0”
    if lang == "fr":
        return text.replace(",", NBSP).replace(".", ",")
    return text


def percent(share: float | Decimal, lang: str, decimals: int | None = None) -> str:
    """Return ``12,5 %`` or ``12.5%`` for a share of 1; ``decimals`` as for ``number``."""
    text = number(Decimal(str(share)) * 100, lang, decimals)
    return f"{text}{NBSP}%" if lang == "fr" else f"{text}%"


def _local(value: datetime) -> datetime:
    if value.tzinfo is None:
        message = "a moment needs its time zone"
        raise ValueError(message)
    return value.astimezone(LOCAL_ZONE)
