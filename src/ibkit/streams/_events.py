"""What happens to a stream, apart from its data."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from ibkit._ib._codes import Notice


@frozen
class Started:
    """The first data arrived."""

    at: dt.datetime


@frozen
class Gap:
    """Data may be missing from *since* on. A `Resumed` with this gap ends it."""

    since: dt.datetime
    """The last arrival before it: nothing later is known to be whole."""
    reason: str


@frozen
class Resumed:
    """Data flows again. Bars that were missed have been filled in from history."""

    gap: Gap
    at: dt.datetime

    @property
    def lasted(self) -> dt.timedelta:
        """How long data may have been missing.

        >>> then = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)
        >>> Resumed(Gap(then, "connection lost"), then + dt.timedelta(seconds=9)).lasted
        datetime.timedelta(seconds=9)
        """
        return self.at - self.gap.since


@frozen
class Delayed:
    """IB sends delayed data, because the account has no rights to live data."""

    text: str = ""
    """What TWS said about it."""


@frozen
class Stale:
    """Nothing has arrived since *since*, although the market is open or its hours are unknown."""

    since: dt.datetime


@frozen
class Closed:
    """The stream has ended and will not come back."""

    reason: str


StreamEvent = Started | Gap | Resumed | Delayed | Stale | Notice | Closed
"""What can happen to a stream, apart from its data."""
