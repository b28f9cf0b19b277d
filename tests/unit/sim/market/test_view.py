from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from ibkit.sim._market._path import ANCHOR, BASE
from ibkit.sim._market._view import Direct, Inverse

TICK = Decimal("0.25")
GRAINS = st.integers(BASE // 3, BASE * 3)


@given(GRAINS, st.integers(0, 1000), st.integers(1, 4))
def test_direct_prices_rise_with_the_walk(price: int, more: int, spread: int) -> None:
    rule = Direct(Decimal(6800), TICK, spread=spread).rule(ANCHOR)

    assert all(a <= b for a, b in zip(rule(price), rule(price + more), strict=True))


@given(GRAINS, st.integers(0, 1000))
def test_inverse_prices_fall_with_the_walk(price: int, more: int) -> None:
    rule = Inverse(Decimal("0.0065"), Decimal("0.0000005")).rule(ANCHOR)

    assert all(a >= b for a, b in zip(rule(price), rule(price + more), strict=True))


@given(GRAINS, st.integers(1, 5))
def test_a_trade_is_at_the_quote_or_inside(price: int, spread: int) -> None:
    bid, ask, trade = Direct(Decimal(6800), TICK, spread=spread).rule(ANCHOR)(price)

    assert ask - bid == spread
    assert bid <= trade <= ask


def test_at_its_base_a_walk_gives_the_price() -> None:
    _, _, trade = Direct(Decimal(6800), TICK).rule(ANCHOR)(BASE)

    assert trade * TICK == 6800


@given(GRAINS, st.integers(ANCHOR - 500, ANCHOR + 500))
def test_months_differ_by_a_constant(price: int, block: int) -> None:
    near = Direct(Decimal(6800), TICK, carry=0.003, months=1)
    far = Direct(Decimal(6800), TICK, carry=0.003, months=4)
    apart = far.rule(ANCHOR)(BASE)[2] - near.rule(ANCHOR)(BASE)[2]

    assert far.rule(block)(price)[2] - near.rule(block)(price)[2] == apart
    assert apart * TICK == pytest.approx(Decimal(6800) * Decimal("0.009"), abs=TICK)


def test_a_future_meets_its_index_when_its_month_begins() -> None:
    index = Direct(Decimal(6800), TICK)
    future = Direct(Decimal(6800), TICK, carry=0.003, months=2)
    in_two_months = ANCHOR + 61

    assert future.rule(ANCHOR)(BASE)[2] - index.rule(ANCHOR)(BASE)[2] > 100
    assert abs(future.rule(in_two_months)(BASE)[2] - index.rule(in_two_months)(BASE)[2]) < 3


@pytest.mark.parametrize("make", [Direct, Inverse])
def test_lift_moves_every_price(make: type[Direct | Inverse]) -> None:
    view = make(Decimal(6800), TICK)
    before = view.rule(ANCHOR)(BASE)
    view.lift(-3)

    assert view.rule(ANCHOR)(BASE) == tuple(price - 3 for price in before)
