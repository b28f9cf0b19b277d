from __future__ import annotations

from decimal import Decimal

from hypothesis import given, strategies as st

from brokerage import ES, dec
from ibkit.sim._engine._position import Position


def test_opening_realizes_nothing():
    position = Position(ES, "g")

    assert position.trade(dec(2), dec(100), dec(4)) == (0, None)
    assert (position.quantity, position.cost, position.fees) == (2, 10_000, 4)


def test_closing_a_third_realizes_a_third():
    position = Position(ES, "g")
    position.trade(dec(3), dec(100), dec(3))
    booked = position.trade(dec(-1), dec(101), dec(1))

    assert booked == (50, 48)
    assert (position.quantity, position.cost, position.fees) == (2, 10_000, 2)


def test_a_short_position_gains_when_the_price_falls():
    position = Position(ES, "g")
    position.trade(dec(-1), dec(100), dec(0))

    assert position.trade(dec(1), dec(99), dec(0)) == (50, 50)


def test_nothing_held_has_no_average():
    position = Position(ES, "g")

    assert (position.average_cost, position.average_price) == (0, 0)


def test_the_average_price_is_in_quote_units():
    position = Position(ES, "g")
    position.trade(dec(1), dec(100), dec(9))
    position.trade(dec(1), dec(110), dec(9))

    assert position.average_price == 105


def test_a_new_day_starts_from_todays_price():
    position = Position(ES, "g")
    position.trade(dec(1), dec(100), dec(2))
    position.trade(dec(-1), dec(101), dec(2))
    position.trade(dec(1), dec(102), dec(2))
    position.start_day(dec(103))

    assert (position.realized, position.flow, position.start_value) == (0, 0, 103 * 50)
    position.start_day(None)
    assert position.start_value == position.cost


@given(
    st.lists(
        st.tuples(
            st.integers(-9, 9).filter(bool),
            st.decimals(1, 999, places=2),
            st.decimals(0, 9, places=3),
        ),
        max_size=30,
    )
)
def test_whatever_is_traded_no_cent_is_lost(trades):
    position, paid, realized, fees = Position(ES, "g"), Decimal(0), Decimal(0), Decimal(0)
    for quantity, price, commission in trades:
        position.trade(Decimal(quantity), price, commission)
        paid += quantity * price * 50
        fees += commission
    realized = position.realized

    assert realized == position.cost + position.fees - paid - fees
    assert position.quantity == sum(quantity for quantity, _, _ in trades)
    if not position.quantity:
        assert (position.cost, position.fees) == (0, 0)
