from __future__ import annotations

import datetime as dt

import pytest

from brokerage import AAPL, ES, NOW, RegularHours, dec, terms_of
from ibkit.sim._engine import OrderKey, TimeCondition
from ibkit.sim._engine._calendar import Calendar
from ibkit.sim._engine._gates import gate_of, is_open, status_at, works_extended
from ibkit.sim._engine._lifecycle import Gate
from ibkit.sim._engine._order import Order

CALENDAR = Calendar(RegularHours())
NIGHT = NOW.replace(hour=12)
LATER = NOW + dt.timedelta(minutes=1)


def an_order(order_type: str = "LMT", of=AAPL, **terms: object) -> Order:
    order = Order(OrderKey(1, 1), of, "X", "", terms_of(order_type, **terms), 1)
    order.gate = Gate.FLIGHT
    return order


@pytest.mark.parametrize(
    ("order", "now", "gate"),
    [
        (an_order(limit_price=90), NOW, Gate.MARKET),
        (an_order(limit_price=90), NIGHT, Gate.SESSION),
        (an_order(limit_price=90, outside_rth=True), NIGHT, Gate.MARKET),
        (an_order(limit_price=90, of=ES), NIGHT, Gate.MARKET),
        (an_order("STP", aux_price=90), NOW, Gate.TRIGGER),
        (an_order("STP", aux_price=90, of=ES), NIGHT, Gate.SESSION),
        (an_order("STP", aux_price=90, good_after=LATER), NOW, Gate.TIME),
        (an_order("MKT", tif="OPG"), NOW, Gate.AUCTION),
        (an_order("MOC"), NOW, Gate.AUCTION),
        (an_order("MOC", of=ES), NIGHT, Gate.SESSION),
        (
            an_order("MKT", conditions=(TimeCondition(is_more=True, time=LATER),)),
            NIGHT,
            Gate.CONDITION,
        ),
    ],
)
def test_the_first_gate_that_is_shut(order, now, gate):
    assert gate_of(order, CALENDAR, now) is gate


def test_a_child_of_which_nothing_is_released_waits_for_its_parent():
    order = an_order("MKT", good_after=LATER)
    order.released = dec(0)

    assert gate_of(order, CALENDAR, NOW) is Gate.PARENT


def test_a_triggered_stop_on_a_future_works_at_night():
    order = an_order("STP", aux_price=90, of=ES)
    order.triggered = True

    assert works_extended(order)
    assert is_open(order, CALENDAR, NIGHT)


@pytest.mark.parametrize(
    ("order_type", "gate", "expected"),
    [
        ("LMT", Gate.MARKET, ("Submitted", "")),
        ("LMT", Gate.PARENT, ("PreSubmitted", "child")),
        ("STP", Gate.PARENT, ("PreSubmitted", "child,trigger")),
        ("STP", Gate.TRIGGER, ("PreSubmitted", "trigger")),
        ("STP", Gate.SESSION, ("PreSubmitted", "trigger")),
        ("LMT", Gate.SESSION, ("PreSubmitted", "")),
        ("LMT", Gate.LOCATE, ("Inactive", "locate")),
        ("MOC", Gate.AUCTION, ("PreSubmitted", "")),
    ],
)
def test_what_an_order_is_called_at_a_gate(order_type, gate, expected):
    order = an_order(order_type, aux_price=90)
    order.status = "PreSubmitted"

    assert status_at(order, gate) == expected


def test_an_order_that_is_being_cancelled_stays_so_at_every_gate():
    order = an_order()
    order.status = "PendingCancel"

    assert status_at(order, Gate.MARKET) == ("PendingCancel", "")
