"""What can go wrong around the order desk: one function for each kind of bad luck."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from ibkit.orders import parse_order_ref
from ibkit.sim import FaultDesk, OrderTerms, OrderView, SimGateway

WORDS = ("OrderStatus", "OpenOrder", "ExecDetails", "CommissionReport")
UNKNOWN_CODE = 98765


class World(Protocol):
    """What bad luck needs to know of the one whom it befalls."""

    gateway: SimGateway
    draw: random.Random
    name: str
    cancel_lost: bool
    by_hand: bool
    position_late: bool

    def doubtful(self, seconds: float) -> None:
        """Nothing can be expected for a while."""
        ...

    def blind(self) -> None:
        """Nothing can be expected before everything was asked for anew."""
        ...

    def may_trade_by_hand(self) -> bool:
        """Whether it can be told whose position somebody closes."""
        ...


def _faults(world: World) -> FaultDesk:
    return world.gateway.faults


def _cut(world: World) -> None:
    _faults(world).cut()


def _cut_at_order(world: World) -> None:
    nth, after = world.draw.randint(1, 4), world.draw.random() < 0.5
    _faults(world).cut_at("PlaceOrder", nth=nth, after=after)


def _cut_at_cancel(world: World) -> None:
    _faults(world).cut_at("CancelOrder", after=world.draw.random() < 0.5)
    world.cancel_lost = True


def _cut_while_asking(world: World) -> None:
    request = world.draw.choice(["ReqOpenOrders", "ReqCompletedOrders", "ReqExecutions"])
    _faults(world).cut_at(request, after=world.draw.random() < 0.5)


def _reject_next(world: World) -> None:
    _faults(world).reject_next_order("no margin", error_first=world.draw.random() < 0.5)


def _refuse_next(world: World) -> None:
    code = world.draw.choice([110, UNKNOWN_CODE])
    _faults(world).refuse_next_order(code, "The price does not conform")
    if code == UNKNOWN_CODE:
        world.blind()  # it must be asked about first


def _refuse_change(world: World) -> None:
    code = world.draw.choice([110, 104, 2102, UNKNOWN_CODE])
    _faults(world).refuse_next_modify(code, "not now")
    if code == UNKNOWN_CODE:
        world.blind()


def _hold_next(world: World) -> None:
    _faults(world).hold_next_order()


def _notice(world: World) -> None:
    code = world.draw.choice([10349, 10311, 399, 2109, UNKNOWN_CODE])
    _faults(world).notice_next_order(code, "by chance")


def _withhold(world: World) -> None:
    _faults(world).withhold(world.draw.choice(WORDS))
    world.blind()


def _double(world: World) -> None:
    _faults(world).double(world.draw.choice(WORDS), times=world.draw.randint(1, 4))


def _delay(world: World) -> None:
    late = world.draw.choice([0.05, 0.8, 3.0])
    _faults(world).delay(world.draw.choice(WORDS), late, times=world.draw.randint(1, 4))
    world.doubtful(late)


def _late_position(world: World) -> None:
    if not world.by_hand:  # what somebody else did, and an old position after it: nobody can know
        _faults(world).delay("Position", 0.8)
        _faults(world).delay("PositionEnd", 0.8)  # what was asked for stays in its order, as in TCP
        world.position_late = True


def _lose_order(world: World) -> None:
    _faults(world).ignore("PlaceOrder")
    world.blind()


def _lose_cancel(world: World) -> None:
    _faults(world).ignore("CancelOrder")
    world.cancel_lost = True
    world.blind()


def _lose_ib(world: World) -> None:
    _faults(world).lose_connectivity()
    world.blind()


def _restore_ib(world: World) -> None:
    _faults(world).restore(data_lost=world.draw.random() < 0.5)


def _race(world: World) -> None:
    _faults(world).race_cancel()
    world.blind()  # a stop fills far from its price: an exit and its counterpart may both


def _on_live(act: Callable[[World, OrderView], None]) -> Callable[[World], None]:
    """Make bad luck for one live order of ours."""

    def befall(world: World) -> None:
        orders = [
            order
            for order in world.gateway.truth.orders
            if parse_order_ref(order.terms.order_ref)
            and order.status not in {"Inactive", "PendingCancel"}
        ]
        if orders:
            act(world, world.draw.choice(orders))

    return befall


@_on_live
def _reject_live(world: World, order: OrderView) -> None:
    _faults(world).reject_order(order.perm_id, "no margin")


@_on_live
def _cancel_live(world: World, order: OrderView) -> None:
    _faults(world).cancel_order(order.perm_id, "by the exchange")


@_on_live
def _false_status(world: World, order: OrderView) -> None:
    status = world.draw.choice(["Submitted", "PreSubmitted"])
    _faults(world).report_status(order.perm_id, status)


def _close_by_hand(world: World) -> None:
    """A person closes a part of the position."""
    instrument = world.gateway.market.instrument(world.name)
    positions = world.gateway.truth.positions
    held = next((s for (_, con), s in positions.items() if con == instrument.con_id), Decimal(0))
    if held and world.may_trade_by_hand():
        side = "SELL" if held > 0 else "BUY"
        size = Decimal(world.draw.randint(1, int(abs(held))))
        world.by_hand = True
        world.gateway.market.quote(world.name, bid_size=50, ask_size=50)
        terms = OrderTerms(action=side, quantity=size, order_type="MKT")
        _faults(world).place_by_hand(world.name, terms)
        world.blind()  # it is asked about before it counts


BAD_LUCK: dict[str, Callable[[World], None]] = {
    "cut": _cut,
    "cut at an order": _cut_at_order,
    "cut at a cancel": _cut_at_cancel,
    "cut while asking": _cut_while_asking,
    "next order rejected": _reject_next,
    "next order refused": _refuse_next,
    "next change refused": _refuse_change,
    "next order held": _hold_next,
    "notice": _notice,
    "message lost": _withhold,
    "message doubled": _double,
    "message late": _delay,
    "position late": _late_position,
    "order lost": _lose_order,
    "cancel lost": _lose_cancel,
    "IB lost": _lose_ib,
    "IB restored": _restore_ib,
    "cancel too late": _race,
    "live order rejected": _reject_live,
    "live order cancelled": _cancel_live,
    "false status": _false_status,
    "closed by hand": _close_by_hand,
}
"""What can go wrong, by name."""
