"""A working order as a value: what of it matters when it moves to another contract.

IB's echo of an order carries fields that are not its own (an unused limit of 0, a trailing stop
in a plain order; ib-async-traps B7). So each type names the fields that count, and nothing else
is carried over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from attrs import frozen
from ib_async import Order, Trade

from ibkit.products import PriceGrid, exact

from ._faces import plain

Measure: TypeAlias = Literal["price", "distance", "kept"]
Action: TypeAlias = Literal["BUY", "SELL"]
ZERO = Decimal(0)


class Field(NamedTuple):
    """A number of an order, and what becomes of it in another contract."""

    name: str
    measure: Measure = "price"


_TRIGGER, _LIMIT = Field("auxPrice"), Field("lmtPrice")
_TRAIL = (
    Field("trailStopPrice"),
    Field("trailingPercent", "kept"),
    Field("auxPrice", "distance"),
)
_FIELDS: Mapping[str, tuple[Field, ...]] = {
    "LMT": (_LIMIT,),
    "LOC": (_LIMIT,),
    "MKT": (),
    "MOC": (),
    "STP": (_TRIGGER,),
    "MIT": (_TRIGGER,),
    "STP LMT": (_TRIGGER, _LIMIT),
    "LIT": (_TRIGGER, _LIMIT),
    "TRAIL": _TRAIL,
    "TRAIL LIMIT": (*_TRAIL, Field("lmtPriceOffset", "distance"), _LIMIT),
}
"""The types that can be moved (gateway-behaviour 1.7). Others are refused, not guessed."""
_ADJUSTED = (
    Field("triggerPrice"),
    Field("adjustedStopPrice"),
    Field("adjustedStopLimitPrice"),
    Field("adjustedTrailingAmount", "distance"),
)
_RIVALS = {"auxPrice": "trailingPercent", "lmtPrice": "lmtPriceOffset"}
"""IB takes one of the two (10060, 321) and shows both: the second is the one that was meant."""
_STOPS = frozenset({"STP", "STP LMT", "TRAIL", "TRAIL LIMIT"})
_KEPT = (
    "action", "orderType", "tif", "goodTillDate", "goodAfterTime", "outsideRth", "triggerMethod",
    "account", "orderRef", "adjustedOrderType", "adjustableTrailingUnit",
)  # fmt: skip
"""What an order keeps in the new contract. Its links are made anew."""


class Number(NamedTuple):
    """One number of an order."""

    field: str
    value: Decimal
    measure: Measure


@frozen(kw_only=True)
class WorkingOrder:
    """One order at the broker, as it was acknowledged last."""

    con_id: int
    order_id: int
    client_id: int
    perm_id: int
    parent_id: int
    account: str
    ref: str
    action: Action
    order_type: str
    remaining: Decimal
    filled: Decimal = ZERO
    oca: str = ""
    oca_type: int = 0
    numbers: tuple[Number, ...] = ()
    kept: tuple[tuple[str, object], ...] = ()

    @property
    def can_move(self) -> bool:
        """Whether its type is one that is known to the letter."""
        return self.order_type in _FIELDS

    @property
    def is_stop(self) -> bool:
        """Whether it limits a loss."""
        return self.order_type in _STOPS

    @property
    def kind(self) -> tuple[str, str]:
        """What tells it from its siblings, at the old contract and at the new."""
        return self.ref, self.order_type

    @property
    def price(self) -> Decimal | None:
        """The price that moves, for a table; None if it has none."""
        return next((each.value for each in self.numbers if each.measure == "price"), None)

    def __str__(self) -> str:
        price = "" if self.price is None else f" {plain(self.price)}"
        ref = f" ({self.ref})" if self.ref else ""
        return f"{self.action} {plain(self.remaining)} {self.order_type}{price}{ref}"


def read_working(trade: Trade) -> WorkingOrder:
    """Read what a trade shows of its order."""
    order, status = trade.order, trade.orderStatus
    total = exact(order.totalQuantity)
    filled = exact(status.filled or 0)
    return WorkingOrder(
        con_id=trade.contract.conId,
        order_id=order.orderId,
        client_id=order.clientId,
        perm_id=order.permId,
        parent_id=order.parentId or status.parentId,
        account=order.account,
        ref=order.orderRef,
        action="SELL" if order.action.upper() in {"SELL", "SSHORT"} else "BUY",
        order_type=order.orderType,
        remaining=max(total - filled, ZERO),
        filled=filled,
        oca=order.ocaGroup,
        oca_type=order.ocaType,
        numbers=tuple(_numbers(order)),
        kept=tuple((name, getattr(order, name)) for name in _KEPT),
    )


def _numbers(order: Order) -> Iterator[Number]:
    fields = _FIELDS.get(order.orderType, ())
    names = {each.name for each in fields}
    for name, measure in (*fields, *(_ADJUSTED if order.adjustedOrderType else ())):
        value = _number(getattr(order, name))
        rival = _RIVALS.get(name, "")
        beaten = rival in names and _number(getattr(order, rival))
        if value is None or beaten:
            continue
        if measure != "price" and not value:
            continue  # 0 is no distance: the order is not of that form
        in_percent = name == "adjustedTrailingAmount" and order.adjustableTrailingUnit
        yield Number(name, value, "kept" if in_percent else measure)


def _number(value: object) -> Decimal | None:
    try:
        return exact(value)  # type: ignore[arg-type]  # whatever IB wrote
    except ValueError:
        return None  # IB's sign for "not set"


def shifted(order: WorkingOrder, spread: Decimal, grid: PriceGrid) -> tuple[Number, ...]:
    """The numbers of an order in a contract that trades higher by *spread*.

    Prices move by the spread and go on the new grid in the direction that is never worse than
    asked (`PriceGrid.round_for`); distances keep their size in whole steps, percentages stay.
    """
    level = (order.price or ZERO) + spread
    return tuple(_shifted(each, order.action, spread, level, grid) for each in order.numbers)


def _shifted(
    number: Number, action: Action, spread: Decimal, level: Decimal, grid: PriceGrid
) -> Number:
    if number.measure == "price":
        return number._replace(value=grid.round_for(action, number.value + spread))
    if number.measure == "distance":
        return number._replace(value=grid.distance(number.value, at=level))
    return number


def write_order(order: WorkingOrder, numbers: tuple[Number, ...], size: Decimal) -> Order:
    """Make a fresh order with these numbers: no id, no links, transmitted."""
    made = Order(totalQuantity=float(size), transmit=True)
    for name, value in order.kept:
        setattr(made, name, value)
    for number in numbers:
        setattr(made, number.field, float(number.value))
    return made
