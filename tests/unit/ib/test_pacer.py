import pytest

from ibkit._ib._pacer import Lane, Pacer, Pacing
from ibkit.errors import LimitReached


def drain(pacer, now, backlog=0):
    items = []
    while (item := pacer.release(now, backlog)) is not None:
        items.append(item)
    return items


def test_a_lone_request_goes_at_once():
    pacer = Pacer()
    pacer.enter(Lane.DATA, "a", 0.0)

    assert pacer.next_time(0.0) == 0.0
    assert drain(pacer, 0.0) == ["a"]
    assert pacer.next_time(0.0) is None


def test_data_leave_the_reserve_to_orders():
    pacer = Pacer(Pacing(limit=10, reserve=3))
    for i in range(20):
        pacer.enter(Lane.DATA, i, 0.0)

    assert drain(pacer, 0.0) == list(range(7))
    assert drain(pacer, 0.5) == []


def test_more_go_when_the_window_has_moved_on():
    pacer = Pacer(Pacing(limit=5, reserve=0))
    for i in range(8):
        pacer.enter(Lane.DATA, i, 0.0)
    drain(pacer, 0.0)
    again = pacer.next_time(0.1)

    assert 1.0 < again < 1.01
    assert drain(pacer, 1.0) == []
    assert drain(pacer, again) == [5, 6, 7]


def test_the_next_time_waits_for_as_many_as_stand_in_the_way():
    pacer = Pacer(Pacing(limit=4, reserve=2))
    for now in (0.0, 0.1, 0.2, 0.3):
        pacer.note(Lane.ORDER, now)
    pacer.enter(Lane.DATA, "a", 0.3)
    again = pacer.next_time(0.3)

    # two places belong to orders: three of the four messages must have left
    assert again == pytest.approx(1.201)
    assert drain(pacer, again - 0.01) == []
    assert drain(pacer, again) == ["a"]


def test_lanes_go_before_arrival():
    pacer = Pacer(Pacing(limit=100))
    pacer.enter(Lane.HISTORY, "history", 0.0)
    pacer.enter(Lane.DATA, "data", 0.0)
    pacer.enter(Lane.STATE, "state", 0.0)
    pacer.enter(Lane.DATA, "data too", 0.0)

    assert drain(pacer, 0.0) == ["state", "data", "data too", "history"]


def test_an_order_never_waits():
    pacer = Pacer(Pacing(limit=2, reserve=1))
    for _ in range(5):
        pacer.note(Lane.ORDER, 0.0)
    pacer.enter(Lane.DATA, "data", 0.0)
    pacer.enter(Lane.ORDER, "cancel", 0.0)

    assert drain(pacer, 0.0, backlog=7) == ["cancel"]


def test_nothing_is_added_to_a_queue_of_ib_async():
    pacer = Pacer()
    pacer.enter(Lane.DATA, "a", 0.0)

    assert drain(pacer, 0.0, backlog=1) == []
    assert pacer.next_time(0.0, backlog=1) == pytest.approx(0.1)
    assert drain(pacer, 0.1) == ["a"]


def test_who_left_is_skipped_and_frees_the_place():
    pacer = Pacer(Pacing(waiting=2))
    first = pacer.enter(Lane.DATA, "a", 0.0)
    pacer.enter(Lane.DATA, "b", 0.0)
    pacer.leave(first)
    pacer.leave(first)
    pacer.enter(Lane.DATA, "c", 0.0)

    assert drain(pacer, 0.0) == ["b", "c"]


def test_the_queue_is_bounded():
    pacer = Pacer(Pacing(waiting=2))
    pacer.enter(Lane.DATA, "a", 0.0)
    pacer.enter(Lane.DATA, "b", 0.0)

    with pytest.raises(LimitReached, match="2 waiting requests"):
        pacer.enter(Lane.STATE, "c", 0.0)


def test_statistics_count_by_lane():
    pacer = Pacer(Pacing(limit=2, reserve=0))
    pacer.note(Lane.ORDER, 0.0)
    for item in "abc":
        pacer.enter(Lane.DATA, item, 0.0)
    drain(pacer, 0.0)
    drain(pacer, 2.0)
    pacer.enter(Lane.DATA, "d", 2.0)
    statistics = pacer.statistics()

    assert statistics.sent == {"ORDER": 1, "STATE": 0, "DATA": 3, "HISTORY": 0}
    assert statistics.waiting["DATA"] == 1
    assert statistics.longest_wait == 2.0
