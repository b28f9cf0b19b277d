"""Carrying out what the repair rules want: one function per kind of action."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ib_async import Order

from ibkit._ib import _compat as compat
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
from ibkit.orders._book import book_of, track_of
from ibkit.orders._encode import oca_name
from ibkit.orders._exits import exit_orders
from ibkit.orders._live_group import GroupTrade
from ibkit.orders._modify import moved
from ibkit.orders._numbers import as_quantity
from ibkit.orders._observe import Track, doubles
from ibkit.orders._planned import OPPOSITE
from ibkit.orders._ref import OrderRef, parse_order_ref, write_order_ref
from ibkit.orders._types import is_open, read_leg
from ibkit.state import TrueOrder

if TYPE_CHECKING:
    from ibkit.orders._keeper import Keeper

AGAIN = 4.0
"""Seconds before what did not help is tried once more; they double each time."""

LONGEST = 64.0


def carry_out(keeper: Keeper, trade: GroupTrade, actions: Iterable[Action]) -> None:
    """
    Do what the repair rules want. New exits go out together, so that each slice is a pair.

    What cannot be done is told, and the rest is done all the same.
    """
    placing: list[Place | Replace] = []
    for action in actions:
        if isinstance(action, (Place, Replace)):
            placing.append(action)
        else:
            _safely(keeper, trade, CARRY_OUT[type(action)], action)
    if placing:
        _safely(keeper, trade, place_exits, placing)


def _safely(keeper: Keeper, trade: GroupTrade, work: Callable[..., None], what: object) -> None:
    try:
        work(keeper, trade, what)
    except Exception as error:  # noqa: BLE001 - whatever it is, the user must know now
        text = f"a repair could not be carried out: {error}"
        keeper.tell(trade, Alert(rule="repair", severity="critical", text=text))


def place_exits(keeper: Keeper, trade: GroupTrade, actions: Sequence[Place | Replace]) -> None:
    """Send exits, stops first; those of one slice become an OCA pair."""
    tracks = [t for a in actions if (t := book_of(trade).tracks.get(a.role)) is not None]
    owing = _owes_price(trade, {action.role for action in actions})
    if owing is not None:
        _ask_for_price(keeper, trade, owing, tracks)
        return
    for track in tracks:
        track.deferred = False  # from now on it is sent, or the user is told
    orders = exit_orders(
        trade.group,
        {action.role: action.size for action in actions},
        keeper.outbox.reserve(len(actions)),
        grid=trade.tradable.grid,
        fill=trade.entry_price,
        pairs=_pairs(trade),
    )
    for track in tracks:
        track.resent += bool(track.orders)
    for order in orders:
        send(keeper, trade, order)


def _owes_price(trade: GroupTrade, roles: set[str]) -> Track | None:
    """The entry of which TWS has told a fill and no execution, where exits wait for its price."""
    if trade.entry_price is not None:
        return None
    if not any(is_open(order.leg) for order in trade.group.legs if order.role in roles):
        return None
    entries = (track for track in book_of(trade).tracks.values() if track.kind == "entry")
    return next((entry for entry in entries if _has_no_price(entry)), None)


def _has_no_price(entry: Track) -> bool:
    return any(order.filled and order.average_price is None for order in entry.orders)


def _ask_for_price(keeper: Keeper, trade: GroupTrade, entry: Track, exits: Sequence[Track]) -> None:
    """Ask TWS for the execution. Where that did not help, the exits count as missing."""
    name = "price of the fill"
    asked = entry.denied.get(name, 0)
    if not _may_try(keeper, trade, entry, name):
        return
    entry.denied[name] = asked + 1
    keeper.state.ask_again()
    keeper.alarms.later(trade, min(AGAIN * 2**asked, LONGEST))
    if asked:
        for track in exits:
            track.deferred = False
        roles = tuple(track.role for track in exits)
        text = (
            f"{', '.join(roles)} cannot be priced: TWS has told that {entry.role} filled, and not "
            "at which price. It is asked again; until then close the group or protect it by hand"
        )
        keeper.tell(trade, Alert(rule="price-owed", severity="warning", text=text, roles=roles))
        keeper.look_again(trade)


def _pairs(trade: GroupTrade) -> dict[int, str]:
    """The OCA groups of exits that stand and were sent by the desk, by slice."""
    ours = oca_name(trade.group_id, "-")
    return {
        track.number: order.order.ocaGroup
        for track in book_of(trade).tracks.values()
        if (order := track.latest) is not None
        and not order.is_done
        and order.order.ocaGroup.startswith(ours)
    }


def send(keeper: Keeper, trade: GroupTrade, order: Order) -> None:
    """Send a further order of a group."""
    ref = parse_order_ref(order.orderRef)
    assert ref is not None
    track_of(trade, ref, Decimal(str(order.totalQuantity)))
    keeper.outbox.send(trade.contract, order)


def _resize(keeper: Keeper, trade: GroupTrade, action: Resize) -> None:
    track = book_of(trade).tracks[action.role]
    order = track.latest
    if order is not None:
        size = order.filled + action.remaining
        if _may_try(keeper, trade, track, f"size {size}"):
            keeper.outbox.change(trade.contract, order, size=size)


def _may_try(keeper: Keeper, trade: GroupTrade, track: Track, change: str) -> bool:
    """Whether to send a change; one that was refused has to wait."""
    now = compat.blocking_loop().time()
    times = track.denied.get(change, 0)
    wait = track.tried_at + min(AGAIN * 2 ** (times - 1), LONGEST) - now if times else 0
    if wait > 0:
        keeper.alarms.later(trade, wait)
        return False
    track.trying, track.tried_at = change, now
    return True


def _move(keeper: Keeper, trade: GroupTrade, action: MoveStop) -> None:
    track = book_of(trade).tracks[action.role]
    order = track.latest
    if order is None:
        return
    side = OPPOSITE[trade.side]
    price = trade.tradable.grid.round_for(side, action.price)
    better = trigger_of(order) >= price if side == "SELL" else trigger_of(order) <= price
    if better or order.order.orderType.startswith("TRAIL"):
        track.moved = True  # a stop is never moved away from the market, and a trail has no price
    elif _may_try(keeper, trade, track, f"price {price}"):
        keeper.outbox.change(trade.contract, order, leg=moved(read_leg(order.order), price))


def trigger_of(order: TrueOrder) -> Decimal:
    """The price at which a stop becomes active, as far as it has trailed."""
    terms = order.order
    trails = terms.orderType.startswith("TRAIL")
    return Decimal(str(terms.trailStopPrice if trails else terms.auxPrice))


def _cancel(keeper: Keeper, trade: GroupTrade, action: CancelLeg) -> None:
    track = book_of(trade).tracks[action.role]
    orders = doubles(track) if action.double else [keeper.outbox.own(track.latest)]
    for order in orders:
        name = f"cancel {order.perm_id or order.order_id}"
        if _may_try(keeper, trade, track, name):
            track.denied[name] = track.denied.get(name, 0) + 1  # no answer is told apart
            keeper.outbox.cancel(order)


def _roll_back(_keeper: Keeper, trade: GroupTrade, action: RollBack) -> None:
    """The ledger has kept the acknowledged terms; what is left is to forget the refusal."""
    track = book_of(trade).tracks[action.role]
    track.refused = ""
    key = Alert(rule=action.rule, severity="warning", text="", roles=(action.role,)).key
    book_of(trade).told -= {told for told in book_of(trade).told if told.startswith(key)}


def _close_out(keeper: Keeper, trade: GroupTrade, action: CloseOut) -> None:
    track = book_of(trade).tracks.get("close")
    if track is not None and track.orders:
        track.resent += 1
    ref = OrderRef(trade.group_id, "close", 0, "", trade.group.order_ref)
    order = Order(
        orderId=keeper.outbox.reserve(1),
        action=OPPOSITE[trade.side],
        orderType="MKT",
        totalQuantity=as_quantity(action.size),
        account=trade.group.account,
        orderRef=write_order_ref(ref),
        tif="DAY",
    )
    send(keeper, trade, order)


def _alert(keeper: Keeper, trade: GroupTrade, action: Alert) -> None:
    keeper.tell(trade, action)


def _ask(keeper: Keeper, _trade: GroupTrade, _action: AskBroker) -> None:
    keeper.state.ask_again()


CARRY_OUT: dict[type[Action], Callable[[Keeper, GroupTrade, Any], None]] = {
    Resize: _resize,
    CancelLeg: _cancel,
    MoveStop: _move,
    RollBack: _roll_back,
    CloseOut: _close_out,
    Alert: _alert,
    AskBroker: _ask,
}
