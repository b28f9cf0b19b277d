from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    BondContractData,
    BondDetailsFields,
    ContractData,
    ContractDetailsFields,
    ContractFields,
    ScannerData,
    ScannerRow,
    TagValue,
)

CONTRACT = ContractFields(
    con_id=495512563,
    symbol="ES",
    sec_type="FUT",
    strike=Decimal("12.5"),
    right="C",
    multiplier="50",
    exchange="CME",
    primary_exchange="CMEP",
    currency="USD",
    local_symbol="ESM5",
    trading_class="ESX",
)
DETAILS = ContractDetailsFields(
    contract=CONTRACT,
    last_trade="20250620 08:30 US/Central",
    market_name="ESN",
    min_tick=Decimal("0.25"),
    order_types="ACTIVETIM,AD",
    valid_exchanges="CME,QBALGO",
    price_magnifier=100,
    under_con_id=11004968,
    long_name="E-mini S&P 500",
    contract_month="202506",
    industry="Indices",
    category="Broad",
    subcategory="Equity",
    time_zone_id="US/Central",
    trading_hours="20250620:1700-20250621:1600",
    liquid_hours="20250620:0830-20250620:1600",
    ev_rule="aggcont",
    ev_multiplier=3,
    sec_id_list=(TagValue("CUSIP", "123"), TagValue("ISIN", "US1")),
    agg_group=2,
    under_symbol="ESU",
    under_sec_type="IND",
    market_rule_ids="67,68",
    real_expiration_date="20250621",
    stock_type="COMMON",
    min_size=Decimal("0.5"),
    size_increment=Decimal(2),
    suggested_size_increment=Decimal(100),
)
BOND = BondDetailsFields(
    contract=CONTRACT._replace(sec_type="BOND"),
    cusip="912828",
    coupon=Decimal(4),
    maturity="20300215 12:00 US/Eastern",
    issue_date="20200215",
    ratings="AAA",
    bond_type="GOVT",
    coupon_type="FIXED",
    convertible=True,
    callable=False,
    putable=True,
    desc_append="more",
    market_name="BM",
    min_tick=Decimal("0.001"),
    order_types="LMT",
    valid_exchanges="SMART",
    next_option_date="20290101",
    next_option_type="CALL",
    next_option_partial=True,
    notes="note",
    long_name="US Treasury",
    ev_rule="aggcont",
    ev_multiplier=3,
    sec_id_list=(TagValue("ISIN", "US1"),),
    agg_group=2,
    market_rule_ids="67",
    min_size=Decimal("0.5"),
    size_increment=Decimal(2),
    suggested_size_increment=Decimal(100),
)


def said(contract, *names):
    return tuple(getattr(contract, name) for name in names)


def sizes(details):
    return said(details, "minSize", "sizeIncrement", "suggestedSizeIncrement")


def tags(details):
    return [(tag.tag, tag.value) for tag in details.secIdList or ()]


def test_the_details_of_a_contract_are_all_heard(peer, hear_at):
    for version in peer.versions:
        ((name, req_id, heard),) = hear_at(version, ContractData(7, DETAILS))
        contract = heard.contract

        assert (name, req_id) == ("contractDetails", 7)
        assert said(contract, "conId", "symbol", "secType") == (495512563, "ES", "FUT")
        assert said(contract, "strike", "right", "multiplier") == (12.5, "C", "50")
        assert said(contract, "exchange", "primaryExchange") == ("CME", "CMEP")
        assert said(contract, "currency", "localSymbol", "tradingClass") == ("USD", "ESM5", "ESX")
        assert contract.lastTradeDateOrContractMonth == "20250620"
        assert said(heard, "lastTradeTime", "marketName", "minTick") == ("08:30", "ESN", 0.25)
        assert said(heard, "orderTypes", "validExchanges") == ("ACTIVETIM,AD", "CME,QBALGO")
        assert said(heard, "priceMagnifier", "underConId") == (100, 11004968)
        assert said(heard, "longName", "contractMonth") == ("E-mini S&P 500", "202506")
        assert said(heard, "industry", "category") == ("Indices", "Broad")
        assert said(heard, "subcategory", "timeZoneId") == ("Equity", "US/Central")
        assert heard.tradingHours == "20250620:1700-20250621:1600"
        assert heard.liquidHours == "20250620:0830-20250620:1600"
        assert said(heard, "evRule", "evMultiplier", "aggGroup") == ("aggcont", 3, 2)
        assert tags(heard) == [("CUSIP", "123"), ("ISIN", "US1")]
        assert said(heard, "underSymbol", "underSecType") == ("ESU", "IND")
        assert said(heard, "marketRuleIds", "realExpirationDate") == ("67,68", "20250621")
        assert heard.stockType == "COMMON"


@pytest.mark.parametrize("data", [ContractData(7, DETAILS), BondContractData(7, BOND)])
def test_size_rules_are_heard_since_version_164(peer, hear_at, data):
    for version in range(164, max(peer.versions) + 1):
        ((_, _, heard),) = hear_at(version, data)

        assert sizes(heard) == (0.5, 2, 100)


def test_version_163_has_the_size_step_alone(hear_at, is_official):
    ((_, _, heard),) = hear_at(163, ContractData(7, DETAILS))

    # ibapi reads the field, and drops it
    assert is_official or heard.suggestedSizeIncrement == 2


def test_a_plain_date_leaves_time_and_zone_alone(hear_at):
    details = DETAILS._replace(last_trade="20250620")

    ((_, _, heard),) = hear_at(176, ContractData(7, details))

    assert heard.contract.lastTradeDateOrContractMonth == "20250620"
    assert said(heard, "lastTradeTime", "timeZoneId") == ("", "US/Central")


def test_a_long_name_may_have_any_letter(hear_at):
    details = DETAILS._replace(long_name="Société Générale 株")

    ((_, _, heard),) = hear_at(176, ContractData(7, details))

    assert heard.longName == "Société Générale 株"


def test_unset_details_are_unset_to_the_client(peer, hear_at, is_official):
    bare = ContractDetailsFields(ContractFields())

    ((_, _, heard),) = hear_at(176, ContractData(7, bare))

    assert heard.contract.strike == 0
    assert heard.aggGroup == 2147483647
    assert tags(heard) == []
    unset = peer.make("Order").totalQuantity if is_official else 0
    assert sizes(heard) == (unset, unset, unset)


def test_the_details_of_a_bond_are_all_heard(peer, hear_at):
    for version in peer.versions:
        ((name, req_id, heard),) = hear_at(version, BondContractData(7, BOND))
        contract = heard.contract

        assert (name, req_id) == ("bondContractDetails", 7)
        assert said(contract, "conId", "symbol", "secType") == (495512563, "ES", "BOND")
        assert said(contract, "exchange", "currency", "tradingClass") == ("CME", "USD", "ESX")
        assert said(heard, "cusip", "coupon", "maturity") == ("912828", 4, "20300215")
        assert said(heard, "lastTradeTime", "timeZoneId") == ("12:00", "US/Eastern")
        assert said(heard, "issueDate", "ratings") == ("20200215", "AAA")
        assert said(heard, "bondType", "couponType") == ("GOVT", "FIXED")
        assert said(heard, "convertible", "callable", "putable") == (True, False, True)
        assert said(heard, "descAppend", "marketName", "minTick") == ("more", "BM", 0.001)
        assert said(heard, "orderTypes", "validExchanges") == ("LMT", "SMART")
        assert said(heard, "nextOptionDate", "nextOptionType") == ("20290101", "CALL")
        assert said(heard, "nextOptionPartial", "notes") == (True, "note")
        assert said(heard, "longName", "evRule", "evMultiplier") == ("US Treasury", "aggcont", 3)
        assert tags(heard) == [("ISIN", "US1")]
        assert said(heard, "aggGroup", "marketRuleIds") == (2, "67")


def test_a_coupon_may_have_a_fraction(hear_at, is_official):
    if not is_official:
        pytest.skip("ib_async 2.1.0 reads coupons as whole numbers, and drops the others' details")

    ((_, _, heard),) = hear_at(178, BondContractData(7, BOND._replace(coupon=Decimal("4.25"))))

    assert heard.coupon == 4.25


def test_a_scan_gives_its_rows_and_its_end(hear):
    contract = CONTRACT._replace(last_trade_date_or_contract_month="20250620")
    rows = (
        ScannerRow(0, contract, "NMS", "d", "b", "p", "legs"),
        ScannerRow(1, ContractFields(symbol="A")),
    )

    first, second, end = hear(ScannerData(7, rows))

    assert first[:3] == ("scannerData", 7, 0)
    assert first[4:] == ("d", "b", "p", "legs")
    assert first[3].marketName == "NMS"
    heard = first[3].contract
    assert said(heard, "conId", "symbol", "secType") == (495512563, "ES", "FUT")
    assert said(heard, "lastTradeDateOrContractMonth", "strike") == ("20250620", 12.5)
    assert said(heard, "right", "exchange", "currency") == ("C", "CME", "USD")
    assert said(heard, "localSymbol", "tradingClass") == ("ESM5", "ESX")
    assert (second[2], second[3].contract.symbol) == (1, "A")
    assert end == ("scannerDataEnd", 7)
