"""
Plain facts about futures: products, months, symbols, last-trade and notice dates.

Everything here is pure: it reads no clock and asks no gateway. The facts are a starting table;
what ``reqContractDetails`` answers outranks them. A fact that the table does not have is None or
a `RuleUnknown`, never a guess.

    >>> import datetime as dt
    >>> from ibkit.products import ContractMonth, last_trade, listed_months, product
    >>> gold = product("GC")
    >>> last_trade(gold, ContractMonth.parse("2026-12"))
    datetime.date(2026, 12, 29)
    >>> [str(month) for month in listed_months(gold, dt.date(2026, 6, 1), cycle="active")][:3]
    ['2026-06', '2026-08', '2026-10']
"""

from __future__ import annotations

from ._calendar import (
    CALENDARS as CALENDARS,
    Calendar as Calendar,
    HolidayCalendar as HolidayCalendar,
    Weekdays as Weekdays,
    add_business_days as add_business_days,
    business_day_of_month as business_day_of_month,
    business_days as business_days,
    on_or_after as on_or_after,
    on_or_before as on_or_before,
    sessions_calendar as sessions_calendar,
)
from ._errors import (
    AmbiguousProduct as AmbiguousProduct,
    CalendarLimit as CalendarLimit,
    MalformedMonth as MalformedMonth,
    MalformedSymbol as MalformedSymbol,
    MissingExtra as MissingExtra,
    RuleUnknown as RuleUnknown,
    UnknownProduct as UnknownProduct,
)
from ._exchanges import (
    EXCHANGES as EXCHANGES,
    Correction as Correction,
    Exchange as Exchange,
    corrected_exchange as corrected_exchange,
)
from ._expiry import (
    Clock as Clock,
    CloseOut as CloseOut,
    close_out as close_out,
    first_notice as first_notice,
    last_trade as last_trade,
    last_trade_at as last_trade_at,
    last_trade_clock as last_trade_clock,
    product_calendar as product_calendar,
    roll_date as roll_date,
)
from ._grid import (
    Band as Band,
    Direction as Direction,
    Price as Price,
    PriceGrid as PriceGrid,
    exact as exact,
)
from ._listings import Cycle as Cycle, listed_months as listed_months
from ._months import MONTH_CODES as MONTH_CODES, ContractMonth as ContractMonth
from ._product import (
    Product as Product,
    RollConvention as RollConvention,
    Settlement as Settlement,
)
from ._symbols import (
    LocalSymbol as LocalSymbol,
    local_symbol as local_symbol,
    parse_local_symbol as parse_local_symbol,
)
from ._table import (
    PRODUCTS as PRODUCTS,
    Products as Products,
    product as product,
)

__all__ = [
    "CALENDARS",
    "EXCHANGES",
    "MONTH_CODES",
    "PRODUCTS",
    "AmbiguousProduct",
    "Band",
    "Calendar",
    "CalendarLimit",
    "Clock",
    "CloseOut",
    "ContractMonth",
    "Correction",
    "Cycle",
    "Direction",
    "Exchange",
    "HolidayCalendar",
    "LocalSymbol",
    "MalformedMonth",
    "MalformedSymbol",
    "MissingExtra",
    "Price",
    "PriceGrid",
    "Product",
    "Products",
    "RollConvention",
    "RuleUnknown",
    "Settlement",
    "UnknownProduct",
    "Weekdays",
    "add_business_days",
    "business_day_of_month",
    "business_days",
    "close_out",
    "corrected_exchange",
    "exact",
    "first_notice",
    "last_trade",
    "last_trade_at",
    "last_trade_clock",
    "listed_months",
    "local_symbol",
    "on_or_after",
    "on_or_before",
    "parse_local_symbol",
    "product",
    "product_calendar",
    "roll_date",
    "sessions_calendar",
]
