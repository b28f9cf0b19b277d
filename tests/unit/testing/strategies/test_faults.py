import asyncio
import contextlib
from itertools import pairwise

import pytest
from hypothesis import given
from ib_async import IB

from ibkit.sim import At, SimGateway
from ibkit.sim._schedule import KINDS
from ibkit.testing import plug_in, run_virtual
from ibkit.testing.strategies import fault_schedules
from ibkit.testing.strategies._faults import FAULTS, MENDING


def test_every_fault_that_chance_may_choose_is_drawn():
    assert FAULTS.keys() == KINDS.keys()
    assert MENDING.keys() == {name for name, kind in KINDS.items() if kind.mended_by}


@pytest.mark.parametrize("name", FAULTS)
def test_the_gateway_takes_every_line_of_it(name):
    @given(fault_schedules([name], min_size=1))
    def take(lines):
        gateway.faults.schedule(lines)
        assert {line.fault for line in lines} <= {name, KINDS[name].mended_by}

    async def main():
        nonlocal gateway
        async with SimGateway(port=None) as gateway:
            take()

    gateway = None
    run_virtual(main())


@given(fault_schedules(within=10, max_size=3))
def test_lines_are_in_order_and_what_is_taken_is_given_back(lines):
    assert all(before.seconds <= after.seconds for before, after in pairwise(lines))
    faults = [line for line in lines if line.seconds <= 10]
    assert len([line for line in faults if line.fault in FAULTS]) <= 6
    for line in lines:
        mender = KINDS[line.fault].mended_by if line.fault in KINDS else None
        if mender:
            assert any(
                line.seconds < other.seconds <= line.seconds + 20 and other.fault == mender
                for other in lines
                if other is not line
            ) or dict(line.arguments) in ({"size": 0}, {"on": False}, {"zone": None})


def test_an_unknown_fault_is_refused_by_name():
    with pytest.raises(ValueError, match=r"got cutt; known are cut, "):
        fault_schedules(["cut", "cutt"])


# --- shrinking -----------------------------------------------------------------------


def test_nothing_is_the_smallest_schedule(smallest):
    assert smallest(fault_schedules(), lambda _: True) == []


def test_a_schedule_shrinks_to_the_fault_that_matters_and_to_its_first_moment(smallest):
    def late_cut(lines):
        return any(line.fault == "cut" and line.seconds > 3 for line in lines)

    assert smallest(fault_schedules(), late_cut) == [At(3.1, "cut")]


def test_what_mends_comes_as_soon_as_it_may(smallest):
    lines = smallest(fault_schedules(), lambda lines: any(at.fault == "farm_down" for at in lines))

    assert lines == [At(0.0, "farm_down"), At(1.0, "farm_up", {"dead": False})]


class Watcher:
    """Asks the time every second. Comes back after a lost connection - once. (A planted bug.)"""

    def __init__(self, ib):
        self.ib = ib
        self.lives = 2

    async def run(self):
        while self.lives:
            with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
                await self.ib.connectAsync(timeout=1)
                while True:
                    await asyncio.wait_for(self.ib.reqCurrentTimeAsync(), 1)
                    await asyncio.sleep(1)
            self.lives -= 1


def gives_up(lines):
    """Whether the watcher has given up after a minute in which *lines* happen."""

    async def main():
        async with SimGateway(port=None) as gateway:
            ib = plug_in(IB(), gateway)
            watcher = Watcher(ib)
            task = asyncio.ensure_future(watcher.run())
            await asyncio.sleep(5)
            gateway.faults.schedule(lines)
            await asyncio.sleep(60)
            task.cancel()
            ib.disconnect()
            return watcher.lives == 0

    return run_virtual(main())


def test_a_planted_bug_shrinks_to_the_smallest_schedule_that_shows_it(smallest):
    some = fault_schedules(["cut", "notice_next_order", "farm_down", "double"], within=30)
    found = smallest(some, gives_up, max_examples=200)

    assert [line.fault for line in found] == ["cut", "cut"]
    assert found[0].seconds == 0
    # the second must not meet the same connection: while it is down there is nothing to cut
    assert not gives_up([At(0.0, "cut"), At(0.0, "cut")])
    assert 0 < found[1].seconds <= 2


def test_nothing_comes_before_now():
    with pytest.raises(ValueError, match="within: got -1; wanted seconds"):
        fault_schedules(within=-1)
