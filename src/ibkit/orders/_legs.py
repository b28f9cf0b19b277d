"""What one order of a group does: its type and its prices, without side and size.

Each class stands for one IB order type (gateway-behaviour 1.7; `_types.py` holds the table that
maps them to the fields of an order). Where a price stands, `FromFill` may stand for an exit.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TypeAlias

from attrs import field, fields, frozen

from ibkit.errors import PlanError
from ibkit.orders._from_fill import FromFill
from ibkit.orders._numbers import number, plain
from ibkit.orders._tif import Tif, TimeInForce, not_before, time_in_force
from ibkit.products._grid import Price

LegPrice: TypeAlias = Decimal | FromFill
"""A price that is known now, or one that the entry's fill decides."""

# 5 and 6 do not exist; TWS answers anything else with 146 (gateway-behaviour 1.7).
TRIGGER_METHODS = {
    0: "default of the product",
    1: "double bid/ask",
    2: "last",
    3: "double last",
    4: "bid/ask",
    7: "last or bid/ask",
    8: "midpoint",
}


def _known(name: str, value: Price | FromFill) -> LegPrice:
    return value if isinstance(value, FromFill) else number(name, value)


def _price(value: Price | FromFill) -> LegPrice:
    return _known("price", value)


def _trigger(value: Price | FromFill) -> LegPrice:
    return _known("trigger", value)


def _adjust_at(value: Price | FromFill) -> LegPrice:
    return _known("adjust_at", value)


def _optional_price(value: Price | FromFill | None) -> LegPrice | None:
    return None if value is None else _known("price", value)


def _start(value: Price | FromFill | None) -> LegPrice | None:
    return None if value is None else _known("start", value)


def _limit(value: Price | FromFill | None) -> LegPrice | None:
    return None if value is None else _known("limit", value)


def _amount(value: Price | None) -> Decimal | None:
    if value is None:
        return None
    amount = number("amount", value)
    if amount <= 0:
        raise PlanError("amount", value, "a trailing amount is above 0 (IB: 10028)")
    return amount


def _percent(value: Price | None) -> Decimal | None:
    if value is None:
        return None
    percent = number("percent", value)
    if not 0 < percent < 100:
        raise PlanError(
            "percent", value, "a trailing percentage is above 0 and below 100 (IB: 10061)"
        )
    return percent


def _offset(value: Price | None) -> Decimal | None:
    if value is None:
        return None
    offset = number("offset", value)
    if offset < 0:
        raise PlanError("offset", value, "an offset is a distance, so 0 or above")
    return offset


def _tif(value: Tif | None) -> TimeInForce | None:
    return None if value is None else time_in_force(value)


def _method(value: int) -> int:
    if value not in TRIGGER_METHODS:
        known = ", ".join(f"{key} {name}" for key, name in TRIGGER_METHODS.items())
        raise PlanError("trigger_method", value, f"IB knows {known} (146)")
    return int(value)


def _exactly_one(what: str, rule: str, **given: object) -> None:
    if sum(value is not None for value in given.values()) != 1:
        raise PlanError(" or ".join(given), given, f"{what} takes exactly one of the two ({rule})")


@frozen(kw_only=True, repr=False)
class BaseLeg:
    """What every leg may say of itself, where it differs from the rest of its group."""

    tif: TimeInForce | None = field(default=None, converter=_tif)
    outside_rth: bool | None = None
    good_after: dt.datetime | None = field(default=None, converter=not_before)

    def __repr__(self) -> str:
        shown = (
            f"{one.name}={plain(value) if isinstance(value, Decimal) else repr(value)}"
            for one in fields(type(self))
            if (value := getattr(self, one.name)) != one.default
        )
        return f"{type(self).__name__}({', '.join(shown)})"


@frozen(kw_only=True, repr=False)
class TriggeredLeg(BaseLeg):
    """A leg that waits for a price; `trigger_method` says which prices count."""

    trigger_method: int = field(default=0, converter=_method)


@frozen(repr=False)
class Market(BaseLeg):
    """At the market (MKT)."""


MARKET = Market()


@frozen(repr=False)
class Limit(BaseLeg):
    """At a price or better (LMT).

    >>> Limit("5010.25")
    Limit(price=5010.25)
    """

    price: LegPrice = field(converter=_price)


@frozen(repr=False)
class Stop(TriggeredLeg):
    """At the market once a price is touched (STP).

    IB simulates most stops: they sleep outside regular hours unless `outside_rth` is set.
    """

    trigger: LegPrice = field(converter=_trigger)


@frozen(repr=False)
class StopLimit(TriggeredLeg):
    """At `price` or better once `trigger` is touched (STP LMT). It may stay unfilled in a gap."""

    trigger: LegPrice = field(converter=_trigger)
    price: LegPrice = field(converter=_price)


@frozen(repr=False)
class Trail(TriggeredLeg):
    """A stop that follows the market at a distance (TRAIL).

    As a child it needs a limit or a stop-limit entry (IB: 328).

    Args:
        amount: The distance in price units; either this,
        percent: or in hundredths of the market price.
        start: The first trigger; TWS derives it from the market when it is left out.

    Raises:
        PlanError: Both or none of `amount` and `percent` (IB: 10060, 10028), or out of range.
    """

    amount: Decimal | None = field(default=None, converter=_amount, kw_only=True)
    percent: Decimal | None = field(default=None, converter=_percent, kw_only=True)
    start: LegPrice | None = field(default=None, converter=_start, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _exactly_one(
            "a trailing stop", "IB: 10060, 10028", amount=self.amount, percent=self.percent
        )


@frozen(repr=False)
class TrailLimit(TriggeredLeg):
    """A trailing stop that becomes a limit order when it triggers (TRAIL LIMIT).

    Args:
        amount: The distance in price units; either this,
        percent: or in hundredths of the market price.
        offset: How far the limit lies behind the trigger (below it for a sale); either this,
        limit: or the first limit itself.
        start: The first trigger. TWS wants it for this type.

    Raises:
        PlanError: Not exactly one of each pair (IB: 10060, 10028 and 321), or no start.
    """

    amount: Decimal | None = field(default=None, converter=_amount, kw_only=True)
    percent: Decimal | None = field(default=None, converter=_percent, kw_only=True)
    offset: Decimal | None = field(default=None, converter=_offset, kw_only=True)
    limit: LegPrice | None = field(default=None, converter=_limit, kw_only=True)
    start: LegPrice | None = field(default=None, converter=_start, kw_only=True)

    def __attrs_post_init__(self) -> None:
        what = "a trailing stop limit"
        _exactly_one(what, "IB: 10060, 10028", amount=self.amount, percent=self.percent)
        _exactly_one(what, "IB: 321", offset=self.offset, limit=self.limit)
        if self.start is None:
            raise PlanError("start", None, f"{what} needs its first trigger (IB: 321)")


@frozen(repr=False)
class MarketIfTouched(TriggeredLeg):
    """At the market once a better price is touched (MIT)."""

    trigger: LegPrice = field(converter=_trigger)


@frozen(repr=False)
class LimitIfTouched(TriggeredLeg):
    """At `price` or better once a better price is touched (LIT)."""

    trigger: LegPrice = field(converter=_trigger)
    price: LegPrice = field(converter=_price)


@frozen(repr=False)
class MarketOnClose(BaseLeg):
    """In the closing auction, at the market (MOC). Only `Day`; few futures have it (387)."""


@frozen(repr=False)
class LimitOnClose(BaseLeg):
    """In the closing auction, at a price or better (LOC). Only `Day`."""

    price: LegPrice = field(converter=_price)


@frozen(repr=False)
class MarketOnOpen(BaseLeg):
    """In the opening auction, at the market (MKT with `Opg`)."""


@frozen(repr=False)
class LimitOnOpen(BaseLeg):
    """In the opening auction, at a price or better (LMT with `Opg`)."""

    price: LegPrice = field(converter=_price)


@frozen(repr=False)
class MarketToLimit(BaseLeg):
    """At the market; what is left rests as a limit order at the fill price (MTL)."""


@frozen(repr=False)
class MidPrice(BaseLeg):
    """Between bid and ask, not worse than `price` if given (MIDPRICE). Regular hours only."""

    price: LegPrice | None = field(default=None, converter=_optional_price)


@frozen(repr=False)
class Relative(BaseLeg):
    """Pegged to the best price of its side, `offset` more aggressive, capped by `price` (REL)."""

    offset: Decimal | None = field(default=None, converter=_offset)
    price: LegPrice | None = field(default=None, converter=_optional_price)


@frozen(repr=False)
class AdjustableStop(TriggeredLeg):
    """A stop that IB itself replaces when a price is reached (STP with adjusted fields).

    Args:
        trigger: The first trigger.
        adjust_at: The price at which the order becomes another.
        becomes: What it becomes: a `Stop`, a `StopLimit` or a `Trail` (with its `start`).

    Raises:
        PlanError: A `Trail` without `start`, or another kind of leg (IB: 361-364).

    >>> AdjustableStop(4980, adjust_at=5010, becomes=Stop(5000))
    AdjustableStop(trigger=4980, adjust_at=5010, becomes=Stop(trigger=5000))
    """

    trigger: LegPrice = field(converter=_trigger)
    adjust_at: LegPrice = field(converter=_adjust_at, kw_only=True)
    becomes: Stop | StopLimit | Trail = field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.becomes, (Stop, StopLimit, Trail)):
            raise PlanError("becomes", self.becomes, "a Stop, a StopLimit or a Trail (IB: 361-364)")
        if isinstance(self.becomes, Trail) and self.becomes.start is None:
            raise PlanError("becomes", self.becomes, "its Trail needs a start (IB: 362)")


Leg: TypeAlias = (
    Market
    | Limit
    | Stop
    | StopLimit
    | Trail
    | TrailLimit
    | MarketIfTouched
    | LimitIfTouched
    | MarketOnClose
    | LimitOnClose
    | MarketOnOpen
    | LimitOnOpen
    | MarketToLimit
    | MidPrice
    | Relative
    | AdjustableStop
)
"""What an order of a group does: its type and its prices."""
