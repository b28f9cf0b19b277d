"""The market of a calendar spread, from the markets of its two months."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from attrs import frozen

from ibkit.products import PriceGrid, exact

from ._faces import plain
from ._listing import Listing


class TwoSided(Protocol):
    """A market with two sides, such as `ibkit.streams.Quote`."""

    @property
    def bid(self) -> Decimal | float | None:
        """None (or NaN) if there is none."""
        ...

    @property
    def ask(self) -> Decimal | float | None:
        """None (or NaN) if there is none."""
        ...


@frozen(kw_only=True)
class Touch:
    """The best prices of one contract."""

    bid: Decimal
    ask: Decimal


@frozen(kw_only=True)
class SpreadMarket:
    """What the new month costs above the old one; negative where it is cheaper.

    >>> near = Touch(bid=Decimal("5000.00"), ask=Decimal("5000.25"))
    >>> far = Touch(bid=Decimal("5050.00"), ask=Decimal("5050.50"))
    >>> market = SpreadMarket(old=near, new=far)
    >>> market.bid, market.ask, market.mid
    (Decimal('49.75'), Decimal('50.50'), Decimal('50.125'))
    """

    old: Touch
    new: Touch

    @property
    def bid(self) -> Decimal:
        """What one gets at once who sells the new month and buys the old one."""
        return self.new.bid - self.old.ask

    @property
    def ask(self) -> Decimal:
        """What one pays at once who buys the new month and sells the old one."""
        return self.new.ask - self.old.bid

    @property
    def mid(self) -> Decimal:
        """The middle."""
        return (self.bid + self.ask) / 2

    @property
    def level(self) -> Decimal:
        """How high the months trade, without its sign."""
        return abs(self.old.bid + self.old.ask) / 2

    def natural(self, *, is_long: bool) -> Decimal:
        """The price at which the roll of a position fills at once."""
        return self.ask if is_long else self.bid

    def patient(self, grid: PriceGrid, *, is_long: bool) -> Decimal:
        """The middle, on the grid, rounded in favour of who waits."""
        return grid.round(self.mid, "down" if is_long else "up")

    def __str__(self) -> str:
        return f"{plain(self.bid)} / {plain(self.ask)}"


def spread_market(
    old: Listing, new: Listing, quotes: Mapping[int, TwoSided]
) -> SpreadMarket | None:
    """The market of the spread; None if a side of one of the months is missing."""
    near, far = touch_of(quotes.get(old.con_id)), touch_of(quotes.get(new.con_id))
    return SpreadMarket(old=near, new=far) if near and far else None


def touch_of(quote: TwoSided | None) -> Touch | None:
    """Both sides of a market, or None."""
    if quote is None or quote.bid is None or quote.ask is None:
        return None
    try:
        return Touch(bid=exact(quote.bid), ask=exact(quote.ask))
    except ValueError:  # NaN, as ib_async's Ticker has it
        return None
