"""The stream in the user's hand."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from ib_async import Contract, Ticker
from typing_extensions import Self, final

from ibkit._ib._arguments import plain_function, seconds
from ibkit._ib._blocking import blocking, refuse_running_loop, run_blocking
from ibkit.errors import RequestTimeout, StreamClosed

from ._bar_feed import SeriesFeed
from ._board import StreamBoard
from ._consumer import Consumer, End
from ._events import Gap
from ._frame import frame
from ._kinds import Kind
from ._lifecycle import StreamEvents
from ._line import Line
from ._plans import Plan

if TYPE_CHECKING:
    import pandas as pd

T_co = TypeVar("T_co", covariant=True)

_WITH_TICKER = frozenset({Kind.QUOTES, Kind.TICKS, Kind.DEPTH})


@final
class Stream(Generic[T_co]):
    """A stream of market data: ``async for``, ``for``, or just `latest`.

    It comes from `StreamManager`, is open from then on, and holds its line until `close` or the
    end of its ``with`` block. One that is dropped without being closed is closed when Python
    collects it, with a line in the log.

    Iteration gives every value that `buffer` has kept, in order. It goes on through losses of
    the connection, resets and dead farms: what happened is in `events`, and `gap` says whether
    data is missing now. It raises `StreamClosed` after `close`, `StreamBroken` or `NotSubscribed`
    when IB ends the stream, and just ends when the market closes the contract for good.

    Several streams on the same data share one line at IB; each has its own buffer.
    """

    __slots__ = ("__weakref__", "_board", "_consumer", "_keep", "_unread", "events")

    def __init__(
        self, board: StreamBoard, plan: Plan[T_co], consumer: Consumer[T_co], line: Line, keep: int
    ) -> None:
        consumer.plan, consumer.line = plan, line
        self._board = board
        self._consumer = consumer
        self._unread = consumer.unread
        self._keep = keep
        self.events: StreamEvents = consumer.events
        """`Started`, `Gap`, `Resumed`, `Delayed`, `Stale`, `Notice`, `Closed`, as they happen."""
        release = weakref.finalize(self, _abandon, board, consumer)
        release.atexit = False

    # --- reading -----------------------------------------------------------------------

    @property
    def _plan(self) -> Plan[T_co]:
        assert self._consumer.plan is not None
        return self._consumer.plan

    @property
    def _line(self) -> Line:
        assert self._consumer.line is not None
        return self._consumer.line

    @property
    def contract(self) -> Contract:
        """What it is a stream of (a copy of what was asked for); after a roll, the new month."""
        return self._plan.contract

    @property
    def name(self) -> str:
        """The name under which it holds its line."""
        return self._consumer.holder.name

    @property
    def latest(self) -> T_co | None:
        """The newest value; ``None`` before the first one and while there is a gap.

        For live bars this is the bar that IB still changes.
        """
        gap = self._line.gap or self._consumer.gap
        return None if gap is not None else self._line.feed.latest

    @property
    def gap(self) -> Gap | None:
        """The gap that is open now: since when and why data may be missing."""
        return self._consumer.gap

    @property
    def history(self) -> tuple[T_co, ...]:
        """The last *keep* values, oldest first; for live bars the series with its past."""
        feed = self._line.feed
        if isinstance(feed, SeriesFeed):
            bars: tuple[Any, ...] = tuple(feed.series.bars)[-self._keep :]
            return bars
        return tuple(self._consumer.unread.past)

    @property
    def unread(self) -> int:
        """How many values wait to be read."""
        return len(self._consumer.unread.queue)

    @property
    def dropped(self) -> int:
        """How many values were lost because nobody read them in time. Conflated ones count."""
        return self._consumer.unread.dropped

    @property
    def holders(self) -> tuple[str, ...]:
        """The names of all streams that share the line."""
        return self._board.holders(self._plan.spec)

    @property
    def is_closed(self) -> bool:
        """Whether it has ended, by whomever."""
        return self._consumer.end is not None

    @property
    def ticker(self) -> Ticker | None:
        """The ib_async Ticker of this line alone, kept up to date from the first look on.

        It is not the one of ``ib.ticker(contract)``, which all subscriptions of a contract share
        (ib-async-traps B21). It costs what a subscription of ib_async costs. ``None`` for bars.
        """
        return self._board.ticker(self._line) if self._plan.spec.kind in _WITH_TICKER else None

    def to_frame(self) -> pd.DataFrame:
        """Give `history` as a DataFrame: a row for each value, by time. Needs pandas.

        Raises:
            MissingExtra: pandas is not installed (``pip install ibkit[frames]``).
        """
        return frame(self.history)  # type: ignore[arg-type]  # every kind of value is a named tuple

    def __repr__(self) -> str:
        end = self._consumer.end
        state = self._line.phase.value if end is None else f"closed: {end.reason}"
        return f"Stream({self._plan.name}, {state}, {self.unread} unread, {self.dropped} dropped)"

    # --- waiting ------------------------------------------------------------------------

    async def first_async(
        self, *, timeout: float = 10.0, where: Callable[[T_co], bool] | None = None
    ) -> T_co:
        """Wait for a first value and return it; it stays to be iterated over.

        Args:
            timeout: Seconds to wait.
            where: What the value must satisfy. By default a quote must have both sides (a last
                price for an index), a book too; any other value will do.

        Raises:
            RequestTimeout: There was none in time; the text says how far it got.
            StreamClosed: It was closed meanwhile.
            StreamBroken: IB ended it, also `NotSubscribed`.
        """
        timeout = seconds(timeout)
        if where is not None:
            plain_function(where, "where", "value")
        fits = self._plan.is_whole if where is None else where
        try:
            return await asyncio.wait_for(self._until(fits), timeout)
        except asyncio.TimeoutError:
            how_far = f"it is {self._line.phase.value}, the latest is {self.latest}"
            heard = (how_far, *map(str, self.events))
            raise RequestTimeout(f"a first value of {self._plan.name}", timeout, heard) from None

    first: Final = blocking(first_async)

    async def _until(self, fits: Callable[[T_co], bool]) -> T_co:
        while True:
            end = self._consumer.end
            if end is not None and (end.by_owner or end.error is not None):
                self._raise_if_ended()  # what it had is of the past
            latest = self.latest
            if latest is not None and fits(latest):
                return latest
            self._raise_if_ended(f"{self._plan.name} ended before it had a first value")
            await self._news()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T_co:
        queue = self._unread.queue
        while not queue:
            if self._consumer.end is not None:
                self._raise_if_ended()
            await self._news()
        return queue.popleft()

    def _news(self) -> asyncio.Future[None]:
        """Give a future, for this caller alone, that is done at the next value or at the end."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unread.wait(future)
        return future

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T_co:
        refuse_running_loop("for ... in stream")
        try:
            return run_blocking(self._next_blocking())
        except StopAsyncIteration:
            raise StopIteration from None

    async def _next_blocking(self) -> T_co:
        await asyncio.sleep(0)  # what has arrived since the last value comes first
        return await self.__anext__()

    def _raise_if_ended(self, unmet: str | None = None) -> None:
        end = self._consumer.end
        if end is None:
            return
        if end.by_owner:
            raise StreamClosed(self._plan.name)
        if end.error is not None:
            raise end.error
        if unmet is not None:
            raise StreamClosed(unmet)
        raise StopAsyncIteration

    # --- closing -----------------------------------------------------------------------

    def close(self) -> None:
        """Give up the line; the last one to do so cancels it. Closing twice does nothing."""
        self._board.close(self._consumer.holder.number, End("closed by its owner", by_owner=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _abandon(board: StreamBoard, consumer: Consumer[Any]) -> None:
    if consumer.end is None:
        board.abandon(consumer.holder)
