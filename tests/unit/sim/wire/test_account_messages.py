from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    AccountDownloadEnd,
    AccountSummary,
    AccountSummaryEnd,
    AccountUpdateMulti,
    AccountUpdateMultiEnd,
    CancelAccountSummary,
    CancelAccountUpdatesMulti,
    CancelPnL,
    CancelPnLSingle,
    CancelPositions,
    CancelPositionsMulti,
    ContractFields,
    FamilyCode,
    FamilyCodes,
    ManagedAccounts,
    PnL,
    PnLSingle,
    Position,
    PositionEnd,
    PositionMulti,
    PositionMultiEnd,
    ReceiveFA,
    ReplaceFA,
    ReplaceFAEnd,
    ReqAccountSummary,
    ReqAccountUpdates,
    ReqAccountUpdatesMulti,
    ReqFamilyCodes,
    ReqManagedAccts,
    ReqPnL,
    ReqPnLSingle,
    ReqPositions,
    ReqPositionsMulti,
    ReqSoftDollarTiers,
    RequestFA,
    SoftDollarTier,
    SoftDollarTiers,
    UpdateAccountTime,
    UpdateAccountValue,
    UpdatePortfolio,
)

UNSET = 1.7976931348623157e308
FUTURE = ContractFields(
    con_id=495512563,
    symbol="ES",
    sec_type="FUT",
    last_trade_date_or_contract_month="20250620",
    right="?",
    multiplier="50",
    exchange="CME",
    primary_exchange="CMEP",
    currency="USD",
    local_symbol="ESM5",
    trading_class="ESX",
)


@pytest.mark.parametrize(
    ("method", "args", "request_"),
    [
        ("reqAccountUpdates", (True, "DU1"), ReqAccountUpdates(True, "DU1")),
        ("reqAccountUpdates", (False, ""), ReqAccountUpdates(False, "")),
        ("reqManagedAccts", (), ReqManagedAccts()),
        ("requestFA", (1,), RequestFA(1)),
        ("replaceFA", (7, 1, "<xml/>"), ReplaceFA(1, "<xml/>", 7)),
        ("reqPositions", (), ReqPositions()),
        ("cancelPositions", (), CancelPositions()),
        (
            "reqAccountSummary",
            (7, "All", "NetLiquidation,BuyingPower"),
            ReqAccountSummary(7, "All", "NetLiquidation,BuyingPower"),
        ),
        ("cancelAccountSummary", (7,), CancelAccountSummary(7)),
        ("reqPositionsMulti", (7, "DU1", "M"), ReqPositionsMulti(7, "DU1", "M")),
        ("cancelPositionsMulti", (7,), CancelPositionsMulti(7)),
        (
            "reqAccountUpdatesMulti",
            (7, "DU1", "M", True),
            ReqAccountUpdatesMulti(7, "DU1", "M", True),
        ),
        ("cancelAccountUpdatesMulti", (7,), CancelAccountUpdatesMulti(7)),
        ("reqSoftDollarTiers", (7,), ReqSoftDollarTiers(7)),
        ("reqFamilyCodes", (), ReqFamilyCodes()),
        ("reqPnL", (7, "DU1", "M"), ReqPnL(7, "DU1", "M")),
        ("cancelPnL", (7,), CancelPnL(7)),
        ("reqPnLSingle", (7, "DU1", "M", 265598), ReqPnLSingle(7, "DU1", "M", 265598)),
        ("cancelPnLSingle", (7,), CancelPnLSingle(7)),
    ],
)
def test_a_request_is_what_the_client_asked(ask, method, args, request_):
    assert ask(method, *args) == request_


@pytest.mark.parametrize(
    ("answer", "call"),
    [
        (
            UpdateAccountValue("NetLiquidation", "1000.00", "USD", "DU1"),
            ("updateAccountValue", "NetLiquidation", "1000.00", "USD", "DU1"),
        ),
        (UpdateAccountTime("15:04"), ("updateAccountTime", "15:04")),
        (AccountDownloadEnd("DU1"), ("accountDownloadEnd", "DU1")),
        (ManagedAccounts("DU1,DU2"), ("managedAccounts", "DU1,DU2")),
        (ReceiveFA(1, "<xml/>"), ("receiveFA", 1, "<xml/>")),
        (ReplaceFAEnd(7, "success"), ("replaceFAEnd", 7, "success")),
        (PositionEnd(), ("positionEnd",)),
        (
            AccountSummary(7, "DU1", "BuyingPower", "9.5", "USD"),
            ("accountSummary", 7, "DU1", "BuyingPower", "9.5", "USD"),
        ),
        (AccountSummaryEnd(7), ("accountSummaryEnd", 7)),
        (
            AccountUpdateMulti(7, "DU1", "M", "BuyingPower", "9.5", "USD"),
            ("accountUpdateMulti", 7, "DU1", "M", "BuyingPower", "9.5", "USD"),
        ),
        (AccountUpdateMultiEnd(7), ("accountUpdateMultiEnd", 7)),
        (PositionMultiEnd(7), ("positionMultiEnd", 7)),
        (PnL(7, Decimal("-1.25"), None, Decimal(0)), ("pnl", 7, -1.25, UNSET, 0.0)),
        (
            PnLSingle(7, Decimal(-3), Decimal("1.5"), Decimal(2), None, Decimal("1E+3")),
            ("pnlSingle", 7, -3, 1.5, 2.0, UNSET, 1000.0),
        ),
    ],
)
def test_an_answer_is_what_the_client_hears(hear, answer, call):
    assert hear(answer) == [call]


def held(contract, place):
    return (
        contract.conId,
        contract.symbol,
        contract.secType,
        contract.lastTradeDateOrContractMonth,
        contract.strike,
        contract.right,
        contract.multiplier,
        getattr(contract, place),
        contract.currency,
        contract.localSymbol,
        contract.tradingClass,
    )


def future(place):
    return (495512563, "ES", "FUT", "20250620", 0.0, "?", "50", place, "USD", "ESM5", "ESX")


def test_a_portfolio_line_says_where_the_contract_is_listed(hear):
    line = UpdatePortfolio(
        FUTURE,
        position=Decimal(-2),
        market_price=Decimal("5000.25"),
        market_value=Decimal(-500025),
        average_cost=Decimal("250000.5"),
        unrealized_pnl=Decimal("-24.5"),
        realized_pnl=None,
        account_name="DU1",
    )

    ((name, contract, *figures),) = hear(line)

    assert name == "updatePortfolio"
    assert held(contract, "primaryExchange") == future("CMEP")
    assert figures == [-2, 5000.25, -500025.0, 250000.5, -24.5, UNSET, "DU1"]


def test_a_position_says_where_the_contract_trades(hear):
    ((name, account, contract, *figures),) = hear(
        Position("DU1", FUTURE, Decimal(-2), Decimal("250000.5"))
    )

    assert (name, account, figures) == ("position", "DU1", [-2, 250000.5])
    assert held(contract, "exchange") == future("CME")


def test_a_position_of_a_model_is_that_of_its_account(hear):
    ((name, req_id, account, model, contract, *figures),) = hear(
        PositionMulti(7, "DU1", FUTURE, Decimal(-2), Decimal("250000.5"), "M")
    )

    assert (name, req_id, account, model) == ("positionMulti", 7, "DU1", "M")
    assert figures == [-2, 250000.5]
    assert held(contract, "exchange") == future("CME")


def test_soft_dollar_tiers_keep_their_three_names(hear):
    tiers = (SoftDollarTier("a", "1", "A"), SoftDollarTier("b", "2", "B"))

    ((name, req_id, heard),) = hear(SoftDollarTiers(7, tiers))

    assert (name, req_id) == ("softDollarTiers", 7)
    assert [(tier.name, tier.val, tier.displayName) for tier in heard] == list(tiers)


@pytest.mark.parametrize("codes", [(), (FamilyCode("DU1", "F1"), FamilyCode("DU2", ""))])
def test_family_codes_are_heard_one_by_one(hear, codes):
    ((name, heard),) = hear(FamilyCodes(codes))

    assert name == "familyCodes"
    assert [(code.accountID, code.familyCodeStr) for code in heard] == list(codes)
