from decimal import Decimal

import numpy as np
import pytest

from ibkit.errors import PlanError
from ibkit.orders._numbers import as_float, as_quantity, base36, number, plain, size


@pytest.mark.parametrize("value", [np.float64(1.5), np.float32(1.5), "1.5", 1.5, Decimal("1.5")])
def test_a_number_is_exact_whatever_it_came_as(value):
    assert number("price", value) == Decimal("1.5")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, None, "x"])
def test_what_is_no_number_is_refused_by_the_name_of_its_field(value):
    with pytest.raises(PlanError) as caught:
        number("price", value)

    assert caught.value.field == "price"


@pytest.mark.parametrize("value", [0, -1, 1_000_000_000, "0.0"])
def test_a_size_that_tws_refuses_is_refused(value):
    with pytest.raises(PlanError, match=r"160, 355"):
        size("size", value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("5010.00", "5010"),
        ("5E-7", "0.0000005"),
        ("1E+3", "1000"),
        ("-0.50", "-0.5"),
        ("100", "100"),
    ],
)
def test_numbers_are_written_as_people_do(value, text):
    assert plain(Decimal(value)) == text


def test_what_ib_async_gets_is_plain():
    assert type(as_float(Decimal("0.00105"))) is float
    assert str(as_float(Decimal("0.00105"))) == "0.00105"
    assert type(as_quantity(Decimal("3.0"))) is int
    assert as_quantity(Decimal("0.5")) == 0.5


@pytest.mark.parametrize("value", [0, 1, 35, 36, 2**31])
def test_base36_reads_back(value):
    assert int(base36(value), 36) == value
