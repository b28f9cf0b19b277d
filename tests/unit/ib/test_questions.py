from datetime import datetime, timezone

import pytest
from ib_async import Bag, ComboLeg, Contract, ExecutionFilter, Future, Stock

from ibkit._ib import _questions as questions
from ibkit._ib._pacer import Lane

ES = Future("ES", "202603", "CME")
EVERYTHING = questions.executions(ExecutionFilter())
VALUES = questions.account_values("A", "", follow=False)
HEAD = questions.head_timestamp(ES, "BID", rth=True)


@pytest.mark.parametrize(
    "other",
    [
        Future("ES", "202606", "CME"),
        Future("ES", "202603", "GLOBEX"),
        Future("ES", "202603", "CME", includeExpired=True),
        Contract(secType="FUT", symbol="ES", conId=5),
        Future("ES", "202603", "CME", multiplier="5"),
    ],
)
def test_contracts_that_tws_tells_apart_have_different_keys(other):
    assert questions.contract_key(other) != questions.contract_key(ES)


def test_two_objects_of_one_contract_have_one_key():
    assert questions.contract_key(Future("ES", "202603", "CME")) == questions.contract_key(ES)
    assert hash(questions.contract_key(Stock("AAPL", "SMART", "USD")))


def test_legs_count():
    def spread(first, second):
        legs = [
            ComboLeg(conId=1, ratio=1, action=first, exchange="CME"),
            ComboLeg(conId=2, ratio=1, action=second, exchange="CME"),
        ]
        return Bag(symbol="ES", exchange="CME", comboLegs=legs)

    buy, sell = (questions.contract_key(spread(*s)) for s in (("BUY", "SELL"), ("SELL", "BUY")))

    assert buy != sell
    assert buy == questions.contract_key(spread("BUY", "SELL"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (questions.open_orders(), questions.all_open_orders()),
        (questions.completed_orders(api_only=True), questions.completed_orders(api_only=False)),
        (EVERYTHING, questions.executions(ExecutionFilter(side="BUY"))),
        (questions.market_rule(26), questions.market_rule(27)),
        (VALUES, questions.account_values("A", "M", follow=False)),
        (VALUES, questions.account_values("A", "", follow=True)),
        (HEAD, questions.head_timestamp(ES, "BID", rth=False)),
    ],
)
def test_different_questions_have_different_keys(one, other):
    assert one.key != other.key


def test_open_orders_of_all_share_the_slot_of_ib_async():
    assert questions.open_orders().slot == questions.all_open_orders().slot == "openOrders"


def test_questions_name_what_they_ask():
    end = datetime(2026, 1, 5, tzinfo=timezone.utc)
    bars = questions.historical_bars(ES, end, "1 D", "1 min", "TRADES", rth=True)

    assert str(questions.positions()) == "positions"
    assert str(questions.market_rule(26)) == "market rule 26"
    assert str(bars).startswith("1 D of 1 min TRADES bars until 20260105 00:00:00 UTC of Future(")


def test_lanes():
    assert questions.positions().lane is Lane.STATE
    assert questions.contract_details(ES).lane is Lane.DATA
    assert questions.head_timestamp(ES, "TRADES", rth=True).lane is Lane.HISTORY
