"""The times that users write: moments with a zone, dates, or nothing for now."""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

from ibkit.errors import PlanError

When: TypeAlias = dt.datetime | dt.date

UTC = dt.timezone.utc
ONE_DAY = dt.timedelta(days=1)


_ALLOWED = "a datetime with a zone, such as datetime(2026, 3, 2, 15, tzinfo=timezone.utc)"


def check_when(when: object, name: str, *, dates: bool = True) -> None:
    """Raise `PlanError` for what is no time with a zone, and, unless *dates* will do, no date."""
    if isinstance(when, dt.datetime):
        if when.tzinfo is None:
            raise PlanError(name, when, "a time needs a zone, such as datetime.timezone.utc")
    elif not (dates and isinstance(when, dt.date)):
        raise PlanError(name, when, f"{_ALLOWED}, or a date" if dates else _ALLOWED)


def moment_at(when: When, name: str, *, is_small: bool, whole: bool) -> dt.datetime:
    """A time as it is; a date as its midnight in UTC, or with *whole* as the next one.

    Raises:
        PlanError: A time without a zone, or a date where bars within the day (*is_small*) need
            a time.
    """
    check_when(when, name, dates=not is_small)
    if isinstance(when, dt.datetime):
        if is_small:
            return when.astimezone(UTC)
        return midnight(last_date(when, when) if whole else when.date()) + whole * ONE_DAY
    return midnight(when) + whole * ONE_DAY


def midnight(day: dt.date) -> dt.datetime:
    """The midnight in UTC with which a date begins."""
    return dt.datetime.combine(day, dt.time(), UTC)


def date_of(when: When) -> dt.date:
    """The date of a date or a time."""
    return when.date() if isinstance(when, dt.datetime) else when


def last_date(end: When | None, now: dt.datetime) -> dt.date:
    """The date of the last moment before an end; a date is included."""
    if end is None:
        return now.date()
    if isinstance(end, dt.datetime):
        return (end - dt.timedelta(microseconds=1)).date()
    return end


def trading_days(
    start: When, end: When | None, now: dt.datetime, *, is_small: bool
) -> tuple[dt.date, dt.date]:
    """
    The trading days that a span may touch. A date is one; a time may count to the date in UTC
    or to the one beside it.

    Raises:
        PlanError: A time without a zone, or an end before the start.
    """
    check_when(start, "start")
    if end is not None:
        check_when(end, "end")
    beside = is_small * ONE_DAY
    first = start.astimezone(UTC).date() - beside if isinstance(start, dt.datetime) else start
    last = now.date() + beside
    if isinstance(end, dt.datetime):
        last = min(last, last_date(end.astimezone(UTC), now) + beside)
    elif end is not None:
        last = min(last, end)
    if last < first:
        raise PlanError("end", end, f"{first} or later; nothing is known after now")
    return first, last
