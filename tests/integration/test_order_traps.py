"""Traps of ib_async 2.1, and what users suffer from, where they concern orders.

`test_state_traps.py` shows that bare ib_async falls into B1 to B20, and that the state does not.
Here it is shown what the order desk makes of them.
"""

import asyncio
from decimal import Decimal

import numpy as np
import pytest
from ib_async import LimitOrder, Order, Stock

from ibkit.errors import FateUnknown, OrderRejected, RequestTimeout
from ibkit.orders import (
    GroupStatus,
    Limit,
    Market,
    Stop,
    Target,
    Trail,
    TrailLimit,
    bracket,
    single,
)
from ibkit.sim import Scenario
from ibkit.testing import assert_flat, assert_no_orphans, assert_protected, assert_sent_once
from order_work import another, held, line, live, long_bracket, order, run, second_desk, settle
from sim_client import future

WAITS = Limit(4900)


def waiting_bracket(size=1):
    return bracket("BUY", size, entry=WAITS, take_profit=4910, stop=4890)


# -- B1, A1: an error text is no end


@pytest.mark.parametrize("code", [10349, 10311, 161, 10148, 98765])
def test_b1_a_notice_on_the_entry_neither_ends_the_group_nor_sends_it_again(code):
    async def test(gateway, desk):
        gateway.faults.notice_next_order(code, "by the way")
        trade = await desk.orders.place_async(future(gateway), long_bracket(2))
        await settle()
        assert_sent_once(gateway)
        assert_protected(gateway)
        return trade.status, trade.protected_size, trade.reason, held(gateway)

    assert run(test) == (GroupStatus.PROTECTED, 2, "", 2)


@pytest.mark.parametrize("code", [10349, 98765])
def test_b1_a_notice_on_an_exit_does_not_have_it_put_back(code):
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket())
        gateway.faults.notice_next_order(code, "by the way")
        await desk.orders.place_async(future(gateway), single("BUY", 1, Limit(4800)))
        gateway.market.quote("ES", bid=4899, ask=4900, bid_size=50, ask_size=50)
        await settle()
        assert_sent_once(gateway)
        return trade.status, len(gateway.truth.orders)

    assert run(test) == (GroupStatus.PROTECTED, 3)


# -- B2, A1: refused for good, and refused as a change


def test_b2_a_refused_entry_is_an_error_and_leaves_nothing():
    async def test(gateway, desk):
        gateway.faults.refuse_next_order(321, "Error validating request")
        with pytest.raises(OrderRejected) as caught:
            await desk.orders.place_async(future(gateway), waiting_bracket())
        await settle()
        return caught.value, desk.orders.groups[0].status, live(gateway)

    error, status, left = run(test)

    assert (error.code, error.leg) == (321, "entry")
    assert "validating" in error.text
    assert (status, left) == (GroupStatus.REJECTED, [])


@pytest.mark.parametrize("code", [110, 321, 329])
def test_b2_a_refused_change_is_an_error_and_leaves_the_old_terms(code):
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        await settle()
        told = []
        trade.alerts.connect(told.append)
        gateway.faults.refuse_next_modify(code, "no")
        with pytest.raises(OrderRejected) as caught:
            await trade.move_stop_async(4995)
        await settle()
        stop = desk.state.orders[trade.stops[0].order.permId]
        await trade.move_stop_async(4996)
        return caught.value, stop, told, trade.status, line(order(gateway, "stop-1"))

    error, stop, told, status, after = run(test)

    assert (error.code, error.leg) == (code, "stop-1")
    assert (stop.order.auxPrice, stop.wanted) == (4990, None)
    assert [alert.rule for alert in told] == ["change-refused"]
    assert (status, after) == (GroupStatus.PROTECTED, "STP SELL 1 4996")


# -- B3, A1: what comes late, and what comes instead


def test_b3_a_late_status_does_not_reopen_a_group():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), single("BUY", 1, Market()))
        await trade.closed_async(timeout=10)
        entry = trade.entry.order
        desk.ib.wrapper.orderStatus(
            entry.orderId, "Submitted", 0, 1, 0, entry.permId, 0, 0, 3, "", 0
        )
        await settle()
        return trade.status, trade.filled

    assert run(test) == (GroupStatus.CLOSED, 1)


def test_b3_a_fill_that_overtakes_a_cancel_counts_and_is_protected():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket(2))
        gateway.market.quote("ES", bid=4900.25, ask=4900.5, bid_size=50, ask_size=50)
        gateway.faults.race_cancel()
        await trade.cancel_async()
        await settle()
        assert_protected(gateway)
        return trade.status, trade.filled, held(gateway)

    assert run(test) == (GroupStatus.PROTECTED, 2, 2)


def test_b3_part_of_the_fill_overtakes_the_cancel():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket(5))
        gateway.market.quote("ES", bid=4900.25, ask=4900.5, bid_size=50, ask_size=50)
        gateway.faults.race_cancel(2)
        await trade.cancel_async()
        await settle()
        assert_protected(gateway)
        return trade.status, trade.filled, live(gateway)

    status, filled, left = run(test)

    assert (status, filled) == (GroupStatus.PROTECTED, 2)
    assert sorted(left) == ["LMT SELL 2 4910", "STP SELL 2 4890"]


def test_b3_an_entry_that_is_held_and_released_is_the_same_entry():
    async def test(gateway, desk):
        gateway.faults.hold_next_order()
        trade = await desk.orders.place_async(future(gateway), single("SELL", 1, Limit(5100)))
        await settle()
        before = trade.status
        gateway.faults.release_order(gateway.truth.orders[0].perm_id)
        await settle()
        assert_sent_once(gateway)
        return before, trade.status, live(gateway)

    assert run(test) == (GroupStatus.HELD, GroupStatus.WORKING, ["LMT SELL 1 5100"])


# -- B4, A3: messages that do not come, or come twice


def test_b4_executions_alone_enter_a_group():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket())
        gateway.faults.withhold("OrderStatus", times=9)
        gateway.faults.withhold("OpenOrder", times=9)
        gateway.market.quote("ES", bid=4899, ask=4900, bid_size=50, ask_size=50)
        status = await trade.entered_async(timeout=5)
        await settle(30)
        return status, trade.filled, trade.status

    status, filled, after = run(test)

    assert status in {GroupStatus.ENTERED, GroupStatus.PROTECTED}
    assert (filled, after) == (1, GroupStatus.PROTECTED)


def test_b4_a_fill_known_by_status_alone_enters_a_group():
    async def test(gateway, desk):
        gateway.faults.withhold("ExecDetails", times=9)
        trade = await desk.orders.place_async(future(gateway), long_bracket(2))
        await settle()
        return trade.filled, trade.entry_price, trade.status

    assert run(test) == (2, Decimal("5000.25"), GroupStatus.PROTECTED)


def test_a3_a_market_order_without_a_status_enters():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(entry=Market()))
        await trade.entered_async(timeout=10)
        await settle()
        assert_protected(gateway)
        return trade.status

    assert run(test, scenario=Scenario(skip_market_status=True)) is GroupStatus.PROTECTED


@pytest.mark.parametrize("answer", ["OrderStatus", "OpenOrder", "ExecDetails"])
def test_a3_what_comes_twice_counts_once(answer):
    async def test(gateway, desk):
        gateway.faults.double(answer, times=20)
        trade = await desk.orders.place_async(future(gateway), long_bracket(2))
        await settle()
        events = [str(event) for event in gateway.truth.fills]
        assert_sent_once(gateway)
        return trade.filled, trade.status, len(events)

    assert run(test) == (2, GroupStatus.PROTECTED, 1)


# -- B5, A6: orders of others


def test_b5_orders_of_others_are_in_no_group_and_stay():
    async def test(gateway, desk):
        own = await desk.orders.place_async(future(gateway), waiting_bracket())
        await settle()
        ids = {own.entry.order.orderId}
        async with another(gateway, 9) as other:
            theirs = LimitOrder("BUY", 1, 3990, orderId=min(ids), orderRef=own.entry.order.orderRef)
            other.placeOrder(future(gateway), theirs)
            await asyncio.sleep(1)
            await desk.ib.reqAllOpenOrdersAsync()
            await asyncio.sleep(1)
            await own.cancel_async()
            await settle()
            return own.status, live(gateway)

    assert run(test) == (GroupStatus.CANCELLED, ["LMT BUY 1 3990"])


# -- B6, A6: identities


def test_b6_one_plan_is_placed_twice_as_two_groups():
    async def test(gateway, desk):
        plan = waiting_bracket()
        one = await desk.orders.place_async(future(gateway), plan)
        two = await desk.orders.place_async(future(gateway), plan)
        await one.move_stop_async(4880)
        assert_sent_once(gateway)
        return plan.group_id, one.group_id != two.group_id, sorted(live(gateway))

    name, differ, orders = run(test)

    assert (name, differ) == ("", True)
    assert orders == [
        "LMT BUY 1 4900", "LMT BUY 1 4900", "LMT SELL 1 4910", "LMT SELL 1 4910",
        "STP SELL 1 4880", "STP SELL 1 4890",
    ]  # fmt: skip


def test_b6_ids_that_are_handed_out_again_hit_nothing_old():
    async def test(gateway, desk):
        old = await desk.orders.place_async(future(gateway), waiting_bracket())
        await settle()
        gateway.faults.restart(ids_back_by=5)
        await desk.link.up_async(timeout=60)
        await settle()
        new = await desk.orders.place_async(
            future(gateway), bracket("BUY", 1, entry=Limit(4800), take_profit=4810, stop=4790)
        )
        await old.move_stop_async(4885)
        await new.move_stop_async(4785)
        assert_sent_once(gateway)
        return old.status, new.status, sorted(live(gateway))

    old, new, orders = run(test)

    assert (old, new) == (GroupStatus.WORKING, GroupStatus.WORKING)
    assert orders == [
        "LMT BUY 1 4800", "LMT BUY 1 4900", "LMT SELL 1 4810", "LMT SELL 1 4910",
        "STP SELL 1 4785", "STP SELL 1 4885",
    ]  # fmt: skip


# -- B7, A4, A16: changing what came back


def test_b7_children_are_changed_after_the_parent_has_gone():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(2))
        await trade.entered_async()
        await trade.move_stop_async(4992)
        await trade.move_target_async(1, 5012)
        return sorted(live(gateway)), trade.status

    assert run(test) == (["LMT SELL 2 5012", "STP SELL 2 4992"], GroupStatus.PROTECTED)


def test_b7_a_child_is_resized_before_the_parent_filled():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket(2))
        await trade.resize_async(5)
        grown = sorted(live(gateway))
        await trade.resize_async(1)
        return grown, sorted(live(gateway))

    grown, shrunk = run(test)

    assert grown == ["LMT BUY 5 4900", "LMT SELL 5 4910", "STP SELL 5 4890"]
    assert shrunk == ["LMT BUY 1 4900", "LMT SELL 1 4910", "STP SELL 1 4890"]


def test_a16_a_trail_limit_is_changed_with_its_offset_alone():
    async def test(gateway, desk):
        stop = TrailLimit(amount=8, offset=1, start=4992)
        trade = await desk.orders.place_async(future(gateway), long_bracket(stop=stop))
        await trade.entered_async()
        await trade.trail_stop_async(TrailLimit(amount=6, offset=2, start=4994))
        view = order(gateway, "stop-1")
        return view.terms.aux_price, view.terms.limit_offset, trade.status

    assert run(test) == (6, 2, GroupStatus.PROTECTED)


def test_a16_a_plain_stop_into_which_tws_writes_a_trailing_price_is_moved():
    async def test(gateway, desk):
        gateway.faults.alter("OpenOrder", {"order.trail_stop_price": Decimal(4989)}, times=99)
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        await settle()
        shown = desk.state.orders[trade.stops[0].order.permId].order
        assert (shown.orderType, shown.trailStopPrice) == ("STP", 4989)  # as TWS has it
        await trade.move_stop_async(4993)
        return line(order(gateway, "stop-1"))

    assert run(test) == "STP SELL 1 4993"


def test_a16_a_percentage_trails_and_gets_another_one():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(
            future(gateway), long_bracket(take_profit=None, stop=Trail(percent=1))
        )
        await settle()
        await trade.trail_stop_async(Trail(percent="0.5", start=4980))
        return order(gateway, "stop-1").terms.trailing_percent, trade.status

    assert run(test) == (Decimal("0.5"), GroupStatus.PROTECTED)


# -- B8, A4: one thing or nothing


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_b8_a_bracket_cut_between_two_sends_leaves_no_half(nth):
    async def test(gateway, desk):
        gateway.faults.cut_at("PlaceOrder", nth=nth)
        with pytest.raises(FateUnknown) as caught:
            await desk.orders.place_async(future(gateway), waiting_bracket())
        await desk.link.up_async(timeout=60)
        await settle(30)
        (trade,) = desk.orders.groups
        assert_no_orphans(gateway)
        assert_sent_once(gateway)
        assert_flat(gateway)
        return caught.value.group == trade.group_id, trade.is_over, live(gateway)

    assert run(test) == (True, True, [])


def test_b8_a_parent_that_is_rejected_takes_its_children_along():
    async def test(gateway, desk):
        gateway.faults.reject_next_order("margin")
        with pytest.raises(OrderRejected, match="margin"):
            await desk.orders.place_async(future(gateway), waiting_bracket())
        await settle()
        (trade,) = desk.orders.groups
        return [leg.live for leg in trade.facts.legs], trade.status, live(gateway)

    assert run(test) == ([False] * 3, GroupStatus.REJECTED, [])


def test_a4_a_target_that_fills_takes_only_its_own_stop_along():
    async def test(gateway, desk):
        targets = [Target(1, 5010), Target(1, 5020)]
        trade = await desk.orders.place_async(
            future(gateway), long_bracket(2, take_profit=None, targets=targets)
        )
        await settle()
        gateway.market.quote("ES", bid=5010.25, ask=5010.5, bid_size=50, ask_size=50)
        await settle()
        assert_protected(gateway)
        return trade.open_size, sorted(live(gateway))

    assert run(test) == (1, ["LMT SELL 1 5020", "STP SELL 1 4990"])


def test_a4_the_popular_recipe_is_mended_after_its_first_target():
    async def test(gateway, desk):
        targets = [Target(1, 5010), Target(1, 5020)]
        group = long_bracket(2, take_profit=None, targets=targets, slices="attached")
        trade = await desk.orders.place_async(future(gateway), group)
        await settle()
        gateway.market.quote("ES", bid=5010.25, ask=5010.5, bid_size=50, ask_size=50)
        await settle()
        assert_protected(gateway)
        gateway.market.quote("ES", bid=4989, ask=4990, bid_size=50, ask_size=50)
        await settle()
        gateway.market.trade("ES", 4989)
        await settle()
        assert_flat(gateway)
        return trade.status, live(gateway)

    assert run(test) == (GroupStatus.CLOSED, [])


# -- B9: in front of everything else


def test_b9_a_cancel_overtakes_two_hundred_requests():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), single("BUY", 1, WAITS))
        requests = [
            asyncio.ensure_future(
                desk.link.requests.contract_details_async(Stock(f"A{n}", "SMART", "USD"))
            )
            for n in range(200)
        ]
        await asyncio.sleep(0)
        began = asyncio.get_running_loop().time()
        await trade.cancel_async()
        took = asyncio.get_running_loop().time() - began
        waiting = sum(not request.done() for request in requests)
        await asyncio.gather(*requests, return_exceptions=True)
        return took, waiting

    took, waiting = run(test)

    assert took < 0.1
    assert waiting > 100


def test_b9_what_was_handed_to_a_dying_socket_is_not_taken_for_sent():
    async def test(gateway, desk):
        gateway.faults.cut()
        with pytest.raises((FateUnknown, ConnectionError)):
            await desk.orders.place_async(future(gateway), waiting_bracket())
        await desk.link.up_async(timeout=60)
        await settle(20)
        return live(gateway), [trade.is_over for trade in desk.orders.groups]

    orders, over = run(test)

    assert orders == []
    assert all(over)


# -- B10, A3: executions


def test_b10_a_fill_that_ib_async_drops_for_its_zone_is_seen():
    async def test(gateway, desk):
        gateway.faults.alter("ExecDetails", {"execution.time": "20260302 10:00:00 XYZ"}, times=9)
        trade = await desk.orders.place_async(future(gateway), long_bracket(2))
        await settle()
        return trade.filled, trade.status

    assert run(test) == (2, GroupStatus.PROTECTED)


def test_b10_a_correction_changes_the_price_and_not_the_size():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(2))
        await settle()
        gateway.faults.correct_fill(gateway.truth.fills[0].exec_id, 5001)
        await settle()
        return trade.filled, trade.open_size, trade.entry_price, sorted(live(gateway))

    filled, size, price, orders = run(test)

    assert (filled, size, price) == (2, 2, 5001)
    assert orders == ["LMT SELL 2 5010", "STP SELL 2 4990"]


def test_b10_a_missing_commission_is_not_zero():
    async def test(gateway, desk):
        es = future(gateway)
        trade = await desk.orders.place_async(es, long_bracket())
        await settle()
        gateway.faults.withhold("CommissionReport", times=1)
        await trade.close_async()
        await settle()
        return trade.realized_pnl

    assert run(test) is None


def test_b10_commissions_that_come_first_count():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        await settle()
        await trade.close_async()
        await settle()
        return trade.realized_pnl

    assert run(test, scenario=Scenario(commission_before_execution=True)) == -17  # 0.25 * 50 + 4.5


# -- B11: one order, one entry in the books


def test_b11_an_end_that_nobody_told_is_found():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), waiting_bracket())
        await settle()
        for name in ("OrderStatus", "OpenOrder", "ErrMsg"):
            gateway.faults.withhold(name, times=9)
        gateway.faults.cancel_order(order(gateway, "entry").perm_id)
        await asyncio.sleep(1)
        gateway.faults.clear()
        gateway.faults.restart()
        await desk.link.up_async(timeout=60)
        await settle(10)
        return trade.status, [len(trade.track(leg.role).orders) for leg in trade.facts.legs]

    assert run(test) == (GroupStatus.CANCELLED, [1, 1, 1])


# -- B36, A11: numbers


def test_b36_numbers_of_numpy_and_floats_with_dust_go_out_clean():
    async def test(gateway, desk):
        group = bracket(
            "BUY",
            np.int64(2),
            entry=Limit(np.float64(4900.1) + 0.2),
            targets=[Target(np.float32(1), np.float64(4910)), Target(np.int32(1), "4920")],
            stop=Stop(Decimal(4890)),
            outside_rth=np.bool_(True),
        )
        await desk.orders.place_async(future(gateway), group)
        sent = [order for order in desk.ib.openOrders() if isinstance(order, Order)]
        kinds = {type(one.totalQuantity) for one in sent} | {type(one.lmtPrice) for one in sent}
        return sorted(live(gateway)), kinds <= {int, float}, {one.outsideRth for one in sent}

    orders, plain, outside = run(test)

    assert orders == [
        "LMT BUY 1 4900.25", "LMT BUY 1 4900.25", "LMT SELL 1 4910", "LMT SELL 1 4920",
        "STP SELL 1 4890", "STP SELL 1 4890",
    ]  # fmt: skip
    assert plain
    assert outside == {True}


def test_a11_prices_go_on_the_grid_in_the_safe_direction():
    async def test(gateway, desk):
        group = bracket("SELL", 1, entry=Limit(5050.1), take_profit=5040.1, stop=5060.1)
        trade = await desk.orders.place_async(future(gateway), group)
        before = sorted(live(gateway))
        await trade.move_stop_async(5070.1)
        return before, sorted(live(gateway))

    before, after = run(test)

    assert before == ["LMT BUY 1 5040", "LMT SELL 1 5050.25", "STP BUY 1 5060"]
    assert after == ["LMT BUY 1 5040", "LMT SELL 1 5050.25", "STP BUY 1 5070"]


# -- A6: found again


@pytest.mark.parametrize("slices", ["separate", "managed", "attached"])
def test_a6_after_a_restart_every_group_is_found_from_the_broker_alone(slices):
    async def test(gateway, desk):
        targets = [Target(1, 5010), Target(2, 5020)]
        group = long_bracket(3, take_profit=None, targets=targets, slices=slices)
        lost = await desk.orders.place_async(future(gateway), group)
        await settle()
        desk.orders.close()
        async with second_desk(gateway, desk) as again:
            (found,) = await again.orders.recover_async()
            await settle()
            await found.move_stop_async(4995)
            await settle()
            assert_protected(gateway)
            assert_sent_once(gateway)
            same = found.group == lost.group
            return same, found.status, found.open_size, found.entry_price

    assert run(test) == (True, GroupStatus.PROTECTED, 3, Decimal("5000.25"))


def test_a6_a_group_that_filled_while_nobody_was_there_is_found_filled():
    async def test(gateway, desk):
        await desk.orders.place_async(future(gateway), waiting_bracket(2))
        await settle()
        desk.orders.close()
        desk.link.close()
        await asyncio.sleep(1)
        gateway.market.quote("ES", bid=4899, ask=4900, bid_size=50, ask_size=50)
        async with second_desk(gateway, desk) as again:
            (found,) = await again.orders.recover_async()
            return found.status, found.filled, found.entry_price

    assert run(test) == (GroupStatus.PROTECTED, 2, 4900)


# -- A15: the preview


def test_a15_a_preview_tells_margin_and_sends_nothing():
    async def test(gateway, desk):
        group = long_bracket(2, take_profit=None, targets=[Target(1, 5010), Target(1, 5020)])
        preview = await desk.orders.preview_async(future(gateway), group)
        return preview, live(gateway), len(desk.orders.groups)

    preview, orders, groups = run(test)

    assert sorted(preview) == ["entry-1", "entry-2"]
    assert all(one.init_margin_change > 0 for one in preview.values())
    assert (orders, groups) == ([], 0)


@pytest.mark.parametrize("blank", [False, True])
def test_a15_an_unset_margin_is_none_and_does_not_hang(blank):
    async def test(gateway, desk):
        es = future(gateway)
        gateway.faults.blank_unset(on=blank)
        fields = {f"state.{name}": None for name in ("init_margin_change", "init_margin_after")}
        gateway.faults.alter("OpenOrder", fields, times=9)
        preview = await desk.orders.preview_async(es, single("BUY", 1, Market()))
        return preview["entry"]

    assert run(test).init_margin_change is None


def test_a15_a_preview_that_is_not_answered_ends():
    async def test(gateway, desk):
        es = future(gateway)
        gateway.faults.ignore("PlaceOrder")
        began = asyncio.get_running_loop().time()
        with pytest.raises(RequestTimeout):
            await desk.orders.preview_async(es, single("BUY", 1, Market()), timeout=3)
        return asyncio.get_running_loop().time() - began

    assert run(test) == pytest.approx(3, abs=0.5)
