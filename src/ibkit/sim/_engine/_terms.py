"""What a client asks of the broker: the terms of an order, and the commands."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from attrs import field, frozen


class OrderKey(NamedTuple):
    """How a client names its order. Manual orders are (0, 0) until bound."""

    client_id: int
    order_id: int


@frozen(kw_only=True)
class PriceCondition:
    """Trigger when the price of `con_id` is above or below `price`."""

    con_id: int
    exchange: str
    is_more: bool
    price: Decimal
    trigger_method: int = 0
    conjunction: str = "a"
    """``a`` = and, ``o`` = or, joining it with the next condition."""


@frozen(kw_only=True)
class TimeCondition:
    """Trigger after (or before) a moment."""

    is_more: bool
    time: dt.datetime
    conjunction: str = "a"


Condition = PriceCondition | TimeCondition


@frozen(kw_only=True)
class OrderTerms:
    """Everything of an order that decides what it does. ``None`` is *unset*, which is not zero.

    Words (`action`, `order_type`, `tif`) are kept as the client wrote them; the checks say
    which are known. Prices are in quote units, sizes in contracts, shares or base currency.
    """

    action: str
    quantity: Decimal | None
    order_type: str
    limit_price: Decimal | None = None
    aux_price: Decimal | None = None
    """Trigger of STP and MIT, trailing amount of TRAIL, offset of REL."""
    trail_stop_price: Decimal | None = None
    trailing_percent: Decimal | None = None
    limit_offset: Decimal | None = None
    tif: str = ""
    good_till: dt.datetime | None = None
    good_after: dt.datetime | None = None
    duration: int | None = None
    """Seconds a GTD order lives, instead of `good_till`."""
    oca_group: str = ""
    oca_type: int = 0
    parent_id: int = 0
    transmit: bool = True
    what_if: bool = False
    outside_rth: bool = False
    trigger_method: int = 0
    account: str = ""
    order_ref: str = ""
    all_or_none: bool = False
    min_quantity: int | None = None
    display_size: int | None = None
    hidden: bool = False
    adjusted_type: str = ""
    adjusted_trigger: Decimal | None = None
    adjusted_stop: Decimal | None = None
    adjusted_limit: Decimal | None = None
    adjusted_trail: Decimal | None = None
    adjusted_trail_unit: int = 0
    """0: `adjusted_trail` is an amount; 1: a percentage."""
    cash_quantity: Decimal | None = None
    conditions: tuple[Condition, ...] = ()
    conditions_cancel: bool = False
    source: object = field(default=None, eq=False, repr=False)
    """The client's own message, carried through untouched so that it can be echoed."""


@frozen(kw_only=True)
class Place:
    """Place a new order, or modify the live one of the same key."""

    key: OrderKey
    con_id: int
    exchange: str
    terms: OrderTerms


@frozen(kw_only=True)
class Cancel:
    """Cancel one order. `by` is the client that asks."""

    key: OrderKey
    by: int


@frozen(kw_only=True)
class CancelAll:
    """reqGlobalCancel: every order of every client, manual ones included."""

    by: int


Command = Place | Cancel | CancelAll
