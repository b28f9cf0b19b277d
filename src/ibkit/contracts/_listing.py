"""One listed month of a futures product, and its dates."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen
from ib_async import ContractDetails, Future

from ibkit.products import (
    EXCHANGES,
    Calendar,
    CloseOut,
    ContractMonth,
    Product,
    RuleUnknown,
    close_out,
    exact,
    first_notice,
    last_trade,
    last_trade_at,
    last_trade_clock,
    local_symbol,
)


@frozen(kw_only=True)
class Listing:
    """One month of a product: what it is called and when it ends.

    A value, made by `from_details` of what the gateway answers, or by `by_rule` of the table
    alone. What the gateway says outranks the table: last trade, multiplier, tick and class are
    its own. It names no notice days, so those are always the table's.

    >>> from ibkit.products import ContractMonth, product
    >>> june = Listing.by_rule(product("GC"), ContractMonth(2026, 6))
    >>> june.last_trade.isoformat(), june.first_notice.isoformat(), june.close_out.long.isoformat()
    ('2026-06-26', '2026-05-29', '2026-05-27')
    """

    product: Product
    month: ContractMonth
    """The month that names the contract; trading may end in another one."""
    last_trade: dt.date
    last_trade_at: dt.datetime | None = None
    """The moment at which trading ends, with its zone; None where the time is not known."""
    first_notice: dt.date | None = None
    """None if no notice comes while it trades, or if nobody knows (see `unknown`)."""
    close_out: CloseOut | None = None
    """IB's own deadline for physical delivery; None for cash, or if nobody knows."""
    unknown: tuple[str, ...] = ()
    """Which of ``first notice`` and ``close out`` neither gateway nor table knows."""
    con_id: int = 0
    """0 for a month that was made by rule."""
    local_symbol: str = ""
    multiplier: Decimal | None = None
    min_tick: Decimal | None = None
    """The smallest step of prices in orders (cents for corn). The market rule is the truth."""
    trading_class: str = ""

    exchange: str = field()
    currency: str = field()
    market_rule: int | None = None
    """The id of the price rule on its exchange; `FuturesResolver.price_grid_async` reads it."""

    @exchange.default
    def _exchange_of_product(self) -> str:
        return self.product.exchange

    @currency.default
    def _currency_of_product(self) -> str:
        return self.product.currency

    @property
    def contract(self) -> Future:
        """The contract, a fresh object each time, so that nobody's change reaches another.

        Qualified if the gateway has named it; by month, and to be qualified, if not.
        """
        day = f"{self.last_trade:%Y%m%d}" if self.con_id else self.month.yyyymm
        return Future(
            symbol=self.product.symbol,
            lastTradeDateOrContractMonth=day,  # 8 digits at most: a time with it is error 10330
            exchange=self.exchange,
            localSymbol=self.local_symbol if self.con_id else "",
            multiplier="" if self.multiplier is None else f"{self.multiplier.normalize():f}",
            currency=self.currency,
            conId=self.con_id,
            tradingClass=self.trading_class,
        )

    def deadline(self, *, is_long: bool) -> dt.date:
        """The last day on which a position may stand: IB's close-out, else the last trade."""
        if self.close_out is None:
            return self.last_trade
        return self.close_out.long if is_long else self.close_out.short

    @classmethod
    def by_rule(
        cls, product: Product, month: ContractMonth, calendar: Calendar | None = None
    ) -> Listing:
        """Make a month from the table alone, listed or not, without a gateway.

        Raises:
            RuleUnknown: the table has no last-trade rule for the product.
        """
        notice, close, unknown = _delivery(product, month, calendar)
        return cls(
            product=product,
            month=month,
            last_trade=last_trade(product, month, calendar),
            last_trade_at=last_trade_at(product, month, calendar),
            first_notice=notice,
            close_out=close,
            unknown=unknown,
            local_symbol=local_symbol(product, month),
            multiplier=product.multiplier,
            min_tick=product.min_tick,
            trading_class=product.trading_class,
        )

    @classmethod
    def from_details(
        cls, details: ContractDetails, product: Product, calendar: Calendar | None = None
    ) -> Listing:
        """Read what ``reqContractDetails`` answered for a future.

        Raises:
            ValueError: the answer has no contract or no last trading day.
        """
        contract = details.contract
        day = last_trade_of(details)
        if contract is None or day is None:
            raise ValueError(f"no last trading day in {details}")
        month = month_of(details) or ContractMonth.of(day)
        notice, close, unknown = _delivery(product, month, calendar)
        return cls(
            product=product,
            month=month,
            last_trade=day,
            last_trade_at=_moment(details, product, day),
            first_notice=notice,
            close_out=close and CloseOut(min(close.long, day), min(close.short, day)),
            unknown=unknown,
            con_id=contract.conId,
            local_symbol=contract.localSymbol,
            multiplier=exact(contract.multiplier) if contract.multiplier else None,
            min_tick=_tick(details),
            trading_class=contract.tradingClass,
            exchange=contract.exchange,
            currency=contract.currency,
            market_rule=rule_on(details, contract.exchange),
        )

    def __str__(self) -> str:
        return self.local_symbol or f"{self.product.root} {self.month}"


def last_trade_of(details: ContractDetails) -> dt.date | None:
    """The last trading day: the real one, where IB gives two."""
    stated = details.contract.lastTradeDateOrContractMonth if details.contract else ""
    for text in (details.realExpirationDate, stated):
        if day := date_of(text):
            return day
    return None


def date_of(text: str) -> dt.date | None:
    """The day that a text begins with in eight digits; None if it does not."""
    digits = text.strip()[:8]
    if len(digits) < 8 or not digits.isdecimal():
        return None
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def month_of(details: ContractDetails) -> ContractMonth | None:
    """The month that names the contract, None where the gateway gives none."""
    text = details.contractMonth
    return ContractMonth.parse(text) if len(text) == 6 and text.isdecimal() else None


def rule_on(details: ContractDetails, exchange: str) -> int | None:
    """The market rule of one exchange: the two lists stand in the same order."""
    rules = dict(
        zip(details.validExchanges.split(","), details.marketRuleIds.split(","), strict=False)
    )
    rule = rules.get(exchange, "")
    return int(rule) if rule.isdecimal() else None


def _tick(details: ContractDetails) -> Decimal | None:
    return exact(details.minTick) * (details.priceMagnifier or 1) if details.minTick else None


def _delivery(
    product: Product, month: ContractMonth, calendar: Calendar | None
) -> tuple[dt.date | None, CloseOut | None, tuple[str, ...]]:
    try:
        notice = first_notice(product, month, calendar)
    except RuleUnknown:
        return None, None, ("first notice", "close out")
    try:
        return notice, close_out(product, month, calendar), ()
    except RuleUnknown:  # the gateway knows the last trade, the table does not
        return notice, None, ("close out",)


def _moment(details: ContractDetails, product: Product, day: dt.date) -> dt.datetime | None:
    try:
        time = dt.time.fromisoformat(details.lastTradeTime)
    except ValueError:
        clock = last_trade_clock(product)
        return dt.datetime.combine(day, clock.time, ZoneInfo(clock.zone)) if clock else None
    zone = _zone(details.timeZoneId, product)
    return dt.datetime.combine(day, time, zone) if zone else None


def _zone(name: str, product: Product) -> ZoneInfo | None:
    exchange = EXCHANGES.get(product.exchange)
    return _zone_of(name) or (_zone_of(exchange.zone) if exchange else None)


def _zone_of(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None  # a name that this machine does not know
