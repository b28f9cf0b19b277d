import asyncio
from decimal import Decimal

import pytest

from ibkit.errors import OrderRejected, PlanError, StateUnknown, WaitTimeout
from ibkit.orders import (
    EventKind,
    GroupStatus,
    Limit,
    Market,
    OrderDesk,
    Stop,
    Target,
    bracket,
    oca,
    single,
    trailing,
)
from order_work import live, long_bracket, order, run, settle
from sim_client import future


def placed(test, group=None):
    async def main(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), group or long_bracket(2))
        await settle()
        return await test(gateway, trade)

    return run(main)


async def look(_gateway, trade):
    return trade


@pytest.mark.parametrize(
    ("group", "side"),
    [
        (bracket("SELL", 1, entry=5100, stop=5110), "SELL"),
        (single("BUY", 1, Limit(4900)), "BUY"),
        (oca([single("SELL", 1, Limit(5100)), single("SELL", 1, Stop(4900))]), "SELL"),
        (trailing("SELL", 1, amount=8), "BUY"),  # it protects what was bought
    ],
)
def test_the_side_on_which_a_group_opens(group, side):
    assert placed(look, group).side == side


def test_what_a_group_says_of_itself():
    trade = placed(look)

    assert (trade.filled, trade.open_size, trade.protected_size) == (2, 2, 2)
    assert trade.entry_price == Decimal("5000.25")
    assert trade.realized_pnl is None
    assert trade.reason == ""
    assert len(trade.perm_ids) == 3
    assert repr(trade) == f"<GroupTrade {trade.group_id} ESH6 PROTECTED open 2 protected 2>"


def test_the_trades_of_ib_async_are_at_hand():
    async def test(_gateway, trade):
        return (
            trade.entry.order.orderType,
            [t.order.orderType for t in trade.targets],
            [t.order.orderType for t in trade.stops],
            trade.trade("stop-1") is trade.stops[0],
        )

    assert placed(test) == ("LMT", ["LMT"], ["STP"], True)


def test_the_provisional_stop_is_among_the_stops_and_planned_exits_are_not():
    async def test(_gateway, trade):
        return [t.order.auxPrice for t in trade.stops], trade.targets

    group = bracket(
        "BUY", 1, entry=4900, take_profit=4910, stop=4890, slices="managed", protect_first=4800
    )

    assert placed(test, group) == ([4800], ())


def test_a_role_that_is_not_there_is_named():
    async def test(_gateway, trade):
        with pytest.raises(PlanError, match="entry, target-1, stop-1"):
            trade.trade("stop-9")

    placed(test)


# -- waiting


def test_waiting_ends_when_it_is_so_at_once_or_with_a_timeout():
    async def test(gateway, trade):
        loop = asyncio.get_running_loop()
        at_once = await trade.until_async(lambda t: t.open_size == 2, timeout=5)
        began = loop.time()
        with pytest.raises(WaitTimeout, match="PROTECTED"):
            await trade.closed_async(timeout=3)
        took = loop.time() - began
        loop.call_later(2, gateway.faults.fill_order, order(gateway, "target-1").perm_id, 2, 5010)
        return at_once, took, await trade.closed_async(timeout=10)

    at_once, took, closed = placed(test)

    assert (at_once, closed) == (GroupStatus.PROTECTED, GroupStatus.CLOSED)
    assert took == pytest.approx(3, abs=0.01)


def test_what_a_predicate_raises_is_raised():
    async def test(_gateway, trade):
        with pytest.raises(ZeroDivisionError):
            await trade.until_async(lambda t: 1 / 0 > 1)

    placed(test)


def test_entered_waits_for_the_whole_entry():
    async def test(gateway, trade):
        gateway.market.quote("ES", bid=4900.25, ask=4900.5, bid_size=50, ask_size=50)
        waiting = asyncio.ensure_future(trade.entered_async(timeout=20))
        gateway.faults.fill_order(order(gateway, "entry").perm_id, 1, 4900)
        await asyncio.sleep(5)
        early = waiting.done()
        gateway.faults.fill_order(order(gateway, "entry").perm_id, 1, 4900)
        return early, await waiting

    early, status = placed(test, bracket("BUY", 2, entry=4900, take_profit=4910, stop=4890))

    assert early is False
    assert status in {GroupStatus.ENTERED, GroupStatus.PROTECTED}


def test_entered_raises_for_an_entry_that_is_refused_later():
    async def test(gateway, trade):
        asyncio.get_running_loop().call_later(
            1, gateway.faults.reject_order, order(gateway, "entry").perm_id, "no margin"
        )
        with pytest.raises(OrderRejected, match="no margin") as caught:
            await trade.entered_async(timeout=10)
        return caught.value.leg, trade.reason

    leg, reason = placed(test, bracket("BUY", 1, entry=4900, stop=4890))

    assert leg == "entry"
    assert reason.startswith("entry: ")


# -- events


def test_events_are_told_to_handlers_and_end_with_the_group():
    async def test(gateway, trade):
        loop = asyncio.get_running_loop()
        heard = []
        trade.events.connect(heard.append)
        loop.call_later(1, gateway.faults.fill_order, order(gateway, "target-1").perm_id, 2, 5010)
        iterated = [event async for event in trade]
        return heard, iterated

    heard, iterated = placed(test)

    assert heard == iterated
    assert [event.role for event in heard if event.kind is EventKind.FILLED] == ["target-1"]
    assert (heard[-1].kind, heard[-1].status) == (EventKind.STATUS, GroupStatus.CLOSED)


def test_the_events_of_a_group_that_is_over_end_at_once():
    async def test(_gateway, trade):
        return [event async for event in trade]

    assert placed(test, single("BUY", 1, Market())) == []


def test_what_is_realized_is_net_of_commissions():
    async def test(gateway, trade):
        gateway.faults.fill_order(order(gateway, "target-1").perm_id, 1, 5010)
        await settle()
        return trade.realized_pnl

    assert placed(test) == Decimal("9.75") * 50 - 2 * Decimal("2.25")


def test_the_refusal_of_a_group_names_the_order():
    async def test(gateway, trade):
        gateway.faults.reject_order(order(gateway, "stop-1").perm_id, "bad stop")
        await settle()
        return trade.rejection()

    group = bracket("BUY", 1, entry=4900, targets=[Target(1, 4910)], stop=4890)
    error = placed(test, group)

    assert (error.leg, error.code) == ("stop-1", 201)
    assert "bad stop" in error.text


async def never(_):
    return False


@pytest.mark.parametrize(
    ("wait", "field"),
    [
        (lambda trade: trade.until_async(never), "predicate"),
        (lambda trade: trade.until_async(GroupStatus.PROTECTED), "predicate"),
        (lambda trade: trade.until_async("PROTECTED"), "predicate"),
        (lambda trade: trade.closed_async("10"), "timeout"),
        (lambda trade: trade.entered_async(timeout=-1), "timeout"),
    ],
)
def test_a_wait_that_cannot_be_understood_is_refused(wait, field):
    async def test(_gateway, trade):
        with pytest.raises(PlanError) as refused:
            await wait(trade)
        return refused.value.field

    assert placed(test) == field


def test_a_wait_of_0_seconds_looks_once():
    async def test(_gateway, trade):
        with pytest.raises(WaitTimeout):
            await trade.closed_async(0)

    placed(test)


def test_of_a_closed_desk_nothing_is_sent_and_nothing_is_waited_for():
    async def main(gateway, desk):
        alone = OrderDesk(desk.ib, state=desk.state)
        trade = await alone.place_async(future(gateway), single("BUY", 1, Limit(4900)))
        alone.close()
        for work in (
            trade.move_async("entry", 4905),
            trade.cancel_async(),
            trade.close_async(),
            trade.closed_async(),
            trade.__aiter__().__anext__(),
        ):
            with pytest.raises(StateUnknown, match="closed"):
                await work
        return live(gateway)

    assert run(main) == ["LMT BUY 1 4900"]
