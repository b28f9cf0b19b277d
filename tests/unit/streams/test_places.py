from ibkit._ib._history_pacer import HistoryPacer
from ibkit.streams._decisions import Holder
from ibkit.streams._kinds import Kind, Spec
from ibkit.streams._limits import Pool, StreamLimits
from ibkit.streams._places import Places
from ibkit.streams._queue import Entry


def spec(kind=Kind.QUOTES):
    return Spec(con_id=1, exchange="CME", kind=kind)


def entry(kind=Kind.TICKS, not_before=0.0):
    holders = {1: Holder(number=1, name="h")}
    return Entry(spec(kind), 1, holders=holders, not_before=not_before)


def test_a_place_is_taken_in_every_pool_and_given_back():
    places = Places(StreamLimits(lines=5, real_time=2))
    places.take(spec(Kind.BARS_5S), 0.0)

    assert (places.free(Pool.LINES, 0.0), places.free(Pool.REAL_TIME, 0.0)) == (4, 1)
    places.give_back(spec(Kind.BARS_5S))
    assert (places.free(Pool.LINES, 0.0), places.free(Pool.REAL_TIME, 0.0)) == (5, 2)


def test_live_bars_leave_some_of_the_fifty_to_downloads():
    pacer = HistoryPacer()
    places = Places(StreamLimits(), pacer)
    bars = Spec(con_id=1, exchange="CME", kind=Kind.BARS, parameters=("1 min", "1 D", "TRADES"))
    for _ in range(40):
        places.take(bars, 0.0)

    assert (places.cap(Pool.HISTORY, 0.0), places.free(Pool.HISTORY, 0.0)) == (47, 7)
    assert pacer.live == 40
    places.give_back(bars)
    assert pacer.live == 39
    places.forget()
    assert pacer.live == 0
    assert Places(StreamLimits(history=5)).cap(Pool.HISTORY, 0.0) == 5


def test_where_no_cap_is_known_there_is_always_room():
    assert Places(StreamLimits()).free(Pool.REAL_TIME, 0.0) == float("inf")


def test_a_lowered_cap_may_leave_less_than_nothing():
    places = Places(StreamLimits(lines=5))
    for _ in range(3):
        places.take(spec(), 0.0)
    places.learn(Pool.LINES, 0.0)
    places.take(spec(), 0.0)

    assert places.free(Pool.LINES, 0.0) == -1


def test_who_must_wait_sets_an_alarm():
    places = Places(StreamLimits(tick_by_tick_interval=15.0, minimum_hold=0.5))
    places.take(spec(Kind.TICKS), 100.0)

    assert not places.is_ready(entry(), 110.0)
    assert not places.is_ready(entry(Kind.QUOTES, not_before=112.0), 110.0)
    assert not places.held_long_enough(110.0, 110.25)
    assert places.is_ready(entry(), 115.0)
    alarms = []
    while (at := places.alarms.first) is not None:
        alarms.append(at)
        places.alarms.ring(at)
    assert alarms == [110.5, 112.0, 115.0]


def test_what_was_sent_late_counts_from_then():
    places = Places(StreamLimits(tick_by_tick_interval=15.0))
    places.take(spec(Kind.TICKS), 100.0)
    places.sent(spec(Kind.TICKS), 103.0)

    assert not places.is_ready(entry(), 115.0)
    assert places.is_ready(entry(), 118.0)


def test_a_new_connection_forgets_places_but_not_the_rates():
    places = Places(StreamLimits(tick_by_tick_interval=15.0))
    places.take(spec(Kind.TICKS), 100.0)
    places.forget()

    assert places.free(Pool.TICK_BY_TICK, 100.0) == 3
    assert not places.is_ready(entry(), 101.0)
