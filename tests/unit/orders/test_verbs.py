import asyncio

import pytest

from ibkit.errors import FateUnknown, GateRefused, OrderRejected, PlanError, RequestTimeout
from ibkit.orders import (
    GroupStatus,
    Gtc,
    Limit,
    MaxSize,
    PriceCollar,
    Stop,
    Target,
    bracket,
    single,
)
from ibkit.orders._book import book_of
from ibkit.orders._verbs import change_all_async, change_async
from order_work import live, long_bracket, order, run, second_desk, settle
from sim_client import future


def placed(test, group=None):
    async def main(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), group or long_bracket(2))
        await settle()
        return await test(gateway, desk.orders._keeper, trade)

    return run(main)


def change(keeper, trade, role, leg=None, size=None, timeout=10):
    return change_async(keeper, trade, trade.track(role), leg=leg, size=size, timeout=timeout)


def test_a_change_returns_when_tws_shows_it():
    async def test(gateway, keeper, trade):
        await change(keeper, trade, "stop-1", Stop(4995))
        return trade.track("stop-1").latest.order.auxPrice, sorted(live(gateway))

    assert placed(test) == (4995, ["LMT SELL 2 5010", "STP SELL 2 4995"])


@pytest.mark.parametrize("price", [float("nan"), None, "five"])
def test_what_is_no_price_is_refused_and_nothing_is_sent(price):
    async def test(gateway, keeper, trade):
        for work in (trade.move_stop_async(price), trade.move_async("stop-1", price)):
            with pytest.raises(PlanError, match="price: got"):
                await work
        return sorted(live(gateway))

    assert placed(test) == ["LMT SELL 2 5010", "STP SELL 2 4990"]


def test_changes_of_one_order_are_sent_one_after_the_other():
    async def test(gateway, keeper, trade):
        gateway.faults.delay_request("PlaceOrder", 2)
        work = [change(keeper, trade, "stop-1", Stop(4991 + n)) for n in range(4)]
        await asyncio.gather(*work)
        return trade.track("stop-1").latest.order.auxPrice

    assert placed(test) == 4994


def test_a_change_that_is_not_answered_is_a_timeout():
    async def test(gateway, keeper, trade):
        gateway.faults.ignore("PlaceOrder")
        with pytest.raises(RequestTimeout, match="changing stop-1"):
            await change(keeper, trade, "stop-1", Stop(4995), timeout=2)
        await settle(20)
        stop = trade.track("stop-1").latest
        return stop.order.auxPrice, stop.wanted, trade.status

    assert placed(test) == (4990, None, GroupStatus.PROTECTED)


def test_a_change_of_what_is_over_is_refused_and_nothing_is_sent():
    async def test(gateway, keeper, trade):
        await trade.close_async()
        with pytest.raises(OrderRejected, match="it has ended"):
            await change(keeper, trade, "stop-1", Stop(4995))
        return live(gateway)

    assert placed(test) == []


def test_a_change_that_a_fill_overtakes_is_refused_with_what_tws_says():
    async def test(gateway, keeper, trade):
        gateway.faults.refuse("PlaceOrder", 104, "Can't modify a filled order")
        with pytest.raises(OrderRejected) as caught:
            await change(keeper, trade, "target-1", Limit(5015))
        return caught.value.code, caught.value.leg

    assert placed(test) == (104, "target-1")


def test_of_changes_side_by_side_the_refused_one_is_told_and_the_others_are_done():
    async def test(gateway, keeper, trade):
        gateway.faults.refuse_next_modify(110, "off the grid")
        changes = [(trade.track("stop-1"), Stop(4995)), (trade.track("target-1"), Limit(5015))]
        with pytest.raises(OrderRejected, match="off the grid"):
            await change_all_async(keeper, trade, changes, 10)
        return sorted(live(gateway))

    assert placed(test) == ["LMT SELL 2 5015", "STP SELL 2 4990"]


def test_a_lost_connection_leaves_the_fate_of_a_change_unknown():
    async def test(gateway, keeper, trade):
        gateway.faults.cut_at("PlaceOrder")
        with pytest.raises(FateUnknown):
            await change(keeper, trade, "stop-1", Stop(4995))
        return book_of(trade).changing["stop-1"].locked()

    assert placed(test) is False


# -- sizes


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (bracket("BUY", 2, entry=4900, stop=4890, slices="managed"), "separate"),
        (
            bracket(
                "BUY", 2, entry=4900, stop=4890, slices="attached",
                targets=[Target(1, 4910), Target(1, 4920)],
            ),
            "separate",
        ),
        (bracket("BUY", 2, entry=4900, stop=4890), "a slice from 1 to 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_resized_is_said(group, said):
    async def test(gateway, _keeper, trade):
        with pytest.raises(PlanError, match=said):
            await trade.resize_async(3, number=7)
        return len(gateway.truth.orders)

    assert placed(test, group) == len(group.to_orders(1))


def test_one_order_alone_is_resized():
    async def test(gateway, _keeper, trade):
        await trade.resize_async(7)
        return live(gateway)

    assert placed(test, single("BUY", 2, Limit(4900))) == ["LMT BUY 7 4900"]


@pytest.mark.parametrize(("size", "first"), [(5, "exits"), (1, "entry")])
def test_exits_are_never_too_small_while_a_slice_is_resized(size, first):
    async def test(gateway, _keeper, trade):
        seen = []
        trade.changed.connect(
            lambda t: seen.append([order(gateway, r).terms.quantity for r in ("entry", "stop-1")])
        )
        await trade.resize_async(size)
        return [entry <= stop for entry, stop in seen]

    assert all(placed(test, bracket("BUY", 2, entry=4900, take_profit=4910, stop=4890)))


def test_while_a_slice_is_resized_its_exits_are_left_alone():
    async def test(gateway, _keeper, trade):
        gateway.faults.delay_request("PlaceOrder", 3, times=3)
        await trade.resize_async(5, timeout=30)
        during = book_of(trade).resizing
        await settle(20)
        return during, sorted(live(gateway))

    left, orders = placed(test, bracket("BUY", 2, entry=4900, take_profit=4910, stop=4890))

    assert left == 0
    assert orders == ["LMT BUY 5 4900", "LMT SELL 5 4910", "STP SELL 5 4890"]


def test_a_slice_whose_entry_filled_on_a_day_that_is_forgotten_is_not_resized():
    """Its exits would be larger than the position."""

    async def main(gateway, desk):
        await desk.orders.place_async(future(gateway), long_bracket(2, tif=Gtc()))
        await settle()
        desk.close()
        await asyncio.sleep(26 * 3600)
        async with second_desk(gateway, desk) as again:
            (trade,) = await again.orders.recover_async()
            with pytest.raises(PlanError, match="entry is FILLED"):
                await trade.resize_async(5)
            return trade.group.partial, sorted(live(gateway))

    assert run(main) == (True, ["LMT SELL 2 5010", "STP SELL 2 4990"])


@pytest.mark.parametrize(
    ("gate", "verb"),
    [
        (MaxSize(5), lambda trade: trade.resize_async(50)),
        (PriceCollar(3), lambda trade: trade.move_async("entry", 4800)),
    ],
)
def test_a_change_that_a_gate_refuses_is_not_sent(gate, verb):
    async def main(gateway, desk):
        group = bracket("BUY", 2, entry=4900, stop=4790)
        trade = await desk.orders.place_async(future(gateway), group)
        await settle()
        with pytest.raises(GateRefused, match=type(gate).__name__):
            await verb(trade)
        await settle()
        return sorted(live(gateway)), trade.status

    orders = ["LMT BUY 2 4900", "STP SELL 2 4790"]

    assert run(main, gates=[gate]) == (orders, GroupStatus.WORKING)


def test_a_stop_is_moved_while_there_is_no_market_price_and_a_gate_wants_one():
    async def main(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        await settle()
        gateway.faults.refuse("ReqMktData", 354, "Requested market data is not subscribed", times=9)
        await trade.move_stop_async(4800)
        await trade.move_async("stop-1", 4801)
        return sorted(live(gateway))

    gates = [PriceCollar(1, exits=1)]

    assert run(main, gates=gates) == ["LMT SELL 1 5010", "STP SELL 1 4801"]


# -- misuse


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda trade: trade.move_stop_async(5010), "target-1"),
        (lambda trade: trade.move_target_async(1, 4990), "target-1"),
        (lambda trade: trade.move_async("stop-1", 5500), "target-1"),
        (lambda trade: trade.move_stop_async(4985, number="1"), "number"),
        (lambda trade: trade.move_stop_async(4985, number=0), "number"),
        (lambda trade: trade.move_target_async(None, 5012), "number"),
        (lambda trade: trade.resize_async(2, number="1"), "number"),
        (lambda trade: trade.trail_stop_async(Limit(4985)), "trail"),
        (lambda trade: trade.trail_stop_async(Stop(4985)), "trail"),
        (lambda trade: trade.trail_stop_async(None), "trail"),
        (lambda trade: trade.trail_stop_async(8), "trail"),
        (lambda trade: trade.move_stop_async(4985, timeout="10"), "timeout"),
        (lambda trade: trade.move_target_async(1, 5012, timeout=0), "timeout"),
        (lambda trade: trade.move_async("stop-1", 4985, timeout=None), "timeout"),
        (lambda trade: trade.cancel_async(timeout=-1), "timeout"),
        (lambda trade: trade.close_async(timeout="10"), "timeout"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_sent(change, field):
    async def test(gateway, keeper, trade):
        before = live(gateway)
        with pytest.raises(PlanError) as refused:
            await change(trade)
        await settle()
        return refused.value.field, live(gateway) == before

    assert placed(test) == (field, True)


def test_a_stop_does_not_pass_an_entry_that_waits_and_may_pass_one_that_has_filled():
    async def main(gateway, desk):
        es = future(gateway)
        waits = await desk.orders.place_async(es, long_bracket(entry=Limit(4900), stop=4890))
        filled = await desk.orders.place_async(es, long_bracket(2))
        await filled.entered_async(timeout=10)
        with pytest.raises(PlanError, match="below the entry, 4900"):
            await waits.move_stop_async(4901)
        await filled.move_stop_async(5005)
        await filled.move_async("stop-1", 5006)
        return sorted(live(gateway))

    assert "STP SELL 2 5006" in run(main)
