from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from cards import card
from ibkit.products import PRODUCTS, ContractMonth, last_trade, listed_months
from ibkit.sim._market._futures import (
    Origin,
    con_id_of,
    ends,
    expired,
    instrument,
    lead,
    leaders,
    listed,
    origin_of,
    products,
    rolls,
)

TODAY = dt.date(2026, 11, 23)
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31))
ROOTS = st.sampled_from(["ES", "CL", "GC", "ZC", "VX", "6E", "SR3", "FDAX", "BZ", "HE", "NIY"])


def test_every_product_with_a_last_trade_rule_is_listed() -> None:
    assert len(products()) == 175
    assert all(listed(product, TODAY) for product in products())


def test_con_ids_are_unique_and_read_back() -> None:
    origins = [
        origin
        for product in products()
        for origin in (*listed(product, TODAY), *expired(product, TODAY))
    ]
    ids = {con_id_of(origin) for origin in origins}

    assert len(ids) == len(origins) > 4000
    assert all(origin_of(con_id_of(origin)) == origin for origin in origins)


def test_local_symbols_are_unique_on_a_day() -> None:
    names = [instrument(o).local_symbol for product in products() for o in listed(product, TODAY)]

    assert len(set(names)) == len(names)


@given(ROOTS, DAYS)
def test_what_is_listed_is_what_products_say(root: str, today: dt.date) -> None:
    product = PRODUCTS[root]
    monthly = [origin for origin in listed(product, today) if origin.week is None]

    assert {origin.month for origin in monthly} == set(listed_months(product, today))
    for origin in monthly:
        assert instrument(origin).last_trade == last_trade(product, origin.month) >= today


@card("CON-17", "2.2 R")
def test_es_of_june_2025_is_described_as_captured() -> None:
    es = instrument(Origin(PRODUCTS["ES"], ContractMonth(2025, 6)))

    assert (es.symbol, es.sec_type, es.exchange, es.currency) == ("ES", "FUT", "CME", "USD")
    assert (es.local_symbol, es.trading_class, es.market_name) == ("ESM5", "ES", "ES")
    assert (es.con_id, es.multiplier, es.min_tick) == (620731015, "50", Decimal("0.25"))
    assert (es.last_trade, es.last_trade_time) == (dt.date(2025, 6, 20), "08:30")
    assert (es.contract_month, es.zone, es.price_magnifier) == ("202506", "US/Central", 1)
    assert es.valid_exchanges == ("CME", "QBALGO")
    assert es.market_rules == (67, 67)
    assert (es.under_con_id, es.under_symbol, es.under_sec_type) == (11004968, "ES", "IND")
    assert (es.long_name, es.stock_type) == ("E-mini S&P 500", "")
    assert (es.min_size, es.size_increment) == (1, 1)
    assert es.order_types[0] == "ACTIVETIM"
    assert es.order_types[-1] == "WHATIF"


@card("CON-20", "2.2 R")
def test_mes_of_june_2026_ends_on_the_thursday_before_a_holiday() -> None:
    mes = instrument(Origin(PRODUCTS["MES"], ContractMonth(2026, 6)))

    assert (mes.local_symbol, mes.last_trade) == ("MESM6", dt.date(2026, 6, 18))


@card("CON-19", "2.2 C")
def test_a_product_quoted_in_cents_has_a_magnifier() -> None:
    corn = instrument(listed(PRODUCTS["ZC"], TODAY)[0])

    assert (corn.price_magnifier, corn.multiplier, corn.min_tick) == (100, "5000", Decimal("0.25"))
    assert corn.point_value == 50


@card("CON-24", "2.4 R")
def test_a_currency_future_is_called_after_the_currency() -> None:
    euro = instrument(listed(PRODUCTS["6E"], TODAY)[0])

    assert (euro.symbol, euro.trading_class, euro.exchange) == ("EUR", "6E", "CME")
    assert euro.local_symbol.startswith("6E")


@card("CON-23", "2.4 R")
@pytest.mark.parametrize(
    ("root", "exchange"), [("GC", "COMEX"), ("SIL", "COMEX"), ("PL", "NYMEX"), ("CL", "NYMEX")]
)
def test_metals_are_at_comex_but_for_platinum(root: str, exchange: str) -> None:
    assert instrument(listed(PRODUCTS[root], TODAY)[0]).exchange == exchange


def test_weeklies_of_the_vix_stand_between_the_monthlies() -> None:
    found = [instrument(origin) for origin in listed(PRODUCTS["VX"], TODAY)]
    weeklies = [each for each in found if each.trading_class != "VX"]

    assert [each.local_symbol for each in weeklies] == ["VX48X6", "VX49Z6", "VX50Z6", "VX52Z6"]
    assert all(each.last_trade.weekday() == 2 for each in weeklies)
    assert all(each.symbol == "VIX" and each.multiplier == "1000" for each in weeklies)


def test_a_weekly_on_a_holiday_ends_the_day_before() -> None:
    christmas = Origin(PRODUCTS["VX"], ContractMonth(2024, 12), dt.date(2024, 12, 25))

    assert ends(christmas) == dt.date(2024, 12, 24)


def test_what_has_expired_ended_in_the_last_two_years() -> None:
    gone = [ends(origin) for origin in expired(PRODUCTS["ES"], TODAY)]

    assert len(gone) == 8
    assert TODAY - dt.timedelta(days=731) <= min(gone)
    assert max(gone) < TODAY


@given(ROOTS, DAYS)
def test_the_lead_is_listed_active_and_not_yet_rolled_from(root: str, today: dt.date) -> None:
    product = PRODUCTS[root]
    leader = lead(product, today)
    into, out_of = leaders(product, leader.month)

    assert leader in listed(product, today)
    assert leader.month.letter in product.active_months
    assert out_of == rolls(leader) >= today
    assert into < today or leader == next(
        each for each in listed(product, today) if each.month.letter in product.active_months
    )


def test_a_serial_month_never_leads() -> None:
    assert leaders(PRODUCTS["GC"], ContractMonth(2026, 11)) is None


def test_ids_of_other_things_have_no_origin() -> None:
    assert origin_of(265598) is None
    assert origin_of(1_200_000_001) is None
