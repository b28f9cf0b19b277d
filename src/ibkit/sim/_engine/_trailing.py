"""Trailing stops: where the stop is, given the best price seen."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from attrs import frozen

HUNDRED = Decimal(100)


@frozen(kw_only=True)
class Trail:
    """How a stop follows the price: by an amount, or by a percentage of the price."""

    is_buy: bool
    tick: Decimal
    """Stops are kept on this grid, rounded away from the market."""
    amount: Decimal | None = None
    percent: Decimal | None = None

    def stop(self, best: Decimal) -> Decimal:
        """Return the stop that belongs to the best price seen.

        >>> Trail(is_buy=False, tick=Decimal("0.25"), amount=Decimal(2)).stop(Decimal(100))
        Decimal('98.00')
        """
        distance = self.amount if self.amount is not None else self._share(best)
        return self._on_grid(best + distance if self.is_buy else best - distance)

    def best(self, stop: Decimal) -> Decimal:
        """Return the price from which a stop that was given begins to move."""
        if self.amount is not None:
            return stop - self.amount if self.is_buy else stop + self.amount
        share = (self.percent or Decimal(0)) / HUNDRED
        return stop / (1 + share if self.is_buy else 1 - share)

    def is_better(self, price: Decimal, best: Decimal) -> bool:
        """Tell whether *price* moves the stop: a new low for a buy, a new high for a sell."""
        return price < best if self.is_buy else price > best

    def tighter(self, stop: Decimal | None, other: Decimal) -> Decimal:
        """Return the stop nearer to the market. A stop never moves back."""
        if stop is None:
            return other
        return min(stop, other) if self.is_buy else max(stop, other)

    def limit(self, stop: Decimal, offset: Decimal) -> Decimal:
        """Return the limit of a TRAIL LIMIT: stop - offset for a sell, stop + offset for a buy.

        >>> Trail(is_buy=False, tick=Decimal("0.05")).limit(Decimal(2921), Decimal("0.05"))
        Decimal('2920.95')
        """
        return stop + offset if self.is_buy else stop - offset

    def offset(self, stop: Decimal, limit: Decimal) -> Decimal:
        """Return the offset that belongs to a stop and a limit."""
        return limit - stop if self.is_buy else stop - limit

    def _share(self, best: Decimal) -> Decimal:
        return abs(best) * (self.percent or Decimal(0)) / HUNDRED

    def _on_grid(self, price: Decimal) -> Decimal:
        steps = (price / self.tick).to_integral_value(
            rounding=ROUND_CEILING if self.is_buy else ROUND_FLOOR
        )
        return steps * self.tick
