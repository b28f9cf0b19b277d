from decimal import Decimal

import pytest
from ib_async import IB, AccountValue, Contract, PortfolioItem, Position

from ibkit.state._sources import account_values_of, place_of, portfolio_of, positions_of

ES = Contract(conId=1)


def test_positions_have_a_place_and_zero_is_gone():
    source = positions_of(IB())
    held, flat = Position("DU1", ES, 2.0, 5.0), Position("DU1", ES, 0.0, 0.0)

    assert source.key(held) == place_of(held) == ("DU1", 1)
    assert source.value(held).size == 2
    assert (source.is_gone(held), source.is_gone(flat)) == (False, True)


def test_portfolio_items_are_the_same_with_a_price():
    source = portfolio_of(IB())
    item = PortfolioItem(ES, 2.0, 5.5, 11.0, 5.0, 1.0, 0.0, "DU1")

    assert source.key(item) == ("DU1", 1)
    assert source.value(item).market_price == Decimal("5.5")
    assert not source.is_gone(item)
    assert source.is_gone(item._replace(position=0.0))


@pytest.mark.parametrize(("model", "place"), [("", ("DU1", ("Tag", "USD"))), ("growth", None)])
def test_values_of_a_model_are_left_out(model, place):
    source = account_values_of(IB())
    value = AccountValue("DU1", "Tag", "1", "USD", model)

    assert source.key(value) == place
    assert source.value(value).value.amount == 1


def test_what_is_held_is_what_the_client_holds():
    ib = IB()
    ib.wrapper.position("DU1", ES, 2.0, 5.0)

    assert [held.position for held in positions_of(ib).held()] == [2.0]
