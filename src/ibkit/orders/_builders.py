"""The builders of single orders and of groups of them. All of them are pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol, TypedDict, overload, runtime_checkable

import attrs
from typing_extensions import Unpack

from ibkit.errors import PlanError
from ibkit.orders._group import OrderGroup
from ibkit.orders._legs import MARKET, Leg, Trail, TrailLimit
from ibkit.orders._numbers import Size, number, size as to_size
from ibkit.orders._planned import Manner, Oca, PlannedOrder, Side, plan, side_of
from ibkit.orders._tif import DAY, Tif
from ibkit.products._grid import Price


class Naming(TypedDict, total=False):
    """Whose a group is. Every builder takes these."""

    account: str
    """The account, where there are several."""
    order_ref: str
    """A reference of your own; it stands in `orderRef` behind ibkit's part, 50 in all."""
    group_id: str
    """1 to 10 of 0-9 and a-z; the order desk gives one to a group that has none."""


def single(
    side: Side,
    size: Size,
    leg: Leg,
    *,
    tif: Tif = DAY,
    outside_rth: bool = False,
    good_after: dt.datetime | None = None,
    **naming: Unpack[Naming],
) -> OrderGroup:
    """Plan one order alone.

    Args:
        side: ``"BUY"`` or ``"SELL"``.
        size: Contracts, shares or units of the base currency.
        leg: What it does; its own `tif`, `outside_rth` and `good_after` go before those here.
        tif: How long it lives: ``Day()``, ``Gtc()``, ``Gtd(moment)``, ``Ioc()``, ``Fok()``,
            ``Opg()``, or IB's word for it, such as ``"GTC"``.
        outside_rth: Works outside regular hours too. Without it the stops that IB simulates sleep
            at night, those of futures as well.
        good_after: Works from this moment on.
        **naming: See `Naming`.

    Raises:
        PlanError: IB would not take the order.

    >>> from ibkit.orders import Stop
    >>> print(single("SELL", 2, Stop(4980)))
    single order: SELL 2 STP 4980 DAY
    """
    manner = Manner(tif, outside_rth, good_after)
    order = plan("entry", 0, side_of(side), to_size("size", size), leg, manner)
    return OrderGroup(form="single", legs=(order,), **naming)


def oca(
    orders: Iterable[OrderGroup],
    *,
    kind: Oca = Oca.REDUCE_WITH_BLOCK,
    name: str = "",
    **naming: Unpack[Naming],
) -> OrderGroup:
    """Join single orders so that a fill of one cancels or reduces the others.

    `Oca` says how. The members stay independent orders: each is transmitted by itself, and there
    is no guarantee that a cancellation wins the race against a second fill. When *you* cancel one
    of them, IB cancels the others too.

    Args:
        orders: Groups of one order each, as of `single` or `trailing`.
        kind: What IB does to the rest. A combo can only have ``REDUCE_NON_BLOCK`` (359).
        name: Of the group, unique in the account; made from the group id when left out.
        **naming: See `Naming`; the account is the members' when left out.

    Raises:
        PlanError: Fewer than two orders, a member that is a group itself, a name longer than 64.

    >>> from ibkit.orders import Limit, Stop
    >>> exits = oca([single("SELL", 1, Limit(5010)), single("SELL", 1, Stop(4990))], name="ES exit")
    >>> print(exits)
    OCA group of 2 orders
    order-1       SELL 1 LMT 5010 DAY
    order-2       SELL 1 STP 4990 DAY
    """
    members = list(orders)
    for group in members:
        if len(getattr(group, "legs", ())) != 1:
            raise PlanError("orders", group, "groups of one order; link brackets some other way")
    accounts = {group.account for group in members} - {""}
    if len(accounts) > 1:
        raise PlanError("account", sorted(accounts), "one account for all")
    naming.setdefault("account", next(iter(accounts), ""))
    return OrderGroup(
        form="oca",
        legs=tuple(_member(place, group) for place, group in enumerate(members, start=1)),
        oca_type=_oca_type(kind),
        oca_name=name,
        **naming,
    )


def _oca_type(kind: int) -> Oca:
    try:
        return Oca(kind)
    except ValueError:
        raise PlanError("kind", kind, ", ".join(f"Oca.{one.name}" for one in Oca)) from None


@overload
def trailing(
    side: Side,
    size: Size,
    *,
    amount: Price,
    percent: None = None,
    start: Price | None = None,
    limit_offset: Price | None = None,
    tif: Tif = ...,
    outside_rth: bool = False,
    **naming: Unpack[Naming],
) -> OrderGroup: ...
@overload
def trailing(
    side: Side,
    size: Size,
    *,
    percent: Price,
    amount: None = None,
    start: Price | None = None,
    limit_offset: Price | None = None,
    tif: Tif = ...,
    outside_rth: bool = False,
    **naming: Unpack[Naming],
) -> OrderGroup: ...
def trailing(
    side: Side,
    size: Size,
    *,
    amount: Price | None = None,
    percent: Price | None = None,
    start: Price | None = None,
    limit_offset: Price | None = None,
    tif: Tif = DAY,
    outside_rth: bool = False,
    **naming: Unpack[Naming],
) -> OrderGroup:
    """Plan a trailing stop for a position that is there.

    Args:
        side: ``"SELL"`` protects a long position.
        size: How much of it.
        amount: The distance in price units; either this,
        percent: or in hundredths of the market price.
        start: The first trigger; TWS derives it from the market when it is left out.
        limit_offset: Makes it a TRAIL LIMIT, whose limit lies so far behind the trigger; it needs
            `start`.
        tif: How long it lives.
        outside_rth: Works outside regular hours too, see `single`.
        **naming: See `Naming`.

    Raises:
        PlanError: Not exactly one of `amount` and `percent`, or TWS would not take the order.

    >>> print(trailing("SELL", 1, amount=8, start=4992))
    trailing stop: SELL 1 TRAIL 8 from 4992 DAY
    """
    leg: Leg = (
        Trail(amount=amount, percent=percent, start=start)
        if limit_offset is None
        else TrailLimit(amount=amount, percent=percent, start=start, offset=limit_offset)
    )
    manner = Manner(tif, outside_rth)
    order = plan("stop", 1, side_of(side), to_size("size", size), leg, manner)
    return OrderGroup(form="single", legs=(order,), **naming)


@runtime_checkable
class HoldsPosition(Protocol):
    """
    What a holding of ``desk.state.positions`` and one of ib_async have in common.

    These are `ibkit.state.Holding` and `PortfolioRow`, `ib_async.Position` and `PortfolioItem`.
    """

    @property
    def account(self) -> str: ...
    @property
    def position(self) -> Decimal | float: ...


def close_position(
    position: HoldsPosition | Size,
    leg: Leg = MARKET,
    *,
    tif: Tif = DAY,
    outside_rth: bool = False,
    **naming: Unpack[Naming],
) -> OrderGroup:
    """Plan the order that closes a position: its size, the other side.

    Args:
        position: A holding, such as ``desk.state.positions[contract]`` or an `ib_async.Position`,
            whose account is taken over, or a number, negative for a short position. It is what it
            was when you read it; the order desk compares it once more before it sends.
        leg: How to get out.
        tif: How long the order lives.
        outside_rth: Works outside regular hours too, see `single`.
        **naming: See `Naming`.

    Raises:
        PlanError: There is nothing to close.

    >>> print(close_position(-3))
    close: BUY 3 MKT DAY
    """
    if isinstance(position, HoldsPosition):
        naming.setdefault("account", position.account)
        held = number("position", position.position)
    else:
        held = number("position", position)
    if not held:
        raise PlanError("position", position, "nothing is held, so there is nothing to close")
    side: Side = "SELL" if held > 0 else "BUY"
    amount = to_size("position", held.copy_abs())
    order = plan("close", 0, side, amount, leg, Manner(tif, outside_rth))
    return OrderGroup(form="close", legs=(order,), **naming)


def _member(place: int, group: OrderGroup) -> PlannedOrder:
    return attrs.evolve(group.legs[0], kind="order", number=place)
