"""Times as TWS writes and reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from ibkit.errors import PlanError

# TWS writes the zone of its login by its Java name. Those that zoneinfo does not know:
# java.time.ZoneId.SHORT_IDS, and long names that were seen (what-users-suffer A17).
_ZONES: Mapping[str, str] = {
    "ACT": "Australia/Darwin",
    "AET": "Australia/Sydney",
    "AGT": "America/Argentina/Buenos_Aires",
    "ART": "Africa/Cairo",
    "AST": "America/Anchorage",
    "BET": "America/Sao_Paulo",
    "BST": "Asia/Dhaka",
    "CAT": "Africa/Harare",
    "CNT": "America/St_Johns",
    "CST": "America/Chicago",
    "CTT": "Asia/Shanghai",
    "EAT": "Africa/Addis_Ababa",
    "ECT": "Europe/Paris",
    "EST": "Etc/GMT+5",
    "HST": "Etc/GMT+10",
    "IET": "America/Indiana/Indianapolis",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "MET": "Europe/Brussels",
    "MIT": "Pacific/Apia",
    "MSK": "Europe/Moscow",
    "MST": "Etc/GMT+7",
    "NET": "Asia/Yerevan",
    "NST": "Pacific/Auckland",
    "PLT": "Asia/Karachi",
    "PNT": "America/Phoenix",
    "PRT": "America/Puerto_Rico",
    "PST": "America/Los_Angeles",
    "SST": "Pacific/Guadalcanal",
    "VST": "Asia/Ho_Chi_Minh",
    "British Summer Time": "Europe/London",
    "Central European Standard Time": "Europe/Berlin",
    "Central European Summer Time": "Europe/Berlin",
    "China Standard Time": "Asia/Shanghai",
    "Eastern Standard Time": "America/New_York",
    "Eastern Daylight Time": "America/New_York",
    "Greenwich Mean Time": "Europe/London",
    "Hong Kong Time": "Asia/Hong_Kong",
    "India Standard Time": "Asia/Kolkata",
    "Japan Standard Time": "Asia/Tokyo",
    "Singapore Time": "Asia/Singapore",
}

_DASHED = re.compile(r"(\d{8})-(\d\d:\d\d:\d\d)")
_ZONED = re.compile(r"(\d{8} \d\d:\d\d:\d\d) (\S.*)")


def wire_time(value: datetime | None, name: str) -> str:
    """
    Write a time for TWS, in UTC; nothing means now, or open.

    A time without a zone is refused: ib_async takes it for the machine's zone, TWS for that of
    its login (traps B36).

    >>> from datetime import timedelta
    >>> wire_time(datetime(2026, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=-5))), "end")
    '20260105 14:30:00 UTC'
    >>> wire_time(None, "end")
    ''
    """
    if value is None:
        return ""
    if value.tzinfo is None:
        raise PlanError(name, value, "a time needs a zone, such as datetime.timezone.utc")
    return value.astimezone(timezone.utc).strftime("%Y%m%d %H:%M:%S UTC")


def readable_time(text: str) -> str:
    """
    Rewrite the time of an execution so that ib_async reads it, and reads it right.

    ib_async drops the whole fill when it does not know the zone, and takes the form with a dash,
    which is UTC, for local time (decoder.py 468-474; traps B10). A zone that nobody knows is
    left out; ib_async then takes ``IB.TimezoneTWS``, or the zone of the machine.

    >>> readable_time("20260105 23:30:00 JST")
    '20260105 23:30:00 Asia/Tokyo'
    >>> readable_time("20260105-14:30:00")
    '20260105 14:30:00 UTC'
    >>> readable_time("20260105 14:30:00 Nowhere")
    '20260105 14:30:00'
    """
    if dashed := _DASHED.fullmatch(text):
        return f"{dashed[1]} {dashed[2]} UTC"
    zoned = _ZONED.fullmatch(text)
    if zoned is None:
        return text
    zone = zoned[2].strip()
    name = zone if _is_known(zone) else _ZONES.get(zone)
    return f"{zoned[1]} {name}" if name else zoned[1]


def has_unknown_zone(text: str) -> bool:
    """Whether `readable_time` has to leave the zone out."""
    return _ZONED.fullmatch(text) is not None and _ZONED.fullmatch(readable_time(text)) is None


def moment_of(text: str) -> datetime:
    """
    Read a time that TWS wrote with its zone, or with a dash for UTC.

    Raises:
        ValueError: The zone is unknown or missing, or it is no time.

    >>> moment_of("20260105 09:30:00 US/Eastern") == moment_of("20260105-14:30:00")
    True
    """
    day, time, *zone = readable_time(" ".join(text.split())).split(" ", 2)
    if not zone:
        raise ValueError(f"the zone of the time {text!r} is not known")
    local = datetime.strptime(f"{day} {time}", "%Y%m%d %H:%M:%S").replace(tzinfo=ZoneInfo(zone[0]))
    return local.astimezone(timezone.utc)


@lru_cache(maxsize=64)
def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError):
        return False
    return True
