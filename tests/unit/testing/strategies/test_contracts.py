import datetime as dt

import pytest
from hypothesis import given
from ib_async import Future

from ibkit.sim._market import Listings, Question, Refusal
from ibkit.testing.strategies import contracts
from ibkit.testing.strategies._contracts import KINDS, listed_products

DAY = dt.date(2026, 3, 2)


def found(contract, day=DAY):
    """What the gateway finds for a contract."""
    question = Question(
        con_id=contract.conId,
        symbol=contract.symbol,
        sec_type=contract.secType,
        exchange=contract.exchange,
        currency=contract.currency,
        local_symbol=contract.localSymbol,
        trading_class=contract.tradingClass,
        last_trade_date_or_contract_month=contract.lastTradeDateOrContractMonth,
        multiplier=contract.multiplier,
    )
    answer = Listings().one(question, day)
    assert not isinstance(answer, Refusal), answer
    return answer


@given(contracts(KINDS, qualified=False))
def test_the_gateway_lists_it_and_nothing_else_by_that_description(contract):
    assert contract.conId == 0
    assert found(contract).local_symbol == contract.localSymbol


@given(contracts(KINDS))
def test_a_qualified_one_has_its_con_id(contract):
    assert found(contract).con_id == contract.conId


@given(contracts(["FUT"], roots=["CL", "GC"], on=dt.date(2030, 5, 6)))
def test_futures_may_be_of_some_products_and_of_any_day(contract):
    assert contract.symbol in {"CL", "GC"}
    assert contract.lastTradeDateOrContractMonth >= "20300506"


@given(contracts())
def test_indices_come_only_if_asked_for(contract):
    assert contract.secType in {"FUT", "STK", "CASH"}


def test_it_shrinks_to_the_nearest_month_of_es(smallest):
    contract = smallest(contracts(), lambda _: True)

    assert isinstance(contract, Future)
    assert contract.localSymbol == "ESH6"
    assert smallest(contracts(["FUT"]), lambda c: c.symbol == "CL").localSymbol == "CLJ6"
    assert smallest(contracts(["STK"]), lambda _: True).symbol == "AAPL"


@pytest.mark.parametrize(
    "wrong",
    [
        *({"kinds": kinds} for kinds in (["OPT"], "FUT", [])),
        *({"roots": roots} for roots in (["XX"], "ES", [])),
        *({"on": day} for day in ("2026-03-02", dt.datetime(2026, 3, 2, tzinfo=dt.timezone.utc))),
    ],
)
def test_what_is_not_listed_is_refused(wrong):
    with pytest.raises(ValueError, match=rf"^{next(iter(wrong))}: got "):
        contracts(**wrong)


def test_every_product_with_a_rule_is_there():
    assert next(iter(listed_products())) == "ES"
    assert {"CL", "ZN", "6E", "VX"} <= listed_products().keys()
