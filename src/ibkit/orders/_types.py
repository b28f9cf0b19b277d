"""The table of order types: which field of an `ib_async.Order` each price of a leg goes to.

Everything that has to know an order type reads it here: writing and reading orders, rounding to
the grid, modifying, drawing. Sources: gateway-behaviour 1.7 (fields) and 1.8 (time in force).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias, TypeVar

import attrs
from ib_async import Order

from ibkit.errors import PlanError
from ibkit.orders._from_fill import FromFill
from ibkit.orders._legs import (
    AdjustableStop,
    Leg,
    LegPrice,
    Limit,
    LimitIfTouched,
    LimitOnClose,
    LimitOnOpen,
    Market,
    MarketIfTouched,
    MarketOnClose,
    MarketOnOpen,
    MarketToLimit,
    MidPrice,
    Relative,
    Stop,
    StopLimit,
    Trail,
    TrailLimit,
)
from ibkit.orders._numbers import as_float, plain
from ibkit.products._grid import exact

Measure: TypeAlias = Literal["price", "distance", "percent"]
_T = TypeVar("_T", bound=Leg)


class Place(NamedTuple):
    """Where one number of a leg stands in an order."""

    attribute: str
    ib_field: str
    label: str = ""
    measure: Measure = "price"


class OrderType(NamedTuple):
    """One row: IB's word, the numbers, and the times in force that it may have."""

    word: str
    places: tuple[Place, ...] = ()
    tifs: tuple[str, ...] = ("DAY", "GTC", "GTD")


_AT_ONCE = ("DAY", "GTC", "GTD", "IOC", "FOK")
_TRIGGER = Place("trigger", "auxPrice")
_PRICE = Place("price", "lmtPrice")
_AFTER = Place("price", "lmtPrice", "limit ")
_TRAIL = (
    Place("amount", "auxPrice", "", "distance"),
    Place("percent", "trailingPercent", "", "percent"),
    Place("start", "trailStopPrice", "from "),
)

ORDER_TYPES: dict[type[Leg], OrderType] = {
    Market: OrderType("MKT", (), _AT_ONCE),
    Limit: OrderType("LMT", (_PRICE,), _AT_ONCE),
    Stop: OrderType("STP", (_TRIGGER,)),
    StopLimit: OrderType("STP LMT", (_TRIGGER, _AFTER)),
    Trail: OrderType("TRAIL", _TRAIL),
    TrailLimit: OrderType(
        "TRAIL LIMIT",
        (
            *_TRAIL,
            Place("offset", "lmtPriceOffset", "offset ", "distance"),
            Place("limit", "lmtPrice", "limit "),
        ),
    ),
    MarketIfTouched: OrderType("MIT", (_TRIGGER,)),
    LimitIfTouched: OrderType("LIT", (_TRIGGER, _AFTER)),
    MarketOnClose: OrderType("MOC", (), ("DAY",)),  # anything else is error 113
    LimitOnClose: OrderType("LOC", (_PRICE,), ("DAY",)),
    MarketOnOpen: OrderType("MKT", (), ("OPG",)),
    LimitOnOpen: OrderType("LMT", (_PRICE,), ("OPG",)),
    MarketToLimit: OrderType("MTL"),
    MidPrice: OrderType("MIDPRICE", (Place("price", "lmtPrice", "cap "),)),
    Relative: OrderType(
        "REL",
        (
            Place("offset", "auxPrice", "offset ", "distance"),
            Place("price", "lmtPrice", "cap "),
        ),
    ),
    AdjustableStop: OrderType(
        "STP", (_TRIGGER, Place("adjust_at", "triggerPrice", "adjusted at "))
    ),
}

# What the leg that an adjustable stop turns into is called in the fields of the same order.
_ADJUSTED: dict[str, str] = {
    "trigger": "adjustedStopPrice",
    "price": "adjustedStopLimitPrice",
    "start": "adjustedStopPrice",
    "amount": "adjustedTrailingAmount",
    "percent": "adjustedTrailingAmount",
}
AT_OPEN: dict[type[Leg], type[Leg]] = {Market: MarketOnOpen, Limit: LimitOnOpen}
PRICE_FIELDS = ("lmtPrice", "auxPrice", "trailStopPrice", "trailingPercent", "lmtPriceOffset")
"""The fields of an order that carry the prices of the types without adjustment."""

# The table decides at run time which arguments a leg takes, so a checker cannot follow.
_evolve: Callable[..., _T] = attrs.evolve
_UNSET = exact(1e200)  # any number as large is IB's "not set"
_BY_WORD: dict[tuple[str, bool], type[Leg]] = {
    (row.word, row.tifs == ("OPG",)): kind
    for kind, row in ORDER_TYPES.items()
    if kind is not AdjustableStop
}


def numbers(leg: Leg) -> Iterator[tuple[Place, LegPrice]]:
    """Walk the numbers of a leg that are set, in the order of the table."""
    for place in ORDER_TYPES[type(leg)].places:
        value = getattr(leg, place.attribute)
        if value is not None:
            yield place, value


def is_open(leg: Leg) -> bool:
    """Tell whether a price of the leg waits for the entry's fill."""
    inner = isinstance(leg, AdjustableStop) and is_open(leg.becomes)
    return inner or any(isinstance(value, FromFill) for _, value in numbers(leg))


def map_numbers(leg: _T, change: Callable[[Place, LegPrice], LegPrice]) -> _T:
    """Return the leg with each of its numbers changed; the same object when nothing changes."""
    changes: dict[str, object] = {
        place.attribute: after
        for place, value in numbers(leg)
        if (after := change(place, value)) != value
    }
    if isinstance(leg, AdjustableStop):
        becomes = map_numbers(leg.becomes, change)
        if becomes != leg.becomes:
            changes["becomes"] = becomes
    return _evolve(leg, **changes) if changes else leg


def write_leg(leg: Leg) -> dict[str, object]:
    """Return the fields of an order that say what the leg says, as plain floats and text."""
    out: dict[str, object] = {"orderType": ORDER_TYPES[type(leg)].word}
    for place, value in numbers(leg):
        out[place.ib_field] = _known(place, value)
    if isinstance(leg, AdjustableStop):
        out["adjustedOrderType"] = ORDER_TYPES[type(leg.becomes)].word
        for place, value in numbers(leg.becomes):
            out[_ADJUSTED[place.attribute]] = _known(place, value)
            if place.measure == "percent":
                out["adjustableTrailingUnit"] = 1
    return out


def _known(place: Place, value: LegPrice) -> float:
    if isinstance(value, FromFill):
        raise PlanError(place.attribute, value, "its price is known only when the entry fills")
    return as_float(value)


def read_leg(order: Order) -> Leg:
    """Return the leg that an order stands for.

    Raises:
        PlanError: The order is of a type that no leg stands for.
    """
    kind = _BY_WORD.get((order.orderType, order.tif == "OPG"))
    if kind is None:
        raise PlanError("orderType", order.orderType, f"known are {sorted(w for w, _ in _BY_WORD)}")
    if kind is Stop and order.adjustedOrderType not in {"", "None"}:
        return _read_adjustable(order)
    return _read(kind, order, _fields(kind))


def _read(kind: Callable[..., Leg], order: Order, places: dict[str, str], **more: Leg) -> Leg:
    values = {name: _set(getattr(order, ib_field)) for name, ib_field in places.items()}
    if values.get("offset") is not None:
        values.pop("limit", None)  # TWS fills it in from the offset
    if values.get("percent") is not None:
        values.pop("amount", None)  # echoed as 0 beside a percentage
    if kind in {MidPrice, Relative} and not values["price"]:
        values.pop("price")  # an unused limit is echoed as 0 (gateway-behaviour 1.4)
    return kind(**{k: v for k, v in values.items() if v is not None}, **more)


def _read_adjustable(order: Order) -> Leg:
    kind = _BY_WORD[order.adjustedOrderType, False]
    dead = "amount" if order.adjustableTrailingUnit == 1 else "percent"
    names = [place.attribute for place in ORDER_TYPES[kind].places if place.attribute != dead]
    becomes = _read(kind, order, {name: _ADJUSTED[name] for name in names})
    return _read(AdjustableStop, order, _fields(AdjustableStop), becomes=becomes)


def _fields(kind: type[Leg]) -> dict[str, str]:
    return {place.attribute: place.ib_field for place in ORDER_TYPES[kind].places}


def _set(value: object) -> Decimal | None:
    if value is None:
        return None
    number = Decimal(str(value))
    return None if number.copy_abs() >= _UNSET else number


def describe(leg: Leg) -> str:
    """Write the leg as a trader would: ``STP LMT 4980 limit 4979.5``.

    >>> describe(Trail(percent=1, start=FromFill(-5)))
    'TRAIL 1% from fill - 5'
    """
    words = [ORDER_TYPES[type(leg)].word]
    for place, value in numbers(leg):
        text = str(value) if isinstance(value, FromFill) else plain(value)
        words.append(place.label + text + ("%" if place.measure == "percent" else ""))
    if isinstance(leg, AdjustableStop):
        words.append(f"to {describe(leg.becomes)}")
    return " ".join(words)
