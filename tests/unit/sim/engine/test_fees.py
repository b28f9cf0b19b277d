from __future__ import annotations

import pytest

from brokerage import AAPL, ES, EURUSD, MES, OPTION, dec
from ibkit.sim._engine import FixedCommission


@pytest.mark.parametrize(
    ("instrument", "quantity", "price", "commission"),
    [
        (ES, 2, 5000, "4.5"),
        (MES, 2, 5000, "1.24"),
        (AAPL, 100, 200, "1"),
        (AAPL, 1000, 200, "5"),
        (OPTION, 1, 5, "1"),
        (OPTION, 4, 5, "2.6"),
        (EURUSD, 20_000, 1, "2"),
        (EURUSD, 200_000, 1, "4"),
    ],
)
def test_what_an_order_costs(instrument, quantity, price, commission):
    total = FixedCommission().total(instrument, dec(quantity), dec(quantity * price))

    assert total == dec(commission)


def test_a_class_of_futures_may_have_a_price_of_its_own():
    assert FixedCommission(by_class={"ES": dec(1)}).total(ES, dec(3), dec(0)) == 3
