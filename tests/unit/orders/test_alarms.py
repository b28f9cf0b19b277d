import asyncio
from decimal import Decimal

import attrs
import pytest

from ibkit.orders import GroupStatus, LegStatus
from ibkit.orders._alarms import stirred
from ibkit.orders._book import book_of
from order_work import live, long_bracket, order, run, settle
from sim_client import future


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, False),
        ({"reason": "something"}, False),
        ({"filled": Decimal(1)}, True),
        ({"remaining": Decimal(1)}, True),
        ({"status": LegStatus.CANCELLED}, True),
        ({"status": LegStatus.CANCELLING}, False),
    ],
)
def test_fills_sizes_and_ends_stir_a_group(facts, change, expected):
    before = facts("separate", [2], entry="filled", target_1="working", stop_1="working")
    entry, target, stop = before.legs
    after = attrs.evolve(before, legs=(entry, target, attrs.evolve(stop, **change)))

    assert stirred(before, after) is expected


def test_what_is_planned_stirs_nothing(facts):
    before = facts("managed", [2], entry="working")

    assert not stirred(attrs.evolve(before, legs=before.legs[:1]), before)


def test_after_a_fill_ib_is_given_a_second():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(entry=4900, stop=4890))
        await settle()
        quiet = trade.facts.settled
        gateway.market.quote("ES", bid=4899.75, ask=4900, bid_size=50, ask_size=50)
        await asyncio.sleep(0.5)
        stirring = trade.facts.settled
        await asyncio.sleep(1)
        return quiet, stirring, trade.facts.settled

    assert run(test) == (True, False, True)


def test_fills_without_a_pause_are_waited_for_no_longer_than_five_seconds():
    async def test(gateway, desk):
        group = long_bracket(40, entry=4900, stop=4890)
        trade = await desk.orders.place_async(future(gateway), group)
        await settle()
        gateway.market.quote("ES", bid=4900.25, ask=4900.5, bid_size=50, ask_size=50)
        seen = []
        trade.changed.connect(lambda t: seen.append(t.facts.settled))
        for _ in range(16):
            gateway.faults.fill_order(order(gateway, "entry").perm_id, 1, 4900)
            await asyncio.sleep(0.5)
        return any(seen)

    assert run(test) is True


def test_an_answer_that_does_not_come_is_asked_for():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket(entry=4900, stop=4890))
        await settle()
        for name in ("OrderStatus", "OpenOrder", "ErrMsg"):
            gateway.faults.withhold(name, times=9)
        with pytest.raises(TimeoutError):
            await trade.cancel_async(timeout=2)
        gateway.faults.clear()
        before = trade.status
        await settle()
        return before, trade.status, live(gateway)

    before, after, left = run(test)

    assert before is not GroupStatus.CANCELLED
    assert (after, left) == (GroupStatus.CANCELLED, [])


def test_a_closed_desk_rings_no_more():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), long_bracket())
        await asyncio.sleep(0.2)
        ringing = list(book_of(trade).timers)
        desk.orders.close()
        return ringing, book_of(trade).timers

    ringing, after = run(test)

    assert "settle" in ringing
    assert after == {}
