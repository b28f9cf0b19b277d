"""What the builders accept, the simulator's own checks of TWS accept too.

The orders go the whole way: through the encoder of ib_async, the decoder of the simulator and its
translation, to a broker that checks them as TWS does (gateway-behaviour 1.5 to 1.9).
"""

import attrs
import ib_async
from hypothesis import given, strategies as st
from ib_async.client import Client
from ib_async.util import UNSET_DOUBLE

from brokerage import ES, Desk
from ibkit.orders import (
    AdjustableStop,
    Limit,
    LimitIfTouched,
    Market,
    MarketIfTouched,
    MarketToLimit,
    Oca,
    Stop,
    StopLimit,
    Trail,
    TrailLimit,
    copy_order,
    exit_orders,
    modified,
    moved,
    oca,
    single,
)
from ibkit.orders._types import read_leg
from ibkit.sim._engine import OrderKey, Place, Refused
from ibkit.sim._session._order_terms import order_terms
from ibkit.sim._wire._requests import read_request
from planning import GRID, TICK, brackets

CONTRACT = ib_async.Contract(conId=ES.con_id, symbol="ES", secType="FUT", exchange="CME")


def encoded(order):
    sent = []
    client = Client.__new__(Client)
    client.isConnected = lambda: True
    client.serverVersion = lambda: 178
    client.sendMsg = lambda text: sent.append(text.encode())
    client.placeOrder(order.orderId, CONTRACT, order)
    return sent[0]


def placed(desk, order):
    """Send an order; return the codes of what TWS has against it."""
    request, left = read_request(encoded(copy_order(order)), 178)
    assert left == 0
    terms = order_terms(request, "US/Eastern")
    key = OrderKey(1, order.orderId)
    desk.send(Place(key=key, con_id=ES.con_id, exchange="CME", terms=terms))
    return [event.code for event in desk.events if isinstance(event, Refused)]


def shown(desk, order):
    """Return the order as openOrder shows it."""
    view = desk.order(order.orderId)
    copy = copy_order(order)
    copy.permId = view.perm_id
    copy.ocaGroup, copy.ocaType = view.terms.oca_group, view.terms.oca_type
    copy.lmtPrice = float(view.terms.limit_price or 0)
    level = view.terms.trail_stop_price
    copy.trailStopPrice = UNSET_DOUBLE if level is None else float(level)
    return copy


def quiet_desk(price):
    """A market far above every price of the group, or far below: nothing fills or triggers."""
    desk = Desk()
    desk.quote(price, price + TICK)
    return desk


INFORMATION = {399, 2109, 10349}
CANCELLED = {202}  # by the fill of another order, not by a check


@given(brackets(slices="separate") | brackets(slices="attached"), st.integers(1, 1000))
def test_every_order_of_a_bracket_is_accepted(group, first):
    desk = quiet_desk(group["entry" if len(group.entries) == 1 else "entry-1"].leg.price)

    for order in group.evolve(account="").to_orders(first):
        assert set(placed(desk, order)) <= INFORMATION


@given(brackets(slices="managed"), st.integers(1, 1000))
def test_every_exit_of_a_managed_bracket_is_accepted(group, first):
    desk = quiet_desk(group["entry"].leg.price)
    sizes = {leg.role: leg.size for leg in group.exits}
    orders = exit_orders(group.evolve(account=""), sizes, first, grid=GRID, fill=5000)

    for order in orders:
        assert set(placed(desk, order)) <= INFORMATION


legs = st.sampled_from(
    [
        Market(),
        Limit(5000),
        Stop(5010),
        StopLimit(5010, 5011),
        Trail(amount=8),
        Trail(percent=1, start=5040),
        TrailLimit(amount=8, offset=1, start=5010),
        TrailLimit(percent=1, limit=5012, start=5010),
        MarketIfTouched(4990),
        LimitIfTouched(4990, 4991),
        MarketToLimit(),
        AdjustableStop(5010, adjust_at=4980, becomes=Stop(5000)),
        AdjustableStop(5010, adjust_at=4980, becomes=Trail(amount=8, start=5000)),
    ]
)
singles = st.builds(single, st.just("BUY"), st.integers(1, 9), legs)


@given(st.lists(singles, min_size=2, max_size=4), st.sampled_from(Oca), st.integers(1, 1000))
def test_every_member_of_an_oca_group_is_accepted(groups, kind, first):
    desk = quiet_desk(5000)

    for order in oca(groups, kind=kind, group_id="a").to_orders(first):
        assert set(placed(desk, order)) <= INFORMATION | CANCELLED


@given(brackets(slices="separate") | brackets(slices="attached"), st.data())
def test_every_exit_can_be_resized_and_moved(group, data):
    price = group["entry" if len(group.entries) == 1 else "entry-1"].leg.price
    up = 1 if group.side == "BUY" else -1
    desk = quiet_desk(price + up * 4000)  # the entry waits: a limit below a market, or a stop
    orders = group.evolve(account="").to_orders(7)
    for order in orders:
        assert set(placed(desk, order)) <= INFORMATION

    for order in orders:
        if not order.parentId or desk.status(order.orderId) not in {"PreSubmitted", "Submitted"}:
            continue
        now = shown(desk, order)
        leg = read_leg(now)
        if data.draw(st.booleans()):
            change = {"size": order.totalQuantity + 1}
        elif isinstance(leg, (Trail, TrailLimit)):
            change = {"leg": attrs.evolve(leg, amount=2, percent=None)}
        else:
            anchor = leg.price if isinstance(leg, Limit) else leg.trigger
            change = {"leg": moved(leg, anchor + TICK)}
        assert placed(desk, modified(now, **change)) == []


@given(st.sampled_from(Oca), st.integers(1, 9))
def test_members_of_an_oca_group_can_be_resized(kind, size):
    desk = quiet_desk(5000)
    members = [single("BUY", 3, Limit(4000)), single("BUY", 3, Stop(6000))]
    orders = oca(members, kind=kind, group_id="a").to_orders(7)
    for order in orders:
        placed(desk, order)

    assert placed(desk, modified(shown(desk, orders[0]), size=size)) == []
    assert desk.order(7).terms.quantity == size
    assert desk.order(7).terms.oca_group == "ibkit-a"
