"""What a download is of, and what IB would refuse, found before anything is sent."""

from __future__ import annotations

import datetime as dt

from attrs import frozen
from ib_async import Contract

from ibkit._ib._arguments import contract_of, flag, word
from ibkit._ib._bar_sizes import DAY, bar_size as size_of
from ibkit.errors import PlanError

from ._bar_sizes import bar_seconds
from ._chunks import check_span
from ._stores import TICKS, SeriesKey
from ._when import When, check_when, moment_at

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


@frozen(kw_only=True)
class Wanted:
    """Bars that are to be downloaded."""

    contract: Contract
    start: dt.datetime
    end: dt.datetime
    bar_size: str
    what: str
    use_rth: bool

    @property
    def seconds(self) -> int:
        """The length of a bar."""
        return bar_seconds(self.bar_size)

    @property
    def key(self) -> SeriesKey:
        """Its name in a store."""
        return SeriesKey(
            con_id=self.contract.conId,
            bar_size=self.bar_size,
            what=self.what,
            use_rth=self.use_rth,
        )

    def __str__(self) -> str:
        return f"{self.bar_size} {self.what} bars of {name_of(self.contract)}"


@frozen(kw_only=True)
class WantedTicks:
    """Ticks that are to be downloaded."""

    contract: Contract
    start: dt.datetime
    end: dt.datetime
    what: str
    use_rth: bool

    @property
    def key(self) -> SeriesKey:
        """Their name in a store."""
        return SeriesKey(
            con_id=self.contract.conId, bar_size=TICKS, what=self.what, use_rth=self.use_rth
        )

    def __str__(self) -> str:
        return f"{self.what} ticks of {name_of(self.contract)}"


def want_bars(
    contract: Contract,
    start: When,
    end: When | None,
    bar_size: str,
    what: str,
    *,
    use_rth: bool,
    now: dt.datetime,
) -> Wanted:
    """
    Check a wish for bars.

    Raises:
        PlanError: It is impossible.
    """
    check_contract(contract)
    bar_size = size_of(bar_size, "bar_size")
    is_small = bar_seconds(bar_size) < DAY
    what = word(what, "what", BAR_KINDS)
    last = now if end is None else moment_at(end, "end", is_small=is_small, whole=True)
    first = moment_at(start, "start", is_small=is_small, whole=False)
    check_span(first, last)
    if first >= now:
        raise PlanError("start", start, f"a time before now, {now:%Y-%m-%d %H:%M:%S %Z}")
    return Wanted(
        contract=contract,
        start=first,
        end=min(last, now),
        bar_size=bar_size,
        what=what,
        use_rth=flag(use_rth, "use_rth"),
    )


def want_ticks(
    contract: Contract,
    start: dt.datetime,
    end: dt.datetime | None,
    what: str,
    *,
    use_rth: bool,
    now: dt.datetime,
) -> WantedTicks:
    """
    Check a wish for ticks.

    Raises:
        PlanError: It is impossible.
    """
    what = word(what, "what", TICK_KINDS)
    check_contract(contract)
    check_when(start, "start", dates=False)
    if end is not None:
        check_when(end, "end", dates=False)
    last = now if end is None else end
    check_span(start, last)
    return WantedTicks(
        contract=contract,
        start=start,
        end=min(last, now),
        what=what,
        use_rth=flag(use_rth, "use_rth"),
    )


def check_contract(contract: Contract) -> None:
    """Refuse a contract of which IB gives no past, and what is no contract."""
    contract_of(contract)
    if contract.secType == "CONTFUT":
        allowed = "a month of it; IB gives no past of a CONTFUT by date (error 10339): "
        raise PlanError("contract", str(contract), allowed + "use continuous_async")


def check_resume(store: object) -> None:
    """Refuse a place where nothing can be kept; a path is none yet."""
    if store is not None and (isinstance(store, type) or not hasattr(store, "spans")):
        raise PlanError("resume", store, "a store, such as MemoryStore() or ParquetStore(path)")


def check_store(contract: Contract) -> None:
    """Refuse to keep what has no name."""
    if not contract.conId:
        allowed = "a contract with its conId, which names its data in the store"
        raise PlanError("contract", str(contract), allowed)


def name_of(contract: Contract) -> str:
    """A contract for people."""
    return contract.localSymbol or contract.symbol or str(contract.conId)
