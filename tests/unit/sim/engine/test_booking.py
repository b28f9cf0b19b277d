from __future__ import annotations

import pytest

from brokerage import AAPL, ESM, SPREAD, Desk, dec
from ibkit.sim._engine import ExecutionFilter


def test_a_smart_order_is_executed_at_the_primary_exchange():
    desk = Desk()
    desk.quote(99, 100, of=AAPL)
    desk.place(1, of=AAPL)
    desk.place(2, of=AAPL, exchange="NASDAQ")

    assert [fill.exchange for fill in desk.broker.executions()] == ["NASDAQ", "NASDAQ"]


def test_a_fill_names_the_order_its_reference_and_its_time():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, order_ref="mine")
    (fill,) = desk.broker.executions()

    assert (fill.order_ref, fill.time, fill.perm_id) == ("mine", desk.now, desk.perm_id(1))


def test_cumulative_quantity_and_average_grow_with_each_fill():
    desk = Desk()
    desk.quote(99, 100, 1)
    desk.place(1, "MKT", "BUY", 4)
    desk.quote(101, 102, 3)

    assert [(f.cumulative, f.average_price) for f in desk.broker.executions()] == [
        (1, 100),
        (4, dec("101.5")),
    ]


@pytest.mark.parametrize(("order_type", "liquidity"), [("MKT", 2), ("LMT", 1)])
def test_who_waited_added_liquidity(order_type, liquidity):
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, order_type, limit_price=90)
    desk.quote(89, 90)
    (fill,) = desk.broker.executions()

    assert fill.liquidity == liquidity


def test_a_short_sale_is_a_sale():
    desk = Desk()
    desk.quote(99, 100, of=AAPL)
    desk.place(1, "MKT", "SSHORT", of=AAPL)

    assert desk.fills() == ["SLD 1@99"]


def test_a_combo_counts_nothing_of_its_own():
    desk = Desk()
    desk.quote(100, 100)
    desk.quote(150, 150, of=ESM)
    desk.place(1, of=SPREAD)
    combo = desk.broker.executions(ExecutionFilter(sec_type="BAG"))[0]

    assert (combo.commission, combo.realized_pnl) == (0, None)
    assert desk.order(1).commission is None
    assert desk.broker.completed_orders()[0].commission == dec("4.5")
