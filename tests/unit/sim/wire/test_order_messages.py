import datetime as dt
from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    CancelOrder,
    CommissionReport,
    CompletedOrdersEnd,
    ContractFields,
    ExecDetails,
    ExecDetailsEnd,
    ExecutionFields,
    ExerciseOptions,
    OpenOrderEnd,
    OrderBound,
    OrderStatus,
    ReqAllOpenOrders,
    ReqAutoOpenOrders,
    ReqCompletedOrders,
    ReqExecutions,
    ReqGlobalCancel,
    ReqOpenOrders,
)

UNSET = 1.7976931348623157e308
OPTION = ContractFields(
    con_id=495512563,
    symbol="ES",
    sec_type="FOP",
    last_trade_date_or_contract_month="20250620",
    strike=Decimal("12.5"),
    right="C",
    multiplier="50",
    exchange="CME",
    currency="USD",
    local_symbol="ESM5",
    trading_class="ESX",
)
EXECUTION = ExecutionFields(
    exec_id="0000e1a7.69e23a2f.01.01",
    time="20250620 10:00:00 US/Eastern",
    acct_number="DU1",
    exchange="GLOBEX",
    side="BOT",
    shares=Decimal(2),
    price=Decimal("5000.25"),
    perm_id=1234567890,
    client_id=9,
    liquidation=1,
    cum_qty=Decimal(3),
    avg_price=Decimal("5000.125"),
    order_ref="mine",
    ev_rule="aggcont",
    ev_multiplier=Decimal("1.5"),
    model_code="M",
    last_liquidity=2,
    pending_price_revision=True,
)


@pytest.mark.parametrize(
    ("method", "args", "request_"),
    [
        ("reqOpenOrders", (), ReqOpenOrders()),
        ("reqAllOpenOrders", (), ReqAllOpenOrders()),
        ("reqAutoOpenOrders", (True,), ReqAutoOpenOrders(True)),
        ("reqCompletedOrders", (False,), ReqCompletedOrders(False)),
    ],
)
def test_a_request_is_what_the_client_asked(ask, method, args, request_):
    assert ask(method, *args) == request_


def test_everything_is_cancelled_at_once(peer, ask, is_official):
    args = [peer.make("OrderCancel")] if is_official else []

    assert ask("reqGlobalCancel", *args) == ReqGlobalCancel()


@pytest.mark.parametrize(("version", "time"), [(168, ""), (169, "20250620-10:00:00")])
def test_a_cancel_says_when_it_was_asked_by_hand_since_version_169(
    peer, ask_at, is_official, version, time
):
    argument = peer.make("OrderCancel", manualOrderCancelTime=time) if is_official else time

    assert ask_at(version, "cancelOrder", 5, argument) == CancelOrder(5, time)


def test_executions_are_asked_with_a_filter(peer, ask):
    everything = peer.make("ExecutionFilter")
    some = peer.make(
        "ExecutionFilter",
        clientId=9,
        acctCode="DU1",
        time="20250620 10:00:00",
        symbol="ES",
        secType="FUT",
        exchange="CME",
        side="BUY",
    )

    assert ask("reqExecutions", 7, everything) == ReqExecutions(7, 0, "", "", "", "", "", "")
    assert ask("reqExecutions", 7, some) == ReqExecutions(
        7, 9, "DU1", "20250620 10:00:00", "ES", "FUT", "CME", "BUY"
    )


def test_an_exercise_arrives_with_its_option(ask, contract, is_official):
    contract.secType = "FOP"
    newer = ["", "", False] if is_official else []

    request = ask("exerciseOptions", 7, contract, 1, 2, "DU1", 1, *newer)
    contract.secType = "FUT"

    assert request == ExerciseOptions(7, OPTION, 1, 2, "DU1", 1)


@pytest.mark.parametrize(
    ("answer", "call"),
    [
        (
            OrderStatus(
                order_id=5,
                status="PreSubmitted",
                filled=Decimal("1.5"),
                remaining=Decimal(2),
                avg_fill_price=Decimal("5000.25"),
                perm_id=1234567890,
                parent_id=4,
                last_fill_price=Decimal("5000.5"),
                client_id=9,
                why_held="child,trigger",
                mkt_cap_price=Decimal("12.5"),
            ),
            (
                "orderStatus",
                5,
                "PreSubmitted",
                1.5,
                2,
                5000.25,
                1234567890,
                4,
                5000.5,
                9,
                "child,trigger",
                12.5,
            ),
        ),
        (OpenOrderEnd(), ("openOrderEnd",)),
        (CompletedOrdersEnd(), ("completedOrdersEnd",)),
        (ExecDetailsEnd(7), ("execDetailsEnd", 7)),
        (OrderBound(1234567890, 9, -5), ("orderBound", 1234567890, 9, -5)),
    ],
)
def test_an_answer_is_what_the_client_hears(hear, answer, call):
    assert hear(answer) == [call]


def test_an_execution_is_heard_whole(peer, hear_at, is_official):
    moment = dt.datetime(2025, 6, 20, 14, tzinfo=dt.timezone.utc)

    for version in peer.versions:
        ((name, req_id, contract, heard),) = hear_at(version, ExecDetails(7, 5, OPTION, EXECUTION))

        assert (name, req_id, heard.orderId) == ("execDetails", 7, 5)
        assert (contract.conId, contract.symbol, contract.secType) == (495512563, "ES", "FOP")
        assert contract.lastTradeDateOrContractMonth == "20250620"
        assert (contract.strike, contract.right, contract.multiplier) == (12.5, "C", "50")
        assert (contract.exchange, contract.currency) == ("CME", "USD")
        assert (contract.localSymbol, contract.tradingClass) == ("ESM5", "ESX")
        assert heard.time == (EXECUTION.time if is_official else moment)
        assert (heard.execId, heard.acctNumber) == ("0000e1a7.69e23a2f.01.01", "DU1")
        assert (heard.exchange, heard.side) == ("GLOBEX", "BOT")
        assert (heard.shares, heard.price) == (2, 5000.25)
        assert (heard.permId, heard.clientId, heard.liquidation) == (1234567890, 9, 1)
        assert (heard.cumQty, heard.avgPrice) == (3, 5000.125)
        assert (heard.orderRef, heard.evRule) == ("mine", "aggcont")
        assert (heard.evMultiplier, heard.modelCode) == (1.5, "M")
        assert heard.lastLiquidity == 2
        if version >= 178:
            assert heard.pendingPriceRevision


@pytest.mark.parametrize(("pnl", "heard"), [(Decimal("-2.49"), -2.49), (None, UNSET)])
def test_a_commission_comes_with_its_result_or_without(hear, is_official, pnl, heard):
    ((name, report),) = hear(CommissionReport("0000e1a7.01", Decimal("2.25"), "USD", pnl))

    kind = "commissionAndFees" if is_official else "commission"
    assert name == f"{kind}Report"
    assert (report.execId, getattr(report, kind), report.currency) == ("0000e1a7.01", 2.25, "USD")
    assert report.realizedPNL == heard
    assert (report.yield_, report.yieldRedemptionDate) == (UNSET, 0)


def test_the_yield_of_a_bond_comes_with_its_commission(hear):
    bond = CommissionReport("1", Decimal(1), "USD", None, Decimal("4.5"), 20300101)

    ((_, report),) = hear(bond)

    assert (report.yield_, report.yieldRedemptionDate) == (4.5, 20300101)
