"""Plans are made of what the broker shows."""

import pytest
from ib_async import Contract, LimitOrder, Position

from ibkit.contracts import RollStage
from ibkit.contracts._planner import RollPlanner, answers_of
from ibkit.errors import PlanError, UnknownContract
from roll_world import ACCOUNT, NEW, OLD, desk_at, long_three, rolling, short_two
from rolling import order, trade


def planner_of(desk):
    return RollPlanner(desk.contracts, desk.orders, desk.streams, {})


def test_a_plan_has_the_position_the_exits_the_market_and_the_streams():
    async def test(there, desk):
        await long_three(desk, there)
        quotes = desk.streams.quotes(there.old, name="my quotes")
        await quotes.first_async()
        (position,) = await planner_of(desk).futures_async()
        return await planner_of(desk).plan_async(position)

    plan = rolling(test)

    assert (str(plan.old), str(plan.new), plan.size, plan.stage) == (OLD, NEW, 3, RollStage.DUE)
    assert (plan.market.bid, plan.market.ask, plan.shift) == (49.75, 50.25, 50)
    assert len(plan.exits) == 3
    assert plan.streams == ("my quotes",)
    assert plan.obstacles == ()
    assert plan.grid.increment_at(5000) == 0.25


def test_what_is_in_the_new_month_before_is_not_of_the_roll():
    async def test(there, desk):
        await short_two(desk, there)
        desk.ib.placeOrder(there.new, LimitOrder("BUY", 4, 5050.25))
        await desk.state.positions.until_async(lambda held: there.new.conId in held, 5)
        return await desk.roller.plan_async(there.old)

    plan = rolling(test)

    assert (plan.trail.before, plan.size, plan.trail.is_under_way) == (4, -2, False)


def test_orders_of_another_client_stand_in_the_way():
    async def test(there, desk):
        await long_three(desk, there)
        async with desk_at(there, 2) as other:
            other.ib.placeOrder(there.old, LimitOrder("SELL", 1, 5100))
            plan = await desk.roller.plan_async(there.old)
        return plan.obstacles

    (obstacle,) = rolling(test)

    assert "belongs to client 2" in obstacle


def test_nothing_is_held_and_nothing_is_planned():
    async def test(there, desk):
        planner = planner_of(desk)
        position = await planner.position_async(Contract(conId=there.old.conId), ACCOUNT)
        return position, await planner.plan_async(position, early=True)

    position, plan = rolling(test)

    assert (position.position, position.contract.localSymbol, plan) == (0, OLD, None)


def test_two_accounts_that_hold_it_have_to_be_told_apart():
    async def test(there, desk):
        planner = planner_of(desk)
        held = [Position(name, there.old, 1.0, 0.0) for name in ("DU2", "DU1")]

        async def positions():
            return held

        planner._requests = type("Requests", (), {"positions_async": staticmethod(positions)})
        with pytest.raises(PlanError, match="one of DU1, DU2"):
            await planner.position_async(there.old)
        return (await planner.position_async(there.old, "DU2")).account

    assert rolling(test) == "DU2"


def test_what_is_no_future_of_the_table_is_not_planned():
    async def test(there, desk):
        stock = Contract(secType="STK", symbol="AAPL", conId=7)
        with pytest.raises(UnknownContract, match="no future"):
            await planner_of(desk).plan_async(Position(ACCOUNT, stock, 5.0, 1.0))

    rolling(test)


def test_orders_are_sorted_into_those_that_work_and_those_that_have_ended():
    works = trade(order(10, "SELL", 1, "LMT", 5010.0))
    ended = trade(order(11, "SELL", 1, "LMT", 5010.0), filled=1.0)
    answers = answers_of(ACCOUNT, [works, ended], (), ())

    assert (answers.working, answers.done) == ([works], [ended])
