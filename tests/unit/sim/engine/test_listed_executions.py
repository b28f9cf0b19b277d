from __future__ import annotations

import datetime as dt

import pytest

from brokerage import AAPL, NOW, Desk, terms_of
from cards import card
from ibkit.sim._engine import ExecutionFilter
from ibkit.sim._scenario import Account


@pytest.fixture
def desk() -> Desk:
    desk = Desk(accounts=(Account(name="DU1"), Account(name="DU2")))
    desk.quote(99, 100)
    desk.quote(99, 100, of=AAPL)
    desk.place(1, account="DU1")
    desk.wait(minutes=1)
    desk.place(1, "MKT", "SELL", client=2, account="DU2", of=AAPL)
    return desk


@card("LST-01", "1.10 C")
@pytest.mark.parametrize(
    ("wanted", "con_ids"),
    [
        ({}, [1, 3]),
        ({"client_id": 1}, [1]),
        ({"account": "DU2"}, [3]),
        ({"since": NOW + dt.timedelta(seconds=1)}, [3]),
        ({"since": NOW + dt.timedelta(minutes=1)}, [3]),
        ({"since": NOW + dt.timedelta(seconds=61)}, []),
        ({"symbol": "ES"}, [1]),
        ({"sec_type": "STK"}, [3]),
        ({"symbol": "ES", "sec_type": "STK"}, []),
        ({"exchange": "NASDAQ"}, [3]),
        ({"side": "BUY"}, [1]),
        ({"side": "SELL", "client_id": 1}, []),
    ],
)
def test_a_filter_lets_through_what_fits_all_of_it(desk, wanted, con_ids):
    fills = desk.broker.executions(ExecutionFilter(**wanted))

    assert [fill.con_id for fill in fills] == con_ids


@card("LST-02", "1.10 C")
def test_executions_are_those_since_midnight(desk):
    desk.wait(days=1)

    assert desk.broker.executions() == ()


@card("LST-03", "1.10 R")
def test_completed_orders_tell_how_they_ended(desk):
    desk.place(2, "LMT", limit_price=90, account="DU1")
    desk.cancel(2)

    assert [view.completed_status for view in desk.broker.completed_orders()] == [
        "Filled Size: 1",
        "Filled Size: 1",
        "Cancelled by Trader",
    ]


@card("LST-04", "1.10 C")
def test_all_open_orders_are_those_of_every_client_and_manual_ones(desk):
    desk.place(2, "LMT", limit_price=90, account="DU1")
    desk.place(2, "LMT", limit_price=90, account="DU1", client=2)
    desk.operator("place", 1, "CME", terms_of("STP", "SELL", aux_price=80, account="DU1"))

    assert [view.key for view in desk.broker.orders()] == [(1, 2), (2, 2), (0, 0)]


@card("LST-05", "1.10 C")
def test_completed_orders_are_those_of_the_day(desk):
    desk.wait(days=1)

    assert desk.broker.completed_orders() == ()
