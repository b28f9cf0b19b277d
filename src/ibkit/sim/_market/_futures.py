"""Futures of any date: which are listed, what they are called, which of them leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ibkit.products import (
    EXCHANGES,
    PRODUCTS,
    ContractMonth,
    Product,
    last_trade,
    last_trade_clock,
    listed_months,
    local_symbol,
    product_calendar,
    roll_date,
)
from ibkit.sim._market import _ids
from ibkit.sim._market._indices import behind
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._levels import levels
from ibkit.sim._market._rules import TICKS, rule_of_tick

EXPIRED_DAYS = 731
"""How long a contract can be found with includeExpired (gateway-behaviour 2.1)."""

_CON_IDS = {
    ("ES", ContractMonth(2025, 6)): 620731015,
    ("NQ", ContractMonth(2024, 3)): 603558814,
    ("NQ", ContractMonth(2024, 6)): 620730920,
}
"""IB's own, from captures."""
_MULTIPLIERS = {"XT": "8823", "TFM": "720"}
"""IB's figures float, with the price of the bond and the hours of the month; these are samples."""
_CME_GROUP = ("CME", "CBOT", "NYMEX", "COMEX")
_ORDER_TYPES_TEXT = """
ACTIVETIM AD ADJUST ALERT ALGO ALLOC AVGCOST BASKET BENCHPX COND CONDORDER DAY DEACT DEACTDIS
DEACTEOD GAT GTC GTD GTT HID ICE IOC LIT LMT LTH MIT MKT MTL NGCOMB NONALGO OCA PEGBENCH SCALE
SCALERST SNAPMID SNAPMKT SNAPREL STP STPLMT TRAIL TRAILLIT TRAILLMT TRAILMIT WHATIF
"""
_ORDER_TYPES = tuple(_ORDER_TYPES_TEXT.split())
"""Those of NQ, as captured."""


class Origin(NamedTuple):
    """Where a future comes from: the month of a product, or a week of VIX futures."""

    product: Product
    month: ContractMonth
    week: dt.date | None = None
    """The Wednesday of a weekly."""


@cache
def products() -> tuple[Product, ...]:
    """Return the products that are listed: those whose last-trade rule is known."""
    return tuple(each for each in PRODUCTS if each.last_trade_rule and each.root in levels())


@cache
def _series() -> dict[int, Product]:
    return {_ids.series_of(f"{each.exchange}:{each.root}"): each for each in products()}


_WEEKS = _ids.series_of("CFE:VX weekly")
_FIRST_WEEK = dt.date(2000, 1, 5)
_MONTHS_FROM = 2000 * 12


def origin_of(con_id: int) -> Origin | None:
    """Return what a conId of a future stands for; ``None`` if it is none."""
    for (root, month), known in _CON_IDS.items():
        if known == con_id:
            return Origin(PRODUCTS[root], month)
    member = _ids.member_of(con_id)
    if member is None:
        return None
    if member.series == _WEEKS:
        wednesday = _FIRST_WEEK + dt.timedelta(weeks=member.number)
        return Origin(PRODUCTS["VX"], ContractMonth.of(wednesday), wednesday)
    product = _series().get(member.series)
    years, months = divmod(member.number, 12)
    return Origin(product, ContractMonth(2000 + years, months + 1)) if product else None


def con_id_of(origin: Origin) -> int:
    """Return the conId of a future."""
    product, month, week = origin
    if week is not None:
        return _ids.of_member(_ids.Member(_WEEKS, (week - _FIRST_WEEK).days // 7))
    known = _CON_IDS.get((product.root, month))
    number = month.year * 12 + month.month - 1 - _MONTHS_FROM
    series = _ids.series_of(f"{product.exchange}:{product.root}")
    return known or _ids.of_member(_ids.Member(series, number))


@lru_cache(maxsize=4096)
def ends(origin: Origin) -> dt.date:
    """Return the last trading day."""
    if origin.week is None:
        return last_trade(origin.product, origin.month)
    calendar = product_calendar(origin.product)
    day = origin.week
    while not calendar.is_business_day(day):
        day -= dt.timedelta(days=1)
    return day


def has_month(origin: Origin) -> bool:
    """Tell whether there is such a contract at all."""
    letters = origin.product.listed_months or origin.product.active_months
    return origin.week is not None or origin.month.letter in letters


@lru_cache(maxsize=512)
def listed(product: Product, today: dt.date) -> tuple[Origin, ...]:
    """Return what trades on a day, by last trading day."""
    origins = [Origin(product, month) for month in listed_months(product, today)]
    if product.root == "VX":
        origins += _weeklies(product, today, ahead=5)
    return tuple(sorted(origins, key=ends))


@lru_cache(maxsize=128)
def expired(product: Product, today: dt.date) -> tuple[Origin, ...]:
    """Return what has expired not too long ago, by last trading day."""
    earliest = today - dt.timedelta(days=EXPIRED_DAYS)
    first = ContractMonth.of(earliest).plus(-4)
    months = (first.plus(count) for count in range(34))
    origins = [Origin(product, month) for month in months]
    if product.root == "VX":
        origins += _weeklies(product, earliest, ahead=EXPIRED_DAYS // 7)
    gone = [each for each in origins if has_month(each) and earliest <= ends(each) < today]
    return tuple(sorted(gone, key=ends))


def _weeklies(product: Product, today: dt.date, *, ahead: int) -> Iterator[Origin]:
    """The next Wednesdays on which no monthly contract ends."""
    monday = today - dt.timedelta(days=today.weekday())
    for week in range(ahead):
        day = monday + dt.timedelta(days=2, weeks=week)
        origin = Origin(product, ContractMonth.of(day), day)
        monthly = {last_trade(product, origin.month.plus(step)) for step in (-1, 0, 1)}
        if ends(origin) >= today and ends(origin) not in monthly:
            yield origin


def lead(product: Product, today: dt.date) -> Origin | None:
    """Return the contract with the highest volume: the first active one not yet rolled from."""
    active = [origin for origin in listed(product, today) if _is_active(origin)]
    return next((origin for origin in active if rolls(origin) >= today), None)


def _is_active(origin: Origin) -> bool:
    return origin.week is None and origin.month.letter in origin.product.active_months


@lru_cache(maxsize=4096)
def rolls(origin: Origin) -> dt.date:
    """Return the last day on which a contract leads, by the table's roll convention."""
    return roll_date(origin.product, origin.month)


@lru_cache(maxsize=4096)
def leaders(product: Product, month: ContractMonth) -> tuple[dt.date, dt.date] | None:
    """Return the roll into an active month and the roll out of it; ``None`` if not active."""
    origin = Origin(product, month)
    if not _is_active(origin):
        return None
    before = month.plus(-1)
    while before.letter not in product.active_months:
        before = before.plus(-1)
    return rolls(Origin(product, before)), rolls(origin)


@lru_cache(maxsize=4096)
def instrument(origin: Origin) -> Instrument:
    """Describe a future."""
    product = origin.product
    tick = product.min_tick or TICKS[product.root]
    index = behind(product)
    exchanges = (product.exchange, "QBALGO")[: 1 + (product.exchange in _CME_GROUP)]
    return Instrument(
        con_id=con_id_of(origin),
        symbol=product.symbol,
        sec_type="FUT",
        exchange=product.exchange,
        currency=product.currency,
        local_symbol=_local_symbol(origin),
        trading_class=_trading_class(origin),
        min_tick=tick,
        long_name=product.name,
        market_name=_trading_class(origin),
        multiplier=_multiplier(product),
        price_magnifier=product.price_magnifier,
        last_trade=ends(origin),
        last_trade_time=_last_time(origin),
        contract_month=origin.month.yyyymm,
        zone=EXCHANGES[product.exchange].ib_zone,
        valid_exchanges=exchanges,
        market_rules=(rule_of_tick(tick),) * len(exchanges),
        order_types=_ORDER_TYPES,
        under_con_id=index.con_id,
        under_symbol=index.symbol,
        under_sec_type="IND",
    )


def _multiplier(product: Product) -> str:
    if product.multiplier is None:
        return _MULTIPLIERS[product.root]
    return f"{product.multiplier.normalize():f}"


def _trading_class(origin: Origin) -> str:
    if origin.week is None:
        return origin.product.local_class
    return f"VX{origin.week.isocalendar().week:02d}"


def _local_symbol(origin: Origin) -> str:
    """Name the contract; weeklies by Cboe's own code, IB's form being unknown to us."""
    if origin.week is None:
        return local_symbol(origin.product, origin.month)
    return f"{_trading_class(origin)}{origin.month.letter}{origin.month.year % 10}"


def _last_time(origin: Origin) -> str:
    """Return when trading ends on the last day, in the zone of the exchange, if it is known."""
    clock = last_trade_clock(origin.product)
    if clock is None:
        return ""
    there = dt.datetime.combine(ends(origin), clock.time, ZoneInfo(clock.zone))
    here = there.astimezone(ZoneInfo(EXCHANGES[origin.product.exchange].ib_zone))
    return f"{here:%H:%M}"
