"""`History`: bars, ticks and continuous series over any span, within IB's rules."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, TypeAlias, final, overload

from ib_async import (
    IB,
    Contract,
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
)

from ibkit._ib._arguments import flag, instance, wait_seconds, word
from ibkit._ib._bar_sizes import bar_size as size_of
from ibkit._ib._blocking import blocking
from ibkit._ib._history_asking import Asking, gate_of, question_of
from ibkit._ib._history_pacer import HistoryPacing
from ibkit._ib._requests import Requests
from ibkit._ib._shared import link_of
from ibkit.contracts import Activity, FuturesResolver, RollRule
from ibkit.contracts._roll_rules import checked_rule
from ibkit.errors import GatewayError, NotConnected, PlanError

from ._chains import ChainSource
from ._continuous import Adjust, ContinuousSeries, Direction
from ._download import Download
from ._months import MonthsDownload
from ._opening import OpenHours
from ._progress import OnProgress, check_progress, shown
from ._series import BarSeries
from ._stitch import check_joint
from ._stores import BarStore, MemoryStore, Span, TickStore
from ._tick_download import TickDownload
from ._tick_series import TickSeries
from ._wanted import (
    BAR_KINDS,
    Wanted,
    check_contract,
    check_resume,
    check_store,
    name_of,
    want_bars,
    want_ticks,
)
from ._when import When

ShowProgress: TypeAlias = OnProgress | Literal[True] | None

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
        gate = gate_of(ib)
        if pacing is not None:
            instance(pacing, "pacing", HistoryPacing, "such as HistoryPacing(most=30)")
            gate.pacer.pacing = pacing
        self._asking = Asking(gate, _waits(backoff))
        self._hours = OpenHours(self._requests, self._asking)

    def __repr__(self) -> str:
        pacing = self._asking.pacing
        return f"<History: at most {pacing.most} small requests in {pacing.window:g} s>"

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
                time to come; the last bar is unfinished then. Weeks and months count by
                the day that IB names them by, their last.
            bar_size: As IB names it: ``"1 min"``, ``"5 secs"``, ``"1 hour"``, ``"1 day"``; also
                ``"5min"`` or ``"1h"``, but no ``"1m"``, which might be a minute or a month.
            what: As IB names it, in any case: ``"TRADES"``, ``"MIDPOINT"``, ``"BID"``, ``"ASK"``,
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
        check_progress(progress)
        check_resume(resume)
        wanted = want_bars(contract, start, end, bar_size, what, use_rth=use_rth, now=self._now())
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
        resume: TickStore | None = ...,
    ) -> TickSeries[HistoricalTickLast]: ...
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
        resume: TickStore | None = ...,
    ) -> TickSeries[HistoricalTickBidAsk]: ...
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
        resume: TickStore | None = ...,
    ) -> TickSeries[HistoricalTick]: ...
    async def ticks_async(
        self,
        contract: Contract,
        start: dt.datetime,
        end: dt.datetime | None,
        what: Literal["TRADES", "BID_ASK", "MIDPOINT"] = "TRADES",
        *,
        use_rth: bool = False,
        progress: ShowProgress = None,
        resume: TickStore | None = None,
    ) -> TickSeries[Any]:
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
            resume: As for `bars_async`: each page is kept as it comes.

        Raises as `bars_async`.
        """
        check_progress(progress)
        check_resume(resume)
        now = self._now()
        wanted = want_ticks(contract, start, end, what, use_rth=use_rth, now=now)
        self._check_ready()
        if resume is not None:
            check_store(contract)
        with shown(progress, str(wanted)) as report:
            download = TickDownload(
                requests=self._requests,
                asking=self._asking,
                hours=self._hours,
                wanted=wanted,
                store=MemoryStore() if resume is None else resume,
                now=now,
                report=report,
            )
            ticks = await download.run()
        return TickSeries(
            contract=contract,
            what=what,
            use_rth=use_rth,
            start=wanted.start,
            end=wanted.end,
            ticks=ticks,
            holes=tuple(download.holes),
            requests=download.sent,
        )

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
        check_contract(contract)
        what = word(what, "what", BAR_KINDS)
        flag(use_rth, "use_rth")
        self._check_ready()
        question = question_of(contract, what, ("head", use_rth))

        async def send() -> dt.datetime:
            return await self._requests.head_timestamp_async(contract, what, rth=use_rth)

        head = await self._asking.ask(question, send, lambda _: None)
        if head is None:
            raise GatewayError(162, f"no {what} data of {name_of(contract)}", "head time stamp")
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
        bar_size, what = size_of(bar_size, "bar_size"), word(what, "what", BAR_KINDS)
        flag(use_rth, "use_rth")
        check_joint(adjust, direction)
        check_progress(progress)
        check_resume(resume)
        if rule is not None:
            checked_rule(rule)
        if activity is not None:
            instance(activity, "activity", Activity, "an Activity(volume=...)")
        self._check_ready()
        store = MemoryStore() if resume is None else resume
        load = functools.partial(self._month, progress=progress, store=store)
        download = MonthsDownload(
            start=start,
            end=end,
            bar_size=bar_size,
            rule=rule,
            activity=activity,
            now=self._now(),
            load=functools.partial(load, what=what, use_rth=use_rth),
            load_volume=functools.partial(load, what="TRADES", use_rth=False),
        )
        download.days()  # an impossible span is refused before anything is sent
        chain = await self._source().chain_async(root, include_expired=True)
        return await download.run(chain, adjust, direction)

    continuous: Final = blocking(continuous_async)

    # -- inside

    def _source(self) -> ChainSource:
        if self._resolver is None:
            self._resolver = FuturesResolver(self.ib, requests=self._requests)
        return self._resolver

    async def _month(
        self,
        contract: Contract,
        start: dt.datetime,
        end: dt.datetime,
        bar_size: str,
        *,
        what: str,
        use_rth: bool,
        progress: ShowProgress,
        store: BarStore,
    ) -> BarSeries:
        now = self._now()
        wanted = want_bars(contract, start, end, bar_size, what, use_rth=use_rth, now=now)
        return await self._download(wanted, progress, store)

    async def _download(
        self, wanted: Wanted, progress: ShowProgress, store: BarStore | None
    ) -> BarSeries:
        self._check_ready()
        if store is not None:
            check_store(wanted.contract)
        span = Span(wanted.start, wanted.end)
        sessions = await self._hours.of(wanted.contract, span, use_rth=wanted.use_rth)
        with shown(progress, str(wanted)) as report:
            download = Download(
                requests=self._requests,
                asking=self._asking,
                wanted=wanted,
                sessions=sessions,
                store=MemoryStore() if store is None else store,
                now=self._now(),
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

    def _now(self) -> dt.datetime:
        return self._requests.health.clock()

    def _check_ready(self) -> None:
        if not self.ib.isConnected():
            raise NotConnected("a download of history")


def _waits(backoff: object) -> list[float]:
    if isinstance(backoff, str) or not isinstance(backoff, Iterable):
        raise PlanError("backoff", backoff, "seconds before each further attempt: (5, 15, 30)")
    return [wait_seconds(each, "backoff") or 0.0 for each in backoff]
