from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from ibkit.testing.strategies import price_paths

D = Decimal


@given(st.data(), st.integers(1, 5), st.integers(0, 5))
def test_a_path_begins_at_the_start_and_moves_by_ticks(data, low, more):
    path = data.draw(
        price_paths(start=1, tick="0.05", max_step=3, min_size=low, max_size=low + more)
    )

    assert path[0] == 1
    assert low <= len(path) <= low + more
    for before, after in pairwise(path):
        assert (after - before) % D("0.05") == 0
        assert abs(after - before) <= D("0.15")
        assert after >= D("0.05")


@given(price_paths(start=0, tick=1, lowest=-3))
def test_it_may_go_below_zero_if_told_to_but_no_further(path):
    assert min(path) >= -3


def test_a_path_shrinks_to_the_move_that_matters(smallest):
    assert smallest(price_paths(), lambda path: True) == [5000]
    assert smallest(price_paths(), lambda path: path[-1] == D("5000.75")) == [5000, D("5000.75")]


def test_a_fall_shrinks_to_one_step(smallest):
    fall = smallest(
        price_paths(start=100, tick=1),
        lambda path: any(after < before - 2 for before, after in pairwise(path)),
    )

    assert fall == [100, 97]


@pytest.mark.parametrize("size", [1, 4])
def test_the_size_may_be_fixed(smallest, size):
    assert smallest(price_paths(min_size=size, max_size=size), lambda _: True) == [5000] * size


@pytest.mark.parametrize("wrong", [{"start": "x"}, {"tick": 0}, {"start": 5, "lowest": 9}])
def test_a_path_that_could_not_move_is_refused(wrong):
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: got "):
        price_paths(**wrong)
