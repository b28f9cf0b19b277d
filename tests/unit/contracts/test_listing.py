import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve
from ib_async import ContractDetails

from ibkit.contracts import CloseOut, ContractMonth, Listing, Weekdays, product
from ibkit.contracts._listing import date_of, rule_on
from rolling import details_of, listing_of

JUNE = ContractMonth(2026, 6)


def test_the_dates_of_the_gateway_outrank_those_of_the_table():
    moved = listing_of("ES", "2026-06", last=dt.date(2026, 6, 17))

    assert moved.last_trade == dt.date(2026, 6, 17)
    assert Listing.by_rule(product("ES"), JUNE).last_trade == dt.date(2026, 6, 18)


def test_the_real_expiration_outranks_the_stated_one():
    details = details_of("ES", "2026-06")
    details.contract.lastTradeDateOrContractMonth = "20260619"

    assert Listing.from_details(details, product("ES")).last_trade == dt.date(2026, 6, 18)


def test_a_last_trade_date_with_a_time_leaves_eight_digits_in_the_contract():
    """Sent back whole it is error 10330."""
    details = details_of("B", "2026-07", realExpirationDate="")
    details.contract.lastTradeDateOrContractMonth = "20260529 19:30:00 GB"

    assert Listing.from_details(details, product("B")).contract.lastTradeDateOrContractMonth == (
        "20260529"
    )


def test_the_moment_of_the_last_trade_has_the_zone_that_the_gateway_names():
    listing = listing_of("ES", "2026-06", lastTradeTime="08:30", timeZoneId="US/Central")

    assert listing.last_trade_at.isoformat() == "2026-06-18T08:30:00-05:00"


@pytest.mark.parametrize("zone", ["", "China Standard Time", "/etc/passwd"])
def test_a_zone_that_is_not_known_is_that_of_the_exchange(zone):
    listing = listing_of("ES", "2026-06", lastTradeTime="08:30", timeZoneId=zone)

    assert listing.last_trade_at.isoformat() == "2026-06-18T08:30:00-05:00"


def test_without_a_time_from_the_gateway_the_table_has_one_or_there_is_none():
    assert listing_of("ES", "2026-06").last_trade_at.hour == 8
    assert listing_of("SB", "2026-07").last_trade_at is None


def test_a_tick_in_currency_units_becomes_one_in_units_of_orders():
    details = details_of("ZC", "2026-07")

    assert details.minTick == 0.0025
    assert Listing.from_details(details, product("ZC")).min_tick == Decimal("0.25")


def test_notice_and_close_out_come_from_the_table():
    gold = listing_of("GC", "2026-06")

    assert gold.first_notice == dt.date(2026, 5, 29)
    assert gold.close_out == CloseOut(dt.date(2026, 5, 27), dt.date(2026, 6, 24))
    assert gold.deadline(is_long=True) == dt.date(2026, 5, 27)
    assert gold.deadline(is_long=False) == dt.date(2026, 6, 24)


def test_a_cash_settled_month_may_stand_until_its_last_trade():
    assert listing_of("ES", "2026-06").deadline(is_long=True) == dt.date(2026, 6, 18)


def test_a_close_out_never_comes_after_a_last_trade_that_was_moved():
    gold = listing_of("GC", "2026-06", last=dt.date(2026, 6, 22))

    assert gold.close_out == CloseOut(dt.date(2026, 5, 27), dt.date(2026, 6, 22))


def test_a_notice_that_nobody_knows_is_said_to_be_unknown():
    """ICE's TTF is delivered, and the table has no notice rule."""
    gas = Listing.by_rule(product("TF"), JUNE)

    assert (gas.first_notice, gas.close_out) == (None, None)
    assert gas.unknown == ("first notice", "close out")


def test_a_close_out_cannot_be_told_where_only_the_gateway_knows_the_last_trade():
    details = details_of("ES", "2026-06")
    milk = Listing.from_details(details, product("DC"))

    assert milk.last_trade == dt.date(2026, 6, 18)
    assert milk.close_out is None


def test_a_close_out_is_unknown_where_the_table_knows_the_notice_and_not_the_last_trade():
    corn = evolve(product("ZC"), last_trade_rule="")
    listing = Listing.from_details(details_of("ZC", "2026-07"), corn)

    assert listing.first_notice == dt.date(2026, 6, 30)
    assert (listing.close_out, listing.unknown) == (None, ("close out",))


def test_a_contract_is_a_fresh_object_each_time():
    listing = listing_of("ES", "2026-06")
    listing.contract.exchange = "SMART"

    assert listing.contract.exchange == "CME"
    assert listing.contract == listing.contract


def test_a_month_by_rule_is_asked_for_by_month():
    contract = Listing.by_rule(product("SIL"), ContractMonth(2026, 7)).contract

    assert contract.conId == 0
    assert contract.lastTradeDateOrContractMonth == "202607"
    assert (contract.symbol, contract.multiplier, contract.tradingClass) == ("SI", "1000", "SIL")
    assert contract.localSymbol == ""


def test_other_business_days_move_the_dates_by_rule():
    assert Listing.by_rule(product("ES"), JUNE, Weekdays()).last_trade == dt.date(2026, 6, 19)


def test_the_market_rule_is_that_of_the_exchange():
    details = ContractDetails(validExchanges="CME,QBALGO", marketRuleIds="67,68")

    assert rule_on(details, "QBALGO") == 68
    assert rule_on(details, "GLOBEX") is None
    assert rule_on(ContractDetails(validExchanges="CME", marketRuleIds=""), "CME") is None


def test_details_without_a_day_are_no_listing():
    with pytest.raises(ValueError, match="no last trading day"):
        Listing.from_details(ContractDetails(), product("ES"))


def test_a_month_that_the_gateway_does_not_name_is_that_of_the_last_trade():
    assert listing_of("ES", "2026-06", contractMonth="").month == JUNE


@pytest.mark.parametrize("text", ["", "202606", "2026061x", "20261332"])
def test_what_is_no_day_is_none(text):
    assert date_of(text) is None


def test_a_listing_is_a_value():
    assert listing_of("ES", "2026-06") == listing_of("ES", "2026-06")
    assert len({listing_of("ES", "2026-06"), listing_of("ES", "2026-06")}) == 1
    assert str(listing_of("ES", "2026-06")) == "ESM6"
