"""What is wanted of the answers, once each, and what is missing in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen
from ib_async import BarData

from ibkit._ib._bar_columns import BarColumns

from ._sessions import Session

NO_DATA = "IB has no data here"
NO_SESSIONS = "IB lists no trading session here, so it was not asked for bars"
NO_BARS = "the market was open, and IB has no bar here"
GAP = "quotes stand in every bar, and here there is none"

QUOTED = frozenset({"BID", "ASK", "BID_ASK", "MIDPOINT"})
"""Kinds of data that have a bar for all open time; where nobody trades, there are no TRADES."""


@frozen
class Hole:
    """A stretch of time in which data should be, and are not."""

    start: dt.datetime
    end: dt.datetime
    reason: str

    def __str__(self) -> str:
        return f"{self.start} to {self.end}: {self.reason}"


def moment(bar: BarData) -> dt.datetime:
    """When a bar begins; of a day, midnight in UTC."""
    if isinstance(bar.date, dt.datetime):
        return bar.date
    return dt.datetime.combine(bar.date, dt.time(), dt.timezone.utc)


def merge(pieces: Iterable[Sequence[BarData]]) -> list[BarData]:
    """
    Several lists as one, in order of time and without doubles; later lists outrank earlier.

    >>> import datetime as dt
    >>> from ib_async import BarData

    from ibkit._ib._bar_columns import BarColumns
    >>> from ibkit.history import merge
    >>> def bar(day, close):
    ...     return BarData(date=dt.date(2026, 3, day), close=close)
    >>> [each.close for each in merge([[bar(2, 1.0), bar(3, 2.0)], [bar(3, 2.5), bar(4, 3.0)]])]
    [1.0, 2.5, 3.0]
    """
    found = {moment(bar): bar for piece in pieces for bar in piece}
    return [found[at] for at in sorted(found)]


def find_holes(
    bars: Sequence[BarData],
    sessions: Sequence[Session],
    seconds: int,
    *,
    quoted: bool,
) -> list[Hole]:
    """
    Find open time without data: whole sessions, and for quotes any missing bar.

    A session in which nobody traded for some bars is no hole: IB sends no bar then.

    Args:
        bars: In order of time.
        sessions: The sessions, or parts of them, that the bars should cover.
        seconds: The length of a bar.
        quoted: The bars are of quotes.
    """
    times = bars.moments() if isinstance(bars, BarColumns) else [moment(bar) for bar in bars]
    found: list[Hole] = []
    place = 0
    bar = dt.timedelta(seconds=seconds)
    for session in sessions:
        # the first bar of the stretch may have begun before it
        while place < len(times) and times[place] <= session.start - bar:
            place += 1
        first = place
        while place < len(times) and times[place] < session.end:
            place += 1
        inside = times[first:place]
        if not inside:
            found.append(Hole(session.start, session.end, NO_BARS))
        elif quoted:
            found += _gaps(inside, session, bar)
    return join_holes(found)


def _gaps(times: Sequence[dt.datetime], session: Session, bar: dt.timedelta) -> Iterator[Hole]:
    expected = session.start
    for at in times:
        if at - expected >= bar:
            yield Hole(expected, at, GAP)
        expected = at + bar
    if session.end - expected >= bar:
        yield Hole(expected, session.end, GAP)


def join_holes(holes: Sequence[Hole]) -> list[Hole]:
    """Neighbours with one reason as one hole."""
    found: list[Hole] = []
    for hole in holes:
        if found and found[-1].reason == hole.reason and found[-1].end >= hole.start:
            found[-1] = Hole(found[-1].start, hole.end, hole.reason)
        else:
            found.append(hole)
    return found
