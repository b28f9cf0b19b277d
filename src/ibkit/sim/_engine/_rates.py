"""What currencies are worth, for the totals in an account's base currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol, final

from attrs import field, frozen

from ibkit.sim._checked import by_type, changed

ONE = Decimal(1)
IN_DOLLARS = {
    "USD": Decimal(1),
    "EUR": Decimal("1.10"),
    "GBP": Decimal("1.27"),
    "CHF": Decimal("1.13"),
    "JPY": Decimal("0.0067"),
    "AUD": Decimal("0.66"),
    "NZD": Decimal("0.60"),
    "CAD": Decimal("0.73"),
    "HKD": Decimal("0.128"),
    "SGD": Decimal("0.75"),
    "CNH": Decimal("0.14"),
    "SEK": Decimal("0.095"),
    "NOK": Decimal("0.093"),
    "KRW": Decimal("0.00073"),
    "MXN": Decimal("0.055"),
}


class Rates(Protocol):
    """What a currency is worth."""

    def rate(self, currency: str, base: str) -> Decimal:
        """Return how much *base* one unit of *currency* buys."""
        ...


@final
@frozen(kw_only=True, repr=False, field_transformer=by_type)
class FixedRates:
    """Rates from a table that never moves. A currency that is not in it counts one to one."""

    in_dollars: dict[str, Decimal] = field(factory=lambda: dict(IN_DOLLARS))

    __repr__ = changed

    def rate(self, currency: str, base: str) -> Decimal:
        """Return how much *base* one unit of *currency* buys."""
        if currency == base:
            return ONE
        return self.in_dollars.get(currency, ONE) / self.in_dollars.get(base, ONE)
