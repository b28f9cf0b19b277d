"""The market: one object through which the rest of the simulator sees the world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal, final

from ibkit.sim._market._figures import DayFigures, Greeks, MarketBar, PriceCount, Session
from ibkit.sim._market._hours import Hours
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._listings import Listings
from ibkit.sim._market._ticks import MarketTick, Quote, Trade
from ibkit.sim._scenario import Scenario

Price = Decimal | int | float | str


@final
class Market:
    """Instruments, hours and prices of the simulated world.

    It has no clock: every question names its moment, and nothing after that moment is told.
    Two markets of the same scenario and seed that are scripted alike say the same for ever.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.listings = Listings(scenario)
        self.hours = Hours(scenario)

    # -- instruments

    def instrument(self, con_id: int) -> Instrument:
        """Return the instrument. Raises KeyError for an id that nothing has."""
        raise NotImplementedError

    def named(self, name: str | int, now: dt.datetime) -> Instrument:
        """Find what a script means: a local symbol, a conId, a stock, pair (``EUR.USD``) or
        index, or a futures root (its lead contract). Raises LookupError.
        """
        raise NotImplementedError

    def increment(self, instrument: Instrument, price: Decimal) -> Decimal:
        """Return the step of order prices at *price*, at the instrument's exchange."""
        raise NotImplementedError

    def market_rule(self, rule_id: int) -> tuple[tuple[Decimal, Decimal], ...] | None:
        """Return the ``(low edge, increment)`` rows of reqMarketRule; ``None`` if unknown."""
        raise NotImplementedError

    # -- now

    def quote_at(self, con_id: int, now: dt.datetime) -> Quote:
        """Return the quote that stands at *now* (the last one when the market is closed)."""
        raise NotImplementedError

    def last_at(self, con_id: int, now: dt.datetime) -> Trade | None:
        """Return the last trade up to *now*; ``None`` for pairs, combos, or if there is none."""
        raise NotImplementedError

    def day_at(self, con_id: int, now: dt.datetime) -> DayFigures:
        """Return the figures of the trading day up to *now*."""
        raise NotImplementedError

    def greeks_at(self, con_id: int, now: dt.datetime) -> Greeks | None:
        """Return an option's model figures; ``None`` for anything else."""
        raise NotImplementedError

    # -- the tape

    def ticks(
        self, con_ids: Iterable[int], since: dt.datetime, until: dt.datetime
    ) -> list[MarketTick]:
        """Return what happens in ``since < t <= until``, in order of time.

        Call it with windows that follow each other: the tape is cut in blocks that are kept.
        """
        raise NotImplementedError

    def next_tick_after(self, con_id: int, now: dt.datetime) -> dt.datetime | None:
        """Return the time of the next tick after *now*; ``None`` if nothing more will come."""
        raise NotImplementedError

    # -- history

    def bars(
        self,
        instrument: Instrument,
        start: dt.datetime,
        end: dt.datetime,
        size: str,
        what: str,
        *,
        use_rth: bool,
    ) -> list[MarketBar]:
        """Return the bars that begin in ``start <= t < end``; the last may be cut by *end*.

        *size* is IB's text (``"5 mins"``), *what* one of TRADES, MIDPOINT, BID, ASK, BID_ASK
        (open: average bid, high: highest ask, low: lowest bid, close: average ask).
        Bars in which nothing happened are missing.
        """
        raise NotImplementedError

    def history_start(
        self, instrument: Instrument, end: dt.datetime, duration: str, *, use_rth: bool
    ) -> dt.datetime:
        """Return where a request of *duration* (``"3 D"``, in trading days) up to *end* begins."""
        raise NotImplementedError

    def historical_ticks(
        self,
        instrument: Instrument,
        *,
        start: dt.datetime | None,
        end: dt.datetime | None,
        count: int,
        what: Literal["TRADES", "BID_ASK", "MIDPOINT"],
        use_rth: bool,
    ) -> list[MarketTick]:
        """Return *count* ticks from *start* on, or up to *end*; the last second is completed.

        MIDPOINT answers with quotes: the middle is the reader's to take.
        """
        raise NotImplementedError

    def head_timestamp(
        self, instrument: Instrument, what: str, *, use_rth: bool
    ) -> dt.datetime | None:
        """Return the first moment of history, ``None`` if there is none of that kind."""
        raise NotImplementedError

    def schedule(
        self, instrument: Instrument, start: dt.datetime, end: dt.datetime, *, use_rth: bool
    ) -> list[Session]:
        """Return the trading sessions that touch ``start <= t < end``."""
        raise NotImplementedError

    def histogram(
        self, instrument: Instrument, start: dt.datetime, end: dt.datetime, *, use_rth: bool
    ) -> list[PriceCount]:
        """Return the volume traded per price, by price."""
        raise NotImplementedError

    # -- scripts: from `now` on the instrument does what the script says

    def quote(
        self,
        name: str | int,
        now: dt.datetime,
        *,
        bid: Price | None = None,
        ask: Price | None = None,
        bid_size: Price | None = None,
        ask_size: Price | None = None,
    ) -> list[MarketTick]:
        """Set the quote. What is left out stays as it is.

        Returns the ticks of this moment, which `ticks` will not return again to a caller
        whose window begins at *now*: bring the tape up to *now* first, then deliver these.
        """
        raise NotImplementedError

    def trade(
        self, name: str | int, now: dt.datetime, price: Price, *, size: Price = 1
    ) -> list[MarketTick]:
        """Let a trade happen. Returns what happens now, as `quote` does."""
        raise NotImplementedError

    def walk(self, name: str | int, now: dt.datetime, *, seed: int) -> list[MarketTick]:
        """Let the instrument walk on by itself from its present price, by another seed."""
        raise NotImplementedError

    def replay(
        self,
        name: str | int,
        now: dt.datetime,
        source: str | Path | Sequence[MarketTick],
        *,
        naive_zone: str | None = None,
        shift: bool = True,
    ) -> list[MarketTick]:
        """Play a file of ticks or bars (CSV, Parquet) from *now* on.

        Args:
            name: The instrument.
            now: The moment of the first row, when *shift* is on.
            source: The file, or ready ticks.
            naive_zone: What a time without a zone means, as an IANA name. Without it such
                a time is an error.
            shift: Move the file in time so that it begins now. Off: rows keep their times,
                and those before *now* are past history.
        """
        raise NotImplementedError
