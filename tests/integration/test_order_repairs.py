"""Each repair rule end to end: what goes wrong at the broker, what the desk makes of it."""

import asyncio
import datetime as dt
from decimal import Decimal

import pytest

from ibkit.errors import FateUnknown, OrderRejected
from ibkit.orders import (
    EventKind,
    FromFill,
    GroupStatus,
    Gtc,
    Gtd,
    Limit,
    Market,
    Target,
    bracket,
    bracket_from_fill,
    single,
)
from ibkit.sim import OrderTerms, Scenario
from ibkit.testing import assert_flat, assert_no_orphans, assert_protected, assert_sent_once
from order_work import held, live, long_bracket, order, run, second_desk, settle
from sim_client import future


def heard(trade):
    """The rules of the alerts that are given from now on."""
    rules = []
    trade.alerts.connect(lambda alert: rules.append(alert.rule))
    return rules


def quote(gateway, bid):
    gateway.market.quote("ES", bid=bid, ask=bid + Decimal("0.25"), bid_size=50, ask_size=50)


async def place(gateway, desk, group, **options):
    """Place a group and let it come to rest."""
    trade = await desk.orders.place_async(future(gateway), group, **options)
    await settle()
    return trade


def waiting_bracket(size=1, **more):
    return bracket("BUY", size, **{"entry": 4900, "take_profit": 4910, "stop": 4890, **more})


def by_hand(action, size):
    return OrderTerms(action=action, quantity=Decimal(size), order_type="MKT")


# -- a child that is rejected


def test_child_gone_before_the_entry_filled_cancels_the_entry():
    async def test(gateway, desk):
        trade = await place(gateway, desk, waiting_bracket(2))
        rules = heard(trade)
        gateway.faults.reject_order(order(gateway, "stop-1").perm_id, "no such stop")
        await settle()
        assert_no_orphans(gateway)
        return trade.status, rules, live(gateway)

    status, rules, left = run(test)

    assert (status, left) == (GroupStatus.REJECTED, [])
    assert rules == ["child-gone"]


def test_child_rejected_after_the_entry_filled_is_told_at_once_and_put_back():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(2))
        rules, events = heard(trade), []
        trade.events.connect(events.append)
        gateway.faults.reject_order(order(gateway, "stop-1").perm_id, "no such stop")
        await asyncio.sleep(0.1)
        at_once = list(rules)
        await settle()
        assert_protected(gateway)
        said = [event.status for event in events if event.kind is EventKind.STATUS]
        return at_once, said, trade.status, sorted(live(gateway))

    at_once, said, status, orders = run(test)

    assert at_once == ["unprotected"]
    assert said[0] is GroupStatus.UNPROTECTED
    assert status is GroupStatus.PROTECTED
    assert orders.count("STP SELL 2 4990") == 1


def test_an_exit_that_is_lost_twice_is_told_and_not_fought():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(2, take_profit=None))
        rules = heard(trade)
        gateway.faults.reject_order(order(gateway, "stop-1").perm_id)
        await settle()
        gateway.faults.reject_order(order(gateway, "stop-1").perm_id)
        await settle(60)
        return trade.status, rules.count("lost-again"), live(gateway), held(gateway)

    assert run(test) == (GroupStatus.UNPROTECTED, 1, [], 2)


def test_a_replaced_pair_is_linked_again():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(2))
        gateway.faults.reject_order(order(gateway, "stop-1").perm_id)
        await settle()
        quote(gateway, Decimal("5010.25"))
        await settle()
        assert_flat(gateway)
        return trade.status, live(gateway)

    assert run(test) == (GroupStatus.CLOSED, [])


def test_a_slice_that_ib_refuses_is_told_while_the_others_go_on():
    async def test(gateway, desk):
        targets = [Target(1, 5010), Target(2, 5020)]
        group = long_bracket(3, take_profit=None, targets=targets)
        told = []
        desk.orders.alerts.connect(lambda alert: told.append((alert.rule, alert.roles)))
        gateway.faults.reject_next_order("no margin")
        trade = await place(gateway, desk, group)
        assert_protected(gateway)
        return told, trade.status, trade.open_size

    assert run(test) == ([("entry-refused", ("entry-1",))], GroupStatus.PROTECTED, 2)


# -- a parent that fills in part


@pytest.mark.parametrize("slices", ["separate", "managed", "attached"])
def test_entry_ended_short_shrinks_the_exits_to_the_fill(slices):
    async def test(gateway, desk):
        trade = await place(gateway, desk, waiting_bracket(5, slices=slices))
        quote(gateway, Decimal("4900.25"))
        gateway.faults.fill_order(order(gateway, "entry").perm_id, 2, 4900)
        await settle()
        gateway.faults.cancel_order(order(gateway, "entry").perm_id)
        await settle()
        assert_protected(gateway)
        return trade.status, trade.open_size, sorted(live(gateway))

    status, size, orders = run(test)

    assert (status, size) == (GroupStatus.PROTECTED, 2)
    assert orders == ["LMT SELL 2 4910", "STP SELL 2 4890"]


def test_managed_exits_grow_with_the_fill():
    async def test(gateway, desk):
        group = waiting_bracket(
            5, take_profit=None, targets=[Target(3, 4910), Target(2, 4920)], slices="managed"
        )
        trade = await place(gateway, desk, group)
        quote(gateway, Decimal("4900.25"))
        seen = []
        for size in (1, 3, 1):
            gateway.faults.fill_order(order(gateway, "entry").perm_id, size, 4900)
            await settle()
            assert_protected(gateway)
            seen.append(sorted(one for one in live(gateway) if one.startswith("STP")))
        return seen, trade.status

    seen, status = run(test)

    assert seen == [
        ["STP SELL 1 4890"],
        ["STP SELL 1 4890", "STP SELL 3 4890"],
        ["STP SELL 2 4890", "STP SELL 3 4890"],
    ]
    assert status is GroupStatus.PROTECTED


# -- exits


@pytest.mark.parametrize("slices", ["separate", "managed", "attached"])
def test_one_exit_filled_in_part_shrinks_the_other(slices):
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(4, slices=slices))
        gateway.faults.fill_order(order(gateway, "target-1").perm_id, 3, 5010)
        await settle()
        assert_protected(gateway)
        return trade.open_size, sorted(live(gateway))

    assert run(test) == (1, ["LMT SELL 1 5010", "STP SELL 1 4990"])


def test_break_even_after_the_first_target():
    async def test(gateway, desk):
        targets = [Target(1, 5010), Target(1, 5020)]
        group = long_bracket(2, take_profit=None, targets=targets, breakeven_after=1)
        trade = await place(gateway, desk, group)
        quote(gateway, Decimal("5010.25"))
        await settle()
        return trade.open_size, sorted(live(gateway))

    assert run(test) == (1, ["LMT SELL 1 5020", "STP SELL 1 5000.25"])


def test_when_the_position_is_out_nothing_is_left():
    async def test(gateway, desk):
        targets = [Target(1, 5010), Target(2, 5020)]
        group = long_bracket(3, take_profit=None, targets=targets, slices="managed")
        trade = await place(gateway, desk, group)
        quote(gateway, Decimal("5020.25"))
        await settle()
        assert_flat(gateway)
        return trade.status, live(gateway)

    assert run(test) == (GroupStatus.CLOSED, [])


@pytest.mark.parametrize("latency", [0, 300])
def test_attached_exits_that_ib_took_away_are_put_back_as_pairs_that_last(latency):
    """Part of the entry, then part of the first target: IB cancels all the rest."""

    async def test(gateway, desk):
        targets = [Target(2, 4990), Target(3, 4995)]
        group = bracket("BUY", 5, entry=4900, stop=4890, targets=targets, slices="attached")
        trade = await place(gateway, desk, group)
        for size in (2, 1):
            gateway.market.quote("ES", bid=4899.75, ask=4900, bid_size=50, ask_size=size)
            await settle(3)
        gateway.market.quote("ES", bid=4990, ask=4990.25, bid_size=1, ask_size=50)
        await settle()
        assert_protected(gateway)
        assert_no_orphans(gateway)
        return trade.status, trade.open_size == held(gateway)

    assert run(test, scenario=Scenario(submit_latency=latency)) == (GroupStatus.PROTECTED, True)


# -- other hands


def test_closed_outside_cancels_the_exits():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(2))
        rules = heard(trade)
        gateway.faults.place_by_hand("ES", by_hand("SELL", 2))
        await settle(20)
        assert_flat(gateway)
        return trade.status, rules, live(gateway)

    assert run(test) == (GroupStatus.CLOSED, ["closed-outside"], [])


def test_reduced_elsewhere_shrinks_the_exits():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(3))
        rules = heard(trade)
        gateway.faults.place_by_hand("ES", by_hand("SELL", 2))
        await settle(20)
        assert_protected(gateway)
        return trade.open_size, rules, sorted(live(gateway))

    size, rules, orders = run(test)

    assert (size, rules) == (1, ["reduced-elsewhere"])
    assert orders == ["LMT SELL 1 5010", "STP SELL 1 4990"]


def test_reduced_elsewhere_is_seen_when_another_group_comes_to_rest():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(3))
        other = await desk.orders.place_async(future(gateway), single("BUY", 1, Limit(4900)))
        gateway.faults.place_by_hand("ES", by_hand("SELL", 2))
        await settle(20)
        assert other.status is GroupStatus.WORKING
        return trade.open_size, sorted(live(gateway))

    size, orders = run(test)

    assert size == 1
    assert orders == ["LMT BUY 1 4900", "LMT SELL 1 5010", "STP SELL 1 4990"]


def test_what_others_add_is_no_concern_of_the_group():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(1))
        gateway.faults.place_by_hand("ES", by_hand("BUY", 5))
        await settle(20)
        return trade.open_size, trade.status, sorted(live(gateway))

    assert run(test) == (1, GroupStatus.PROTECTED, ["LMT SELL 1 5010", "STP SELL 1 4990"])


# -- connections


@pytest.mark.parametrize("slices", ["separate", "managed", "attached"])
@pytest.mark.parametrize("nth", [1, 2, 3, 5])
@pytest.mark.parametrize("after", [False, True])
def test_cut_between_two_sends_nothing_is_sent_twice_and_the_rest_is_settled(slices, nth, after):
    async def test(gateway, desk):
        targets = [Target(1, 5010), Target(1, 5020)]
        group = long_bracket(2, take_profit=None, targets=targets, slices=slices)
        gateway.faults.cut_at("PlaceOrder", nth=nth, after=after)
        fate = ""
        try:
            await desk.orders.place_async(future(gateway), group)
        except FateUnknown as error:
            fate = error.group
        except OrderRejected:
            fate = "gone"
        await settle(20)
        await desk.link.up_async(timeout=60)
        await settle(40)
        (trade,) = desk.orders.groups
        assert_protected(gateway)
        assert_no_orphans(gateway)
        entries = [fill for fill in gateway.truth.fills if fill.side == "BOT"]
        return fate in {"", "gone", trade.group_id}, trade.open_size - held(gateway), len(entries)

    same, difference, entries = run(test)

    assert same
    assert difference == 0
    assert entries <= 2


def test_cut_before_the_answer_to_a_change_the_change_is_settled():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket())
        gateway.faults.cut_at("PlaceOrder", after=True)
        with pytest.raises(FateUnknown):
            await trade.move_stop_async(4995)
        await desk.link.up_async(timeout=60)
        await settle(10)
        assert_protected(gateway)
        stop = desk.state.orders[trade.stops[0].order.permId]
        return trade.status, stop.order.auxPrice, stop.wanted, sorted(live(gateway))

    status, price, wanted, orders = run(test)

    assert (status, price, wanted) == (GroupStatus.PROTECTED, 4995, None)
    assert orders == ["LMT SELL 1 5010", "STP SELL 1 4995"]


def test_while_the_broker_is_lost_the_group_is_unknown_and_nothing_is_done():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket())
        gateway.faults.lose_connectivity()
        await settle()
        lost = trade.status
        gateway.faults.restore()
        await settle(20)
        assert_sent_once(gateway)
        return lost, trade.status

    assert run(test) == (GroupStatus.UNKNOWN, GroupStatus.PROTECTED)


# -- a restart


@pytest.mark.parametrize("slices", ["separate", "managed", "attached"])
def test_after_a_restart_the_rules_go_on(slices):
    async def test(gateway, desk):
        targets = [Target(1, 5010), Target(1, 5020)]
        group = long_bracket(
            2, take_profit=None, targets=targets, slices=slices, breakeven_after=1, exit_tif=Gtc()
        )
        await place(gateway, desk, group)
        desk.orders.close()
        async with second_desk(gateway, desk) as again:
            (trade,) = await again.orders.recover_async()
            quote(gateway, Decimal("5010.25"))
            await settle(20)
            assert_protected(gateway)
            stops = [one for one in live(gateway) if one.startswith("STP")]
            return trade.group.breakeven_after, trade.open_size, stops

    assert run(test) == (1, 1, ["STP SELL 1 5000.25"])


@pytest.mark.parametrize("slices", ["separate", "managed"])
def test_a_tws_that_never_tells_completed_orders_can_be_traded_with(slices):
    async def test(gateway, desk):
        gateway.faults.ignore("ReqCompletedOrders", times=10**6)
        targets = [Target(1, 5010), Target(1, 5020)]
        group = long_bracket(2, take_profit=None, targets=targets, slices=slices, exit_tif=Gtc())
        await place(gateway, desk, group)
        quote(gateway, Decimal("5010.25"))  # one slice is over, and nobody will tell
        await settle()
        async with second_desk(gateway, desk) as again:
            (trade,) = await again.orders.recover_async()
            gateway.faults.cancel_order(order(gateway, "stop-2").perm_id)
            await settle(20)
            assert_protected(gateway)
            missing = again.link.missing
            await trade.close_async(timeout=30)
            return missing, trade.status, held(gateway), live(gateway)

    assert run(test) == (("completed orders",), GroupStatus.CLOSED, 0, [])


def test_what_executions_alone_tell_of_is_not_closed_again():
    async def test(gateway, desk):
        gateway.faults.ignore("ReqCompletedOrders", times=10**6)
        gateway.market.quote("ES", bid=5000, ask=5000.25, ask_size=1)
        await place(gateway, desk, long_bracket(4, slices="managed"))
        quote(gateway, Decimal("5010.25"))  # one of four was bought, and its target is reached
        await settle()
        before = sorted(live(gateway))
        async with second_desk(gateway, desk) as again:
            (trade,) = await again.orders.recover_async()
            await settle(20)
            return before, sorted(live(gateway)), held(gateway), trade.open_size, trade.filled

    before, after, *sums = run(test)

    assert before == after == ["LMT BUY 3 5000.25"]
    assert sums == [0, 0, 1]


def test_an_order_that_filled_after_a_cut_is_known_by_its_execution():
    async def test(gateway, desk):
        gateway.faults.ignore("ReqCompletedOrders", times=10**6)
        gateway.faults.cut_at("PlaceOrder", nth=3, after=True)
        with pytest.raises(FateUnknown):
            await desk.orders.place_async(future(gateway), long_bracket(2, entry=Market()))
        await desk.link.up_async(timeout=60)
        await settle(30)
        assert_protected(gateway)
        (trade,) = desk.orders.groups.live
        return held(gateway), trade.status

    assert run(test) == (2, GroupStatus.PROTECTED)


def test_a_managed_entry_that_filled_while_nobody_was_there_gets_its_exits():
    async def test(gateway, desk):
        await place(gateway, desk, waiting_bracket(2, slices="managed"))
        desk.orders.close()
        desk.link.close()
        await asyncio.sleep(1)
        quote(gateway, Decimal("4899.75"))
        async with second_desk(gateway, desk) as again:
            (trade,) = await again.orders.recover_async()
            await settle()
            assert_protected(gateway)
            return trade.status, sorted(live(gateway))

    assert run(test) == (GroupStatus.PROTECTED, ["LMT SELL 2 4910", "STP SELL 2 4890"])


# -- from the fill


def test_exits_are_priced_from_the_fill():
    async def test(gateway, desk):
        group = bracket_from_fill(
            "BUY", 2, take_profit=FromFill(ticks=40), stop=FromFill(percent="-0.1")
        )
        trade = await place(gateway, desk, group)
        assert_protected(gateway)
        return trade.entry_price, sorted(live(gateway))

    price, orders = run(test)

    assert price == Decimal("5000.25")
    assert orders == ["LMT SELL 2 5010.25", "STP SELL 2 4995.25"]


def test_with_a_provisional_stop_there_is_no_bare_moment():
    async def test(gateway, desk):
        group = bracket_from_fill(
            "BUY", 2, take_profit=FromFill(10), stop=FromFill(-5), protect_first=4900
        )
        bare = []

        def look(*_):
            stops = [o for o in gateway.truth.orders if o.terms.order_type == "STP"]
            if held(gateway) and sum(o.remaining for o in stops) < held(gateway):
                bare.append(live(gateway))

        desk.ib.updateEvent.connect(look)
        trade = await place(gateway, desk, group)
        assert_protected(gateway)
        return bare, trade.status, sorted(live(gateway))

    bare, status, orders = run(test)

    assert bare == []
    assert status is GroupStatus.PROTECTED
    assert orders == ["LMT SELL 2 5010.25", "STP SELL 2 4995.25"]


# -- expiry


def test_exits_that_expire_with_a_position_open_are_told_before_and_after():
    async def test(gateway, desk):
        now = gateway.clock.now()
        ends = now + dt.timedelta(hours=1)
        trade = await place(gateway, desk, long_bracket(exit_tif=Gtd(ends)))
        rules = heard(trade)
        await asyncio.sleep(40 * 60)
        before = list(rules)
        await asyncio.sleep(6 * 60)
        soon = list(rules)
        await asyncio.sleep(30 * 60)
        return before, soon, rules, trade.status, live(gateway)

    before, soon, after, status, left = run(test)

    assert before == []
    assert set(soon) == {"expires-soon"}
    assert {"expired", "unprotected"} <= set(after)
    assert (status, left) == (GroupStatus.UNPROTECTED, [])


def test_day_exits_of_a_position_that_stays_are_told_before_the_close():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket())
        rules = heard(trade)
        await asyncio.sleep(35 * 60)
        return rules, trade.status

    half_an_hour_before = dt.datetime(2026, 3, 2, 21, 30, tzinfo=dt.timezone.utc)
    rules, status = run(test, scenario=Scenario(sessions=True), start=half_an_hour_before)

    assert "expires-soon" in rules
    assert "expired" in rules
    assert status is GroupStatus.UNPROTECTED


def test_exits_that_expired_while_nobody_was_there_are_told_and_not_sent_again():
    async def test(gateway, desk):
        await place(gateway, desk, long_bracket())
        desk.orders.close()
        desk.link.close()
        await asyncio.sleep(35 * 60)
        async with second_desk(gateway, desk) as again:
            rules = []
            again.orders.alerts.connect(lambda alert: rules.append(alert.rule))
            (trade,) = await again.orders.recover_async()
            await settle(20)
            return rules, trade.status, live(gateway)

    half_an_hour_before = dt.datetime(2026, 3, 2, 21, 30, tzinfo=dt.timezone.utc)
    rules, status, left = run(test, start=half_an_hour_before)

    assert (sorted(rules), status, left) == (
        ["expired", "unprotected"], GroupStatus.UNPROTECTED, [],
    )  # fmt: skip


def test_a_slice_that_filled_yesterday_stays_protected_beside_one_that_still_waits():
    async def test(gateway, desk):
        gateway.market.quote("ES", bid=5000, ask=5000.25, ask_size=1)
        targets = [Target(1, 5010), Target(3, 5020)]
        group = long_bracket(4, take_profit=None, targets=targets, tif="GTC")
        await place(gateway, desk, group)
        quote(gateway, Decimal(5001))
        await settle()
        before = sorted(live(gateway))
        desk.orders.close()
        desk.link.close()
        await asyncio.sleep(30 * 60)  # TWS forgets the first entry at midnight
        async with second_desk(gateway, desk) as again:
            (trade,) = await again.orders.recover_async()
            await settle(20)
            assert_protected(gateway)
            return held(gateway), trade.side, trade.status, sorted(live(gateway)) == before

    before_midnight = dt.datetime(2026, 3, 3, 4, 40, tzinfo=dt.timezone.utc)  # in New York
    assert run(test, start=before_midnight) == (1, "BUY", GroupStatus.PROTECTED, True)


def test_exits_that_were_lost_while_nobody_was_there_are_sent_again():
    async def test(gateway, desk):
        await place(gateway, desk, long_bracket())
        desk.orders.close()
        desk.link.close()
        gateway.faults.reject_order(order(gateway, "stop-1").perm_id, "no such stop")
        await asyncio.sleep(60)
        async with second_desk(gateway, desk) as again:
            (trade,) = await again.orders.recover_async()
            await settle(20)
            assert_protected(gateway)
            return trade.status

    assert run(test) is GroupStatus.PROTECTED


# -- on the way out


def test_close_is_tried_twice_and_then_told():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket())
        rules = heard(trade)
        gateway.faults.refuse("PlaceOrder", 201, "no margin", times=2)
        with pytest.raises(TimeoutError):
            await trade.close_async(timeout=20)
        told = list(rules)
        await trade.close_async(timeout=20)
        assert_flat(gateway)
        return told, trade.status

    told, status = run(test)

    assert "close-out" in told
    assert status is GroupStatus.CLOSED


def test_a_position_that_others_turn_round_is_left_to_them_and_told():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(1, entry=Market()))
        rules = heard(trade)
        gateway.faults.place_by_hand("ES", by_hand("SELL", 3))
        await settle(20)
        return trade.status, rules, live(gateway), held(gateway)

    status, rules, left, position = run(test)

    assert status is GroupStatus.UNPROTECTED
    assert {"flipped", "closed-outside"} <= set(rules)
    assert (left, position) == ([], -2)


# -- at once, or when IB has had its time


def test_exits_shrink_at_once_to_an_entry_that_ended_short():
    async def test(gateway, desk):
        trade = await place(gateway, desk, waiting_bracket(5))
        quote(gateway, Decimal("4900.25"))
        gateway.faults.fill_order(order(gateway, "entry").perm_id, 2, 4900)
        await settle()
        whole = sorted(live(gateway))
        gateway.faults.cancel_order(order(gateway, "entry").perm_id)
        await asyncio.sleep(0.3)
        return whole, sorted(live(gateway)), trade.status

    whole, soon, status = run(test, scenario=Scenario(partial_parent="all"))

    assert whole[1:] == ["LMT SELL 5 4910", "STP SELL 5 4890"]
    assert (soon, status) == (["LMT SELL 2 4910", "STP SELL 2 4890"], GroupStatus.PROTECTED)


def test_an_exit_that_ib_does_not_link_to_the_one_that_filled_goes_at_once():
    """An exit that was put back stands in an OCA group of its own, beside the child of IB."""

    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(2))
        gateway.faults.reject_order(order(gateway, "stop-1").perm_id, "no such stop")
        await settle()
        linked = {one.terms.oca_group for one in gateway.truth.orders}
        gateway.faults.fill_order(order(gateway, "target-1").perm_id, 2, 5010)
        await asyncio.sleep(0.3)
        return len(linked), live(gateway), held(gateway), trade.status

    assert run(test) == (2, [], 0, GroupStatus.CLOSED)


def test_managed_exits_grow_at_once():
    async def test(gateway, desk):
        trade = await place(gateway, desk, waiting_bracket(5, slices="managed"))
        quote(gateway, Decimal("4900.25"))
        for size in (1, 3):
            gateway.faults.fill_order(order(gateway, "entry").perm_id, size, 4900)
            await asyncio.sleep(0.3)
            assert_protected(gateway)
        return trade.status

    assert run(test) is GroupStatus.PROTECTED


def test_an_exit_that_was_put_back_grows_when_more_of_the_entry_fills():
    async def test(gateway, desk):
        trade = await place(gateway, desk, waiting_bracket(5, take_profit=None))
        quote(gateway, Decimal("4900.25"))
        gateway.faults.fill_order(order(gateway, "entry").perm_id, 2, 4900)
        await settle()
        gateway.faults.reject_order(order(gateway, "stop-1").perm_id, "no such stop")
        await settle()
        before = [one for one in live(gateway) if one.startswith("STP")]
        gateway.faults.fill_order(order(gateway, "entry").perm_id, 3, 4900)
        await settle()
        assert_protected(gateway)
        return before, live(gateway), trade.status

    before, after, status = run(test)

    assert before == ["STP SELL 2 4890"]
    assert (after, status) == (["STP SELL 5 4890"], GroupStatus.PROTECTED)


def test_while_the_fate_of_one_exit_is_open_the_other_is_not_sent_again():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(2))
        for answer in ("OpenOrder", "OrderStatus", "OpenOrderEnd"):
            gateway.faults.delay(answer, 3, times=9)
        gateway.faults.refuse_next_modify(98765, "what nobody knows")
        change = asyncio.ensure_future(trade.move_stop_async(4991))
        await asyncio.sleep(0.5)
        unknown = trade.status
        gateway.faults.reject_order(order(gateway, "target-1").perm_id, "no such target")
        await asyncio.sleep(1)
        asking = live(gateway)
        await settle()
        await asyncio.gather(change, return_exceptions=True)
        assert_protected(gateway)
        return unknown, asking, sorted(live(gateway))

    unknown, asking, after = run(test)

    assert (unknown, asking) == (GroupStatus.UNKNOWN, ["STP SELL 2 4990"])
    assert after == ["LMT SELL 2 5010", "STP SELL 2 4990"]


QUIET_MARKET_ORDERS = Scenario(skip_market_status=True, future_fill_echo=True)
"""TWS shows a market order that filled at once as filled, and tells no figure."""


def test_what_closes_is_not_sent_again_while_its_execution_is_late():
    async def test(gateway, desk):
        trade = await place(gateway, desk, long_bracket(1))
        gateway.faults.delay("ExecDetails", 1)
        await trade.close_async(timeout=20)
        await settle()
        return held(gateway), trade.status, live(gateway)

    assert run(test, scenario=QUIET_MARKET_ORDERS) == (0, GroupStatus.CLOSED, [])


def test_exits_from_the_fill_wait_for_a_late_execution():
    async def test(gateway, desk):
        gateway.faults.delay("ExecDetails", 1)
        group = bracket_from_fill("BUY", 2, take_profit=FromFill(10), stop=FromFill(-5))
        told = []
        desk.orders.alerts.connect(lambda alert: told.append(alert.rule))
        trade = await place(gateway, desk, group)
        assert_protected(gateway)
        return told, trade.status, sorted(live(gateway))

    assert run(test, scenario=QUIET_MARKET_ORDERS) == (
        [], GroupStatus.PROTECTED, ["LMT SELL 2 5010.25", "STP SELL 2 4995.25"],
    )  # fmt: skip


def test_exits_whose_price_is_never_told_count_as_missing_until_it_is():
    async def test(gateway, desk):
        gateway.faults.withhold("ExecDetails", times=10**6)
        group = bracket_from_fill("BUY", 2, take_profit=FromFill(10), stop=FromFill(-5))
        told = []
        desk.orders.alerts.connect(lambda alert: told.append(alert.rule))
        trade = await place(gateway, desk, group)
        missing = (trade.status, list(told))
        gateway.faults.clear()
        await settle()
        assert_protected(gateway)
        return missing, trade.status, sorted(live(gateway))

    assert run(test, scenario=QUIET_MARKET_ORDERS) == (
        (GroupStatus.UNPROTECTED, ["price-owed", "unprotected"]),
        GroupStatus.PROTECTED,
        ["LMT SELL 2 5010.25", "STP SELL 2 4995.25"],
    )
