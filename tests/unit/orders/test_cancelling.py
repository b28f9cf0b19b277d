"""Cancels that are lost are sent again."""

import asyncio

import pytest
from ib_async import LimitOrder

from ibkit.errors import CancelUnknown, FateUnknown, RequestTimeout
from ibkit.orders import GroupStatus, bracket
from order_work import another, live, long_bracket, run, second_desk, settle
from sim_client import future

WHOLE = {
    "groups": ["LMT BUY 1 4600", "LMT BUY 1 4700"],
    "client": ["LMT BUY 1 4600"],
    "everything": ["LMT BUY 1 4600"],
}


def waits(entry):
    return bracket(
        "BUY", 1, entry=entry, take_profit=entry + 10, stop=entry - 10, group_id=f"g{entry}"
    )


async def place_all(gateway, desk, other):
    es = future(gateway)
    for entry in (4900, 4800):
        await desk.orders.place_async(es, waits(entry))
    desk.ib.placeOrder(es, LimitOrder("BUY", 1, 4700))
    other.placeOrder(es, LimitOrder("BUY", 1, 4600))
    await asyncio.sleep(1)


@pytest.mark.parametrize("scope", ["groups", "client", "everything"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("nth", [1, 3])
def test_what_was_lost_with_the_connection_is_told_and_cancelled_later(scope, nth, after):
    request, nth = ("ReqGlobalCancel", 1) if scope == "everything" else ("CancelOrder", nth)

    async def test(gateway, desk):
        async with another(gateway, 9) as other:
            await place_all(gateway, desk, other)
            gateway.faults.cut_at(request, nth=nth, after=after)
            with pytest.raises(CancelUnknown) as caught:
                await desk.orders.cancel_all_async(scope)
            await desk.link.up_async(timeout=60)
            await settle()
            return caught.value, sorted(live(gateway))

    error, left = run(test)

    arrived = scope == "everything" and after
    assert left == ([] if arrived else WHOLE[scope])
    assert isinstance(error, FateUnknown)
    assert error.group == f"cancelling all ({scope})"
    roles = {"entry of g4800", "target-1 of g4800", "stop-1 of g4800"}
    assert roles <= set(error.roles)
    assert any(role.startswith("order ") for role in error.roles) is (scope != "groups")


def test_orders_of_others_that_are_known_are_named():
    async def test(gateway, desk):
        async with another(gateway, 9) as other:
            await place_all(gateway, desk, other)
            await desk.orders.all_orders_async()
            gateway.faults.cut_at("ReqGlobalCancel")
            with pytest.raises(CancelUnknown) as caught:
                await desk.orders.cancel_all_async("everything")
            return caught.value.roles

    assert any(role.endswith(", another client's") for role in run(test))


def test_it_survives_a_second_cut_and_what_is_placed_since_stays():
    async def test(gateway, desk):
        async with another(gateway, 9) as other:
            await place_all(gateway, desk, other)
            gateway.faults.cut_at("CancelOrder")
            with pytest.raises(CancelUnknown):
                await desk.orders.cancel_all_async()
            gateway.faults.cut_at("CancelOrder", nth=2)
            await desk.link.up_async(timeout=60)
            await asyncio.sleep(0.5)
            await desk.link.up_async(timeout=60)
            await desk.orders.place_async(future(gateway), waits(4500))
            await settle(30)
            return sorted(live(gateway))

    since = ["LMT BUY 1 4500", "LMT SELL 1 4510", "STP SELL 1 4490"]

    assert run(test) == sorted([*WHOLE["groups"], *since])


@pytest.mark.parametrize("scope", ["groups", "client"])
def test_a_cancel_that_is_not_answered_is_sent_again(scope):
    async def test(gateway, desk):
        async with another(gateway, 9) as other:
            await place_all(gateway, desk, other)
            gateway.faults.ignore("CancelOrder", times=7)
            with pytest.raises(RequestTimeout):
                await desk.orders.cancel_all_async(scope, timeout=2)
            await settle(30)
            return sorted(live(gateway))

    assert run(test) == WHOLE[scope]


def test_exits_of_what_is_open_are_cancelled_later_too_and_not_put_back():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(2))
        await settle()
        gateway.faults.cut_at("CancelOrder")
        with pytest.raises(CancelUnknown):
            await desk.orders.cancel_all_async()
        await desk.link.up_async(timeout=60)
        await settle(30)
        return live(gateway), trade.status

    assert run(test) == ([], GroupStatus.UNPROTECTED)


def test_the_cancel_of_one_group_is_sent_again_too():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waits(4900))
        gateway.faults.cut_at("CancelOrder")
        with pytest.raises(FateUnknown):
            await trade.cancel_async()
        await desk.link.up_async(timeout=60)
        await settle()
        return live(gateway), trade.status

    assert run(test) == ([], GroupStatus.CANCELLED)


def test_nothing_is_sent_again_that_was_cancelled(monkeypatch):
    async def test(gateway, desk):
        async with another(gateway, 9) as other:
            await place_all(gateway, desk, other)
            cancelled = []
            send = desk.ib.client.cancelOrder
            monkeypatch.setattr(
                desk.ib.client,
                "cancelOrder",
                lambda *sent: cancelled.append(sent) or send(*sent),
            )
            await desk.orders.cancel_all_async("client")
            gateway.faults.cut(3)
            await desk.link.up_async(timeout=60)
            await settle(90)
            return len(cancelled)

    assert run(test) == 7


def test_a_desk_that_was_closed_and_a_new_program_cancel_nothing():
    async def test(gateway, desk):
        async with another(gateway, 9) as other:
            await place_all(gateway, desk, other)
            gateway.faults.cut_at("CancelOrder")
            with pytest.raises(CancelUnknown):
                await desk.orders.cancel_all_async()
            async with second_desk(gateway, desk) as again:
                found = [trade.status for trade in await again.orders.recover_async()]
                await settle(30)
                before = len(live(gateway))
                await again.orders.cancel_all_async()
                return found, before, sorted(live(gateway))

    found, before, after = run(test)

    assert found == [GroupStatus.WORKING] * 2
    assert (before, after) == (8, WHOLE["groups"])
