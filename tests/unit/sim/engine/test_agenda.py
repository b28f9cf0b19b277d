from __future__ import annotations

import datetime as dt

from brokerage import ES, NOW, terms_of
from ibkit.sim._engine import OrderKey
from ibkit.sim._engine._agenda import SMALL, Agenda
from ibkit.sim._engine._order import Order

SECOND = dt.timedelta(seconds=1)


def an_order() -> Order:
    return Order(OrderKey(1, 1), ES, "CME", "", terms_of(), 1)


def run(agenda: Agenda, until: dt.datetime) -> None:
    while (timer := agenda.take(until)) is not None:
        timer.action()


def test_timers_come_in_the_order_of_time_then_rank_then_setting():
    agenda, done = Agenda(), []
    for when, rank, name in ((2, 0, "d"), (1, 1, "b"), (1, 1, "c"), (1, 0, "a")):
        agenda.add(NOW + when * SECOND, lambda name=name: done.append(name), rank=rank)
    run(agenda, NOW + 5 * SECOND)

    assert done == ["a", "b", "c", "d"]


def test_what_is_not_due_stays():
    agenda, done = Agenda(), []
    agenda.add(NOW + SECOND, lambda: done.append(1))
    run(agenda, NOW)

    assert done == []
    assert agenda.next_due() == NOW + SECOND


def test_a_timer_replaces_the_earlier_one_of_its_name():
    agenda, done, order = Agenda(), [], an_order()
    agenda.set(order, "expiry", NOW, lambda: done.append("old"))
    agenda.set(order, "expiry", NOW + SECOND, lambda: done.append("new"))
    run(agenda, NOW + 2 * SECOND)

    assert done == ["new"]


def test_dropped_timers_never_go_off():
    agenda, done, order = Agenda(), [], an_order()
    agenda.set(order, "a", NOW, lambda: done.append("a"))
    agenda.set(order, "b", NOW, lambda: done.append("b"))
    agenda.drop(order, "a")
    agenda.drop(order, "a")
    run(agenda, NOW - SECOND)
    agenda.drop_all(order)
    run(agenda, NOW)

    assert done == []
    assert agenda.next_due() is None


def test_dead_timers_do_not_pile_up():
    agenda, order = Agenda(), an_order()
    for _ in range(100 * SMALL):
        agenda.set(order, "gate", NOW, print)

    assert len(agenda._heap) <= 2 * SMALL
