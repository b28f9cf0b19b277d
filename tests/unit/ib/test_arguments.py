import datetime as dt
import math
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from ib_async import Contract

from ibkit._ib import _arguments as arguments
from ibkit.errors import PlanError

ES = Contract(conId=5, symbol="ES")


def test_a_contract_is_given_back_as_it_is():
    assert arguments.contract_of(ES) is ES


@pytest.mark.parametrize("value", ["ES", None, 5, [ES]])
def test_what_is_no_contract_is_refused_with_the_way_to_one(value):
    with pytest.raises(PlanError, match=r"front_month_async"):
        arguments.contract_of(value)


def test_what_holds_a_contract_is_told_of_it():
    holder = SimpleNamespace(contract=ES)

    with pytest.raises(PlanError, match=r"its \.contract$"):
        arguments.contract_of(holder)
    with pytest.raises(PlanError, match=r"its \.contract$"):
        arguments.con_id_of(holder)


class Indexed:
    """A whole number of another library."""

    def __index__(self):
        return 5


@pytest.mark.parametrize("value", [5, ES, Indexed()])
def test_a_con_id_is_read_from_numbers_and_contracts(value):
    assert arguments.con_id_of(value) == 5


@pytest.mark.parametrize("value", ["ES", "5", None, 0, -1, 5.0, True, [5], Contract(symbol="ES")])
def test_what_has_no_con_id_is_refused(value):
    with pytest.raises(PlanError, match="a conId"):
        arguments.con_id_of(value)


@pytest.mark.parametrize("value", [1, 0.5, Decimal(2), Fraction(1, 2), math.inf])
def test_seconds_are_numbers_above_zero(value):
    assert arguments.seconds(value) == arguments.wait_seconds(value) == float(value)


@pytest.mark.parametrize("value", ["10", -1, math.nan, True, dt.timedelta(seconds=5), [1]])
def test_what_is_no_time_to_wait_is_refused(value):
    with pytest.raises(PlanError, match="a number of seconds"):
        arguments.seconds(value)
    with pytest.raises(PlanError, match="a number of seconds"):
        arguments.wait_seconds(value)


def test_only_a_wait_may_look_once_or_never_end():
    assert arguments.wait_seconds(0) == 0
    assert arguments.wait_seconds(None) is None
    for value in (0, None):
        with pytest.raises(PlanError, match="more than 0"):
            arguments.seconds(value)


@pytest.mark.parametrize("value", ["5", 5.0, None, True, 0, 61, [5]])
def test_what_is_no_whole_number_in_its_bounds_is_refused(value):
    with pytest.raises(PlanError, match="from 1 to 60"):
        arguments.whole(value, "rows", 1, 60)


def test_a_whole_number_may_come_from_another_library():
    assert arguments.whole(Indexed(), "rows", 1, 60) == 5


@pytest.mark.parametrize("value", ["no", 1, 0, None])
def test_only_true_and_false_are_a_flag(value):
    assert arguments.flag(value=True, name="smart") is True
    with pytest.raises(PlanError, match="True or False"):
        arguments.flag(value, "smart")


@pytest.mark.parametrize("value", ["bid_ask", "BID ASK", " BidAsk", "bid-ask"])
def test_a_word_is_taken_in_any_form(value):
    assert arguments.word(value, "kind", ("Last", "BidAsk")) == "BidAsk"


@pytest.mark.parametrize("value", ["bids", "", None, 5, ["Last"]])
def test_a_word_that_is_not_there_is_refused_with_those_that_are(value):
    with pytest.raises(PlanError, match="one of Last, BidAsk"):
        arguments.word(value, "kind", ("Last", "BidAsk"))


async def never(_):
    return False


@pytest.mark.parametrize("value", [None, True, "bid", never])
def test_a_predicate_is_a_plain_function(value):
    arguments.plain_function(bool, "where", "value")
    with pytest.raises(PlanError, match="a function of the value"):
        arguments.plain_function(value, "where", "value")


def test_a_class_is_not_one_of_its_instances():
    arguments.instance(ES, "contract", Contract, "a Contract")
    with pytest.raises(PlanError, match="a Contract"):
        arguments.instance(Contract, "contract", Contract, "a Contract")


@pytest.mark.parametrize("value", [None, 5, b"x"])
def test_only_a_text_is_a_text(value):
    assert arguments.text("x", "order_ref") == "x"
    with pytest.raises(PlanError, match="a text"):
        arguments.text(value, "order_ref")


@pytest.mark.parametrize("value", ["5 mins", "5mins", " 5  mins "])
def test_a_number_and_a_unit_are_read_however_they_are_joined(value):
    assert arguments.by_unit(value, {"mins": "mins"}) == (5, "mins")


@pytest.mark.parametrize("value", ["mins", "5", "5 m", "-5 mins", "1.5 mins", "", 5, None])
def test_what_is_no_number_with_a_unit_is_not_read(value):
    assert arguments.by_unit(value, {"mins": "mins"}) is None
