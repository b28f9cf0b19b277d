from decimal import Decimal

import pytest

from ibkit.errors import PlanError
from ibkit.orders import FromFill, PriceGrid

GRID = PriceGrid([(0, "0.25"), (6000, "0.50")])


@pytest.mark.parametrize(
    ("distance", "fill", "price"),
    [
        (FromFill(+10), "5000.10", "5010.10"),
        (FromFill(-5), "5000.10", "4995.10"),
        (FromFill(ticks=4), "5000", "5001"),
        (FromFill(ticks=4), "6000", "6002"),
        (FromFill(percent=-1), "5000", "4950"),
        (FromFill(percent=1), "-20", "-19.8"),
    ],
)
def test_the_price_follows_the_fill(distance, fill, price):
    assert distance.at(fill, GRID) == Decimal(price)


@pytest.mark.parametrize(
    "arguments", [{}, {"offset": 1, "ticks": 2}, {"ticks": 1, "percent": 1}, {"ticks": 1.5}]
)
def test_exactly_one_distance_is_taken(arguments):
    with pytest.raises(PlanError):
        FromFill(**arguments)


def test_it_knows_its_side():
    assert [FromFill(1).sign, FromFill(ticks=-2).sign, FromFill(percent=0).sign] == [1, -1, 0]


@pytest.mark.parametrize(
    ("distance", "text", "shown"),
    [
        (FromFill(10), "fill + 10", "FromFill(+10)"),
        (FromFill(ticks=-40), "fill - 40 ticks", "FromFill(ticks=-40)"),
        (FromFill(percent="0.5"), "fill + 0.5%", "FromFill(percent=+0.5)"),
    ],
)
def test_it_reads_like_what_it_is(distance, text, shown):
    assert str(distance) == text
    assert repr(distance) == shown
