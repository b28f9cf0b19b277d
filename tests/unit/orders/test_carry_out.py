import asyncio
import itertools
from decimal import Decimal

import pytest
from ib_async import StopOrder

from ibkit.orders import (
    Action,
    Alert,
    CancelLeg,
    CloseOut,
    FromFill,
    Market,
    MoveStop,
    Place,
    Replace,
    Resize,
    RollBack,
    Target,
    Trail,
    bracket,
    bracket_from_fill,
)
from ibkit.orders._book import book_of
from ibkit.orders._carry_out import CARRY_OUT, carry_out, trigger_of
from ibkit.sim import Scenario
from order_work import line, live, long_bracket, order, run, settle
from sim_client import future
from true_orders import true_order


def doing(*actions, group=None, before=None):
    """Place a group, carry actions out, and return what lives at the broker then."""

    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), group or long_bracket(3))
        await settle()
        keeper = desk.orders._keeper
        if before:
            before(keeper, trade)
        carry_out(keeper, trade, actions)
        await asyncio.sleep(0.5)
        return trade, sorted(live(gateway))

    return run(test)


def quietly(keeper, _trade):
    """Keep the rules from answering."""
    keeper._repair = lambda *_: None


def test_a_resize_counts_what_remains():
    _, orders = doing(Resize(rule="r", role="stop-1", remaining=Decimal(2)), before=quietly)

    assert orders == ["LMT SELL 3 5010", "STP SELL 2 4990"]


def test_a_resize_adds_what_has_filled():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(5))
        await settle()
        quietly(desk.orders._keeper, trade)
        gateway.faults.fill_order(order(gateway, "target-1").perm_id, 2, 5010)
        await settle(0.5)
        action = Resize(rule="r", role="target-1", remaining=Decimal(1))
        carry_out(desk.orders._keeper, trade, [action])
        await settle(0.5)
        return order(gateway, "target-1").terms.quantity, order(gateway, "target-1").remaining

    assert run(test) == (3, 1)


@pytest.mark.parametrize(
    ("price", "stands"),
    [(4995, "4995"), ("4995.1", "4995.25"), (4985, "4990"), (4990, "4990")],
)
def test_a_stop_is_moved_nearer_on_the_grid_and_never_away(price, stands):
    move = MoveStop(rule="r", role="stop-1", price=Decimal(price))
    trade, orders = doing(move)

    assert orders == ["LMT SELL 3 5010", f"STP SELL 3 {stands}"]
    # One that is on its way counts when TWS shows it: it may be refused, and is tried again.
    assert trade.track("stop-1").moved is (stands == "4990")


@pytest.mark.parametrize(
    ("price", "stands"), [(5015, "5015"), (5025, "5020"), (5020, "5020"), ("5014.9", "5014.75")]
)
def test_a_stop_above_the_market_is_moved_down_and_never_up(price, stands):
    short = bracket("SELL", 3, entry=5000, take_profit=4990, stop=5020)
    trade, orders = doing(MoveStop(rule="r", role="stop-1", price=Decimal(price)), group=short)

    assert orders == ["LMT BUY 3 4990", f"STP BUY 3 {stands}"]
    assert trade.track("stop-1").moved is (stands == "5020")


def test_a_trailing_stop_has_no_price_to_be_moved():
    told = []
    trade, orders = doing(
        MoveStop(rule="r", role="stop-1", price=Decimal(5001)),
        group=bracket("SELL", 3, entry=5000, take_profit=4990, stop=Trail(amount=10)),
        before=lambda _, trade: trade.alerts.connect(told.append),
    )

    assert orders == ["LMT BUY 3 4990", "TRAIL BUY 3 10"]
    assert (trade.track("stop-1").moved, told) == (True, [])


def test_of_two_that_live_the_one_that_was_replaced_is_cancelled():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(3))
        desk.ib.placeOrder(future(gateway), StopOrder("SELL", 3, 4980))
        await settle()
        replaced = next(o for o in desk.state.ledger.all() if o.order.auxPrice == 4980)
        trade.track("stop-1").orders.insert(0, replaced)
        keeper = desk.orders._keeper
        quietly(keeper, trade)
        carry_out(keeper, trade, [CancelLeg(rule="r", role="stop-1", double=True)])
        await settle(1)
        return sorted(live(gateway))

    assert run(test) == ["LMT SELL 3 5010", "STP SELL 3 4990"]


def test_a_size_follows_another_at_once_where_none_was_refused():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(3))
        await settle()
        keeper = desk.orders._keeper
        quietly(keeper, trade)
        for remaining in (2, 1):
            resize = Resize(rule="r", role="stop-1", remaining=Decimal(remaining))
            carry_out(keeper, trade, [resize])
            await settle(0.5)
        return sorted(live(gateway))

    assert run(test) == ["LMT SELL 3 5010", "STP SELL 1 4990"]


# TWS shows a market order that filled at once as filled, and tells no figure.
WITHOUT_PRICE = Scenario(skip_market_status=True, future_fill_echo=True)


def asked_for(group, seconds):
    """When TWS is asked again while it never tells an execution; what lives then."""

    async def test(gateway, desk):
        gateway.faults.withhold("ExecDetails", times=10**6)
        times = []
        loop = asyncio.get_running_loop()
        ask = desk.state.ask_again
        desk.state.ask_again = lambda: times.append(loop.time()) or ask()
        await desk.orders.place_async(future(gateway), group)
        await settle(seconds)
        return [round(b - a) for a, b in itertools.pairwise(times)], live(gateway)

    return run(test, scenario=WITHOUT_PRICE)


def test_the_price_of_a_fill_is_asked_for_again_and_again():
    group = bracket_from_fill("BUY", 2, take_profit=FromFill(10), stop=FromFill(-5))
    gaps, orders = asked_for(group, 250)

    assert (gaps, orders) == ([4, 8, 16, 32, 64, 64], [])


def test_exits_at_known_prices_do_not_wait_for_that_of_the_fill():
    group = long_bracket(2, entry=Market(), slices="managed")
    gaps, orders = asked_for(group, 30)

    assert (gaps, sorted(orders)) == ([], ["LMT SELL 2 5010", "STP SELL 2 4990"])


def test_exits_that_are_put_back_go_out_stops_first_and_as_pairs():
    async def test(gateway, desk):
        targets = [Target(1, 5010), Target(2, 5020)]
        group = long_bracket(3, take_profit=None, targets=targets, slices="managed")
        trade = await desk.orders.place_async(future(gateway), group)
        quietly(desk.orders._keeper, trade)
        for one in gateway.truth.orders:
            gateway.faults.cancel_order(one.perm_id)
        await settle(1)
        sent = []
        desk.ib.newOrderEvent.connect(lambda t: sent.append(t.order))
        roles = {"target-1": 1, "target-2": 2, "stop-2": 2, "stop-1": 1}
        carry_out(
            desk.orders._keeper,
            trade,
            [Replace(rule="r", role=role, size=Decimal(size)) for role, size in roles.items()],
        )
        await settle(1)
        names = {o.ocaGroup for o in sent}
        return [o.orderType for o in sent], len(names), all(names), trade.track("stop-1").resent

    assert run(test) == (["STP", "STP", "LMT", "LMT"], 2, True, 1)


def test_an_exit_that_is_put_back_joins_the_one_that_stands():
    async def test(gateway, desk):
        group = long_bracket(1, slices="managed")
        trade = await desk.orders.place_async(future(gateway), group)
        await settle()
        quietly(desk.orders._keeper, trade)
        name = order(gateway, "target-1").terms.oca_group
        gateway.faults.reject_order(order(gateway, "stop-1").perm_id)
        await settle(1)
        replace = Replace(rule="r", role="stop-1", size=Decimal(1))
        carry_out(desk.orders._keeper, trade, [replace])
        await settle(1)
        return bool(name), order(gateway, "stop-1").terms.oca_group == name

    assert run(test) == (True, True)


def test_a_cancel_is_not_repeated_at_once():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(1))
        await settle()
        keeper, sent = desk.orders._keeper, []
        quietly(keeper, trade)
        gateway.faults.ignore("CancelOrder", times=9)
        desk.ib.client.cancelOrder, cancel = (
            lambda *a, **k: (sent.append(a), cancel(*a, **k)),
            desk.ib.client.cancelOrder,
        )
        for _ in range(5):
            carry_out(keeper, trade, [CancelLeg(rule="r", role="stop-1")])
        at_once = len(sent)
        await asyncio.sleep(5)
        carry_out(keeper, trade, [CancelLeg(rule="r", role="stop-1")])
        return at_once, len(sent)

    assert run(test) == (1, 2)


def test_a_size_that_was_refused_waits_longer_each_time():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(3))
        await settle()
        keeper, times = desk.orders._keeper, []
        quietly(keeper, trade)
        loop = asyncio.get_running_loop()
        desk.ib.orderModifyEvent.connect(lambda _: times.append(loop.time()))
        began = loop.time()
        for _ in range(40):
            if len(times) < 4:
                gateway.faults.clear()
                gateway.faults.refuse("PlaceOrder", 201, "no")
            carry_out(keeper, trade, [Resize(rule="r", role="stop-1", remaining=Decimal(1))])
            await asyncio.sleep(1)
        return [round(time - began) for time in times]

    first, second, third, fourth, *_ = run(test)

    assert (first, second, third, fourth) == (0, 4, 12, 28)


def test_what_is_rolled_back_may_be_told_again():
    def refused(_keeper, trade):
        trade.track("stop-1").refused = "off the grid"
        book_of(trade).told |= {"change-refused:stop-1:one", "other::two"}

    trade, _ = doing(RollBack(rule="change-refused", role="stop-1"), before=refused)

    assert trade.track("stop-1").refused == ""
    assert "change-refused:stop-1:one" not in book_of(trade).told
    assert "other::two" in book_of(trade).told


def test_closing_out_sends_a_market_order_of_the_other_side():
    trade, orders = doing(CloseOut(rule="r", size=Decimal(2)), before=quietly)

    close = trade.track("close").latest
    assert (close.order.orderType, close.order.action, close.status) == ("MKT", "SELL", "Filled")
    assert close.filled == 2
    assert orders == ["LMT SELL 3 5010", "STP SELL 3 4990"]


def test_an_alert_is_told_once():
    told = []

    def listen(_keeper, trade):
        trade.alerts.connect(told.append)

    alert = Alert(rule="r", severity="warning", text="look")
    doing(alert, alert, before=listen)

    assert told == [alert]


def test_a_planned_exit_is_sent_and_counts_as_sent_from_then_on():
    async def test(gateway, desk):
        group = long_bracket(2, slices="managed", entry=4900, take_profit=4910, stop=4890)
        trade = await desk.orders.place_async(future(gateway), group)
        keeper = desk.orders._keeper
        quietly(keeper, trade)
        carry_out(keeper, trade, [Place(rule="r", role="stop-1", size=Decimal(1))])
        await settle(1)
        return trade.track("stop-1").deferred, trade.track("target-1").deferred, live(gateway)

    assert run(test) == (False, True, ["LMT BUY 2 4900", "STP SELL 1 4890"])


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        ({}, "4990"),
        ({"orderType": "TRAIL", "auxPrice": 8.0, "trailStopPrice": 4995.5}, "4995.5"),
        ({"orderType": "STP LMT", "auxPrice": 4991.0, "lmtPrice": 4989.0}, "4991"),
    ],
)
def test_where_a_stop_becomes_active(fields, price):
    assert trigger_of(true_order(**fields)) == Decimal(price)


def test_a_trailing_stop_is_put_back_with_its_distance():
    async def test(gateway, desk):
        group = long_bracket(1, take_profit=None, stop=Trail(amount=8))
        trade = await desk.orders.place_async(future(gateway), group)
        await settle()
        gateway.faults.reject_order(order(gateway, "stop-1").perm_id)
        await settle()
        return line(order(gateway, "stop-1")), trade.status.name

    assert run(test) == ("TRAIL SELL 1 8", "PROTECTED")


def test_there_is_a_way_to_carry_out_every_kind_of_action():
    kinds = set(Action.__args__)

    assert kinds - CARRY_OUT.keys() == {Place, Replace}  # which go out together
