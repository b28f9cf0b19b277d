import datetime as dt
from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._engine import PriceCondition, TimeCondition
from ibkit.sim._session._order_terms import BadTime, order_terms, parse_time

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize(
    "text",
    [
        "20260302-12:00:00",
        "20260302 12:00:00 UTC",
        "20260302 07:00:00",
        "20260302  07:00:00 US/Eastern",
        "20260302 13:00:00 MET",
    ],
)
def test_ib_writes_one_moment_in_many_ways(text):
    assert parse_time(text, "US/Eastern") == NOON


@pytest.mark.parametrize("text", ["", "  "])
def test_no_text_is_no_time(text):
    assert parse_time(text, "US/Eastern") is None


@pytest.mark.parametrize(
    "text",
    ["noon", "20260302", "20260302 25:00:00", "20260302 12:00:00 Nowhere", "20261302-12:00:00"],
)
def test_any_other_text_is_a_bad_time(text):
    with pytest.raises(BadTime, match=text):
        parse_time(text, "US/Eastern")


def terms(**fields):
    order = wire.OrderFields()._replace(action="BUY", order_type="LMT", **fields)
    return order_terms(wire.PlaceOrder(1, wire.ContractFields(), order), "US/Eastern")


def test_unset_numbers_stay_unset_and_zero_stays_zero():
    unset, zero = terms(lmt_price=None), terms(lmt_price=Decimal(0))

    assert (unset.limit_price, zero.limit_price) == (None, 0)


def test_the_broker_keeps_what_was_sent():
    assert terms(order_ref="mine").source.order.order_ref == "mine"


def test_price_and_time_conditions_hold_and_others_never_do():
    conditions = (
        wire.PriceConditionFields("a", True, Decimal(5), 7, "CME", 2),
        wire.MarginConditionFields("a", True, Decimal(30)),
        wire.TimeConditionFields("o", True, "20260302-12:00:00"),
    )

    price, time = terms(conditions=conditions).conditions

    assert isinstance(price, PriceCondition)
    assert (price.con_id, price.price, price.is_more) == (7, 5, True)
    assert isinstance(time, TimeCondition)
    assert time.time == NOON


def test_a_time_condition_needs_a_time():
    with pytest.raises(BadTime):
        terms(conditions=(wire.TimeConditionFields("a", True, ""),))
