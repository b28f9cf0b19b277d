from __future__ import annotations

import datetime as dt
from itertools import pairwise

from ibkit.sim._market._path import stamp_of
from ibkit.sim._market._sweep import Sweep
from ibkit.sim._market._ticks import Trade

HOUR = 3_600_000


class Tape:
    """Ticks at given times; counts how often it is asked."""

    def __init__(self, con_id: int, *times: int, knows: bool = True) -> None:
        self.con_id, self.times, self.knows, self.asked = con_id, list(times), knows, 0

    def window(self, start: int, end: int) -> tuple[list[Trade], int]:
        self.asked += 1
        told = [Trade(self.con_id, stamp_of(t), 1, 1, "X") for t in self.times if start <= t < end]
        later = min((time for time in self.times if time >= end), default=end + HOUR)
        return told, later if self.knows else end


def sweep_of(*tapes: Tape) -> Sweep:
    return Sweep({tape.con_id: tape for tape in tapes}.__getitem__)


def read(sweep: Sweep, ids: list[int], *edges: int) -> list[int]:
    told = []
    for start, end in pairwise(edges):
        told += [tick.con_id for tick in sweep.ticks(ids, start, end)]
    return told


def test_a_tape_is_asked_only_when_it_has_something_to_say():
    quiet, busy = Tape(1, 950), Tape(2, *range(0, 1000, 10))
    told = read(sweep_of(quiet, busy), [1, 2], *range(0, 1001, 10))

    assert (quiet.asked, busy.asked) == (2, 100)
    assert (told.count(1), told.count(2)) == (1, 100)


def test_a_tick_at_the_edge_of_a_window_is_told_once():
    sweep = sweep_of(Tape(1, 0, 10, 20, 29))

    assert read(sweep, [1], 0, 10, 20, 30) == [1, 1, 1, 1]


def test_a_tape_that_may_be_written_to_is_always_asked():
    written = Tape(1, knows=False)
    sweep = sweep_of(written)
    before = read(sweep, [1], 0, 10, 20)
    written.times.append(25)

    assert before == []
    assert read(sweep, [1], 20, 30) == [1]


def test_a_window_that_does_not_follow_the_last_one_is_read_anew():
    sweep = sweep_of(Tape(1, 5, 500))
    later = read(sweep, [1], 100, 200)

    assert later == []
    assert read(sweep, [1], 0, 10) == [1]


def test_who_comes_back_hears_what_happens_then():
    sweep = sweep_of(Tape(1, 5, 35), Tape(2, 1, 11, 21, 31))
    sweep.ticks([1, 2], 0, 10)
    sweep.ticks([2], 10, 20)
    sweep.ticks([2], 20, 30)

    assert [tick.con_id for tick in sweep.ticks([2, 1], 30, 40)] == [2, 1]


def test_a_tape_that_was_replaced_is_asked_again_when_the_sweep_forgets():
    tapes = {1: Tape(1)}
    sweep = Sweep(tapes.__getitem__)
    sweep.ticks([1], 0, 10)
    tapes[1] = Tape(1, 15)
    sweep.forget()

    assert sweep.ticks([1], 10, 20)[0].time == stamp_of(15)


def test_ticks_of_one_moment_are_in_the_order_of_con_ids():
    ticks = sweep_of(Tape(7, 3), Tape(2, 3), Tape(5, 1)).ticks([7, 2, 5], 0, 10)

    assert [tick.con_id for tick in ticks] == [5, 2, 7]
    assert ticks[0].time == dt.datetime(1969, 12, 31, 22, 0, 0, 1000, tzinfo=dt.timezone.utc)
