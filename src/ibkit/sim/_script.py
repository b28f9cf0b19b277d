"""`gateway.market`: what the simulated world does, said by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import final

from ibkit.sim._market import Instrument, Market, MarketTick, Quote
from ibkit.sim._session import Floor
from ibkit.sim._transport import Clock

Price = Decimal | int | float | str
Name = str | int

SIZE = 100
"""What stands at a scripted price."""


@final
class MarketScript:
    """Moves the market. Every method acts at once: orders fill and clients hear of it.

    An instrument is named by its local symbol (``"ESH6"``), a futures root (``"ES"``, its lead
    month), a stock, pair or index symbol (``"AAPL"``, ``"EUR.USD"``, ``"SPX"``), or a conId. A
    name that nothing has raises `LookupError`, what is no price or size `ValueError`. In a gateway
    that has stopped, and from another thread than that of its event loop, they raise
    `RuntimeError`.
    """

    _market: Market
    _floor: Floor
    _clock: Clock
    _flush: Callable[[], None]
    _check: Callable[[], object]
    """Raises where nothing can happen."""

    @classmethod
    def _of(
        cls,
        market: Market,
        floor: Floor,
        clock: Clock,
        flush: Callable[[], None],
        check: Callable[[], object] = tuple,
    ) -> MarketScript:
        self = cls()
        self._market, self._floor, self._clock, self._flush = market, floor, clock, flush
        self._check = check
        return self

    def __repr__(self) -> str:
        return f"<MarketScript at {self._clock.now():%Y-%m-%d %H:%M:%S %Z}>"

    def instrument(self, name: Name) -> Instrument:
        """What a name means now."""
        return self._market.named(name, self._clock.now())

    def now(self, name: Name) -> Quote:
        """The quote that stands now."""
        at = self._clock.now()
        return self._market.quote_at(self._market.named(name, at).con_id, at)

    def quote(
        self,
        name: Name,
        *,
        bid: Price | None = None,
        ask: Price | None = None,
        bid_size: Price | None = None,
        ask_size: Price | None = None,
    ) -> None:
        """Set the quote; what is left out stays. From now on the walk is silent.

        A new price stands there with 100 unless a size is given. The last price stays what it was,
        and stops on futures and stocks watch the last price (IB's default trigger method): to set
        one off, let somebody `trade` there.
        """
        if bid is not None and bid_size is None:
            bid_size = SIZE
        if ask is not None and ask_size is None:
            ask_size = SIZE
        at = self._catch_up()
        ticks = self._market.quote(name, at, bid=bid, ask=ask, bid_size=bid_size, ask_size=ask_size)
        self._deliver(ticks)

    def trade(self, name: Name, price: Price, size: Price = 1) -> None:
        """Let somebody trade."""
        at = self._catch_up()
        self._deliver(self._market.trade(name, at, price, size=size))

    def walk(self, name: Name, *, seed: int = 1) -> None:
        """Let the instrument walk on by itself from its present price."""
        at = self._catch_up()
        self._deliver(self._market.walk(name, at, seed=seed))

    def replay(
        self,
        name: Name,
        source: str | Path | Sequence[MarketTick],
        *,
        naive_zone: str | None = None,
        shift: bool = True,
    ) -> None:
        """Play a file of ticks or bars (CSV or Parquet) from now on.

        Args:
            name: The instrument.
            source: The file, or ready ticks.
            naive_zone: What a time without a zone means, as an IANA name; without it such a
                time is an error.
            shift: Move the file in time so that it begins now.
        """
        at = self._catch_up()
        ticks = self._market.replay(name, at, source, naive_zone=naive_zone, shift=shift)
        self._deliver(ticks)

    def _catch_up(self) -> dt.datetime:
        self._check()
        at = self._clock.now()
        self._floor.advance(at)
        return at

    def _deliver(self, ticks: Sequence[MarketTick]) -> None:
        self._floor.deliver(ticks, self._clock.now())
        self._flush()
