from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from ibkit.orders._holding import losses

ZERO = Decimal(0)
sizes = st.integers(0, 9).map(Decimal)


def asked(position, opens, lost=None, baseline=0):
    """What the groups have lost, as plain numbers."""
    found = losses(
        Decimal(position),
        Decimal(baseline),
        [Decimal(size) for size in opens],
        [Decimal(size) for size in lost or [0] * len(opens)],
    )
    return [int(size) for size in found]


def test_what_is_missing_the_youngest_group_has_lost_first():
    assert asked(4, [1, 2, 3]) == [0, 0, 2]
    assert asked(2, [1, 2, 3]) == [0, 1, 3]
    assert asked(0, [1, 2, 3]) == [1, 2, 3]


def test_what_comes_back_is_given_back():
    assert asked(6, [1, 2, 3], lost=[0, 2, 3]) == [0, 0, 0]
    assert asked(3, [1, 2, 3], lost=[0, 2, 3]) == [0, 2, 1]


def test_groups_on_both_sides_meet_in_one_position():
    assert asked(1, [3, -2]) == [0, 0]
    assert asked(-2, [3, -2]) == [3, 0]


def test_what_stood_on_the_other_side_before_is_somebody_elses():
    assert asked(0, [2], baseline=-2) == [0]
    assert asked(-2, [2], baseline=-2) == [2]


def test_what_stood_on_the_same_side_does_not_hide_a_loss_of_more():
    assert asked(5, [2], baseline=5) == [0]
    assert asked(1, [2], baseline=5) == [1]


@pytest.mark.parametrize(("position", "lost"), [(-1, 3), (-3, 5)])
def test_a_position_that_was_turned_round_is_lost_and_more(position, lost):
    assert asked(position, [2]) == [lost]


@given(st.lists(sizes, min_size=1, max_size=4))
def test_where_everything_is_there_nothing_is_lost(opens):
    assert losses(sum(opens, ZERO), ZERO, opens, [ZERO] * len(opens)) == [ZERO] * len(opens)


@given(st.lists(sizes.filter(bool), min_size=1, max_size=4), sizes)
def test_what_is_lost_adds_up_to_what_is_missing(opens, position):
    lost = losses(position, ZERO, opens, [ZERO] * len(opens))

    assert sum(lost, ZERO) == max(sum(opens, ZERO) - position, ZERO)
    assert losses(position, ZERO, opens, lost) == lost
