"""`History`: bars, ticks and continuous series over any span, within IB's rules."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, final, overload

from attrs import evolve
from ib_async import (
    IB,
    BarData,
    Contract,
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
)

from ibkit._ib._blocking import blocking
from ibkit._ib._questions import contract_key
from ibkit._ib._requests import Requests
from ibkit._ib._shared import link_of
from ibkit.contracts import Activity, FuturesResolver, RollRule
from ibkit.errors import GatewayError, NotConnected, PlanError

from ._asking import Asking, pacer_of
from ._bar_sizes import DAY, bar_seconds
from ._chains import ChainSource, Stretch, schedule_in, stretches, volume_stretches, wants_volume
from ._chunks import UTC, check_span
from ._columns import BarColumns
from ._continuous import Adjust, ContinuousSeries, Direction
from ._download import Download, Wanted, question_of, sessions_of
from ._merge import join_holes
from ._pacing import HistoryPacing
from ._progress import OnProgress, shown
from ._series import BarSeries
from ._sessions import Session
from ._stitch import Segment, stitching
from ._stores import BarStore, MemoryStore, Span
from ._ticks import PAGE, page_through

When: TypeAlias = dt.datetime | dt.date
ShowProgress: TypeAlias = OnProgress | Literal[True] | None

BAR_KINDS = (
    "TRADES",
    "MIDPOINT",
    "BID",
    "ASK",
    "BID_ASK",
    "AGGTRADES",
    "ADJUSTED_LAST",
    "HISTORICAL_VOLATILITY",
    "OPTION_IMPLIED_VOLATILITY",
    "FEE_RATE",
)
TICK_KINDS = ("TRADES", "BID_ASK", "MIDPOINT")
_MOST_SCHEDULES = 64
_DAY = dt.timedelta(days=1)
_EVENING = dt.timedelta(hours=12)
"""A trading day may begin on the evening before its date, and end in the night after."""
UNKNOWN_HOURS = "it is not known when the market was open: holes within the span may go unnoticed"


@final
class History:
    """
    Downloads the past: any span, cut into as few requests as IB's rules allow.

    What IB has not got is told (`BarSeries.holes`); what cannot be had raises. A pacing
    violation, a timeout and a lost connection are waited out and tried again.

    All downloads on one ``IB`` share one count of requests, whichever `History` makes them.

    Args:
        ib: The connection.
        requests: Shares pacing and deadlines with the rest of the program.
        resolver: Finds the months of futures for `continuous_async`; a `FuturesResolver`
            by default.
        pacing: How fast to ask; IB's rules by default.
        backoff: Seconds to wait before each further attempt at a request that may be answered
            later. When they are used up, the error is raised.
    """

    def __init__(
        self,
        ib: IB,
        *,
        requests: Requests | None = None,
        resolver: ChainSource | None = None,
        pacing: HistoryPacing | None = None,
        backoff: Sequence[float] = (5.0, 15.0, 30.0, 60.0, 120.0),
    ) -> None:
        self.ib: IB = ib
        self._requests = requests or link_of(ib).requests
        self._resolver = resolver
        pacer = pacer_of(ib)
        if pacing is not None:
            pacer.pacing = pacing
        self._asking = Asking(pacer, backoff)
        self._opened: dict[Hashable, tuple[Span, tuple[Session, ...] | None]] = {}

    # -- bars

    async def bars_async(
        self,
        contract: Contract,
        start: When,
        end: When | None,
        bar_size: str,
        what: str = "TRADES",
        *,
        use_rth: bool = False,
        progress: ShowProgress = None,
        resume: BarStore | None = None,
    ) -> BarSeries:
        """
        Download the bars that begin in a span, in order, each once.

        Bars of up to 30 seconds come at 60 requests in 10 minutes, larger ones as fast as IB
        answers. IB has no bars of up to 30 seconds older than 6 months, none of futures that
        expired more than two years ago, and none of expired options.

        Args:
            contract: With a conId, or with what IB needs to find it.
            start: A time with a zone; for bars of a day and more a date will do.
            end: Before it the last bar begins; a date is included. None is now, and so is a
                time to come; the last bar is unfinished then.
            bar_size: As IB names it: ``"1 min"``, ``"5 secs"``, ``"1 hour"``, ``"1 day"``.
            what: As IB names it: ``"TRADES"``, ``"MIDPOINT"``, ``"BID"``, ``"ASK"``,
                ``"BID_ASK"``, ``"ADJUSTED_LAST"`` (only until now), ...
            use_rth: Only regular trading hours.
            progress: Called with a `Progress` after each request; True draws a bar in the
                terminal (extra ``cli``).
            resume: A `MemoryStore` or `ParquetStore`: what it holds is not asked for, what
                arrives is put into it. Give it again after a download broke off.

        Raises:
            PlanError: Impossible; nothing was sent.
            NotConnected: There is no connection.
            PacingViolation, RequestTimeout, ConnectionLost: Even after the last attempt.
            GatewayError: IB refuses, as for missing rights to the data.
        """
        wanted = self._wanted(contract, start, end, bar_size, what, use_rth=use_rth)
        return await self._download(wanted, progress, resume)

    bars: Final = blocking(bars_async)

    # -- ticks

    @overload
    async def ticks_async(
        self,
        contract: Contract,
        start: dt.datetime,
        end: dt.datetime | None,
        what: Literal["TRADES"] = ...,
        *,
        use_rth: bool = ...,
        progress: ShowProgress = ...,
    ) -> list[HistoricalTickLast]: ...
    @overload
    async def ticks_async(
        self,
        contract: Contract,
        start: dt.datetime,
        end: dt.datetime | None,
        what: Literal["BID_ASK"],
        *,
        use_rth: bool = ...,
        progress: ShowProgress = ...,
    ) -> list[HistoricalTickBidAsk]: ...
    @overload
    async def ticks_async(
        self,
        contract: Contract,
        start: dt.datetime,
        end: dt.datetime | None,
        what: Literal["MIDPOINT"],
        *,
        use_rth: bool = ...,
        progress: ShowProgress = ...,
    ) -> list[HistoricalTick]: ...
    async def ticks_async(
        self,
        contract: Contract,
        start: dt.datetime,
        end: dt.datetime | None,
        what: Literal["TRADES", "BID_ASK", "MIDPOINT"] = "TRADES",
        *,
        use_rth: bool = False,
        progress: ShowProgress = None,
    ) -> list[Any]:
        """
        Download the ticks of a span, in order, without doubles.

        A thousand come with a request, and requests for one contract are paced as those for
        small bars, so a busy hour takes minutes. Times are in whole seconds, in UTC.

        Args:
            contract: As for `bars_async`, and the following, too.
            start: A time with a zone.
            end: A time with a zone; ticks before it are wanted. None is now.
            what: ``"TRADES"``, ``"BID_ASK"`` or ``"MIDPOINT"``.
            use_rth: Only regular trading hours.
            progress: As for `bars_async`; nobody knows how many requests it takes.

        Raises as `bars_async`.
        """
        if what not in TICK_KINDS:
            raise PlanError("what", what, f"one of {', '.join(TICK_KINDS)}")
        self._check_contract(contract)
        now = self._requests.health.clock()
        end = now if end is None else end
        check_span(start, end)
        last = min(end, now)

        with shown(progress, f"{what} ticks of {_name(contract)}") as report:

            async def ask(since: dt.datetime) -> list[Any]:
                question = question_of(contract, what, ("ticks", since, use_rth))

                async def send() -> list[Any]:
                    return await self._requests.historical_ticks_async(
                        contract, what, start=since, count=PAGE, rth=use_rth
                    )

                return await self._asking.ask(question, send, lambda _: None) or []

            async def opens_after(moment: dt.datetime) -> dt.datetime | None:
                sessions = await self._sessions_of(contract, Span(start, last), use_rth=use_rth)
                return next((s.start for s in sessions or () if s.start > moment), None)

            return await page_through(ask, opens_after, start, last, report)

    ticks: Final = blocking(ticks_async)

    # -- since when

    async def head_async(
        self, contract: Contract, what: str = "TRADES", *, use_rth: bool = False
    ) -> dt.datetime:
        """
        Ask since when IB has data, in UTC.

        Raises:
            GatewayError: IB has none, or refuses; else as `bars_async`.
        """
        self._check_contract(contract)
        question = question_of(contract, what, ("head", use_rth))

        async def send() -> dt.datetime:
            return await self._requests.head_timestamp_async(contract, what, rth=use_rth)

        head = await self._asking.ask(question, send, lambda _: None)
        if head is None:
            raise GatewayError(162, f"no {what} data of {_name(contract)}", "head time stamp")
        return head

    head: Final = blocking(head_async)

    # -- continuous futures

    async def continuous_async(
        self,
        root: str,
        start: When,
        end: When | None,
        bar_size: str = "1 day",
        *,
        rule: RollRule | None = None,
        adjust: Adjust = "difference",
        direction: Direction = "backward",
        what: str = "TRADES",
        use_rth: bool = False,
        activity: Activity | None = None,
        progress: ShowProgress = None,
        resume: BarStore | None = None,
    ) -> ContinuousSeries:
        """
        Download the front months of a product and join them at the rolls.

        IB knows expired months for two years, so no series reaches further back.

        Args:
            root: The product: ``"ES"``.
            start: A date, or a time with a zone.
            end: The same; a date is included, None is now.
            bar_size: As for `bars_async`.
            rule: When a month is left; the convention of the product by default. For a
                `VolumeCrossover` the daily volumes are downloaded first.
            adjust: ``"difference"`` (Panama) keeps differences in price true, ``"ratio"``
                returns; None leaves the gaps.
            direction: ``"backward"`` leaves the newest prices as they are, ``"forward"`` the
                oldest.
            what: As for `bars_async`.
            use_rth: Only regular trading hours.
            activity: The figures that a crossover needs, instead of IB's volumes.
            progress: As for `bars_async`; each month counts anew.
            resume: As for `bars_async`.

        Raises:
            ChainExhausted: The span reaches back further than IB's expired months, or beyond
                those that are listed.
            GapUnknown: Two months have no bar of the same time before a roll.
            PlanError: Impossible; nothing was sent. Else as `bars_async`.
        """
        is_small = bar_seconds(bar_size) < DAY
        self._check_ready()
        now = self._requests.health.clock()
        first, last = _trading_days(start, end, now, is_small=is_small)
        chain = await self._source().chain_async(root, include_expired=True)
        store = resume or MemoryStore()
        if activity is None and wants_volume(rule):
            needed = volume_stretches(chain, first, last)
            activity = await self._volumes(needed, store, progress)
        schedule = schedule_in(chain, rule, first, last, activity)
        parts = [
            await self._month(stretch, bar_size, what, store, progress, use_rth=use_rth)
            for stretch in stretches(schedule)
        ]
        segments = [
            # those before the start are needed only where a month follows another
            Segment(period.listing, _clipped(part, None if place else start, end), part.sessions)
            for place, (period, part) in enumerate(zip(schedule, parts, strict=True))
        ]
        series: ContinuousSeries | None = None
        for series in stitching(segments, schedule, adjust, direction=direction):  # noqa: B007
            await asyncio.sleep(0)  # others wait for the loop
        assert series is not None
        holes = [hole for part in parts for hole in part.holes]
        notes = dict.fromkeys(note for part in parts for note in part.notes)
        joined = join_holes(sorted(holes, key=lambda hole: hole.start))
        return evolve(series, holes=tuple(joined), notes=tuple(notes))

    continuous: Final = blocking(continuous_async)

    # -- inside

    def _source(self) -> ChainSource:
        if self._resolver is None:
            self._resolver = FuturesResolver(self.ib, requests=self._requests)
        return self._resolver

    async def _month(
        self,
        stretch: Stretch,
        bar_size: str,
        what: str,
        store: BarStore,
        progress: ShowProgress,
        *,
        use_rth: bool,
    ) -> BarSeries:
        contract: Contract = stretch.listing.contract
        contract.includeExpired = True
        start, end = _midnight(stretch.start), _midnight(stretch.end) + _DAY
        is_small = bar_seconds(bar_size) < DAY
        if is_small:
            start, end = start - _EVENING, end + _EVENING
        wanted = self._wanted(contract, start, end, bar_size, what, use_rth=use_rth)
        return await self._download(
            wanted,
            progress,
            store,
        )

    async def _volumes(
        self, needed: Sequence[Stretch], store: BarStore, progress: ShowProgress
    ) -> Activity:
        volume: dict[Any, Mapping[dt.date, Any]] = {}
        for stretch in needed:
            bars = await self._month(stretch, "1 day", "TRADES", store, progress, use_rth=False)
            volume[stretch.listing.month] = {_date(bar.date): bar.volume for bar in bars}
        return Activity(volume=volume)

    async def _download(
        self,
        wanted: Wanted,
        progress: ShowProgress,
        store: BarStore | None,
    ) -> BarSeries:
        self._check_ready()
        if store is not None and not wanted.contract.conId:
            allowed = "a contract with its conId, which names its bars in the store"
            raise PlanError("contract", str(wanted.contract), allowed)
        span = Span(wanted.start, wanted.end)
        sessions = await self._sessions_of(wanted.contract, span, use_rth=wanted.use_rth)
        about = f"{wanted.bar_size} {wanted.what} bars of {_name(wanted.contract)}"
        with shown(progress, about) as report:
            download = Download(
                requests=self._requests,
                asking=self._asking,
                wanted=wanted,
                sessions=sessions,
                store=store or MemoryStore(),
                now=self._requests.health.clock(),
                report=report,
            )
            bars = await download.run()
        return BarSeries(
            contract=wanted.contract,
            bar_size=wanted.bar_size,
            what=wanted.what,
            use_rth=wanted.use_rth,
            start=wanted.start,
            end=wanted.end,
            bars=bars,
            holes=tuple(download.holes),
            sessions=sessions,
            notes=() if sessions else (UNKNOWN_HOURS,),
            requests=download.sent,
        )

    async def _sessions_of(
        self, contract: Contract, span: Span, *, use_rth: bool
    ) -> tuple[Session, ...] | None:
        """When a market was open, asked once for a span and remembered."""
        key = (contract_key(contract), use_rth)
        known, sessions = self._opened.get(key, (None, None))
        if known is not None and known.start <= span.start and span.end <= known.end:
            return sessions
        now = self._requests.health.clock()
        sessions = await sessions_of(
            self._requests, self._asking, contract, span, use_rth=use_rth, now=now
        )
        if len(self._opened) >= _MOST_SCHEDULES:
            del self._opened[next(iter(self._opened))]
        self._opened[key] = (span, sessions)
        return sessions

    def _wanted(
        self,
        contract: Contract,
        start: When,
        end: When | None,
        bar_size: str,
        what: str,
        *,
        use_rth: bool,
    ) -> Wanted:
        self._check_contract(contract)
        is_small = bar_seconds(bar_size) < DAY
        if what not in BAR_KINDS:
            raise PlanError("what", what, f"one of {', '.join(BAR_KINDS)}")
        now = self._requests.health.clock()
        last = now if end is None else _moment(end, "end", is_small=is_small, whole=True)
        first = _moment(start, "start", is_small=is_small, whole=False)
        check_span(first, last)
        if first >= now:
            raise PlanError("start", start, f"a time before now, {now:%Y-%m-%d %H:%M:%S %Z}")
        return Wanted(
            contract=contract,
            start=first,
            end=min(last, now),
            bar_size=bar_size,
            what=what,
            use_rth=use_rth,
        )

    def _check_ready(self) -> None:
        if not self.ib.isConnected():
            raise NotConnected("a download of history")

    @staticmethod
    def _check_contract(contract: Contract) -> None:
        if contract.secType == "CONTFUT":
            allowed = "a month of it; IB gives no past of a CONTFUT by date (error 10339): "
            raise PlanError("contract", str(contract), allowed + "use continuous_async")


def _moment(when: When, name: str, *, is_small: bool, whole: bool) -> dt.datetime:
    """A time as it is; a date as its midnight in UTC, or with *whole* as the next one."""
    if isinstance(when, dt.datetime):
        if when.tzinfo is None:
            raise PlanError(name, when, "a time needs a zone, such as datetime.timezone.utc")
        if is_small:
            return when.astimezone(UTC)
        return _midnight(_last_date(when, when) if whole else when.date()) + whole * _DAY
    if is_small:
        raise PlanError(name, when, "a time with a zone: bars within the day have no dates")
    return _midnight(when) + whole * _DAY


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), UTC)


def _date(when: When) -> dt.date:
    return when.date() if isinstance(when, dt.datetime) else when


def _last_date(end: When | None, now: dt.datetime) -> dt.date:
    """The date of the last moment before an end; a date is included."""
    if end is None:
        return now.date()
    if isinstance(end, dt.datetime):
        return (end - dt.timedelta(microseconds=1)).date()
    return end


def _clipped(part: BarSeries, start: When | None, end: When | None) -> Sequence[BarData]:
    """Bars within the day as far as times were given, not dates."""
    return BarColumns(
        bar
        for bar in part.bars
        if not isinstance(bar.date, dt.datetime)
        or (
            not (isinstance(start, dt.datetime) and bar.date < start)
            and not (isinstance(end, dt.datetime) and bar.date >= end)
        )
    )


def _trading_days(
    start: When, end: When | None, now: dt.datetime, *, is_small: bool
) -> tuple[dt.date, dt.date]:
    """
    The trading days that a span may touch. A date is one; a time may count to the date in UTC
    or to the one beside it.
    """
    _check_zones(start, end)
    beside = is_small * _DAY
    first = start.astimezone(UTC).date() - beside if isinstance(start, dt.datetime) else start
    last = now.date() + beside
    if isinstance(end, dt.datetime):
        last = min(last, _last_date(end.astimezone(UTC), now) + beside)
    elif end is not None:
        last = min(last, end)
    if last < first:
        raise PlanError("end", end, f"{first} or later; nothing is known after now")
    return first, last


def _name(contract: Contract) -> str:
    return contract.localSymbol or contract.symbol or str(contract.conId)


def _check_zones(*times: When | None) -> None:
    for when in times:
        if isinstance(when, dt.datetime) and when.tzinfo is None:
            raise PlanError("time", when, "a zone, such as datetime.timezone.utc, or a date")
