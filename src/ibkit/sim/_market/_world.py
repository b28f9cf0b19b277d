"""The market: one object through which the rest of the simulator sees the world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import final

from ibkit.sim import _checked as checked
from ibkit.sim._market import _history, _naming, _rules
from ibkit.sim._market._black_scholes import greeks, implied
from ibkit.sim._market._figures import DayFigures, Greeks, MarketBar, PriceCount, Session
from ibkit.sim._market._history import TickKind
from ibkit.sim._market._hours import Hours
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._listings import Listings
from ibkit.sim._market._made_of import middle
from ibkit.sim._market._path import DAY, SIZES, moment_of, stamp_of
from ibkit.sim._market._script import ScriptTape, Spliced
from ibkit.sim._market._scripting import played, refuse_what_never_happens, set_quote
from ibkit.sim._market._sweep import Sweep
from ibkit.sim._market._tapes import Tapes, option_view
from ibkit.sim._market._ticks import MarketTick, Quote, Trade
from ibkit.sim._scenario import Scenario

Price = Decimal | int | float | str
_NOTHING = Decimal(0)


def _empty(con_id: int, now: dt.datetime) -> Quote:
    return Quote(con_id, now, None, _NOTHING, None, _NOTHING)


@final
class Market:
    """Instruments, hours and prices of the simulated world.

    It has no clock: every question names its moment, and nothing after that moment is told.
    Two markets of the same scenario and seed that are scripted alike say the same for ever.

    Args:
        scenario: Whether trading hours are kept.
        seed: Makes every price.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.listings = Listings()
        self.hours = Hours(scenario, self.listings.by_con_id)
        self._tapes = Tapes(seed, self.listings, self.hours)
        self._sweep = Sweep(self._tapes.of)

    # -- instruments

    def instrument(self, con_id: int) -> Instrument:
        """Return the instrument. Raises KeyError for an id that nothing has."""
        return self._tapes.instrument(con_id)

    def named(self, name: str | int, now: dt.datetime) -> Instrument:
        """Find what a script means by a name.

        That is a conId, a share (``AAPL``), a pair (``EUR.USD``), a futures root (``ES``: its
        lead contract), an index (``SPX``), or the local symbol of a future or an option.

        Raises:
            LookupError: nothing has this name.
        """
        return _naming.named(self.listings, name, now.date())

    def increment(self, instrument: Instrument, price: Decimal) -> Decimal:
        """Return the step of order prices at *price*, at the instrument's exchange."""
        return _rules.increment(instrument, price)

    def market_rule(self, rule_id: int) -> tuple[tuple[Decimal, Decimal], ...] | None:
        """Return the ``(low edge, increment)`` rows of reqMarketRule; ``None`` if unknown."""
        return _rules.bands(rule_id)

    # -- now

    def quote_at(self, con_id: int, now: dt.datetime) -> Quote:
        """Return the quote that stands at *now* (the last one when the market is closed).

        What has no quotes (an index) has neither side.
        """
        quote = self._tapes.of(con_id).quote_at(moment_of(now))
        return quote or _empty(con_id, now)

    def last_at(self, con_id: int, now: dt.datetime) -> Trade | None:
        """Return the last trade up to *now*; ``None`` for pairs, combos, or if there is none."""
        return self._tapes.of(con_id).last_at(moment_of(now))

    def day_at(self, con_id: int, now: dt.datetime) -> DayFigures:
        """Return the figures of the trading day up to *now*.

        While the market is closed it is the last trading day that has begun. A pair's figures
        are those of its bid.
        """
        days = self.hours.days(self.instrument(con_id))
        return _history.day_figures(self._tapes.of(con_id), days, moment_of(now))

    def greeks_at(self, con_id: int, now: dt.datetime) -> Greeks | None:
        """Return an option's model figures; ``None`` for anything else."""
        option = self.instrument(con_id)
        if option.sec_type != "OPT":
            return None
        under = self._tapes.of(option.under_con_id)
        tick = under.quote_at(moment_of(now)) or under.last_at(moment_of(now))
        price = None if tick is None else middle(tick)
        if price is None:
            return None
        view = option_view(option)
        return greeks(view.terms(moment_of(now) // SIZES[DAY]), float(price), view.volatility)

    def greeks_of(
        self,
        option: Instrument,
        now: dt.datetime,
        *,
        under_price: float,
        price: float | None = None,
        volatility: float | None = None,
    ) -> Greeks | None:
        """Return model figures for a price (then its volatility is sought) or a volatility.

        ``None`` if there is no solution.
        """
        terms = option_view(option).terms(moment_of(now) // SIZES[DAY])
        if under_price <= 0:
            return None
        if volatility is None and price is not None:
            volatility = implied(terms, under_price, price)
        if volatility is None or volatility <= 0:
            return None
        return greeks(terms, under_price, volatility)

    # -- the tape

    def ticks(
        self, con_ids: Iterable[int], since: dt.datetime, until: dt.datetime
    ) -> list[MarketTick]:
        """Return what happens in ``since < t <= until``, in order of time.

        Call it with windows that follow each other: the tape is cut in pages that are kept.
        """
        return self._sweep.ticks(con_ids, moment_of(since) + 1, moment_of(until) + 1)

    def next_tick_after(self, con_id: int, now: dt.datetime) -> dt.datetime | None:
        """Return the time of the next tick after *now*; ``None`` if nothing more will come."""
        time = self._tapes.of(con_id).next_after(moment_of(now))
        return None if time is None else stamp_of(time)

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
        (open: average bid, high: highest ask, low: lowest bid, close: average ask). Bars in
        which nothing happened are missing. `wap` is the middle of the four prices, not weighted.
        """
        return _history.bars(
            self._tapes.of(instrument.con_id),
            self.hours.days(instrument),
            (moment_of(start), moment_of(end)),
            size,
            what,
            regular=use_rth,
        )

    def history_start(
        self, instrument: Instrument, end: dt.datetime, duration: str, *, use_rth: bool
    ) -> dt.datetime:
        """Return where a request of *duration* (``"3 D"``, in trading days) up to *end* begins."""
        return _history.start_of(self.hours.days(instrument), end, duration, regular=use_rth)

    def historical_ticks(
        self,
        instrument: Instrument,
        *,
        start: dt.datetime | None,
        end: dt.datetime | None,
        count: int,
        what: TickKind,
        use_rth: bool,
    ) -> list[MarketTick]:
        """Return *count* ticks from *start* on, or up to *end*; the last second is completed.

        MIDPOINT answers with quotes: the middle is the reader's to take.
        """
        reel = _history.Reel(
            self._tapes.of(instrument.con_id), self.hours.days(instrument), what, regular=use_rth
        )
        if start is not None:
            return reel.forward(moment_of(start), count)
        return [] if end is None else reel.backward(moment_of(end), count)

    def head_timestamp(
        self, instrument: Instrument, what: str, *, use_rth: bool
    ) -> dt.datetime | None:
        """Return the first moment of history, ``None`` if there is none of that kind."""
        return self._tapes.head(instrument, what, regular=use_rth)

    def schedule(
        self, instrument: Instrument, start: dt.datetime, end: dt.datetime, *, use_rth: bool
    ) -> list[Session]:
        """Return the trading sessions that touch ``start <= t < end``."""
        return self.hours.schedule(instrument, start, end, rth=use_rth)

    def histogram(
        self, instrument: Instrument, start: dt.datetime, end: dt.datetime, *, use_rth: bool
    ) -> list[PriceCount]:
        """Return the volume traded per price, by price.

        A minute's volume counts in equal parts at its open, high, low and close.
        """
        return _history.histogram(
            self._tapes.of(instrument.con_id),
            self.hours.days(instrument),
            (moment_of(start), moment_of(end)),
            regular=use_rth,
        )

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

        Raises:
            LookupError: nothing has this name.
            ValueError: the bid would be above the ask, a size below 0, or it is no number;
                or an index, which nobody quotes.
        """
        instrument = self.named(name, now)
        refuse_what_never_happens(instrument, "quote")
        con_id = instrument.con_id
        is_whole = None not in (bid, ask, bid_size, ask_size)
        stands = _empty(con_id, now) if is_whole else self.quote_at(con_id, now)
        tick = set_quote(stands, now, bid=bid, ask=ask, bid_size=bid_size, ask_size=ask_size)
        self._script(con_id, now).add(tick)
        return [tick]

    def trade(
        self, name: str | int, now: dt.datetime, price: Price, *, size: Price = 1
    ) -> list[MarketTick]:
        """Let a trade happen. Returns what happens now, as `quote` does, and raises as it does."""
        instrument = self.named(name, now)
        refuse_what_never_happens(instrument, "trade")
        con_id, exchange = instrument.con_id, instrument.exchange
        at, how_much = checked.number("price", price), checked.above_zero("size", size)
        tick = Trade(con_id, now, at, how_much, exchange)
        self._script(con_id, now).add(tick)
        return [tick]

    def walk(self, name: str | int, now: dt.datetime, *, seed: int) -> list[MarketTick]:
        """Let the instrument walk on by itself from its present price, by another seed.

        Raises:
            LookupError: nothing has this name.
            ValueError: a combo or an option, whose prices follow from others.
        """
        checked.whole("seed", seed, least=None)
        instrument = self.named(name, now)
        if instrument.sec_type in ("BAG", "OPT"):
            raise ValueError(f"{name} cannot walk by itself: its price follows from others")
        spliced, time = self._scripted(instrument.con_id), moment_of(now)
        tick = spliced.last_at(time) or spliced.quote_at(time)
        price = None if tick is None else middle(tick)
        if price is None:
            raise ValueError(f"{name} has no price from which it could walk")
        spliced.put(time + 1, self._tapes.walking(instrument, seed, time, price))
        return []

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

        Raises:
            LookupError: nothing has this name.
            ReplayError: what is wrong with the file, and in which row.
        """
        instrument = self.named(name, now)
        ticks = played(source, instrument, now, naive_zone=naive_zone, shift=shift)
        tape, start = ScriptTape(ticks), moment_of(min(now, ticks[0].time))
        self._scripted(instrument.con_id).put(start, tape)
        return tape.ticks(moment_of(now), moment_of(now) + 1)

    def _scripted(self, con_id: int) -> Spliced:
        """Return an instrument's tape, to be written to."""
        self._sweep.forget()
        return self._tapes.scripted(con_id)

    def _script(self, con_id: int, now: dt.datetime) -> ScriptTape:
        """Return the script that is being written for an instrument, begun now if there is none."""
        spliced = self._scripted(con_id)
        tape, time = spliced.current, moment_of(now)
        if isinstance(tape, ScriptTape) and tape.next_after(time) is None:
            return tape
        script = ScriptTape()
        spliced.put(time, script)
        return script
