from decimal import Decimal

import pytest
from attrs import evolve, fields
from hypothesis import given, strategies as st

from ibkit.sim._engine import AccountFigures
from ibkit.sim._session._account_values import (
    account_values,
    changed_values,
    ledger,
    money,
    summary_values,
)

SPECIAL = {"account", "currency", "cash"}


@pytest.fixture
def figures(talk):
    talk.ask(talk.place(1, order_type="MKT"))
    return talk.broker.figures("DU1000001")


def row(rows, key, currency="USD"):
    (found,) = (r.value for r in rows if (r.key, r.currency) == (key, currency))
    return found


@pytest.mark.parametrize(
    ("amount", "text"), [("5", "5.00"), ("-0.005", "-0.00"), ("1E+3", "1000.00"), ("0.126", "0.13")]
)
def test_money_is_written_to_the_cent_without_exponents(amount, text):
    assert money(Decimal(amount)) == text


def test_the_name_and_readiness_come_first_and_the_rest_by_the_alphabet(figures):
    keys = [r.key for r in account_values(figures)]

    assert keys[:3] == ["AccountCode", "AccountOrGroup", "AccountReady"]
    assert keys[3:] == sorted(keys[3:])


def test_no_row_is_told_twice(figures):
    rows = [(r.key, r.currency) for r in account_values(figures)]

    assert len(rows) == len(set(rows))


def test_figures_are_those_of_the_broker(figures):
    rows = account_values(figures)

    assert row(rows, "NetLiquidation") == money(figures.net_liquidation)
    assert row(rows, "InitMarginReq") == money(figures.initial_margin)
    assert row(rows, "NetLiquidation-S") == money(figures.net_liquidation)
    assert row(rows, "NetLiquidation-C") == "0.00"
    assert row(rows, "AccountCode", "") == "DU1000001"


def test_the_cushion_is_a_share_of_net_liquidation(figures):
    share = figures.excess_liquidity / figures.net_liquidation
    empty = evolve(figures, net_liquidation=Decimal(0))

    assert abs(Decimal(row(account_values(figures), "Cushion", "")) - share) < Decimal("0.0001")
    assert row(account_values(empty), "Cushion", "") == "0"


def test_the_ledger_has_a_block_for_all_and_one_per_currency(figures):
    figures = evolve(figures, cash={"USD": Decimal(5), "EUR": Decimal(7)})
    rows = list(ledger(figures))

    assert row(rows, "CashBalance", "EUR") == "7.00"
    assert row(rows, "CashBalance", "USD") == "5.00"
    assert row(rows, "CashBalance", "BASE") == money(figures.total_cash)
    assert row(rows, "StockMarketValue", "EUR") == "0.00"


AMOUNTS = st.integers(-5, 5).map(lambda mills: Decimal(mills) / 1000)
CASH = st.dictionaries(st.sampled_from(["USD", "EUR"]), AMOUNTS)
NAMES = [field.name for field in fields(AccountFigures) if field.name not in SPECIAL]
FIGURES = st.builds(
    AccountFigures,
    account=st.just("DU1"),
    currency=st.just("USD"),
    cash=CASH,
    **dict.fromkeys(NAMES, AMOUNTS),
)


@given(FIGURES, FIGURES)
def test_what_has_changed_is_the_difference_between_all_rows(old, new):
    before = set(account_values(old))

    changed = changed_values(old, new)

    assert sorted(changed) == sorted(set(account_values(new)) - before)
    assert [row.key for row in changed] == sorted(row.key for row in changed)


def test_a_summary_has_the_tags_asked_for_and_no_unknown_ones(figures):
    rows = summary_values(figures, "NetLiquidation, Cushion,Nonsense")

    assert [r.key for r in rows] == ["Cushion", "NetLiquidation"]


def test_a_summary_may_include_the_ledger(figures):
    keys = {r.key for r in summary_values(figures, "$LEDGER:ALL")}

    assert {"CashBalance", "ExchangeRate"} <= keys
    assert "NetLiquidation" not in keys
