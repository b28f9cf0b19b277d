"""Rolls with a real client at a simulated gateway."""

import asyncio
import datetime as dt
from contextlib import suppress

import pytest
from ib_async import Future, LimitOrder, StopOrder

from ibkit.contracts import BeforeLastTrade, CalendarSpread, FuturesRoller, RollStage, TwoLegs
from ibkit.errors import GateRefused, PlanError, RollRefused, RollStuck
from ibkit.orders import MaxSize, PriceCollar
from roll_world import NEW, OLD, ROLL_DAY, desk_at, long_three, rolling, short_two

SPREAD, OPEN, CLOSE = CalendarSpread(), TwoLegs(), TwoLegs(first="close")


@pytest.mark.parametrize("way", [SPREAD, OPEN, CLOSE], ids=["spread", "open", "close"])
@pytest.mark.parametrize(("opening", "size"), [(long_three, 3), (short_two, -2)])
def test_position_exits_and_streams_move_together(way, opening, size):
    async def test(there, desk):
        group = await opening(desk, there)
        stream = desk.streams.quotes(there.old)
        await stream.first_async()
        (plan,) = await desk.roller.due_async()
        result = await desk.roller.execute_async(plan, way)
        quote = await stream.first_async(where=lambda q: q.bid and q.bid >= 5050)
        await asyncio.sleep(60)
        seen = result, group, stream.contract.localSymbol, quote.bid
        exits = [(o.terms.order_ref, o.terms.order_type) for o in there.orders(there.new)]
        planned = [(o.ref, o.order_type) for one in plan.exits for o in one.orders]
        assert sorted(exits) == sorted(planned), "each keeps its identity"
        assert there.orders(there.old) == there.rolls() == []
        assert there.stops(there.new) == abs(size)
        return there.held(), *seen

    held, result, group, stream, bid = rolling(test)

    assert held == (0, size)
    assert (str(result), result.stage) == (
        f"{OLD} -> {NEW} done, {abs(size)} moved", RollStage.DONE,
    )  # fmt: skip
    assert (group.contract.localSymbol, group.status.name) == (NEW, "PROTECTED")
    assert (group.open_size, group.protected_size) == (abs(size), abs(size))
    assert (stream, bid) == (NEW, 5050)


def test_exits_are_moved_by_the_spread_and_the_entry_price_too():
    async def test(there, desk):
        group = await long_three(desk, there)
        await desk.roller.execute_async(await desk.roller.plan_async(there.old))
        stops = {o.terms.aux_price for o in there.orders(there.new, "STP")}
        targets = sorted(o.terms.limit_price for o in there.orders(there.new, "LMT"))
        return group.entry_price, stops, targets

    assert rolling(test) == (5050.25, {5030}, [5060, 5070, 5080])


def test_a_group_that_was_rolled_is_managed_as_if_it_had_been_placed_there():
    async def test(there, desk):
        group = await long_three(desk, there)
        await desk.roller.execute_async(await desk.roller.plan_async(there.old))
        await group.move_stop_async(5040)
        there.gateway.market.trade(NEW, 5060, size=50)
        there.market(5010, 5060.25)
        await group.until_async(lambda g: g.open_size == 2, 30)
        await asyncio.sleep(10)
        after = there.stops(there.new), {o.terms.aux_price for o in there.orders(there.new, "STP")}
        await group.close_async()
        return after, there.held(), len(there.gateway.truth.orders)

    assert rolling(test) == ((2, {5040}), (0, 0), 0)


def test_a_spread_that_does_not_fill_crosses_the_market():
    async def test(there, desk):
        await short_two(desk, there)
        plan = await desk.roller.plan_async(there.old)
        result = await desk.roller.execute_async(plan, CalendarSpread(limit=80, timeout=20))
        (fill, *_) = [f for f in there.gateway.truth.fills if f.con_id not in held_ids(there)]
        return result.stage, there.held(), fill.price

    stage, held, price = rolling(test)

    assert (stage, held, price) == (RollStage.DONE, (0, -2), 49.75)


def held_ids(there):
    return {there.old.conId, there.new.conId}


def test_a_negative_spread_is_paid_as_it_is():
    async def test(there, desk):
        await long_three(desk, there)
        there.market(5000, 4950)
        plan = await desk.roller.plan_async(there.old)
        await desk.roller.execute_async(plan, CalendarSpread(limit=-49.75, timeout=30))
        net = [f.price for f in there.gateway.truth.fills if f.con_id not in held_ids(there)]
        return plan.market.mid, net, there.held()

    mid, net, held = rolling(test)

    assert (mid, held) == (-50, (0, 3))
    assert all(price <= -49.75 for price in net)


def test_the_fallback_of_a_spread_may_be_legs():
    async def test(there, desk):
        await long_three(desk, there)
        plan = await desk.roller.plan_async(there.old)
        way = CalendarSpread(limit=10, timeout=10, then=TwoLegs(timeout=10))
        return await desk.roller.execute_async(plan, way), there.held()

    result, held = rolling(test)

    assert held == (0, 3)
    assert "the rest is traded in legs" in result.alerts[0].text


def test_a_spread_that_is_told_to_stop_says_stuck_and_leaves_everything_as_it_was():
    async def test(there, desk):
        group = await long_three(desk, there)
        plan = await desk.roller.plan_async(there.old)
        heard = []
        desk.roller.alerts.connect(heard.append)
        way = CalendarSpread(limit=10, timeout=10, then="stop")
        with pytest.raises(RollStuck) as caught:
            await desk.roller.execute_async(plan, way)
        await asyncio.sleep(60)
        assert there.rolls() == []
        return caught.value, heard, there.held(), there.stops(there.old), group.status.name

    error, heard, held, stops, status = rolling(test)

    assert (error.moved, error.left) == (0, 3)
    assert heard[-1].is_critical
    assert (held, stops, status) == ((3, 0), 3, "PROTECTED")


def test_the_second_leg_is_priced_anew_and_told_and_then_stuck():
    async def test(there, desk):
        group = await long_three(desk, there)
        plan = await desk.roller.plan_async(there.old)
        there.gateway.market.quote(OLD, bid=5000, ask=5000.25, bid_size=0, ask_size=50)
        with pytest.raises(RollStuck) as caught:
            await desk.roller.execute_async(plan, TwoLegs(timeout=5, attempts=3))
        await asyncio.sleep(60)
        both = there.stops(there.old), there.stops(there.new)
        return caught.value, there.held(), both, group.group_id

    error, held, both, _ = rolling(test)

    assert "did not fill: after 3 attempts" in error.reason
    assert held == (3, 3)
    assert both == (3, 3), "both months are protected while it is stuck"


# --- refused ------------------------------------------------------------------------


def test_two_rolls_of_a_product_at_once_are_refused():
    async def test(there, desk):
        await long_three(desk, there)
        plan = await desk.roller.plan_async(there.old)
        first = asyncio.ensure_future(desk.roller.execute_async(plan))
        await asyncio.sleep(0.5)
        with pytest.raises(RollRefused, match="another roll of ES is under way"):
            await desk.roller.execute_async(plan)
        await first
        return there.held()

    assert rolling(test) == (0, 3)


def test_a_roll_of_another_program_is_refused_while_its_order_works():
    async def test(there, desk):
        await long_three(desk, there)
        plan = await desk.roller.plan_async(there.old)
        first = asyncio.ensure_future(
            desk.roller.execute_async(plan, CalendarSpread(limit=10, timeout=120))
        )
        await asyncio.sleep(3)
        async with desk_at(there, 2) as other:
            with pytest.raises(RollRefused) as caught:
                await other.roller.execute_async(plan)
        rolls = len(there.rolls())
        first.cancel()
        return caught.value, rolls

    error, rolls = rolling(test)

    assert "client 1 is rolling it" in str(error)
    assert rolls == 1


def test_orders_that_are_not_ours_are_named_and_nothing_is_sent():
    async def test(there, desk):
        await long_three(desk, there)
        async with desk_at(there, 2) as other:
            other.ib.placeOrder(there.old, LimitOrder("SELL", 1, 5100))
            await asyncio.sleep(1)
            plan = await desk.roller.plan_async(there.old)
            before = len(there.gateway.truth.orders)
            with pytest.raises(RollRefused, match="belongs to client 2"):
                await desk.roller.execute_async(plan)
        return before, len(there.gateway.truth.orders), there.held()

    assert rolling(test) == (7, 7, (3, 0))


def test_a_plan_of_another_position_is_refused():
    async def test(there, desk):
        await long_three(desk, there)
        plan = await desk.roller.plan_async(there.old)
        desk.ib.placeOrder(there.old, LimitOrder("BUY", 1, 5000.25))
        await desk.state.positions.until_async(lambda held: there.held()[0] == 4, 5)
        with pytest.raises(RollRefused, match="plan again"):
            await desk.roller.execute_async(plan)

    rolling(test)


def test_a_collar_sees_the_net_price_of_a_roll():
    async def test(there, desk):
        await long_three(desk, there)
        (plan,) = await desk.roller.due_async()
        slip, worst = CalendarSpread(limit="502.5"), CalendarSpread(worst=-400)
        for way in (slip, worst):
            with pytest.raises(GateRefused, match="more than 2% away from the market at 50"):
                await desk.roller.execute_async(plan, way)
        orders = there.stops(there.new)
        meant = CalendarSpread(limit="50.25", timeout=5)
        return orders, (await desk.roller.execute_async(plan, meant)).moved

    assert rolling(test, gates=[PriceCollar(2)]) == (0, 3)


def test_the_gates_of_the_desk_see_a_roll():
    async def test(there, desk):
        desk.ib.placeOrder(there.old, LimitOrder("BUY", 4, 5000.25))
        await desk.state.positions.until_async(lambda held: there.held()[0] == 4, 5)
        with pytest.raises(GateRefused, match="4 is more than 3"):
            await desk.roller.execute_async(await desk.roller.plan_async(there.old))
        return there.held()

    assert rolling(test, gates=[MaxSize(3)]) == (4, 0)


def test_nothing_is_due_before_the_roll_day_and_an_early_roll_may_be_planned():
    async def test(there, desk):
        await long_three(desk, there)
        early = await desk.roller.plan_async(there.old, early=True)
        late = await desk.roller.plan_async(there.old, rule=BeforeLastTrade(days=12))
        return await desk.roller.due_async(), await desk.roller.plan_async(there.old), early, late

    due, plan, early, late = rolling(test, start=ROLL_DAY - dt.timedelta(days=7))

    assert (due, plan) == ([], None)
    assert (early.stage, late.stage) == (RollStage.NOT_DUE, RollStage.DUE)


# --- taken up again -----------------------------------------------------------------


@pytest.mark.parametrize("way", [CalendarSpread(limit=10, timeout=600), TwoLegs(timeout=600)])
def test_what_was_begun_is_finished(way):
    async def test(there, desk):
        await long_three(desk, there)
        plan = await desk.roller.plan_async(there.old)
        there.gateway.market.quote(OLD, bid=5000, ask=5000.25, bid_size=0, ask_size=50)
        await until_cancelled(desk.roller.execute_async(plan, way))
        (begun,) = await desk.roller.unfinished_async()
        there.market(5000, 5050)
        (result,) = await desk.roller.resume_async(CalendarSpread(timeout=5))
        return begun.trail.is_under_way, result.moved, await desk.roller.unfinished_async()

    assert rolling(test) == (True, 3, [])


async def until_cancelled(work):
    """Let a roll begin, and cancel it."""
    task = asyncio.ensure_future(work)
    await asyncio.sleep(5)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def test_the_plan_that_began_a_roll_finishes_it_where_no_broker_remembers_the_exits():
    async def test(there, desk):
        group = await short_two(desk, there)
        plan = await desk.roller.plan_async(there.old)
        there.gateway.market.quote(NEW, bid=5050, ask=5050.25, bid_size=0, ask_size=0)
        await until_cancelled(desk.roller.execute_async(plan, TwoLegs(first="close", timeout=600)))
        assert there.held() == (0, 0)
        assert there.orders(there.old) == []
        for roll in there.rolls():
            there.gateway.faults.cancel_order(roll.perm_id)
        await asyncio.sleep(1)
        there.market(5000, 5050)
        with pytest.raises(RollRefused, match="carry on with the plan that began it"):
            await desk.roller.resume_async()
        await desk.roller.execute_async(plan, TwoLegs(first="close", timeout=5))
        return there.held(), there.stops(there.new), group.contract.localSymbol

    assert rolling(test) == ((0, -2), 2, NEW)


def test_a_position_that_is_gone_is_refused():
    async def test(there, desk):
        group = await short_two(desk, there)
        plan = await desk.roller.plan_async(there.old)
        await group.close_async()
        with pytest.raises(RollRefused, match="nothing of ESH6 is held"):
            await desk.roller.execute_async(plan)

    rolling(test)


def test_a_roller_alone_needs_a_limit_and_moves_no_exits():
    async def test(there, desk):
        roller = FuturesRoller(desk.contracts, desk.orders)
        desk.ib.placeOrder(there.old, LimitOrder("BUY", 1, 5000.25))
        await desk.state.positions.until_async(lambda held: there.held()[0] == 1, 5)
        bare = await roller.plan_async(Future("ES", "202603", exchange="CME"))
        result = await roller.execute_async(bare, CalendarSpread(limit=50.25))
        desk.ib.placeOrder(there.new, StopOrder("SELL", 1, 5000))
        await asyncio.sleep(1)
        plan = await roller.plan_async(there.new, early=True)
        return result.streams, there.held(), plan.market, plan.obstacles

    streams, held, market, obstacles = rolling(test)

    assert (streams, held, market) == ((), (0, 1), None)
    assert "cannot be priced on ESU6" in obstacles[0]


# --- deadlines ----------------------------------------------------------------------


def test_deadlines_are_told_once_a_day():
    async def test(there, desk):
        await long_three(desk, there)
        heard = []
        desk.roller.alerts.connect(heard.append)
        watching = asyncio.ensure_future(desk.roller.watch_async(every=3600))
        await asyncio.sleep(3 * 3600 + 60)
        watching.cancel()
        return [(alert.text, alert.is_critical) for alert in heard]

    start = dt.datetime(2026, 3, 17, 15, tzinfo=dt.timezone.utc)
    late = {"ES": BeforeLastTrade(days=1)}

    assert rolling(test, start=start, rules=late) == [
        ("the last trade of ESH6 is on 2026-03-20", False)
    ]


def test_a_look_that_fails_is_no_end_of_the_watch():
    async def test(there, desk):
        heard = []
        desk.roller.alerts.connect(heard.append)
        desk.ib.placeOrder(there.old, LimitOrder("BUY", 1, 5000.25))
        await asyncio.sleep(1)
        there.gateway.faults.cut(1)
        await asyncio.sleep(0.01)
        watching = asyncio.ensure_future(desk.roller.watch_async(every=60))
        await asyncio.sleep(0.01)
        none = list(heard)
        await asyncio.sleep(150)
        watching.cancel()
        return none, len(heard)

    start = dt.datetime(2026, 3, 17, 15, tzinfo=dt.timezone.utc)

    assert rolling(test, start=start) == ([], 1)


def test_blocking_code_rolls_too():
    names = [name for name in dir(FuturesRoller) if name.endswith("_async")]

    assert all(hasattr(FuturesRoller, name.removesuffix("_async")) for name in names)
    assert len(names) == 6


@pytest.mark.parametrize(
    ("misuse", "field"),
    [
        (lambda desk, old: desk.roller.plan_async("ES"), "contract"),
        (lambda desk, old: desk.roller.plan_async(old, account="U9"), "account"),
        (lambda desk, old: desk.roller.plan_async(old, rule="volume"), "rule"),
        (lambda desk, old: desk.roller.due_async(5), "root"),
        (lambda desk, old: desk.roller.execute_async(None), "plan"),
        (lambda desk, old: desk.roller.resume_async("spread"), "how"),
        (lambda desk, old: desk.roller.watch_async(0), "every"),
    ],
)
def test_what_cannot_be_meant_is_named_and_nothing_is_rolled(misuse, field):
    async def test(there, desk):
        with pytest.raises(PlanError) as refused:
            await misuse(desk, there.old)
        return refused.value.field, there.rolls()

    assert rolling(test) == (field, [])
