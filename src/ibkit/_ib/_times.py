"""Times as TWS writes and reads them."""

from __future__ import annotations

from datetime import datetime, timezone

from ibkit.errors import PlanError


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
