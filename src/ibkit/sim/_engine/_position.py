"""One position at average cost."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple, final

from ibkit.sim._market._instrument import Instrument

ZERO = Decimal(0)
GRAIN = Decimal("0.00000001")
"""Shares of a cost are cut here; what is cut off stays with the rest, so that nothing is lost."""


class Booked(NamedTuple):
    """What one trade did to a position."""

    gross: Decimal
    """Variation realized by what the trade closed, before commissions."""
    realized: Decimal | None
    """The same, net of the commissions of opening and closing; ``None``: it closed nothing."""


@final
class Position:
    """Quantity, cost and open commissions of one instrument in one account."""

    __slots__ = (
        "cost",
        "fees",
        "flow",
        "group",
        "instrument",
        "quantity",
        "realized",
        "start_value",
    )

    def __init__(self, instrument: Instrument, group: str) -> None:
        self.instrument, self.group = instrument, group
        self.quantity = self.cost = self.fees = ZERO
        """Cost is quantity times price times point value, so negative for a short position."""
        self.realized = self.flow = self.start_value = ZERO
        """Of today: realized net, money paid for trades, worth when the day began."""

    def trade(self, quantity: Decimal, price: Decimal, commission: Decimal) -> Booked:
        """Book one trade, bought if *quantity* is positive."""
        point = price * self.instrument.point_value
        self.flow += quantity * point
        if self.quantity * quantity >= 0:
            return self._open(quantity, quantity * point, commission)
        closing = min(abs(quantity), abs(self.quantity)) * (1 if quantity > 0 else -1)
        fee = _share(commission, closing, quantity)
        booked = self._close(closing, closing * point, fee)
        if closing != quantity:
            self._open(quantity - closing, (quantity - closing) * point, commission - fee)
        return booked

    def _open(self, quantity: Decimal, worth: Decimal, commission: Decimal) -> Booked:
        self.quantity += quantity
        self.cost += worth
        self.fees += commission
        return Booked(ZERO, None)

    def _close(self, quantity: Decimal, worth: Decimal, commission: Decimal) -> Booked:
        cost = _share(self.cost, quantity, -self.quantity)
        fees = _share(self.fees, quantity, -self.quantity)
        self.quantity += quantity
        self.cost -= cost
        self.fees -= fees
        gross = -worth - cost
        net = gross - fees - commission
        self.realized += net
        return Booked(gross, net)

    @property
    def average_cost(self) -> Decimal:
        """Return the cost of one contract in money, opening commission included."""
        return (self.cost + self.fees) / self.quantity if self.quantity else ZERO

    @property
    def average_price(self) -> Decimal:
        """Return the average price in quote units, without commission."""
        if not self.quantity:
            return ZERO
        return self.cost / self.quantity / self.instrument.point_value

    def worth(self, price: Decimal) -> Decimal:
        """Return the market value at a price."""
        return self.quantity * price * self.instrument.point_value

    def start_day(self, price: Decimal | None) -> None:
        """Begin a new trading day."""
        self.realized = self.flow = ZERO
        self.start_value = self.worth(price) if price is not None else self.cost


def _share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    return amount if part == whole else (amount * part / whole).quantize(GRAIN)
