"""PriceGrid: bands, directions, negative prices, ticks."""

import decimal
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st

from ibkit.products._grid import PriceGrid, exact

QUARTERS = PriceGrid([(0, "0.25")])
BANDS = PriceGrid([(0, "0.05"), (3, "0.10"), (100, "0.25")])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5000.1, "5000.1"),
        ("0.00105", "0.00105"),
        (5e-07, "0.0000005"),
        (np.float64(4980.25), "4980.25"),
        (np.float32(0.1), "0.1"),
        (np.int64(7), "7"),
        (Decimal("-37.63"), "-37.63"),
    ],
)
def test_a_number_counts_as_it_reads(value, expected):
    assert exact(value) == Decimal(expected)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 1.7976931348623157e308, True, None, "", "5,000", np.True_]
)
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(ValueError, match="number"):
        exact(value)


@pytest.mark.parametrize(
    ("price", "down", "up", "nearest"),
    [
        ("5000.10", "5000.00", "5000.25", "5000.00"),
        ("5000.125", "5000.00", "5000.25", "5000.25"),
        ("5000.25", "5000.25", "5000.25", "5000.25"),
        ("-37.63", "-37.75", "-37.50", "-37.75"),
        ("0.1", "0.00", "0.25", "0.00"),
        ("-0.1", "-0.25", "0", "0.00"),
    ],
)
def test_each_direction_is_towards_lower_or_higher_prices(price, down, up, nearest):
    assert QUARTERS.round(price, "down") == Decimal(down)
    assert QUARTERS.round(price, "up") == Decimal(up)
    assert QUARTERS.round(price, "nearest") == Decimal(nearest)


def test_zero_has_no_sign():
    assert str(QUARTERS.round("-0.1", "up")) == "0.00"


@pytest.mark.parametrize(
    ("price", "step"),
    [("2.99", "0.05"), ("3", "0.10"), ("-2.99", "0.05"), ("-3", "0.10"), ("100", "0.25")],
)
def test_the_increment_follows_the_orders_own_price_without_its_sign(price, step):
    assert BANDS.increment_at(price) == Decimal(step)


@pytest.mark.parametrize(
    ("price", "down", "up"),
    [("2.96", "2.95", "3.00"), ("3.05", "3.00", "3.10"), ("99.95", "99.90", "100.00")],
)
def test_rounding_at_an_edge_uses_the_band_of_each_side(price, down, up):
    assert BANDS.round(price, "down") == Decimal(down)
    assert BANDS.round(price, "up") == Decimal(up)
    assert BANDS.round("-" + price, "down") == -Decimal(up)


def test_an_edge_that_is_no_multiple_of_its_step_hides_no_price_below_it():
    odd = PriceGrid([(0, "0.05"), ("3.11", "0.50")])

    assert odd.round("3.2", "down") == Decimal("3.10")
    assert odd.round("3.12", "up") == Decimal("3.50")
    assert odd.round("3.107", "up") == Decimal("3.50")


@pytest.mark.parametrize(
    ("side", "price", "expected"),
    [("BUY", "5000.1", "5000.00"), ("SELL", "5000.1", "5000.25"), ("SELL", "-0.1", "0.00")],
)
def test_a_rounded_price_is_never_worse_than_asked(side, price, expected):
    assert QUARTERS.round_for(side, price) == Decimal(expected)


def test_corn_with_a_magnifier_moves_in_quarters_of_a_cent():
    corn = PriceGrid.from_details(0.0025, magnifier=100)

    assert corn == PriceGrid([(0, "0.25")])
    assert corn.contains(445.25)
    assert not corn.contains("445.0025")


def test_a_distance_is_never_longer_than_asked_but_one_step():
    assert QUARTERS.distance("8.2") == Decimal("8.00")
    assert QUARTERS.distance("0.1") == Decimal("0.25")
    assert QUARTERS.distance(0) == 0
    assert BANDS.distance("0.17", at=50) == Decimal("0.10")


def test_ticks_are_counted_across_bands_and_zero():
    assert BANDS.add_ticks("2.90", 3) == Decimal("3.10")
    assert BANDS.add_ticks("3.10", -3) == Decimal("2.90")
    assert BANDS.add_ticks("-0.05", 2) == Decimal("0.05")
    assert BANDS.ticks_between("-2.95", "-3.10") == -2
    assert BANDS.add_ticks("2.97", 1) == Decimal("3.00")
    assert BANDS.add_ticks("2.97", -1) == Decimal("2.95")


def test_ticks_between_prices_off_the_grid_are_refused():
    with pytest.raises(ValueError, match="not on the grid"):
        BANDS.ticks_between("2.95", "3.05")


@pytest.mark.parametrize(
    "rows", [[], [(1, "0.25")], [(0, 0)], [(0, "-0.25")], [(0, 1), (0, 2)], [(0, "x")]]
)
def test_a_rule_that_cannot_be_is_refused(rows):
    with pytest.raises(ValueError):
        PriceGrid(rows)


def test_rows_may_come_in_any_order():
    assert PriceGrid([(3, "0.10"), (0, "0.05")]) == PriceGrid([(0, 0.05), (3, 0.1)])


def test_the_callers_decimal_context_does_not_move_a_price():
    with decimal.localcontext() as context:
        context.prec = 3
        assert QUARTERS.round(Decimal("-123456.30"), "down") == Decimal("-123456.50")
        assert QUARTERS.round(Decimal("123456.30"), "nearest") == Decimal("123456.25")
        assert QUARTERS.increment_at("-123456.30") == Decimal("0.25")


increments = st.sampled_from([Decimal(text) for text in ("0.01", "0.05", "0.10", "0.25", "7")])


@st.composite
def grids(draw):
    edges = draw(st.lists(st.integers(1, 5000), max_size=3, unique=True))
    return PriceGrid([(Decimal(edge) / 100, draw(increments)) for edge in [0, *edges]])


prices = st.decimals(-100, 100, places=3)


@given(grids(), prices)
def test_down_and_up_enclose_the_price_with_nothing_between(grid, price):
    below, above = grid.round(price, "down"), grid.round(price, "up")

    assert below <= price <= above
    assert grid.contains(below)
    assert grid.contains(above)
    assert above == (below if grid.contains(price) else grid.add_ticks(below, 1))


@given(grids(), prices, st.integers(-50, 50))
def test_ticks_there_and_back(grid, price, ticks):
    start = grid.round(price, "nearest")
    end = grid.add_ticks(start, ticks)

    assert grid.ticks_between(start, end) == ticks
    assert grid.add_ticks(end, -ticks) == start


@given(grids())
def test_the_ladder_is_every_multiple_of_each_bands_step(grid):
    rungs = [grid.add_ticks(0, n) for n in range(60)]

    assert all(low < high for low, high in pairwise(rungs))
    assert all(rung % grid.increment_at(rung) == 0 for rung in rungs)
    for low, high in pairwise(rungs):  # no multiple of the step at `low` was left out
        step = grid.increment_at(low)
        assert high <= low + step or grid.increment_at(low + step) != step


def test_a_direction_or_a_side_that_there_is_not_is_refused():
    grid = PriceGrid([(0, "0.25")])

    for direction in ("UP", "sideways", None):
        with pytest.raises(ValueError, match="'down', 'up' and 'nearest'"):
            grid.round(5000.1, direction)
    for side in ("buy", "long", None):
        with pytest.raises(ValueError, match="'BUY' and 'SELL'"):
            grid.round_for(side, 5000.1)
