import datetime as dt

from ib_async import Contract, ContractDetails, Future

from ibkit.contracts._resolution import (
    ContinuousReplaced,
    ExchangeCorrected,
    Resolution,
    deciding_fields,
)

TODAY = dt.date(2026, 3, 2)


def details(**changes):
    fields = {
        "conId": 7,
        "symbol": "ES",
        "localSymbol": "ESH6",
        "lastTradeDateOrContractMonth": "20260320",
        "multiplier": "50",
        "exchange": "CME",
        "currency": "USD",
        "tradingClass": "ES",
    }
    return ContractDetails(
        contract=Future(**{**fields, **changes}), longName="E-mini S&P 500", minTick=0.25
    )


def test_the_contract_is_of_its_own():
    answer = details()
    resolution = Resolution.of(answer, (), TODAY)
    resolution.contract.exchange = "ELSEWHERE"

    assert answer.contract.exchange == "CME"


def test_the_last_trading_day_is_its_last_day():
    on = [TODAY, dt.date(2026, 3, 20), dt.date(2026, 3, 21)]
    found = [Resolution.of(details(), (), day) for day in on]

    assert [r.is_tradable for r in found] == [True, True, False]
    assert {r.last_trade for r in found} == {dt.date(2026, 3, 20)}
    assert found[-1].describe().endswith(", expired")


def test_what_was_corrected_is_told():
    notes = (ExchangeCorrected("GLOBEX", "CME", "renamed"), ContinuousReplaced("ESH6"))
    lines = Resolution.of(details(), notes, TODAY).describe().splitlines()

    assert lines[-2] == "  note: exchange GLOBEX -> CME: renamed"
    assert lines[-1] == "  note: continuous future -> ESH6, its front month by the roll rule"


def test_a_security_without_an_end_is_tradable():
    stock = ContractDetails(contract=Contract(secType="STK", symbol="AAPL", conId=1))

    assert Resolution.of(stock, (), TODAY).is_tradable


def test_a_security_without_an_end_says_nothing_of_a_last_trade():
    stock = ContractDetails(contract=Contract(secType="STK", symbol="AAPL", conId=1))

    assert "last trade" not in Resolution.of(stock, (), TODAY).describe()


def test_the_fewest_fields_that_decide():
    sizes = [Contract(multiplier="5000", tradingClass="SI"), Contract(multiplier="1000")]
    both = [
        Contract(lastTradeDateOrContractMonth=day, multiplier=size)
        for day in ("20260320", "20260618")
        for size in ("50", "5")
    ]

    assert deciding_fields(sizes) == "Name the multiplier: 1000, 5000."
    assert deciding_fields(both) == "Name the last trading day and the multiplier."
    assert deciding_fields([Contract(conId=1), Contract(conId=2)]) == "Name its conId."


def test_many_values_are_cut():
    many = [Contract(multiplier=str(n)) for n in range(10, 20)]

    assert deciding_fields(many).endswith("17, ....")


def test_a_resolution_is_one_line_in_a_console_and_its_description_in_print():
    resolution = Resolution.of(details(), (), TODAY)

    assert len(repr(resolution)) < 80
    assert repr(resolution).startswith("<Resolution ES")
    assert str(resolution) == resolution.describe()
