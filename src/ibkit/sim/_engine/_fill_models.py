"""How much of an order is filled at the touch, and how far from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol, final

from attrs import field, frozen

from ibkit.sim._checked import by_type, is_above_zero
from ibkit.sim._market._instrument import Instrument

ZERO = Decimal(0)


class FillModel(Protocol):
    """How much of an order the size at the touch fills."""

    def take(self, wanted: Decimal, available: Decimal) -> Decimal:
        """Return how much of *wanted* is filled when *available* stands there."""
        ...


@final
@frozen
class TouchFill:
    """No more than what stands at the touch; the rest waits for the next quote."""

    def take(self, wanted: Decimal, available: Decimal) -> Decimal:
        """Return the smaller one."""
        return min(wanted, available)


@final
@frozen
class FullFill:
    """Everything at once, whatever the size at the touch."""

    def take(self, wanted: Decimal, available: Decimal) -> Decimal:
        """Return all that is wanted."""
        return wanted


@final
@frozen(field_transformer=by_type)
class LotFill:
    """At most *lot* per quote or trade, whatever the size at the touch."""

    lot: Decimal = field(validator=is_above_zero)

    def take(self, wanted: Decimal, available: Decimal) -> Decimal:
        """Return one lot, or the rest."""
        return min(wanted, self.lot)


class SlippageModel(Protocol):
    """How much worse than the touch an aggressive order fares."""

    def slip(self, instrument: Instrument) -> Decimal:
        """Return by how much, in quote units."""
        ...


@final
@frozen
class NoSlippage:
    """Aggressive orders get the touch."""

    def slip(self, instrument: Instrument) -> Decimal:
        """Return nothing."""
        return ZERO


@final
@frozen(field_transformer=by_type)
class TickSlippage:
    """Some ticks worse than the touch; never beyond an order's limit."""

    ticks: int

    def slip(self, instrument: Instrument) -> Decimal:
        """Return that many smallest steps."""
        return instrument.min_tick * self.ticks
