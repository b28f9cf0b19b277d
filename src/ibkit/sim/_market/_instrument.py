"""What can be traded or quoted, as the exchange and IB describe it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import field, frozen


@frozen(kw_only=True)
class Leg:
    """One leg of a combo."""

    con_id: int
    ratio: int
    action: str
    """``BUY`` or ``SELL``, for the combo when bought."""
    exchange: str


@frozen(kw_only=True)
class Instrument:
    """One row of ``reqContractDetails``: an instrument at its primary exchange.

    Prices are in the units that quotes and orders use (cents for a product whose magnifier
    is 100). One whole point of one contract is worth `point_value` of `currency`.
    """

    con_id: int
    symbol: str
    sec_type: str
    """``STK FUT CASH IND OPT BAG``. CONTFUT is a way of asking, not an instrument."""
    exchange: str
    currency: str
    local_symbol: str
    trading_class: str
    min_tick: Decimal
    """Smallest step of a quote or an order price, in quote units."""
    long_name: str = ""
    market_name: str = ""
    primary_exchange: str = ""
    multiplier: str = ""
    """As IB writes it; empty for stocks, currencies and indices."""
    price_magnifier: int = 1
    last_trade: dt.date | None = None
    last_trade_time: str = ""
    """``HH:MM`` in `zone`."""
    contract_month: str = ""
    """``YYYYMM``, the delivery month's name; need not be the month of `last_trade`."""
    zone: str = "US/Eastern"
    """As IB spells it; known to `zoneinfo`."""
    valid_exchanges: tuple[str, ...] = ()
    market_rules: tuple[int, ...] = ()
    """One id per entry of `valid_exchanges`."""
    order_types: tuple[str, ...] = ()
    under_con_id: int = 0
    under_symbol: str = ""
    under_sec_type: str = ""
    strike: Decimal | None = None
    right: str = ""
    stock_type: str = ""
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    sec_ids: tuple[tuple[str, str], ...] = ()
    min_size: Decimal = Decimal(1)
    size_increment: Decimal = Decimal(1)
    legs: tuple[Leg, ...] = field(default=())

    @property
    def point_value(self) -> Decimal:
        """Worth of one whole point of one contract, in `currency`."""
        return Decimal(self.multiplier or 1) / self.price_magnifier
