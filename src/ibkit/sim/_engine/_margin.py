"""What must stand against positions.

A coarse model of IB's house margin. Positions offset one another within a group (one root of
futures, one stock); the group's net worth is charged a share of its value, what offsets within
it a tenth of that share. Options that are held are paid for and need nothing; written ones are
charged like a fifth of the underlying worth that they can turn into.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple, Protocol, final

from attrs import frozen

from ibkit.sim._market._instrument import Instrument

ZERO = Decimal(0)


class Holding(NamedTuple):
    """A position as the margin model sees it."""

    instrument: Instrument
    quantity: Decimal
    price: Decimal


class Requirement(NamedTuple):
    """Margin in the instrument's currency."""

    initial: Decimal
    maintenance: Decimal


class MarginModel(Protocol):
    """What must stand against positions."""

    def group(self, instrument: Instrument) -> str:
        """Return the name of the group within which positions offset one another."""
        ...

    def require(self, holdings: Iterable[Holding]) -> Requirement:
        """Return what the positions of one group need together."""
        ...


class Share(NamedTuple):
    """Initial and maintenance margin as shares of the position's worth."""

    initial: Decimal
    maintenance: Decimal


SHARES = {
    "FUT": Share(Decimal("0.06"), Decimal("0.05")),
    "STK": Share(Decimal("0.50"), Decimal("0.25")),
    "CASH": Share(Decimal("0.03"), Decimal("0.03")),
    "OPT": Share(Decimal("0.20"), Decimal("0.15")),
}
OFFSET = Decimal("0.1")


@final
@frozen(kw_only=True)
class ShareMargin:
    """Margin as a share of the worth, per security type."""

    def group(self, instrument: Instrument) -> str:
        """Return one name per root of futures, per option class, per anything else."""
        return f"{instrument.sec_type}.{instrument.symbol}.{instrument.currency}"

    def require(self, holdings: Iterable[Holding]) -> Requirement:
        """Charge the net worth of the group, and a tenth for what offsets within it."""
        net = gross = ZERO
        share = SHARES["STK"]
        for instrument, quantity, price in holdings:
            share = SHARES.get(instrument.sec_type, SHARES["STK"])
            worth = quantity * abs(price) * instrument.point_value
            if instrument.sec_type == "OPT":
                worth = _written(instrument, quantity)
            net += worth
            gross += abs(worth)
        charged = abs(net) + (gross - abs(net)) * OFFSET
        return Requirement(charged * share.initial, charged * share.maintenance)


def _written(option: Instrument, quantity: Decimal) -> Decimal:
    return min(quantity, ZERO) * (option.strike or ZERO) * option.point_value
