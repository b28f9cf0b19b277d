import datetime as dt

import pytest
from ib_async import Bag, ComboLeg, ContFuture, Future, Index, Option, Stock

from ibkit.errors import NotTradable, PlanError
from ibkit.streams import _checks as checks
from ibkit.streams._kinds import Kind

TODAY = dt.date(2026, 11, 20)
ES = Future("ES", "20261218", "CME", conId=1)


def combo(**leg):
    legs = [ComboLeg(**({"conId": 1, "ratio": 1, "action": "BUY", "exchange": "CME"} | leg))]
    return Bag(symbol="ES", exchange="CME", currency="USD", comboLegs=legs)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_future_has_everything(kind):
    checks.check_contract(ES, kind, TODAY)


@pytest.mark.parametrize(
    ("contract", "kind", "reason"),
    [
        (Future("ES", "202612", "CME"), Kind.QUOTES, "no conId; resolve it first"),
        (Future("ES", "202612", conId=1), Kind.QUOTES, "no exchange"),
        (ContFuture("ES", "CME", conId=1), Kind.QUOTES, "a continuous future has no live data"),
        (Future("ES", "20261118", "CME", conId=1), Kind.QUOTES, "it expired on 2026-11-18"),
        (Option("SPX", "20260101", 5000, "C", "SMART", conId=1), Kind.QUOTES, "expired"),
        (Option("SPX", "20271217", 5000, "C", "SMART", conId=1), Kind.TICKS, "tick-by-tick"),
        (combo(), Kind.TICKS, "no ticks for combos"),
        (combo(), Kind.DEPTH, "no depth for combos"),
        (combo(), Kind.BARS, "no bars for combos"),
        (combo(), Kind.BARS_5S, "no bars_5s for combos"),
        (combo(conId=0), Kind.QUOTES, "a combo needs legs"),
        (Bag(exchange="CME"), Kind.QUOTES, "a combo needs legs"),
    ],
)
def test_what_cannot_be_streamed(contract, kind, reason):
    with pytest.raises(NotTradable) as caught:
        checks.check_contract(contract, kind, TODAY)

    assert reason in str(caught.value)
    assert caught.value.contract is contract


@pytest.mark.parametrize(
    "contract",
    [
        Stock("AAPL", "SMART", conId=1),
        Index("SPX", "CBOE", conId=1),
        Future("ES", "20261119", "CME", conId=1),  # still yesterday in New York
        Future("ES", "202611", "CME", conId=1),
        Future("COIL", "20261220 19:30:00 GB", "IPE", conId=1),
        combo(),
    ],
)
def test_what_has_quotes(contract):
    checks.check_contract(contract, Kind.QUOTES, TODAY)


@pytest.mark.parametrize("kind", ["bidask", "BIDASK", "bid_ask", "BidAsk"])
def test_kinds_of_ticks_are_taken_in_any_case(kind):
    assert checks.tick_kind(kind) == "BidAsk"


@pytest.mark.parametrize("kind", ["Trades", "", None, 5, ["Last"]])
def test_what_is_no_kind_of_ticks_is_refused(kind):
    with pytest.raises(PlanError, match="one of Last, AllLast, BidAsk, MidPoint"):
        checks.tick_kind(kind)


def test_bars_are_made_of_four_things():
    assert checks.bar_kind("midpoint") == "MIDPOINT"
    with pytest.raises(PlanError, match="one of TRADES, MIDPOINT, BID, ASK"):
        checks.bar_kind("BID_ASK")


@pytest.mark.parametrize("rows", [0, -1, 61, "5", 5.0, None, True])
def test_books_without_rows(rows):
    with pytest.raises(PlanError, match="rows"):
        checks.check_rows(rows)


@pytest.mark.parametrize("generic", [[0], [-1], ["233"], [True], [2.0], 233, None, "233,x"])
def test_generic_ticks_are_numbers(generic):
    with pytest.raises(PlanError, match="generic"):
        checks.generic_ticks(generic)


@pytest.mark.parametrize("generic", ["233,236", [233, 236], (233, 236)])
def test_generic_ticks_may_be_written_as_for_ib_async(generic):
    assert checks.generic_ticks(generic) == (233, 236)
    assert checks.generic_ticks("") == ()


@pytest.mark.parametrize("contract", ["ES", None, 5, [ES]])
def test_what_is_no_contract_is_refused(contract):
    with pytest.raises(PlanError, match="front_month_async"):
        checks.check_contract(contract, Kind.QUOTES, TODAY)


def test_a_month_that_is_a_number_is_read_too():
    with pytest.raises(NotTradable, match="expired"):
        checks.check_contract(Future("ES", 20251219, "CME", conId=1), Kind.QUOTES, TODAY)
