"""Carrying out what the repair rules want: one function per kind of action."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ib_async import Order

from ibkit.orders._actions import (
    Action,
    Alert,
    AskBroker,
    CancelLeg,
    CloseOut,
    MoveStop,
    Place,
    Replace,
    Resize,
    RollBack,
)
from ibkit.orders._exits import exit_orders
from ibkit.orders._live_group import GroupTrade, book_of
from ibkit.orders._modify import moved
from ibkit.orders._numbers import as_quantity
from ibkit.orders._planned import OPPOSITE
from ibkit.orders._ref import OrderRef, write_order_ref
from ibkit.orders._types import read_leg

if TYPE_CHECKING:
    from ibkit.orders._desk import OrderDesk


def _resize(desk: OrderDesk, trade: GroupTrade, action: Resize) -> None:
    track = book_of(trade).tracks[action.role]
    order = track.latest
    if order is not None:
        desk.modify_track(trade, track, size=order.filled + action.remaining)


def _cancel(desk: OrderDesk, trade: GroupTrade, action: CancelLeg) -> None:
    desk.cancel_track(trade, book_of(trade).tracks[action.role])


def _place(desk: OrderDesk, trade: GroupTrade, action: Place | Replace) -> None:
    place_exits(desk, trade, [action])


def place_exits(desk: OrderDesk, trade: GroupTrade, actions: list[Place | Replace]) -> None:
    """Send exits; those of one slice become an OCA pair."""
    sizes = {action.role: action.size for action in actions}
    orders = exit_orders(
        trade.group,
        sizes,
        desk.reserve(len(sizes)),
        grid=trade.grid,
        fill=trade.entry_price,
    )
    for action in actions:
        if isinstance(action, Replace) and action.role in book_of(trade).tracks:
            book_of(trade).tracks[action.role].resent += 1
    desk.send_for(trade, trade.contract, orders)


def _move(desk: OrderDesk, trade: GroupTrade, action: MoveStop) -> None:
    track = book_of(trade).tracks[action.role]
    order = track.latest
    if order is None:
        return
    track.moved = True
    price = trade.grid.round_for(trade.group[action.role].side, action.price)
    desk.modify_track(trade, track, leg=moved(read_leg(order.order), price))


def _roll_back(_desk: OrderDesk, trade: GroupTrade, action: RollBack) -> None:
    """The ledger has kept the acknowledged terms; what is left is to forget the refusal."""
    book_of(trade).tracks[action.role].refused = ""


def _close_out(desk: OrderDesk, trade: GroupTrade, action: CloseOut) -> None:
    ref = OrderRef(trade.group_id, "close", 0, "", trade.group.order_ref)
    order = Order(
        orderId=desk.reserve(1),
        action=OPPOSITE[trade.group.side],
        orderType="MKT",
        totalQuantity=as_quantity(action.size),
        account=trade.group.account,
        orderRef=write_order_ref(ref),
        tif="DAY",
    )
    desk.send_for(trade, trade.contract, [order])


def _alert(desk: OrderDesk, trade: GroupTrade, action: Alert) -> None:
    desk.tell(trade, action)


def _ask(desk: OrderDesk, _trade: GroupTrade, _action: AskBroker) -> None:
    desk.state.ask_again()


CARRY_OUT: dict[type[Action], Callable[[OrderDesk, GroupTrade, Any], None]] = {
    Resize: _resize,
    CancelLeg: _cancel,
    Place: _place,
    Replace: _place,
    MoveStop: _move,
    RollBack: _roll_back,
    CloseOut: _close_out,
    Alert: _alert,
    AskBroker: _ask,
}


def carry_out(desk: OrderDesk, trade: GroupTrade, action: Action) -> None:
    """Do what a repair rule wants."""
    CARRY_OUT[type(action)](desk, trade, action)
