"""The dates of a contract: last trade, first notice, IB's close-out, the conventional roll."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from attrs import frozen

from ._calendar import Calendar, HolidayCalendar, Weekdays, add_business_days
from ._errors import RuleUnknown
from ._exchanges import EXCHANGES
from ._months import ContractMonth
from ._phrases import rule_of
from ._product import Product
from ._rules import Rule
from ._table import product_of

NO_NOTICE = "after last trade"
"""The phrase of products whose notices come only when trading has ended."""


def product_calendar(product: Product | str) -> Calendar:
    """The business days of the product's exchange; plain weekdays if the exchange is not known.

    >>> from ibkit.products import product
    >>> product_calendar(product("FGBL"))
    HolidayCalendar(name='EUREX')
    """
    exchange = EXCHANGES.get(product_of(product).exchange)
    return HolidayCalendar(exchange.calendar) if exchange else Weekdays()


def _dated(
    product: Product, what: str, phrase: str, month: ContractMonth | str, calendar: Calendar | None
) -> dt.date:
    month = ContractMonth.parse(month)
    rule: Rule | None = rule_of(phrase)
    if rule is None:
        reason = f"the rule {phrase!r} is not understood" if phrase else "the table has no rule"
        raise RuleUnknown(product.root, what, reason)
    return rule.on(month, calendar or product_calendar(product))


def last_trade(
    product: Product | str, month: ContractMonth | str, calendar: Calendar | None = None
) -> dt.date:
    """The last day on which a contract trades, by the exchange's rule and its holidays.

    It may lie in an earlier month than the one the contract is named after (CL, NG, Brent), or
    in a later one (SR3). The gateway's ``realExpirationDate`` outranks it: an exchange may move
    a date, and holidays of coming years are forecasts.

    Args:
        product: whose rule is asked; or its name, such as ``"ES"``, in the shipped table.
        month: the month that names the contract, or a text such as ``"2026-06"``; whether such a
            contract is listed is not asked.
        calendar: business days instead of the exchange's own. A rule that names its calendar
            (Brent's London days) keeps it.

    Raises:
        RuleUnknown: the table has no rule for the product.
        MalformedMonth, UnknownProduct, AmbiguousProduct: a text that names none.

    >>> from ibkit.products import product
    >>> last_trade(product("ES"), ContractMonth(2026, 6))
    datetime.date(2026, 6, 18)
    >>> last_trade(product("CL"), ContractMonth(2026, 2))
    datetime.date(2026, 1, 20)
    """
    product = product_of(product)
    return _dated(product, "last trade", product.last_trade_rule, month, calendar)


def first_notice(
    product: Product | str, month: ContractMonth | str, calendar: Calendar | None = None
) -> dt.date | None:
    """The first day on which a long position can be given notice of delivery.

    None if there is no such day while the contract trades: it is settled in cash, or notices
    follow the last trade (crude oil, currencies, bonds of Eurex).

    Raises:
        RuleUnknown: physically settled, and the table does not know when notices begin.

    >>> from ibkit.products import product
    >>> first_notice(product("GC"), ContractMonth(2026, 6))
    datetime.date(2026, 5, 29)
    >>> first_notice(product("CL"), ContractMonth(2026, 6)) is None
    True
    """
    product, month = product_of(product), ContractMonth.parse(month)
    if not product.is_physical or product.first_notice_rule == NO_NOTICE:
        return None
    return _dated(product, "first notice", product.first_notice_rule, month, calendar)


@frozen
class CloseOut:
    """The last days on which IB lets a position stand, by its end of day.

    From then on IB may close it without notice, and ignores working orders in doing so.
    """

    long: dt.date
    short: dt.date


_CLOSE_OUT_DAYS = {"ZB": 1, "ZN": 1, "ZF": 1}
"""Business days before notice or last trade; the others have two. IB wants these three closed
two hours before the session of that day ends (gateway-behaviour 6.6, IB's article kb992)."""
_USUAL_CLOSE_OUT_DAYS = 2
_POSITION_DAY_PRODUCTS = {"ZT"}
"""IB counts from the first position day, which at CBOT is a business day before first notice."""


def close_out(
    product: Product | str, month: ContractMonth | str, calendar: Calendar | None = None
) -> CloseOut | None:
    """IB's deadlines for a physically settled contract, by its standard rule.

    Long: two business days before first notice; short: two before the last trade
    (gateway-behaviour 6.6). Where notices follow the last trade, long positions get the short
    side's day, which is never too late. IB publishes exceptions per contract (some currencies
    may be delivered) and changes them: its page outranks this. None for cash settlement; mind
    that IB lets nobody open oil contracts in their last five days, even cash-settled ones.

    Raises:
        RuleUnknown: as `last_trade` and `first_notice`.

    >>> from ibkit.products import product
    >>> close_out(product("ZC"), ContractMonth(2026, 12))
    CloseOut(long=datetime.date(2026, 11, 25), short=datetime.date(2026, 12, 10))
    """
    product, month = product_of(product), ContractMonth.parse(month)
    if not product.is_physical:
        return None
    calendar = calendar or product_calendar(product)
    days = _CLOSE_OUT_DAYS.get(product.root, _USUAL_CLOSE_OUT_DAYS)
    short = add_business_days(last_trade(product, month, calendar), -days, calendar)
    notice = first_notice(product, month, calendar)
    if notice is None:
        return CloseOut(short, short)
    days += product.root in _POSITION_DAY_PRODUCTS
    return CloseOut(min(short, add_business_days(notice, -days, calendar)), short)


def roll_date(
    product: Product | str, month: ContractMonth | str, calendar: Calendar | None = None
) -> dt.date:
    """The day on which most people have left a contract, by the table's convention.

    Raises:
        RuleUnknown: as `last_trade` and `first_notice`.

    >>> from ibkit.products import product
    >>> roll_date(product("ES"), ContractMonth(2026, 6)), product("ES").roll
    (datetime.date(2026, 6, 11), RollConvention(days=5, before='last trade'))
    """
    product = product_of(product)
    calendar = calendar or product_calendar(product)
    day = last_trade(product, month, calendar)
    if product.roll.before == "first notice":
        day = first_notice(product, month, calendar) or day
    return add_business_days(day, -product.roll.days, calendar)


@frozen
class Clock:
    """A time of day and the zone it is told in."""

    time: dt.time
    zone: str


_CHICAGO, _NEW_YORK, _LONDON = "America/Chicago", "America/New_York", "Europe/London"
_FRANKFURT, _PARIS = "Europe/Berlin", "Europe/Paris"
_LAST_TRADE_CLOCKS = {
    root: Clock(dt.time(hour, minute), zone)
    for roots, hour, minute, zone in (
        ("ES MES NQ MNQ RTY M2K EMD YM MYM", 8, 30, _CHICAGO),
        ("NKD NIY", 17, 0, _NEW_YORK),
        ("VX VXM", 8, 0, _CHICAGO),
        ("ZB UB ZN TN TWE ZF Z3N ZT", 12, 1, _CHICAGO),
        ("6A 6B 6C 6E 6J 6M 6N 6S M6A M6B M6E MCD MSF E7 J7", 9, 16, _CHICAGO),
        ("DX", 10, 16, _NEW_YORK),
        ("BTC MBT ETH MET", 16, 0, _LONDON),
        ("LE", 12, 0, _CHICAGO),
        ("HG MHG", 12, 0, _CHICAGO),
        ("B", 19, 30, _LONDON),
        ("G", 12, 0, _LONDON),
        ("RC", 12, 30, _LONDON),
        ("SO3", 18, 0, _LONDON),
        ("FDAX FDXM FDXS", 13, 0, _FRANKFURT),
        ("FGBS FGBM FGBL FGBX FOAT FBTP FBTS FBON CONF", 12, 30, _FRANKFURT),
        ("EBM ECO EMA", 18, 30, _PARIS),
    )
    for root in roots.split()
}
"""From gateway-behaviour 6.1 to 6.5 and the contract pages named in ``futures.md``."""


def last_trade_clock(product: Product | str) -> Clock | None:
    """When trading ends on the last day, where the table knows it; else None.

    >>> from ibkit.products import product
    >>> last_trade_clock(product("ES"))
    Clock(time=datetime.time(8, 30), zone='America/Chicago')
    """
    return _LAST_TRADE_CLOCKS.get(product_of(product).root)


def last_trade_at(
    product: Product | str, month: ContractMonth | str, calendar: Calendar | None = None
) -> dt.datetime | None:
    """The moment at which trading ends, timezone-aware; None where the time is not known.

    Raises:
        RuleUnknown: as `last_trade`.

    >>> from ibkit.products import product
    >>> last_trade_at(product("ES"), ContractMonth(2026, 6)).isoformat()
    '2026-06-18T08:30:00-05:00'
    """
    day, clock = last_trade(product, month, calendar), last_trade_clock(product)
    return dt.datetime.combine(day, clock.time, ZoneInfo(clock.zone)) if clock else None
