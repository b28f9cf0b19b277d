from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from ibkit.products import Product, RollConvention, product

PLAIN = {
    "root": "X",
    "symbol": "X",
    "exchange": "CME",
    "currency": "USD",
    "multiplier": "0.1",
    "settlement": "cash",
}


def test_numbers_are_exact_whatever_they_are_given_as():
    made = Product(**PLAIN | {"multiplier": 0.1, "min_tick": "0.25"})

    assert made.multiplier == Decimal("0.1")
    assert made.min_tick == Decimal("0.25")


@pytest.mark.parametrize("blank", [None, ""])
def test_a_blank_number_stays_unknown_in_all_that_follows_from_it(blank):
    made = Product(**PLAIN | {"multiplier": blank, "min_tick": blank})

    assert (made.multiplier, made.point_value) == (None, None)
    assert (made.min_tick, made.details_min_tick) == (None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"settlement": "barter"},
        {"price_magnifier": 0},
        {"listed_months": "ZH"},
        {"active_months": "HA"},
        {"active_months": "HH"},
        {"roll": "calendar"},
        {"multiplier": "many"},
    ],
)
def test_a_product_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError) as caught:  # the text is judged below
        Product(**PLAIN | wrong)

    assert str(next(iter(wrong.values()))) in str(caught.value)


def test_prices_in_cents_have_another_tick_in_contract_details():
    corn = product("ZC")

    assert corn.price_magnifier == 100
    assert corn.min_tick == Decimal("0.25")
    assert corn.details_min_tick == Decimal("0.0025")
    assert corn.point_value == 50


def test_local_symbols_begin_with_the_root_where_the_class_is_unknown():
    assert product("6E").local_class == "6E"
    assert product("TPX").local_class == "TPX"


def test_a_roll_convention_is_read_from_text_or_given():
    given = RollConvention(days=8, before="first notice")

    assert Product(**PLAIN | {"roll": given}).roll is given
    assert Product(**PLAIN | {"roll": "notice:8"}).roll == given
    assert Product(**PLAIN).roll == RollConvention(days=5, before="last trade")


def test_a_product_cannot_be_changed():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        product("ES").exchange = "GLOBEX"
