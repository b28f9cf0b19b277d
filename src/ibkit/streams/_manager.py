"""Opens streams, and keeps them within what IB allows."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Final, Literal, TypeVar, get_args, overload

from ib_async import IB, Contract
from typing_extensions import Self, final

from ibkit._ib._arguments import (
    con_id_of,
    contract_of,
    flag,
    instance,
    seconds,
    text,
    whole,
    word,
)
from ibkit._ib._blocking import blocking
from ibkit._ib._requests import Requests
from ibkit.errors import IbkitError

from . import _checks as checks
from ._bar_times import duration_of, live_bar_size
from ._board import StreamBoard
from ._buffers import Buffer, Unread, unread
from ._checks import BarKind
from ._consumer import Consumer
from ._decisions import Holder, StreamStatistics, WhenFull
from ._handle import Stream
from ._kinds import DataType, Kind
from ._lifecycle import StreamEvents
from ._limits import Pool, StreamLimits
from ._plans import (
    Plan,
    plan_bars,
    plan_bars_5s,
    plan_depth,
    plan_quotes,
    plan_ticks,
)
from ._quote import Quote
from ._snapshots import last_of, time_for
from ._tick_feed import Tick
from ._values import Bar, BidAskTick, Book, MidTick, TickKind, TradeTick

T = TypeVar("T")

NEWEST = Buffer(1024, "conflate")
EVERY = Buffer(10_000, "drop-oldest")
_LIMIT = 1_000_000


@final
class StreamManager:
    """Market data from one connection, shared, within the limits, and back by itself.

    Several streams on the same contract, exchange and kind share one line. Whoever finds no free
    place waits by default, by *priority* and then by arrival. A stream survives the loss of the
    connection, of TWS's connection to IB (1100, 1101, 1102) and of a data farm (2103, 2104): it
    is requested again where it does not come back by itself, and its `Stream.events` say where
    data may be missing.

    Every stream-opening method takes these options:

    * *priority*: who is served first when places are short; higher is sooner.
    * *when_full*: ``"wait"``; ``"refuse"`` raises `LimitReached`, with nothing sent; ``"evict"``
      takes the place of a stream of no higher priority, which waits from then on, but never that
      of a protected contract.
    * *buffer*: what is kept for a slow consumer (`Buffer`).
    * *keep*: how many values `Stream.history` remembers.
    * *name*: under which it appears among the holders of its line.

    and raises `NotConnected`, `NotTradable` (no conId, no exchange, continuous, expired, or a
    sort of contract for which IB has no such data) and `PlanError` before anything is sent.

    Args:
        ib: The connection.
        limits: What IB allows (`StreamLimits`).
        data_type: Ask for this type of data at each connect: ``DataType.DELAYED`` gives delayed
            data where there are no rights to live data. ``None`` leaves it as it is (live).
        stale_after: Seconds of silence in an open market after which a stream is `Stale`;
            ``None`` for never.
        protected: Gives the conIds that are never evicted. By default those of positions and
            of working orders.
        requests: Shares pacing and deadlines with the rest of the program.
    """

    def __init__(
        self,
        ib: IB,
        *,
        limits: StreamLimits | None = None,
        data_type: DataType | None = None,
        stale_after: float | None = 60.0,
        protected: Callable[[], Iterable[int]] | None = None,
        requests: Requests | None = None,
    ) -> None:
        _check_settings(ib, limits, data_type, stale_after)
        self._requests = requests or Requests(ib)
        self._owns_requests = requests is None
        self._board = StreamBoard(
            ib,
            self._requests,
            limits or StreamLimits(),
            protected or (lambda: _held_contracts(ib)),
            data_type,
            stale_after,
        )
        self._numbers = itertools.count(1)

    # --- streams -----------------------------------------------------------------------

    def quotes(
        self,
        contract: Contract,
        generic: Sequence[int] = (),
        *,
        priority: int = 0,
        when_full: WhenFull = "wait",
        buffer: Buffer = NEWEST,
        keep: int = 100,
        name: str = "",
    ) -> Stream[Quote]:
        """Stream the best bid and ask, the last trade, the figures of the day, and greeks.

        Args:
            contract: Of any sort, combos as well.
            generic: Numbers of generic ticks, such as 233 (trades) or 236 (shortable), or
                ib_async's ``"233,236"``. Streams on one contract share a line even if they ask for
                different ones.
            priority: See the class, like the options that follow.
            when_full: See the class.
            buffer: By default only the newest quote waits.
            keep: Of `Stream.history`.
            name: Of the holder.
        """
        checks.check_contract(contract, Kind.QUOTES, self._today())
        plan = plan_quotes(contract, checks.generic_ticks(generic))
        return self._open(plan, name, priority, when_full, buffer, keep)

    @overload
    def ticks(
        self,
        contract: Contract,
        kind: Literal["Last", "AllLast"] = ...,
        *,
        ignore_size: bool = ...,
        priority: int = ...,
        when_full: WhenFull = ...,
        buffer: Buffer = ...,
        keep: int = ...,
        name: str = ...,
    ) -> Stream[TradeTick]: ...
    @overload
    def ticks(
        self,
        contract: Contract,
        kind: Literal["BidAsk"],
        *,
        ignore_size: bool = ...,
        priority: int = ...,
        when_full: WhenFull = ...,
        buffer: Buffer = ...,
        keep: int = ...,
        name: str = ...,
    ) -> Stream[BidAskTick]: ...
    @overload
    def ticks(
        self,
        contract: Contract,
        kind: Literal["MidPoint"],
        *,
        ignore_size: bool = ...,
        priority: int = ...,
        when_full: WhenFull = ...,
        buffer: Buffer = ...,
        keep: int = ...,
        name: str = ...,
    ) -> Stream[MidTick]: ...
    def ticks(
        self,
        contract: Contract,
        kind: TickKind = "Last",
        *,
        ignore_size: bool = False,
        priority: int = 0,
        when_full: WhenFull = "wait",
        buffer: Buffer = EVERY,
        keep: int = 1000,
        name: str = "",
    ) -> Stream[TradeTick] | Stream[BidAskTick] | Stream[MidTick]:
        """Stream every trade, every change of bid and ask, or every midpoint.

        IB allows few of these at a time, and one request for an instrument in 15 seconds, so a
        second kind on the same contract starts later.

        Args:
            contract: No option and no combo.
            kind: ``"Last"``, ``"AllLast"`` (unreported trades as well), ``"BidAsk"``,
                ``"MidPoint"``.
            ignore_size: For ``"BidAsk"``: only changes of the prices.
            priority: See the class, like the options that follow.
            when_full: See the class.
            buffer: By default the newest 10,000 wait.
            keep: Of `Stream.history`.
            name: Of the holder.
        """
        kind = checks.tick_kind(kind)
        flag(ignore_size, "ignore_size")
        checks.check_contract(contract, Kind.TICKS, self._today())
        plan = plan_ticks(contract, kind, ignore_size=ignore_size and kind == "BidAsk")
        stream: Stream[Tick] = self._open(plan, name, priority, when_full, buffer, keep)
        return stream  # type: ignore[return-value]  # the overloads say which of the three

    def depth(
        self,
        contract: Contract,
        rows: int = 5,
        *,
        smart: bool = False,
        priority: int = 0,
        when_full: WhenFull = "wait",
        buffer: Buffer = NEWEST,
        keep: int = 100,
        name: str = "",
    ) -> Stream[Book]:
        """Stream the order book.

        Args:
            contract: No combo.
            rows: Of each side. A book that is shared may have more.
            smart: Put the books of all exchanges together; each row names its exchange.
            priority: See the class, like the options that follow.
            when_full: See the class.
            buffer: By default only the newest book waits.
            keep: Of `Stream.history`.
            name: Of the holder.
        """
        rows = checks.check_rows(rows)
        flag(smart, "smart")
        checks.check_contract(contract, Kind.DEPTH, self._today())
        plan = plan_depth(contract, rows, smart=smart)
        return self._open(plan, name, priority, when_full, buffer, keep)

    def bars_5s(
        self,
        contract: Contract,
        what: BarKind = "TRADES",
        *,
        rth: bool = False,
        priority: int = 0,
        when_full: WhenFull = "wait",
        buffer: Buffer = EVERY,
        keep: int = 1000,
        name: str = "",
    ) -> Stream[Bar]:
        """Stream bars of five seconds. Those missed in a gap come from history, before the next.

        Each uses a line as well, and IB allows 60 new requests in ten minutes.

        Args:
            contract: No combo.
            what: ``"TRADES"``, ``"MIDPOINT"``, ``"BID"`` or ``"ASK"``.
            rth: Only regular trading hours.
            priority: See the class, like the options that follow.
            when_full: See the class.
            buffer: By default the newest 10,000 wait.
            keep: Of `Stream.history`.
            name: Of the holder.
        """
        what = checks.bar_kind(what)
        flag(rth, "rth")
        checks.check_contract(contract, Kind.BARS_5S, self._today())
        plan = plan_bars_5s(contract, what, rth=rth)
        return self._open(plan, name, priority, when_full, buffer, keep)

    def bars(
        self,
        contract: Contract,
        size: str,
        lookback: str = "1 D",
        *,
        what: BarKind = "TRADES",
        rth: bool = False,
        priority: int = 0,
        when_full: WhenFull = "wait",
        buffer: Buffer = EVERY,
        keep: int = 1000,
        name: str = "",
    ) -> Stream[Bar]:
        """Stream bars of any size from 5 seconds up, each once it is finished.

        The past that *lookback* asks for is in `Stream.history` and not iterated over;
        `Stream.latest` is the bar that IB still changes. Bars missed in a gap are fetched and
        iterated over in their order, marked as `Bar.backfilled`.

        Args:
            contract: No combo.
            size: Such as ``"1 min"`` or ``"1 hour"``; ``"5min"`` and ``"1h"`` are read as well. A
                lone ``m`` is not: it is minutes to some and months to others.
            lookback: How far back to begin, such as ``"1800 S"`` or ``"2 D"``.
            what: ``"TRADES"``, ``"MIDPOINT"``, ``"BID"`` or ``"ASK"``.
            rth: Only regular trading hours.
            priority: See the class, like the options that follow.
            when_full: See the class.
            buffer: By default the newest 10,000 wait.
            keep: How many bars the series remembers.
            name: Of the holder.
        """
        size, lookback = live_bar_size(size), duration_of(lookback)
        what = checks.bar_kind(what)
        flag(rth, "rth")
        whole(keep, "keep", 2)
        checks.check_contract(contract, Kind.BARS, self._today())
        plan = plan_bars(contract, size, lookback, what, keep=keep, rth=rth)
        return self._open(plan, name, priority, when_full, buffer, keep)

    # --- one value -----------------------------------------------------------------------

    async def market_price_async(self, contract: Contract, *, timeout: float = 10.0) -> Decimal:
        """Wait for the first price that *contract* trades at now (`Quote.market_price`).

        Raises:
            RequestTimeout: There was none in time.
            StreamBroken: IB refuses the data, also `NotSubscribed`.
        """
        timeout = seconds(timeout)
        async with self.quotes(contract, keep=0, name="market price") as quotes:
            quote = await quotes.first_async(
                timeout=timeout, where=lambda quote: quote.market_price is not None
            )
        price = quote.market_price
        assert price is not None
        return price

    market_price: Final = blocking(market_price_async)

    @overload
    async def snapshot_async(
        self, *contracts: Contract, timeout: float | None = ..., return_errors: Literal[False] = ...
    ) -> dict[int, Quote]: ...
    @overload
    async def snapshot_async(
        self, *contracts: Contract, timeout: float | None = ..., return_errors: Literal[True]
    ) -> dict[int, Quote | IbkitError]: ...
    async def snapshot_async(
        self, *contracts: Contract, timeout: float | None = None, return_errors: bool = False
    ) -> dict[int, Quote] | dict[int, Quote | IbkitError]:
        """Get one quote of each contract, by conId, as many at a time as there are free lines.

        Each is of this moment: it comes from a request of its own, or from a stream that
        delivers now.

        Args:
            contracts: Any number.
            timeout: Seconds for all of them. By default 15 for each round of as many as there
                are free lines; TWS takes up to 11 for a contract that does not trade.
            return_errors: Put an error in the place of its quote, instead of raising the first.

        Raises:
            RequestTimeout: One was not answered in time.
            StreamBroken: IB refuses one, also `NotSubscribed`.
        """
        lines = self.statistics()[Pool.LINES]
        wait = time_for(len(contracts), lines) if timeout is None else seconds(timeout)
        for contract in contracts:
            contract_of(contract, "contracts")
        results = await asyncio.gather(
            *(self._snapshot(contract, wait) for contract in contracts), return_exceptions=True
        )
        found: dict[int, Quote | IbkitError] = {}
        for contract, result in zip(contracts, results, strict=True):
            if isinstance(result, BaseException) and not (
                return_errors and isinstance(result, IbkitError)
            ):
                raise result
            assert isinstance(result, (Quote, IbkitError))
            found[contract.conId] = result
        return found

    snapshot: Final = blocking(snapshot_async)

    async def _snapshot(self, contract: Contract, timeout: float) -> Quote:
        checks.check_contract(contract, Kind.SNAPSHOT, self._today())
        running = self._board.live_line(plan_quotes(contract, ()).spec)
        latest: Quote | None = None if running is None else running.feed.latest
        if running is not None and latest is not None and running.plan.is_whole(latest):
            return latest
        plan = plan_quotes(contract, (), snapshot=True)
        with self._open(plan, "snapshot", 0, "wait", NEWEST, 0) as stream:
            return await last_of(stream, timeout)

    # --- rolls -----------------------------------------------------------------------------

    def names_on(self, con_id: int) -> Sequence[str]:
        """Name the open streams on a contract, by its conId."""
        return self._board.names_on(con_id_of(con_id, "con_id"))

    def follow(self, old: int, new: Contract) -> Sequence[str]:
        """Take every open stream on one contract to another, as a roll does; their names.

        Each goes on as the same `Stream`, with a `Gap` in its events and a `Resumed` at the first
        value of the new contract. What it has not been read of the old one comes first. Bars
        begin with the past of the new contract.

        Args:
            old: The conId that they leave.
            new: The contract that they go to, with conId and exchange.

        Raises:
            NotTradable: The new contract cannot be streamed; nothing has changed.
        """
        contract_of(new, "new")
        checks.check_contract(new, Kind.QUOTES, self._today())
        return self._board.follow(con_id_of(old, "old"), new)

    def __repr__(self) -> str:
        return f"<StreamManager: {self.statistics()}>"

    # --- all of them -----------------------------------------------------------------------

    def statistics(self) -> StreamStatistics:
        """Say how full everything is: used, limit and waiting for each pool, and the holders."""
        return self._board.statistics()

    def close_all(self) -> None:
        """Close every stream, and leave no handler in the IB. New ones may be opened."""
        self._board.close_all("all streams were closed")
        self._board.release()

    def close(self) -> None:
        """Close every stream for good: the end of the ``with`` block of a manager."""
        self.close_all()
        if self._owns_requests:
            self._requests.close()

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

    def _open(
        self,
        plan: Plan[T],
        name: str,
        priority: int,
        when_full: WhenFull,
        buffer: Buffer,
        keep: int,
    ) -> Stream[T]:
        keep = whole(keep, "keep", 0)
        priority = whole(priority, "priority", -_LIMIT, _LIMIT)
        when_full = word(when_full, "when_full", get_args(WhenFull))
        instance(buffer, "buffer", Buffer, 'a Buffer, such as Buffer(100, "drop-oldest")')
        number = next(self._numbers)
        label = text(name, "name") or f"{plan.name} #{number}"
        holder = Holder(number=number, name=label, priority=priority, when_full=when_full)
        waiting: Unread[T] = unread(buffer, keep)
        events = StreamEvents(label, self._requests.health)
        consumer: Consumer[T] = Consumer(holder, waiting, events)
        line = self._board.open(plan, consumer)
        waiting.overflow = lambda: self._board.overflowed(holder, buffer.size)
        return Stream(self._board, plan, consumer, line, keep)

    def _today(self) -> dt.date:
        return self._requests.health.clock().date()


def _check_settings(
    ib: IB, limits: StreamLimits | None, data_type: DataType | None, stale_after: float | None
) -> None:
    instance(ib, "ib", IB, "an IB of ib_async")
    if limits is not None:
        instance(limits, "limits", StreamLimits, "such as StreamLimits(lines=200)")
    if data_type is not None:
        instance(data_type, "data_type", DataType, "such as DataType.DELAYED")
    if stale_after is not None:
        seconds(stale_after, "stale_after")


def _held_contracts(ib: IB) -> set[int]:
    """The conIds with a position or a working order."""
    held = {position.contract.conId for position in ib.positions() if position.position}
    return held | {trade.contract.conId for trade in ib.openTrades()}
