from __future__ import annotations

import datetime as dt

from brokerage import Desk
from ibkit.sim._engine import Latency, Models

SECOND = dt.timedelta(seconds=1)


def test_without_latency_everything_happens_within_the_call():
    desk = Desk(models=Models(latency=Latency()))
    desk.quote(99, 100)
    desk.place(1)

    assert desk.status(1) == "Filled"
    assert desk.broker.next_deadline() is None


def test_each_delay_is_its_own():
    desk = Desk(models=Models(latency=Latency(submit=SECOND, cancel=2 * SECOND)))
    desk.place(1, "LMT", limit_price=90)
    assert desk.broker.next_deadline() == desk.now + SECOND

    desk.wait(seconds=1)
    desk.cancel(1)
    assert desk.broker.next_deadline() == desk.now + 2 * SECOND


def test_the_deadline_of_a_late_commission_outlives_the_order():
    desk = Desk(models=Models(latency=Latency(commission=3 * SECOND)))
    desk.quote(99, 100)
    desk.place(1)

    assert desk.broker.next_deadline() == desk.now + 3 * SECOND
