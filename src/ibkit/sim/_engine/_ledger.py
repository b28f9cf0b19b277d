"""The books of one account: cash per currency, positions, what trades do to both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import final

from ibkit.sim._engine._position import Booked, Position
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._scenario import Account

ZERO = Decimal(0)
VARIATION = frozenset({"FUT"})
"""Nothing is paid on opening; the difference comes into cash when the position is closed."""


@final
class Ledger:
    """Cash and positions of one account. What is booked is conserved to the last digit."""

    __slots__ = ("account", "cash", "groups", "positions", "start_equity")

    def __init__(self, account: Account) -> None:
        self.account = account
        self.cash: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.cash[account.currency] = account.cash
        self.positions: dict[int, Position] = {}
        self.groups: dict[str, dict[int, Position]] = {}
        """Positions by the name of their margin group."""
        self.start_equity = account.cash

    def position(self, instrument: Instrument, group: str) -> Position:
        """Return the position of an instrument, empty if there was none."""
        position = self.positions.get(instrument.con_id)
        if position is None:
            position = Position(instrument, group)
            self.positions[instrument.con_id] = position
            self.groups.setdefault(group, {})[instrument.con_id] = position
        return position

    def trade(
        self,
        instrument: Instrument,
        group: str,
        quantity: Decimal,
        price: Decimal,
        commission: Decimal,
    ) -> Booked:
        """Book one trade, bought if *quantity* is positive."""
        booked = self.position(instrument, group).trade(quantity, price, commission)
        cash = self.cash
        currency = instrument.currency
        if instrument.sec_type in VARIATION:
            cash[currency] += booked.gross - commission
        else:
            cash[currency] -= quantity * price * instrument.point_value + commission
        if instrument.sec_type == "CASH":
            cash[instrument.symbol] += quantity
        return booked

    def held(self) -> Iterable[Position]:
        """Return the positions that are not closed."""
        return (position for position in self.positions.values() if position.quantity)

    def forget_closed(self) -> None:
        """Drop the closed positions, as a new day does."""
        for con_id, position in list(self.positions.items()):
            if not position.quantity:
                del self.positions[con_id]
                group = self.groups[position.group]
                del group[con_id]
                if not group:
                    del self.groups[position.group]
