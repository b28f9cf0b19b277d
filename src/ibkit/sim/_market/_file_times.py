"""Times as files of market data write them."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_YEAR_FIRST = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[ T-]+(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?)?\s*(.*)"
)
_YEAR_LAST = re.compile(r"(\d\d?)([./])(\d\d?)[./](\d{4})(.*)")
"""31.12.2026 has the day first, 12/31/2026 the month."""


def time_of(value: object, zone: ZoneInfo | None) -> dt.datetime:
    """Read a time: a date with or without an hour and a zone, or seconds since 1970 and parts.

    *zone* is what a time without one means. Raises `ValueError` with what is wrong.
    """
    if isinstance(value, dt.datetime):
        return _aware(value, zone)
    if isinstance(value, dt.date):
        return _aware(dt.datetime.combine(value, dt.time()), zone)
    text = str(value).strip()
    if re.fullmatch(r"\d{9,19}(\.\d+)?", text):
        return _from_epoch(Decimal(text))
    return _aware(_parsed(text), zone)


def _parsed(text: str) -> dt.datetime:
    found = _YEAR_FIRST.fullmatch(_year_first(text))
    if found is None:
        raise ValueError(f"time {text!r} is not understood")
    year, month, day, hour, minute, second, rest = found.groups()
    try:
        moment = dt.datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0))  # noqa: DTZ001  # the zone comes below
        moment += dt.timedelta(microseconds=int(Decimal(second or 0) * 1_000_000))
        return moment.replace(tzinfo=_offset(rest)) if rest else moment
    except (ValueError, ZoneInfoNotFoundError):
        raise ValueError(f"time {text!r} is not understood") from None


def _aware(moment: dt.datetime, zone: ZoneInfo | None) -> dt.datetime:
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError(
                f"time {moment} has no zone; say what it means with naive_zone (--zone)"
            )
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(dt.timezone.utc)


def _year_first(text: str) -> str:
    found = _YEAR_LAST.fullmatch(text)
    if found is None:
        return text
    first, separator, second, year, rest = found.groups()
    month, day = (first, second) if separator == "/" else (second, first)
    return f"{year}-{month:0>2}-{day:0>2}{rest}"


def _from_epoch(number: Decimal) -> dt.datetime:
    """Read seconds, milli-, micro- or nanoseconds since 1970, by their magnitude."""
    scale = next(scale for scale in (0, 3, 6, 9) if number < Decimal(10) ** (11 + scale))
    return _EPOCH + dt.timedelta(microseconds=int(number * Decimal(10) ** (6 - scale)))


def _offset(text: str) -> dt.tzinfo:
    """Read what follows a time: ``Z``, ``+01:00``, ``US/Eastern``."""
    if text in ("Z", "UTC"):
        return dt.timezone.utc
    if found := re.fullmatch(r"([+-])(\d\d):?(\d\d)?", text):
        sign = 1 if found[1] == "+" else -1
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return dt.timezone(sign * dt.timedelta(minutes=minutes))
    return ZoneInfo(text)
