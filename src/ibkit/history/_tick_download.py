"""Carries out a download of ticks: page after page, kept as they come."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any, final

from attrs import define, field

from ibkit._ib._history_asking import Asking, question_of
from ibkit._ib._requests import Requests

from ._merge import Hole
from ._opening import OpenHours
from ._progress import OnProgress, Progress
from ._stores import Span, TickStore, missing_spans
from ._ticks import PAGE, Page, pages
from ._wanted import WantedTicks

_SECOND = dt.timedelta(seconds=1)
TOO_MANY = "IB sends no more ticks of one second than these, and there may be more"


@final
@define(eq=False)
class TickDownload:
    """One download of ticks."""

    requests: Requests
    asking: Asking
    hours: OpenHours
    wanted: WantedTicks
    store: TickStore
    now: dt.datetime
    report: OnProgress
    sent: int = field(default=0, init=False)
    holes: list[Hole] = field(factory=list, init=False)
    _rows: int = field(default=0, init=False)

    async def run(self) -> list[Any]:
        """Download what the store does not have, and give all of it."""
        wanted = self.wanted
        kept = list(self.store.spans(wanted.key))
        pieces = [(span.start, self._read(span)) for span in kept]
        for missing in missing_spans(wanted.start, wanted.end, kept):
            async for page in pages(self._ask, self._opens_after, *missing):
                self._keep(page)
                pieces.append((page.start, page.ticks))
                await asyncio.sleep(0)  # others wait for the loop
        pieces.sort(key=lambda piece: piece[0])
        return [tick for _, ticks in pieces for tick in ticks]

    def _read(self, span: Span) -> list[Any]:
        start, end = max(span.start, self.wanted.start), min(span.end, self.wanted.end)
        if start >= end:
            return []
        ticks = self.store.read_ticks(self.wanted.key, span)
        return [tick for tick in ticks if start <= tick.time < end]

    def _keep(self, page: Page[Any]) -> None:
        end = min(page.end, self.now - _SECOND)  # more may come in a second that is not over
        if page.start < end:
            whole = [tick for tick in page.ticks if tick.time < end]
            self.store.write_ticks(self.wanted.key, Span(page.start, end), whole)
        if page.may_lack:
            self.holes.append(Hole(page.start, page.end, TOO_MANY))
        self._rows += len(page.ticks)
        self.report(Progress(done=self.sent, total=None, rows=self._rows))

    async def _ask(self, since: dt.datetime) -> list[Any]:
        wanted = self.wanted
        question = question_of(wanted.contract, wanted.what, ("ticks", since, wanted.use_rth))

        async def send() -> list[Any]:
            found: list[Any] = await self.requests.historical_ticks_async(
                wanted.contract,
                wanted.what,  # type: ignore[call-overload]  # one of the three: it was checked
                start=since,
                count=PAGE,
                rth=wanted.use_rth,
            )
            return found

        self.sent += 1
        return await self.asking.ask(question, send, self._tell_wait) or []

    def _tell_wait(self, seconds: float) -> None:
        self.report(Progress(done=self.sent - 1, total=None, rows=self._rows, waiting=seconds))

    async def _opens_after(self, moment: dt.datetime) -> dt.datetime | None:
        wanted = self.wanted
        span = Span(wanted.start, wanted.end)
        sessions = await self.hours.of(wanted.contract, span, use_rth=wanted.use_rth)
        return next((one.start for one in sessions or () if one.start > moment), None)
