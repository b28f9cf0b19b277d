from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from ibkit.sim._market import Market, Question
from ibkit.sim._market._filters import ambiguity, bad_date, conflict, matches, placed

FITTING = Question(
    symbol="SI",
    last_trade_date_or_contract_month="202612",
    multiplier="5000.0",
    exchange="COMEX",
    primary_exchange="COMEX",
    currency="USD",
    local_symbol="SIZ6",
    trading_class="SI",
    right="?",
)
WRONG = {
    "symbol": "GC",
    "last_trade_date_or_contract_month": "20261201",
    "multiplier": "many",
    "primary_exchange": "CME",
    "currency": "EUR",
    "local_symbol": "SIH7",
    "trading_class": "SIL",
    "right": "C",
    "sec_id": "US0378331005",
}


@pytest.fixture
def silver(market: Market, now: dt.datetime):
    return market.named("SIZ6", now)


def test_all_fields_may_fit_together(silver) -> None:
    assert matches(FITTING, silver)
    assert conflict(FITTING, silver) is None
    assert matches(Question(), silver)


@pytest.mark.parametrize("field", WRONG)
def test_each_field_alone_excludes(silver, field: str) -> None:
    question = evolve(FITTING, **{field: WRONG[field]})
    refused = conflict(question, silver)

    assert not matches(question, silver)
    assert refused.code == 478
    assert WRONG[field] in refused.text


def test_a_strike_or_kind_excludes(silver) -> None:
    assert not matches(Question(strike=Decimal(5)), silver)
    assert conflict(Question(strike=Decimal(5)), silver).code == 478
    assert conflict(Question(sec_type="STK"), silver).code == 478
    assert conflict(Question(sec_type="CONTFUT"), silver) is None


def test_an_instrument_is_put_at_the_exchange_asked_for(silver) -> None:
    assert placed(Question(), silver) is silver
    assert placed(Question(exchange="QBALGO"), silver).exchange == "QBALGO"
    assert placed(Question(exchange="CME"), silver) is None


@pytest.mark.parametrize("text", ["", "202612", "20261229"])
def test_dates_in_order(text: str) -> None:
    assert bad_date(Question(last_trade_date_or_contract_month=text)) is None


@pytest.mark.parametrize("text", ["2026", "20261229 12:00:00 US/Eastern", "DEC 26"])
def test_dates_out_of_order(text: str) -> None:
    refused = bad_date(Question(last_trade_date_or_contract_month=text))

    assert refused.code == 10330
    assert text in refused.text


@pytest.mark.parametrize(
    ("change", "needed"),
    [
        ({"currency": "EUR"}, "the currency"),
        ({"multiplier": "1"}, "the multiplier or trading class"),
        ({"trading_class": "X"}, "the multiplier or trading class"),
        ({"exchange": "CME"}, "the exchange"),
        ({"last_trade": dt.date(2027, 1, 1)}, "the last trade date or contract month"),
        ({"strike": Decimal(1)}, "the strike"),
        ({"right": "C"}, "the right"),
        ({"local_symbol": "X"}, "the local symbol"),
    ],
)
def test_ambiguity_names_what_tells_apart(silver, change, needed: str) -> None:
    refused = ambiguity(Question(symbol="SI"), [silver, evolve(silver, **change)])

    assert refused.text == (
        f"The contract description specified for SI is ambiguous; you must specify {needed}."
    )


def test_a_conflict_of_dates_shows_as_much_as_was_asked_for(silver) -> None:
    month = conflict(Question(last_trade_date_or_contract_month="202701"), silver)
    day = conflict(Question(last_trade_date_or_contract_month="20270101"), silver)

    assert "202701" in month.text
    assert "202612" in month.text
    assert f"{silver.last_trade:%Y%m%d}" in day.text
