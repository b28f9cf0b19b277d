"""One futures product: what it is called, where it trades, what a point is worth."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from attrs import Attribute, field, frozen, validators

from ._grid import Price, exact
from ._months import MONTH_CODES

Settlement = Literal["cash", "physical"]
"""What happens to a contract that is held to its end."""


@frozen
class RollConvention:
    """When most people have left a contract: so many business days before a date of it.

    The number is a convention of this table, not a fact of the exchange.
    """

    days: int
    before: Literal["last trade", "first notice"]

    @classmethod
    def parse(cls, text: str) -> RollConvention:
        """Read the table's ``calendar:5`` (before last trade) or ``notice:3``.

        >>> RollConvention.parse("notice:3")
        RollConvention(days=3, before='first notice')
        """
        found = re.fullmatch(r"(calendar|notice):(\d+)", text)
        if not found:
            raise ValueError(f"roll rule {text!r}: accepted are 'calendar:5' and 'notice:3'")
        return cls(int(found[2]), "last trade" if found[1] == "calendar" else "first notice")


def _decimal_or_none(value: Price | None) -> Decimal | None:
    return None if value is None or value == "" else exact(value)


def _roll(value: RollConvention | str) -> RollConvention:
    return RollConvention.parse(value) if isinstance(value, str) else value


def _letters(_: object, attribute: Attribute[str], value: str) -> None:
    if list(value) != [code for code in MONTH_CODES if code in value]:
        raise ValueError(f"{attribute.name} {value!r}: month codes in order, out of {MONTH_CODES}")


@frozen(kw_only=True)
class Product:
    """One futures product: all contract months of one size on one exchange.

    Prices are in the units IB quotes and takes in orders: cents where `price_magnifier` is 100.
    A blank fact is None, never a guess.

    >>> from ibkit.products import product
    >>> corn = product("ZC")
    >>> corn.multiplier, corn.price_magnifier, corn.point_value
    (Decimal('5000'), 100, Decimal('50'))
    >>> corn.min_tick, corn.details_min_tick
    (Decimal('0.25'), Decimal('0.0025'))
    """

    root: str
    """The exchange's own code: ``6E``, ``FGBL``. Unique in the table."""
    symbol: str
    """``Contract.symbol`` at IB: ``EUR``, ``GBL``."""
    exchange: str
    """IB's name of the exchange today."""
    currency: str
    multiplier: Decimal | None = field(converter=_decimal_or_none)
    """As IB gives it. None where it is not a constant (XT, TFM)."""
    trading_class: str = ""
    """``Contract.tradingClass``; empty if unknown. It tells sizes of one symbol apart."""
    price_magnifier: int = field(default=1, validator=validators.ge(1))
    min_tick: Decimal | None = field(default=None, converter=_decimal_or_none)
    """Smallest step of a quote or order price."""
    listed_months: str = field(default=MONTH_CODES, validator=_letters)
    """Codes of the months listed near the front, serial months included."""
    active_months: str = field(default=MONTH_CODES, validator=_letters)
    """Codes of the months most people hold."""
    settlement: Settlement = field(validator=validators.in_(("cash", "physical")))
    last_trade_rule: str = ""
    """A phrase that `last_trade` understands; empty if unknown."""
    first_notice_rule: str = ""
    """A phrase that `first_notice` understands; empty if cash settled or unknown."""
    roll: RollConvention = field(converter=_roll, default=RollConvention(5, "last trade"))
    obsolete_exchanges: tuple[str, ...] = ()
    """Names of the exchange that IB takes no more."""
    name: str = ""
    asset_class: str = ""

    @property
    def point_value(self) -> Decimal | None:
        """Worth of one whole point of one contract, in `currency`."""
        return self.multiplier / self.price_magnifier if self.multiplier else None

    @property
    def details_min_tick(self) -> Decimal | None:
        """What ``ContractDetails.minTick`` reports: `min_tick` over `price_magnifier`.

        It is not the step of prices in orders where the magnifier is not 1.
        """
        return self.min_tick / self.price_magnifier if self.min_tick else None

    @property
    def is_physical(self) -> bool:
        """Whether a position held too long ends in delivery."""
        return self.settlement == "physical"

    @property
    def local_class(self) -> str:
        """What local symbols begin with: the trading class, the root where that is unknown."""
        return self.trading_class or self.root
