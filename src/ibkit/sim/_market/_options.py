"""Options on five underlyings: which exist, and where.

Strikes stand around the underlying's base price, half of it to one and a half, so that chains do
not depend on where the walk is. Expirations are the next eight Fridays, the third Fridays of a
year and the Januaries of three years (a Thursday where the Friday is a holiday).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from ibkit.products import HolidayCalendar, on_or_before
from ibkit.sim._market import _ids
from ibkit.sim._market._indices import indices
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._question import OptionChain
from ibkit.sim._market._rules import NICKEL_OPTION, PENNY_OPTION
from ibkit.sim._market._stocks import stocks


class _Underlying(NamedTuple):
    symbol: str
    middle: int
    step: Decimal
    rule: int = PENNY_OPTION


_UNDERLYINGS = (
    _Underlying("AAPL", 270, Decimal(5)),
    _Underlying("SPY", 680, Decimal(5)),
    _Underlying("NVDA", 185, Decimal("2.5")),
    _Underlying("TSLA", 410, Decimal(5)),
    _Underlying("SPX", 6800, Decimal(25), NICKEL_OPTION),
)
"""Their places are part of the conIds: add at the end."""

EXCHANGES = ("SMART", "AMEX", "CBOE", "ISE", "PHLX", "BATS", "BOX")
_MULTIPLIER = "100"
_FIRST_FRIDAY = dt.date(2010, 1, 1)
_WEEK = dt.timedelta(weeks=1)
_STRIKE_UNIT = Decimal("2.5")
_ORDER_TYPES_TEXT = """
ACTIVETIM AD ADJUST ALERT ALLOC AVGCOST BASKET COND CONDORDER DAY DEACT GAT GTC GTD GTT HID IOC
LIT LMT MIT MKT MTL NGCOMB NONALGO OCA OPG PEGBENCH SCALE STP STPLMT TRAIL TRAILLIT TRAILLMT
TRAILMIT VOLAT WHATIF
"""
_ORDER_TYPES = tuple(_ORDER_TYPES_TEXT.split())


@cache
def _underlying(place: int) -> Instrument:
    symbol = _UNDERLYINGS[place].symbol
    listed = [*stocks().values(), *(index.instrument for index in indices().values())]
    return next(each for each in listed if (each.symbol, each.currency) == (symbol, "USD"))


def place_of(symbol: str) -> int | None:
    """Return an underlying's place in the table; ``None`` if it has no options."""
    symbols = [each.symbol for each in _UNDERLYINGS]
    return symbols.index(symbol) if symbol in symbols else None


@lru_cache(maxsize=64)
def _fridays(today: dt.date) -> tuple[dt.date, ...]:
    """Return the Fridays of the weeks in which options expire."""
    friday = today + dt.timedelta(days=(4 - today.weekday()) % 7)
    found = {friday + ahead * _WEEK for ahead in range(8)}
    for week in range(160):
        day = friday + week * _WEEK
        is_monthly = 15 <= day.day <= 21
        if is_monthly and (week < 53 or day.month == 1):
            found.add(day)
    return tuple(sorted(day for day in found if expiration(day) >= today))


@lru_cache(maxsize=1024)
def expiration(friday: dt.date) -> dt.date:
    """Return the last trading day of the options of a Friday."""
    return on_or_before(friday, HolidayCalendar("US"))


@cache
def _strikes(place: int) -> tuple[Decimal, ...]:
    _, middle, step, _ = _UNDERLYINGS[place]
    first = int(Decimal(middle) / 2 / step)
    count = int(Decimal(middle) / step)
    return tuple(step * (first + number) for number in range(count + 1))


def _class_of(place: int, friday: dt.date) -> str:
    symbol = _UNDERLYINGS[place].symbol
    is_monthly = 15 <= friday.day <= 21
    return "SPXW" if symbol == "SPX" and not is_monthly else symbol


def listed(place: int, today: dt.date) -> Iterator[_ids.OptionKey]:
    """Yield every option of an underlying, by expiration, strike and right."""
    for friday in _fridays(today):
        week = (friday - _FIRST_FRIDAY).days // 7
        for strike in _strikes(place):
            for is_put in (False, True):
                yield _ids.OptionKey(place, week, int(strike / _STRIKE_UNIT), is_put)


def exists(key: _ids.OptionKey) -> bool:
    """Tell whether a conId's option can be: of a known underlying, at a strike of its table."""
    return key.strike * _STRIKE_UNIT in _strikes(key.underlying)


def chains(place: int, today: dt.date) -> list[OptionChain]:
    """Return one chain per exchange and trading class."""
    by_class: dict[str, list[dt.date]] = {}
    for friday in _fridays(today):
        by_class.setdefault(_class_of(place, friday), []).append(expiration(friday))
    return [
        OptionChain(
            exchange,
            _underlying(place).con_id,
            trading_class,
            _MULTIPLIER,
            tuple(days),
            _strikes(place),
        )
        for exchange in _exchanges(place)
        for trading_class, days in by_class.items()
    ]


def _exchanges(place: int) -> tuple[str, ...]:
    return ("SMART", "CBOE") if _UNDERLYINGS[place].symbol == "SPX" else EXCHANGES


@lru_cache(maxsize=8192)
def instrument(key: _ids.OptionKey) -> Instrument:
    """Describe an option."""
    under, friday = _underlying(key.underlying), _FIRST_FRIDAY + key.week * _WEEK
    strike, right = key.strike * _STRIKE_UNIT, "P" if key.is_put else "C"
    day, trading_class = expiration(friday), _class_of(key.underlying, friday)
    exchanges, rule = _exchanges(key.underlying), _UNDERLYINGS[key.underlying].rule
    return Instrument(
        con_id=_ids.of_option(key),
        symbol=under.symbol,
        sec_type="OPT",
        exchange="SMART",
        currency="USD",
        local_symbol=f"{trading_class:<6}{day:%y%m%d}{right}{int(strike * 1000):08d}",
        trading_class=trading_class,
        min_tick=Decimal("0.05") if rule == NICKEL_OPTION else Decimal("0.01"),
        long_name=under.long_name,
        market_name=trading_class,
        multiplier=_MULTIPLIER,
        last_trade=day,
        last_trade_time="15:00" if under.sec_type == "IND" else "16:00",
        contract_month=f"{friday:%Y%m}",
        zone=under.zone,
        valid_exchanges=exchanges,
        market_rules=(rule,) * len(exchanges),
        order_types=_ORDER_TYPES,
        under_con_id=under.con_id,
        under_symbol=under.symbol,
        under_sec_type=under.sec_type,
        strike=strike,
        right=right,
    )
