"""A roll whose program dies at any message is finished by the next one, or said to be stuck."""

from __future__ import annotations

import asyncio

import pytest

from ibkit.contracts import CalendarSpread, TwoLegs
from ibkit.errors import RollRefused, RollStuck
from ibkit.testing import VirtualLoop, run_virtual
from roll_world import ROLL_DAY, Dying, desk_at, long_three, short_two, until_death, world

WAYS = {
    "spread": CalendarSpread(timeout=5),
    "open-first": TwoLegs(timeout=5),
    "close-first": TwoLegs(first="close", timeout=5),
}
OPENINGS = {"long-three": (long_three, 3), "short-two": (short_two, -2)}


async def dies(there, way, opening, at, *, after):
    """Begin a roll that dies at a message; whether it did, and how many messages there were."""
    open_, _ = OPENINGS[opening]
    desk = desk_at(there)
    await desk.open_async()
    await open_(desk, there)
    (plan,) = await desk.roller.due_async()
    dying = Dying(desk, there.gateway, at, after=after)
    await until_death(desk.roller.execute_async(plan, WAYS[way]), dying)
    there.gateway.faults.cut(1)
    desk.close()
    await asyncio.sleep(1)
    return dying.died.is_set(), dying.count


async def takes_over(there, way):
    """Another program: it recovers the groups, waits a minute, and finishes the roll."""
    async with desk_at(there) as desk:
        await asyncio.sleep(60)
        covered = there.stops(there.old) + there.stops(there.new)
        try:
            await desk.roller.resume_async(WAYS[way])
            for plan in await desk.roller.due_async():
                await desk.roller.execute_async(plan, WAYS[way])
        except (RollRefused, RollStuck) as error:
            return covered, str(error)
        await asyncio.sleep(60)
        (group,) = [g for g in desk.orders.groups if not g.is_over]
        assert group.contract.localSymbol == there.new.localSymbol
        assert (group.open_size, group.protected_size) == (abs(there.held()[1]),) * 2
        assert desk.health.handler_errors == 0
    return covered, ""


def crash_and_resume(way, opening, at, *, after):
    async def main():
        async with world() as there:
            died, count = await dies(there, way, opening, at, after=after)
            before = there.held()
            if not died:
                return count, before, (0, ""), there.held(), 0, 0, 0
            result = await takes_over(there, way)
            stops = there.stops(there.old), there.stops(there.new)
            return count, before, result, there.held(), *stops, len(there.rolls())

    return run_virtual(main(), loop=VirtualLoop(start=ROLL_DAY))


@pytest.mark.parametrize(
    "opening", [pytest.param("long-three", marks=pytest.mark.slow), "short-two"]
)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("after", [False, True], ids=["lost", "sent"])
def test_a_roll_is_resumed_after_a_crash_at_any_message(way, opening, after, record_property):
    size = OPENINGS[opening][1]
    at, outcomes = 0, []
    while True:
        at += 1
        count, before, (covered, said), held, on_old, on_new, rolls = crash_and_resume(
            way, opening, at, after=after
        )
        if count < at:
            break
        assert rolls == 0, at
        if said:
            assert way == "close-first", (at, said)
            assert sum(held) != size, (at, said)
        else:
            assert held == (0, size), (at, before)
            assert (on_old, on_new) == (0, abs(size)), at
        if way != "close-first":
            assert covered >= abs(size), (at, before)
        outcomes.append("said" if said else "done")

    record_property("crashes", len(outcomes))
    assert outcomes.count("done") >= (1 if way == "close-first" else 3)
