"""Pages through historical ticks, of which IB sends a thousand at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from attrs import frozen

PAGE = 1000
_SECOND = dt.timedelta(seconds=1)


class Tick(Protocol):
    """What all kinds of historical ticks have."""

    @property
    def time(self) -> dt.datetime:
        """In whole seconds."""
        ...


K = TypeVar("K", bound=Tick)


def next_page(page: list[K], asked_from: dt.datetime) -> tuple[list[K], dt.datetime]:
    """
    What to keep of a page, and where the next one begins.

    IB ends a page after the second in which the thousandth tick falls, and may not: then that
    second is asked for again. A second with more ticks than a page is never asked for twice,
    which would go on for ever (nautilus_trader, pull request 2956).
    """
    last = page[-1].time
    if len(page) != PAGE or page[0].time == last:
        return page, max(last, asked_from) + _SECOND
    return [tick for tick in page if tick.time < last], last


@frozen
class Page(Generic[K]):
    """The ticks of a stretch of time, up to where the next page begins."""

    start: dt.datetime
    end: dt.datetime
    ticks: list[K]
    may_lack: bool = False
    """It is one second with as many ticks as IB sends: there may be more that cannot be had."""


async def pages(
    ask: Callable[[dt.datetime], Awaitable[list[K]]],
    opens_after: Callable[[dt.datetime], Awaitable[dt.datetime | None]],
    start: dt.datetime,
    end: dt.datetime,
) -> AsyncIterator[Page[K]]:
    """
    Ask page after page, up to a tick at *end* or later.

    A short page does not say that there is no more. An empty one may: *opens_after* says when
    the next session begins, and there it goes on.
    """
    at: dt.datetime | None = start
    while at is not None and at < end:
        since = at
        page = [tick for tick in await ask(since) if tick.time >= since]
        kept: list[K] = []
        if page:
            kept, at = next_page(page, since)
        else:
            at = await opens_after(since)
        inside = [tick for tick in kept if tick.time < end]
        may_lack = len(page) == PAGE and page[0].time == page[-1].time
        yield Page(since, min(at or end, end), inside, may_lack)
