import datetime as dt

import pytest
from ib_async import IB, LimitOrder, Order

from ibkit.errors import FateUnknown, GatewayError, PlanError, RunningLoopError
from ibkit.orders import Gtc, Limit, OrderDesk, PaperOnly, Stop, bracket, oca, single
from ibkit.orders._birth import new_group_id
from ibkit.sim import Account, Scenario
from ibkit.testing import run_virtual
from order_work import live, long_bracket, run, second_desk, settle
from sim_client import connected, future

RESTS = single("BUY", 1, Limit(4900))


def test_a_desk_stands_alone_on_a_client():
    async def main():
        async with connected() as (gateway, ib):
            desk = OrderDesk(ib)
            await desk.state.link.up_async(timeout=30)
            trade = await desk.place_async(future(gateway), RESTS)
            await trade.cancel_async()
            desk.close()
            return trade.status.name, live(gateway)

    assert run_virtual(main()) == ("CANCELLED", [])


# -- names


def test_a_group_gets_an_id_that_tells_its_day_and_an_account():
    async def test(gateway, desk):
        plan = single("BUY", 1, Limit(4900), order_ref="mine")
        trade = await desk.orders.place_async(future(gateway), plan)
        (order,) = gateway.truth.orders
        return plan.group_id, trade.group_id, trade.group.account, order.terms.order_ref

    before, after, account, reference = run(test)

    assert (before, len(after), account) == ("", 8, "DU1000001")
    assert reference == f"ik/{after}:e:x:mine"


def test_an_id_is_given_once():
    async def test(gateway, desk):
        es, named = future(gateway), RESTS.evolve(group_id="mine")
        await desk.orders.place_async(es, named)
        with pytest.raises(PlanError, match="no group of this desk has"):
            await desk.orders.place_async(es, named)
        return len(live(gateway))

    assert run(test) == 1


def test_one_of_several_accounts_has_to_be_named():
    two = Scenario(accounts=(Account(name="DU1"), Account(name="DU2")))

    async def unnamed(gateway, desk):
        await desk.orders.place_async(future(gateway), RESTS)

    async def named(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), RESTS.evolve(account="DU2"))
        return trade.group.account

    with pytest.raises(PlanError, match="DU1, DU2"):
        run(unnamed, scenario=two)
    assert run(named, scenario=two) == "DU2"


def test_a_desk_may_have_an_account():
    two = Scenario(accounts=(Account(name="DU1"), Account(name="DU2")))

    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), RESTS)
        return trade.group.account, gateway.truth.orders[0].account

    assert run(test, scenario=two, account="DU2") == ("DU2", "DU2")


# -- placing


def test_orders_of_a_group_are_in_the_order_of_their_ids():
    async def test(gateway, desk):
        sent = []
        desk.ib.newOrderEvent.connect(lambda trade: sent.append(trade.order.orderId))
        await desk.orders.place_async(future(gateway), long_bracket())
        return sent

    first, second, third = run(test)

    assert (second, third) == (first + 1, first + 2)


def test_what_is_placed_is_answered_and_a_silent_tws_is_not_waited_for_for_ever():
    async def test(gateway, desk):
        gateway.faults.ignore("PlaceOrder", times=3)
        with pytest.raises(FateUnknown) as caught:
            await desk.orders.place_async(future(gateway), long_bracket(), timeout=2)
        await settle(30)
        return caught.value.roles, live(gateway), [trade.is_over for trade in desk.orders.groups]

    roles, orders, over = run(test)

    assert list(roles) == ["entry", "target-1", "stop-1"]
    assert (orders, over) == ([], [True])


def test_a_desk_says_how_many_groups_live():
    async def test(gateway, desk):
        before = repr(desk.orders)
        await desk.orders.place_async(future(gateway), RESTS)
        return before, repr(desk.orders)

    assert run(test) == ("<OrderDesk up, 0 groups, 0 live>", "<OrderDesk up, 1 groups, 1 live>")


def test_an_order_of_ib_async_is_no_group():
    async def test(gateway, desk):
        with pytest.raises(PlanError, match=r"single\(\), bracket\(\) and oca\(\)"):
            await desk.orders.place_async(future(gateway), LimitOrder("BUY", 1, 4900))
        return live(gateway)

    assert run(test) == []


def test_nothing_of_the_users_is_changed():
    async def test(gateway, desk):
        es, plan = future(gateway), long_bracket()
        before = dict(vars(es))
        await desk.orders.place_async(es, plan)
        return before == vars(es), plan == long_bracket()

    assert run(test) == (True, True)


def test_the_blocking_forms_refuse_a_running_loop_before_anything_is_sent():
    async def test(gateway, desk):
        es = future(gateway)
        for call in (
            lambda: desk.orders.place(es, RESTS),
            lambda: desk.orders.preview(es, RESTS),
            desk.orders.cancel_all,
            desk.orders.recover,
        ):
            with pytest.raises(RunningLoopError):
                call()
        return live(gateway)

    assert run(test) == []


# -- the preview


def test_a_preview_is_of_entries_or_else_of_every_order():
    async def test(gateway, desk):
        es = future(gateway)
        of_bracket = await desk.orders.preview_async(es, long_bracket())
        group = oca([single("SELL", 1, Limit(5100)), single("SELL", 1, Stop(4900))])
        of_oca = await desk.orders.preview_async(es, group)
        return list(of_bracket), list(of_oca), live(gateway)

    assert run(test) == (["entry"], ["order-1", "order-2"], [])


def test_a_preview_that_tws_refuses_is_an_error():
    async def test(gateway, desk):
        gateway.faults.refuse("PlaceOrder", 321, "no")
        with pytest.raises(GatewayError) as caught:
            await desk.orders.preview_async(future(gateway), RESTS)
        return caught.value.code

    assert run(test) == 321


@pytest.mark.parametrize("timeout", ["10", 0, None, float("nan"), dt.timedelta(seconds=5)])
def test_a_timeout_that_is_none_is_refused_before_anything_is_sent(timeout):
    async def test(gateway, desk):
        es = future(gateway)
        for work in (
            desk.orders.place_async(es, RESTS, timeout=timeout),
            desk.orders.preview_async(es, RESTS, timeout=timeout),
            desk.orders.cancel_all_async(timeout=timeout),
        ):
            with pytest.raises(PlanError, match="timeout"):
                await work
        await settle()
        return live(gateway), len(desk.orders.groups)

    assert run(test) == ([], 0)


@pytest.mark.parametrize("gates", [PaperOnly(), "PaperOnly", [PaperOnly], [None]])
def test_gates_that_could_not_be_asked_are_refused_where_the_desk_is_made(gates):
    with pytest.raises(PlanError, match="gates"):
        OrderDesk(IB(), gates)


# -- everything at once


def test_a_scope_that_there_is_not():
    async def test(_gateway, desk):
        with pytest.raises(PlanError, match="one of groups, client, everything"):
            await desk.orders.cancel_all_async("mine")

    run(test)


def test_cancelling_all_of_nothing_is_done_at_once():
    async def test(_gateway, desk):
        await desk.orders.cancel_all_async()
        await desk.orders.cancel_all_async("everything")

    run(test)


# -- what stays


def test_orders_that_outlive_the_day_are_listed_with_their_age():
    async def test(gateway, desk):
        es = future(gateway)
        await desk.orders.place_async(es, RESTS)
        old = new_group_id(dt.date(2026, 2, 27), 7)
        group = bracket("BUY", 1, entry=4900, stop=4890, tif=Gtc(), group_id=old)
        await desk.orders.place_async(es, group)
        desk.ib.placeOrder(es, LimitOrder("BUY", 1, 4800, tif="GTC"))
        await settle()
        return desk.orders.open_gtc()

    found = run(test)

    assert [one.age for one in found] == [dt.timedelta(3), dt.timedelta(3), None]


# -- found again


def test_a_group_that_cannot_be_watched_is_told():
    async def test(gateway, desk):
        cut = Order(
            action="BUY", totalQuantity=1, orderType="LMT", lmtPrice=4900.0, tif="DAY",
            orderRef="ik/k3f9:e",
        )  # fmt: skip
        desk.ib.placeOrder(future(gateway), cut)
        await settle()
        told = []
        async with second_desk(gateway, desk) as again:
            again.orders.alerts.connect(told.append)
            found = await again.orders.recover_async()
        return found, [alert.text for alert in told]

    found, (text,) = run(test)

    assert found == []
    assert "k3f9 was found and cannot be watched" in text


def test_recovering_twice_finds_a_group_once():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), RESTS)
        found = await desk.orders.recover_async()
        again = await desk.orders.recover_async()
        return found == again == [trade], len(desk.orders.groups)

    assert run(test) == (True, 1)
