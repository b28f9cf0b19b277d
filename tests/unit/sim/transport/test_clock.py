import datetime as dt

import pytest

from ibkit.sim._transport._clock import LoopClock, SteppedClock

START = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)


def at(seconds: float) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


class FakeLoop:
    def __init__(self):
        self.at = 100.0
        self.calls = []

    def time(self):
        return self.at

    def call_at(self, when, callback, *args):
        handle = FakeHandle()
        self.calls.append((when, callback, args, handle))
        return handle


class FakeHandle:
    cancelled = False

    def cancel(self):
        self.cancelled = True


def test_a_loop_clock_runs_at_its_speed():
    loop = FakeLoop()
    clock = LoopClock(loop, START, speed=10)
    loop.at += 3

    assert clock.now() == at(30)


def test_arming_sets_the_loops_timer_once_and_replaces_it_when_the_moment_changes():
    loop = FakeLoop()
    clock = LoopClock(loop, START, speed=10)
    for seconds in (20, 20, 10):
        clock.arm(at(seconds), lambda: None)

    assert [when for when, *_ in loop.calls] == [102.0, 101.0]
    assert [handle.cancelled for *_, handle in loop.calls] == [True, False]


def test_a_loop_clock_cannot_be_moved_by_hand():
    with pytest.raises(RuntimeError, match="stepped"):
        LoopClock(FakeLoop(), START).advance(5)


def test_a_stepped_clock_wakes_for_everything_on_its_way_at_its_own_time():
    clock, seen = SteppedClock(START), []
    dues = [at(5), at(7), at(20)]

    def wake():
        seen.append(clock.now())
        dues.pop(0)
        clock.arm(dues[0] if dues else None, wake)

    clock.arm(dues[0], wake)
    clock.advance(10)

    assert seen == [at(5), at(7)]
    assert clock.now() == at(10)


def test_time_moves_forward_only():
    with pytest.raises(ValueError, match="seconds: got -1; wanted seconds, at least 0"):
        SteppedClock(START).advance(-1)
