from __future__ import annotations

import pytest

from brokerage import ES, dec, terms_of
from ibkit.sim._engine import OrderKey
from ibkit.sim._engine._adjusting import adjust
from ibkit.sim._engine._order import Order


def adjusted(adjusted_type: str, **more: object) -> Order:
    terms = terms_of(
        "STP", "SELL", aux_price=90, adjusted_type=adjusted_type, adjusted_stop=95, **more
    )
    order = Order(OrderKey(1, 1), ES, "CME", "", terms, 1)
    adjust(order)
    return order


def test_a_stop_moves():
    order = adjusted("STP")

    assert (order.stop, order.terms.aux_price) == (95, 95)
    assert order.adjusted


def test_a_stop_becomes_a_stop_limit():
    order = adjusted("STP LMT", adjusted_limit=94)

    assert (order.terms.order_type, order.limit, order.terms.limit_price) == ("STP LMT", 94, 94)


@pytest.mark.parametrize(
    ("unit", "amount", "percent"), [(0, dec(4), None), (1, None, dec(4)), (100, None, dec(4))]
)
def test_a_stop_becomes_a_trail_by_amount_or_percent(unit, amount, percent):
    order = adjusted("TRAIL", adjusted_trail=4, adjusted_trail_unit=unit)

    assert (order.terms.aux_price, order.terms.trailing_percent) == (amount, percent)
    assert order.best is None
