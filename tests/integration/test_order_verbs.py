"""What a user does with a group that lives: move, resize, trail, cancel, close. What is refused."""

import asyncio

import pytest
from ib_async import ContFuture, Future, LimitOrder

from ibkit.errors import (
    AmbiguousContract,
    ForeignOrder,
    GateRefused,
    NotConnected,
    NotTradable,
    OrderRejected,
    PlanError,
    UnknownContract,
)
from ibkit.orders import (
    GroupStatus,
    Limit,
    Market,
    MaxOpenOrders,
    MaxSize,
    OrderDesk,
    PriceCollar,
    Stop,
    Target,
    Trail,
    bracket,
    close_position,
    oca,
    single,
)
from ibkit.sim import Account, Scenario
from ibkit.testing import assert_flat, assert_protected, run_virtual
from order_work import another, held, live, long_bracket, order, run, settle
from sim_client import connected, future


def waiting_bracket(size=1, **more):
    return bracket("BUY", size, **{"entry": 4900, "take_profit": 4910, "stop": 4890, **more})


# -- moving


def test_an_entry_is_moved_and_its_exits_stay():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket())
        await trade.move_async("entry", 4905.1)
        return sorted(live(gateway)), trade.status

    orders, status = run(test)

    assert orders == ["LMT BUY 1 4905", "LMT SELL 1 4910", "STP SELL 1 4890"]
    assert status is GroupStatus.WORKING


@pytest.mark.parametrize("price", [4880, 4915])
def test_an_entry_does_not_pass_its_exits(price):
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket())
        with pytest.raises(PlanError, match="entry"):
            await trade.move_async("entry", price)
        return sorted(live(gateway))

    assert run(test) == ["LMT BUY 1 4900", "LMT SELL 1 4910", "STP SELL 1 4890"]


def test_an_entry_is_held_to_where_the_exits_are_now():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket())
        await trade.move_stop_async(4850)
        await trade.move_async("entry", 4860)
        return sorted(live(gateway))

    assert run(test) == ["LMT BUY 1 4860", "LMT SELL 1 4910", "STP SELL 1 4850"]


def test_an_order_of_an_oca_group_is_moved():
    async def test(gateway, desk):
        group = oca([single("BUY", 1, Limit(4900)), single("BUY", 1, Stop(5100))])
        trade = await desk.orders.place_async(future(gateway), group)
        await trade.move_async("order-2", 5090)
        return sorted(live(gateway))

    assert run(test) == ["LMT BUY 1 4900", "STP BUY 1 5090"]


@pytest.mark.parametrize(("role", "said"), [("target-9", "one of"), ("entry", "does not live")])
def test_what_is_not_there_is_not_moved(role, said):
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        await trade.entered_async()
        with pytest.raises(PlanError, match=said):
            await trade.move_async(role, 5000)

    run(test)


def test_the_stop_of_one_slice_is_moved_alone():
    async def test(gateway, desk):
        group = long_bracket(2, take_profit=None, targets=[Target(1, 5010), Target(1, 5020)])
        trade = await desk.orders.place_async(future(gateway), group)
        await trade.entered_async()
        await trade.move_stop_async(4995, number=2)
        await trade.move_target_async(2, 5025)
        return sorted(live(gateway))

    assert run(test) == ["LMT SELL 1 5010", "LMT SELL 1 5025", "STP SELL 1 4990", "STP SELL 1 4995"]


def test_two_changes_at_once_are_both_done():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        await trade.entered_async()
        await asyncio.gather(trade.move_stop_async(4992), trade.move_stop_async(4994))
        return sorted(live(gateway))

    assert run(test) == ["LMT SELL 1 5010", "STP SELL 1 4994"]


def test_stops_go_to_break_even():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket(2))
        with pytest.raises(PlanError, match="has filled"):
            await trade.breakeven_async()
        gateway.market.quote("ES", bid=4899.5, ask=4900, bid_size=50, ask_size=50)
        await trade.entered_async()
        gateway.market.quote("ES", bid=4905, ask=4905.25, bid_size=50, ask_size=50)
        await trade.breakeven_async()
        return trade.entry_price, order(gateway, "stop-1").terms.aux_price, trade.status

    price, stop, status = run(test)

    assert (price, stop, status) == (price, price, GroupStatus.PROTECTED)


def test_a_stop_does_not_become_a_trailing_stop_where_tws_refuses_and_stays():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        await trade.entered_async()
        try:
            await trade.trail_stop_async(Trail(amount=8))
        except OrderRejected as error:
            return error.code, sorted(live(gateway)), trade.status

    code, orders, status = run(test)

    assert (code, status) == (329, GroupStatus.PROTECTED)
    assert orders == ["LMT SELL 1 5010", "STP SELL 1 4990"]


@pytest.mark.parametrize("latency", [0, 3000])
def test_a_slice_is_resized_however_slowly_tws_answers(latency):
    async def test(gateway, desk):
        group = waiting_bracket(3, take_profit=None, targets=[Target(1, 4910), Target(2, 4920)])
        trade = await desk.orders.place_async(future(gateway), group)
        await settle(2 * latency / 1000)
        await trade.resize_async(5, number=2, timeout=60)
        await settle(20)
        return sorted(live(gateway))

    assert run(test, scenario=Scenario(submit_latency=latency)) == [
        "LMT BUY 1 4900", "LMT BUY 5 4900", "LMT SELL 1 4910", "LMT SELL 5 4920",
        "STP SELL 1 4890", "STP SELL 5 4890",
    ]  # fmt: skip


def test_a_resize_that_is_refused_half_way_leaves_no_exit_larger_than_its_entry():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket(2))
        await trade.resize_async(3)
        gateway.faults.refuse("PlaceOrder", 201, "margin")
        with pytest.raises(OrderRejected):
            await trade.resize_async(9)
        await settle(20)
        return sorted(live(gateway))

    assert run(test) == ["LMT BUY 3 4900", "LMT SELL 3 4910", "STP SELL 3 4890"]


def test_what_is_filled_is_not_resized():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(2))
        await trade.entered_async()
        with pytest.raises(PlanError, match="nothing is filled"):
            await trade.resize_async(5)

    run(test)


# -- getting out


def test_cancel_takes_the_entry_and_leaves_what_protects():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket(5))
        gateway.market.quote("ES", bid=4900.25, ask=4900.5, bid_size=50, ask_size=50)
        gateway.faults.fill_order(order(gateway, "entry").perm_id, 2, 4900)
        status = await trade.cancel_async()
        await settle()
        assert_protected(gateway)
        return status, trade.open_size, sorted(live(gateway))

    status, size, orders = run(test)

    assert (status, size) == (GroupStatus.PROTECTED, 2)
    assert orders == ["LMT SELL 2 4910", "STP SELL 2 4890"]


def test_cancelling_what_is_open_cancels_nothing():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        await trade.entered_async()
        await settle()
        return await trade.cancel_async(), len(gateway.truth.orders)

    assert run(test) == (GroupStatus.PROTECTED, 2)


@pytest.mark.parametrize("slices", ["separate", "managed", "attached"])
def test_close_leaves_nothing(slices):
    async def test(gateway, desk):
        group = long_bracket(
            3, take_profit=None, targets=[Target(1, 5010), Target(2, 5020)], slices=slices
        )
        trade = await desk.orders.place_async(future(gateway), group)
        await settle()
        status = await trade.close_async()
        assert_flat(gateway)
        return status, live(gateway), trade.realized_pnl is not None

    assert run(test) == (GroupStatus.CLOSED, [], True)


@pytest.mark.parametrize("scope", ["groups", "client", "everything"])
def test_cancel_all_reaches_as_far_as_it_says(scope):
    async def test(gateway, desk):
        es = future(gateway)
        await desk.orders.place_async(es, waiting_bracket())
        desk.ib.placeOrder(es, order_of_ones_own(4700))
        async with another(gateway, 9) as other:
            other.placeOrder(es, order_of_ones_own(4600))
            await asyncio.sleep(1)
            await desk.ib.reqAllOpenOrdersAsync()
            await asyncio.sleep(1)
            await desk.orders.cancel_all_async(scope)
            await settle()
            return sorted(live(gateway))

    left = {"groups": ["LMT BUY 1 4600", "LMT BUY 1 4700"], "client": ["LMT BUY 1 4600"]}

    assert run(test) == left.get(scope, [])


def order_of_ones_own(price):
    return LimitOrder("BUY", 1, price)


def test_exits_that_were_cancelled_with_everything_are_not_put_back():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        await settle()
        await desk.orders.cancel_all_async("everything")
        await settle(20)
        return live(gateway), held(gateway), trade.status

    assert run(test) == ([], 1, GroupStatus.UNPROTECTED)


# -- bad input


def test_under_another_client_id_a_group_is_watched_and_not_touched():
    """TWS lists to a client its own orders only: those of the old id are not lost."""

    async def main():
        async with connected(client_id=3) as (gateway, ib):
            gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=50, ask_size=50)
            desk = OrderDesk(ib)
            await desk.state.link.up_async(timeout=30)
            trade = await desk.place_async(future(gateway), long_bracket())
            await settle()
            ib.disconnect()
            await asyncio.sleep(1)
            await ib.connectAsync(clientId=9)
            await desk.state.link.up_async(timeout=30)
            await settle(20)
            for change in (
                trade.move_stop_async(4995),
                trade.move_async("target-1", 5015),
                trade.trail_stop_async(Trail(amount=5)),
            ):
                with pytest.raises(ForeignOrder, match="client 9"):
                    await change
            desk.close()
            return trade.status, sorted(live(gateway))

    status, orders = run_virtual(main())

    assert status is GroupStatus.PROTECTED
    assert orders == ["LMT SELL 1 5010", "STP SELL 1 4990"]


def test_an_impossible_group_is_refused_where_it_is_made():
    with pytest.raises(PlanError, match="above the entry"):
        bracket("BUY", 1, entry=5000, take_profit=4990, stop=4980)


def test_a_group_that_the_grid_makes_impossible_is_refused_before_anything_is_sent():
    async def test(gateway, desk):
        group = bracket("BUY", 1, entry=4900.2, take_profit=4900.21, stop=4890)
        with pytest.raises(PlanError):
            await desk.orders.place_async(
                future(gateway), group.evolve(legs={"stop-1": Stop("4900.19")})
            )
        await settle()
        return live(gateway), len(desk.orders.groups)

    assert run(test) == ([], 0)


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (MaxSize(1), "MaxSize"),
        (MaxOpenOrders(2), "MaxOpenOrders"),
        (PriceCollar(1), "more than 1% away"),
        (lambda _: "not on Mondays", "not on Mondays"),
        (lambda _: True, "answered True"),
    ],
)
def test_a_gate_refuses_and_nothing_is_sent(gate, said):
    async def test(gateway, desk):
        with pytest.raises(GateRefused, match=said):
            await desk.orders.place_async(future(gateway), waiting_bracket(2))
        await settle()
        return live(gateway), len(desk.orders.groups)

    assert run(test, gates=[gate]) == ([], 0)


def test_a_live_account_is_refused():
    async def test(gateway, desk):
        with pytest.raises(GateRefused, match="allow_live=True"):
            await desk.orders.place_async(future(gateway), waiting_bracket())
        await settle()
        return live(gateway)

    assert run(test, scenario=Scenario(accounts=(Account(name="U7654321"),))) == []


def test_nothing_is_queued_while_there_is_no_connection():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket())
        gateway.faults.refuse_connections(3)
        gateway.faults.cut()
        await asyncio.sleep(0.5)
        for work in (
            desk.orders.place_async(future(gateway), waiting_bracket()),
            desk.orders.preview_async(future(gateway), waiting_bracket()),
            desk.orders.cancel_all_async(),
            desk.orders.recover_async(),
            trade.move_stop_async(4880),
            trade.cancel_async(),
            trade.close_async(),
        ):
            with pytest.raises(NotConnected):
                await work
        await desk.link.up_async(timeout=120)
        await settle()
        return sorted(live(gateway)), len(desk.orders.groups)

    orders, groups = run(test)

    assert orders == ["LMT BUY 1 4900", "LMT SELL 1 4910", "STP SELL 1 4890"]
    assert groups == 1


def test_a_contract_is_resolved_where_one_fits():
    async def test(gateway, desk):
        last = gateway.market.instrument("ES").last_trade.strftime("%Y%m%d")
        trade = await desk.orders.place_async(Future("ES", last, "CME"), waiting_bracket())
        return trade.contract.conId == gateway.market.instrument("ES").con_id

    assert run(test) is True


def test_a_contract_that_is_none_or_many_or_cannot_be_traded_is_an_error():
    async def test(gateway, desk):
        for contract, error in (
            (Future("ES", exchange="CME"), AmbiguousContract),
            (Future("NOSUCH", "202612", "CME"), UnknownContract),
            (ContFuture("ES", "CME"), NotTradable),
        ):
            with pytest.raises(error):
                await desk.orders.place_async(contract, waiting_bracket())
        await settle()
        return live(gateway)

    assert run(test) == []


def test_the_contract_of_a_position_is_given_its_exchange():
    """Traps B17: it has none, and TWS refuses the order (321)."""

    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), single("BUY", 2, Market()))
        await trade.closed_async()
        (position,) = desk.ib.positions()
        assert position.contract.exchange == ""
        out = await desk.orders.place_async(position.contract, close_position(position))
        await out.closed_async()
        assert_flat(gateway)
        return out.status

    assert run(test) is GroupStatus.CLOSED
