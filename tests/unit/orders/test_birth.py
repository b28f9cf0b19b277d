import datetime as dt

import pytest
from hypothesis import given, strategies as st

from ibkit.orders._birth import CHANCE_BITS, birth_of, new_group_id

TODAY = dt.date(2026, 3, 2)
days = st.dates(dt.date(2020, 1, 1), dt.date(2109, 1, 1))
chances = st.integers(0, 2**CHANCE_BITS - 1)


@given(days, chances)
def test_an_id_tells_the_day_it_was_made(day, chance):
    made = new_group_id(day, chance)

    assert birth_of(made, day) == day
    assert len(made) == 8


@given(days, chances, chances)
def test_ids_sort_by_day(day, one, other):
    later = day + dt.timedelta(days=1)

    assert new_group_id(day, one) < new_group_id(later, other)


@pytest.mark.parametrize("given_by_hand", ["", "k3f9", "k3f9k3f9k", "iiiiiiii", "oooooooo"])
def test_an_id_given_by_hand_tells_nothing(given_by_hand):
    assert birth_of(given_by_hand, TODAY) is None


def test_an_id_of_the_future_was_given_by_hand():
    assert birth_of(new_group_id(TODAY + dt.timedelta(days=2), 1), TODAY) is None


def test_the_clock_of_the_broker_may_be_a_day_ahead():
    tomorrow = TODAY + dt.timedelta(days=1)

    assert birth_of(new_group_id(tomorrow, 1), TODAY) == tomorrow
