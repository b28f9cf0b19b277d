"""Commissions, by the order: what one order has cost so far, given what it has filled."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol, final

from attrs import field, frozen

from ibkit.sim._checked import by_type
from ibkit.sim._market._instrument import Instrument

CENT = Decimal("0.0001")
MICROS = frozenset({
    "M2K", "M6A", "M6B", "M6E", "MBT", "MCD", "MCL", "MES", "MET", "MGC", "MHG", "MIR", "MJY",
    "MNG", "MNQ", "MSF", "MYM", "SIL",
})  # fmt: skip


class CommissionModel(Protocol):
    """What IB takes, in the currency of the instrument."""

    def total(self, instrument: Instrument, quantity: Decimal, value: Decimal) -> Decimal:
        """Return what an order costs that has filled *quantity* worth *value*.

        *value* is the sum of price times quantity. A fill is charged the growth of the total,
        so that a minimum per order is charged once.
        """
        ...


@final
@frozen(kw_only=True, field_transformer=by_type)
class FixedCommission:
    """IB's fixed plan, near enough to be recognised.

    Futures per contract (2.25, micros 0.62, exchange fees included: an ES and a MES contract),
    stocks 0.005 per share and at least 1, options 0.65 per contract and at least 1, currencies
    0.2 basis points of the value and at least 2.
    """

    future: Decimal = Decimal("2.25")
    micro_future: Decimal = Decimal("0.62")
    by_class: dict[str, Decimal] = field(factory=dict)
    """Per contract, for single trading classes of futures."""

    def total(self, instrument: Instrument, quantity: Decimal, value: Decimal) -> Decimal:
        """Return what an order costs that has filled *quantity* worth *value*."""
        kind = instrument.sec_type
        if kind in {"FUT", "FOP"}:
            return quantity * self._per_contract(instrument.trading_class)
        if kind == "OPT":
            return max(quantity * Decimal("0.65"), Decimal(1))
        if kind == "CASH":
            return max((value * Decimal("0.00002")).quantize(CENT), Decimal(2))
        return max((quantity * Decimal("0.005")).quantize(CENT), Decimal(1))

    def _per_contract(self, trading_class: str) -> Decimal:
        usual = self.micro_future if trading_class in MICROS else self.future
        return self.by_class.get(trading_class, usual)
