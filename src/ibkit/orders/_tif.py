"""How long an order lives."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen

from ibkit.errors import PlanError

# TWS reads this form as UTC whatever zone the login has; text without a zone brings warning 2174,
# and a zone it does not expect error 343 (gateway-behaviour 1.8).
_UTC_FORM = "%Y%m%d-%H:%M:%S"
_ZONE_FORM = "%Y%m%d %H:%M:%S"


def moment(name: str, value: dt.datetime) -> dt.datetime:
    """Refuse a time without a zone: whose noon is it?"""
    if getattr(value, "tzinfo", None) is None:
        raise PlanError(name, value, "a datetime with a zone is needed (tzinfo=...)")
    return value


def not_before(value: dt.datetime | None) -> dt.datetime | None:
    """Take the moment from which an order works, if it has one."""
    return None if value is None else moment("good_after", value)


def _until(value: dt.datetime) -> dt.datetime:
    return moment("until", value)


def write_time(value: dt.datetime | None) -> str:
    """Write a time as TWS takes it, in UTC; "" for none."""
    return "" if value is None else value.astimezone(dt.timezone.utc).strftime(_UTC_FORM)


def read_time(text: str) -> dt.datetime | None:
    """Read a time of an order, as it was written or as TWS echoes it (with the name of a zone).

    It is ``None`` for "" and for a form that nobody knows.
    """
    day_and_time, _, zone = text.rpartition(" ")
    try:
        if day_and_time:
            return dt.datetime.strptime(day_and_time, _ZONE_FORM).replace(tzinfo=ZoneInfo(zone))
        return dt.datetime.strptime(text, _UTC_FORM).replace(tzinfo=dt.timezone.utc)
    except (ValueError, ZoneInfoNotFoundError):
        return None


@frozen
class Day:
    """Until the end of the contract's trading day.

    It is always written out: an empty time in force makes newer gateways answer 10349, which
    ib_async takes for a cancellation (ib-async-traps B1).
    """

    code: ClassVar[str] = "DAY"


@frozen
class Gtc:
    """Until cancelled. IB ends it by itself at the end of the next calendar quarter."""

    code: ClassVar[str] = "GTC"


@frozen
class Gtd:
    """Until a moment.

    Raises:
        PlanError: The moment has no zone.

    >>> Gtd(dt.datetime(2026, 12, 18, 15))
    Traceback (most recent call last):
        ...
    ibkit.errors.PlanError: until: got datetime.datetime(2026, 12, 18, 15, 0); ...
    """

    code: ClassVar[str] = "GTD"
    until: dt.datetime = field(converter=_until)


@frozen
class Ioc:
    """What can be filled at once; the rest is cancelled. For market and limit entries."""

    code: ClassVar[str] = "IOC"


@frozen
class Fok:
    """All of it at once, or nothing. For market and limit entries."""

    code: ClassVar[str] = "FOK"


@frozen
class Opg:
    """In the opening auction. With a market or a limit order it makes MOO and LOO."""

    code: ClassVar[str] = "OPG"


TimeInForce: TypeAlias = Day | Gtc | Gtd | Ioc | Fok | Opg
"""How long an order lives."""

Tif: TypeAlias = TimeInForce | Literal["DAY", "GTC", "IOC", "FOK", "OPG"]
"""A time in force as it may be written: ``Gtc()``, or IB's word for it, ``"GTC"``."""

DAY = Day()
PLAIN_FORMS: dict[str, TimeInForce] = {tif.code: tif for tif in (DAY, Gtc(), Ioc(), Fok(), Opg())}
"""The forms that need no more than their word."""


def time_in_force(value: Tif) -> TimeInForce:
    """Take a time in force, or the word of one in any case, and nothing else."""
    if isinstance(value, TimeInForce):
        return value
    form = PLAIN_FORMS.get(str(value).upper())
    if form is None:
        known = ", ".join(repr(word) for word in PLAIN_FORMS)
        raise PlanError("tif", value, f"one of {known}, or Gtd(moment)")
    return form


ENDURING = ("DAY", "GTC", "GTD")
"""What an exit may be: an exit that is gone after a moment protects nothing."""
