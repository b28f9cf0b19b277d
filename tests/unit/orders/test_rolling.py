"""A desk leaves groups to a roll, and takes them back where their exits are."""

import asyncio
from decimal import Decimal

import pytest
from ib_async import Order

from ibkit.contracts._roll_ref import RollRef
from ibkit.errors import GateRefused, PlanError
from ibkit.orders import MaxSize
from ibkit.orders._rolling import _REF
from roll_world import ACCOUNT, NEW, OLD, desk_at, long_three, rolling, short_two


def door(desk, there, size=3, **more):
    options = {"account": ACCOUNT, "side": "BUY", "size": size, **more}
    return desk.orders.rolling(there.old, there.new, **options)


async def sell(hands, there, size=3):
    """Close the position as a roll does."""
    await hands.send_async(there.old, [limit(hands, "SELL", size, 5000.0, "c", there)])


def limit(hands, action, size, price, kind, there):
    ref = f"ir/{there.old.conId}-{there.new.conId}:L0:{kind}"
    return Order(
        orderId=hands.reserve_ids(1), action=action, totalQuantity=size, orderType="LMT",
        lmtPrice=price, orderRef=ref, account=ACCOUNT,
    )  # fmt: skip


def test_the_reference_of_a_roll_is_the_one_that_contracts_write():
    for kind in "sco":
        match = _REF.fullmatch(str(RollRef(11, 22, True, Decimal(-3), kind)))

        assert match is not None
        assert match.groups() == ("11", "22", kind)


def test_exits_are_not_taken_away_while_a_roll_closes_the_position():
    async def test(there, desk):
        group = await long_three(desk, there)
        async with door(desk, there) as hands:
            await sell(hands, there)
            await asyncio.sleep(30)
            inside = there.held(), there.stops(there.old)
            await hands.send_async(there.old, [limit(hands, "BUY", 3, 5000.25, "o", there)])
            await asyncio.sleep(5)
        await asyncio.sleep(30)
        return inside, there.held(), there.stops(there.old), group.status.name

    assert rolling(test) == (((0, 0), 3), (3, 0), 3, "PROTECTED")


def test_without_a_roll_the_same_is_repaired():
    async def test(there, desk):
        await long_three(desk, there)
        async with door(desk, there) as hands:
            pass
        await sell(hands, there)
        await asyncio.sleep(30)
        return there.stops(there.old)

    assert rolling(test) == 0


def test_a_roll_that_ends_in_the_middle_leaves_its_groups_alone_and_says_so():
    async def test(there, desk):
        await long_three(desk, there)
        heard = []
        desk.orders.alerts.connect(heard.append)
        async with door(desk, there) as hands:
            await sell(hands, there, 2)
        await asyncio.sleep(60)
        return there.stops(there.old), [alert.rule for alert in heard]

    stops, rules = rolling(test)

    assert stops == 3
    assert rules == ["roll"]


def test_a_group_in_the_middle_of_a_roll_is_not_closed_as_if_it_were_on_one_contract():
    async def test(there, desk):
        group = await long_three(desk, there)
        async with door(desk, there) as hands:
            with pytest.raises(PlanError, match="being rolled"):
                await group.close_async()
            await sell(hands, there, 2)
        with pytest.raises(PlanError, match="being rolled"):
            await group.close_async()
        return there.held(), there.stops(there.old)

    assert rolling(test) == ((1, 0), 3)


def test_a_desk_that_finds_a_roll_in_the_middle_leaves_it_alone_too():
    async def test(there, desk):
        await long_three(desk, there)
        async with door(desk, there) as hands:
            await sell(hands, there, 2)
        there.gateway.faults.cut(1)
        desk.close()
        await asyncio.sleep(1)
        async with desk_at(there) as second:
            await asyncio.sleep(60)
            (group,) = second.orders.groups
            return there.stops(there.old), group.group_id in second.orders._keeper.split

    assert rolling(test) == (3, True)


def test_exits_on_two_months_are_left_alone_also_when_the_roll_was_yesterday():
    async def test(there, desk):
        group = await short_two(desk, there)
        (stop,) = there.orders(there.old, "STP")
        moved = Order(
            action="BUY", totalQuantity=1, orderType="STP", auxPrice=5070.0, account=ACCOUNT,
            orderRef=stop.terms.order_ref,
        )  # fmt: skip
        desk.orders.close()
        desk.ib.placeOrder(there.new, moved)
        await asyncio.sleep(1)
        there.gateway.faults.cut(1)
        desk.close()
        await asyncio.sleep(1)
        async with desk_at(there) as second:
            await asyncio.sleep(60)
            split = second.orders._keeper.split
            return group.group_id in split, there.stops(there.old), there.stops(there.new)

    assert rolling(test) == (True, 2, 1)


def test_a_group_that_was_rolled_is_found_again_on_the_new_month():
    async def test(there, desk):
        await short_two(desk, there)
        await desk.roller.execute_async(await desk.roller.plan_async(there.old))
        there.gateway.faults.cut(1)
        desk.close()
        await asyncio.sleep(1)
        async with desk_at(there) as second:
            await asyncio.sleep(60)
            (group,) = second.orders.groups
            seen = group.contract.localSymbol, group.open_size, group.entry_price
            with pytest.raises(PlanError):
                await group.breakeven_async()
            await group.move_stop_async(5069)
            stops = {o.terms.aux_price for o in there.orders(there.new, "STP")}
            return seen, there.stops(there.new), stops, second.orders._keeper.split

    assert rolling(test) == ((NEW, 2, None), 2, {5069}, set())


def test_one_roll_at_a_time_on_a_contract():
    async def test(there, desk):
        async with door(desk, there):
            with pytest.raises(PlanError, match="no other roll works on"):
                async with door(desk, there):
                    pass
        async with door(desk, there):
            return OLD

    assert rolling(test) == OLD


def test_the_gates_see_what_the_new_contract_would_be():
    async def test(there, desk):
        with pytest.raises(GateRefused, match="3 is more than 2"):
            async with door(desk, there):
                pass
        async with door(desk, there, size=2):
            return len(there.gateway.truth.orders)

    assert rolling(test, gates=[MaxSize(2)]) == 0
