"""What docs/reference/gateway-messages.md says of each message is so: every request is sent."""

from __future__ import annotations

import importlib.util
from decimal import Decimal
from pathlib import Path

import pytest

from cards import card
from ibkit.sim import OrderTerms, _wire as wire
from ibkit.sim._wire._layout import columns_of
from sim_floor import Talk

TOOL = Path(__file__).parents[2] / "tools" / "gateway_tables.py"
SPEC = importlib.util.spec_from_file_location("gateway_tables", TOOL)
tables = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tables)

AAPL_CALL = wire.ContractFields(
    symbol="AAPL",
    sec_type="OPT",
    last_trade_date_or_contract_month="20260320",
    strike=Decimal(270),
    right="C",
    exchange="SMART",
    currency="USD",
)
BARS = wire.ReqHistoricalData(
    7, wire.ContractFields(), "", "1 min", "600 S", False, "TRADES", 1, False, ()
)


def bars(talk, **more):
    return BARS._replace(contract=talk.contract("NQ"), **more)


def quotes(talk, name="ES", generic="", *, snapshot=False):
    return wire.ReqMktData(7, talk.contract(name), generic, snapshot, False, ())


def history_of_ticks(talk, what):
    end = "20260302-14:00:00"
    return wire.ReqHistoricalTicks(7, talk.contract("NQ"), "", end, 10, what, 0, False, ())


def market_order(talk, order_id=1, **more):
    return talk.place(order_id, order_type="MKT", **more)


# request -> what is sent, how long is waited, and what must be among the answers
SIMULATED = {
    wire.ReqMktData: [
        (lambda t: [quotes(t, "AAPL", "100,104,233,236,258")], 3, "TickPrice TickSize TickString"),
        (lambda t: [quotes(t, generic="106,221")], 3, "TickReqParams MarketDataType TickGeneric"),
        (lambda t: [quotes(t, snapshot=True)], 0, "TickPrice TickSnapshotEnd"),
        (
            lambda t: [quotes(t)._replace(contract=AAPL_CALL)],
            0,
            "TickOptionComputation",
        ),
    ],
    wire.CancelMktData: [(lambda t: [quotes(t), wire.CancelMktData(7)], 0, "TickPrice")],
    wire.PlaceOrder: [
        (lambda t: [market_order(t)], 0, "OpenOrder OrderStatus ExecDetails CommissionReport")
    ],
    wire.CancelOrder: [(lambda t: [t.place(1), wire.CancelOrder(1)], 0, "ErrMsg OrderStatus")],
    wire.ReqOpenOrders: [(lambda t: [wire.ReqOpenOrders()], 0, "OpenOrderEnd")],
    wire.ReqAccountUpdates: [
        (
            lambda t: [market_order(t), wire.ReqAccountUpdates(True, "")],
            0,
            "UpdateAccountValue UpdatePortfolio UpdateAccountTime AccountDownloadEnd",
        )
    ],
    wire.ReqExecutions: [
        (lambda t: [wire.ReqExecutions(7, 0, "", "", "", "", "", "")], 0, "ExecDetailsEnd")
    ],
    wire.ReqIds: [(lambda t: [wire.ReqIds(1)], 0, "NextValidId")],
    wire.ReqContractDetails: [
        (
            lambda t: [wire.ReqContractDetails(7, t.contract())],
            0,
            "ContractData ContractDetailsEnd",
        )
    ],
    wire.ReqMktDepth: [
        (lambda t: [wire.ReqMktDepth(7, t.contract(), 5, False, ())], 0, "UpdateMktDepth"),
        (
            lambda t: [wire.ReqMktDepth(7, t.contract("AAPL"), 5, True, ())],
            0,
            "UpdateMktDepthL2",
        ),
    ],
    wire.CancelMktDepth: [
        (
            lambda t: [
                wire.ReqMktDepth(7, t.contract(), 5, False, ()),
                wire.CancelMktDepth(7, False),
            ],
            0,
            "UpdateMktDepth",
        )
    ],
    wire.ReqAutoOpenOrders: [(lambda t: [wire.ReqOpenOrders()], 0, "OpenOrderEnd OrderBound")],
    wire.ReqAllOpenOrders: [(lambda t: [wire.ReqAllOpenOrders()], 0, "OpenOrderEnd")],
    wire.ReqManagedAccts: [(lambda t: [wire.ReqManagedAccts()], 0, "ManagedAccounts")],
    wire.ReqHistoricalData: [
        (lambda t: [bars(t)], 0, "HistoricalData"),
        (lambda t: [bars(t, keep_up_to_date=True)], 30, "HistoricalData HistoricalDataUpdate"),
        (
            lambda t: [
                bars(t, what_to_show="SCHEDULE", bar_size_setting="1 day", duration_str="2 D")
            ],
            0,
            "HistoricalSchedule",
        ),
    ],
    wire.CancelHistoricalData: [
        (
            lambda t: [bars(t, keep_up_to_date=True), wire.CancelHistoricalData(7)],
            0,
            "HistoricalData ErrMsg",
        )
    ],
    wire.ReqCurrentTime: [(lambda t: [wire.ReqCurrentTime()], 0, "CurrentTime")],
    wire.ReqRealTimeBars: [
        (
            lambda t: [wire.ReqRealTimeBars(7, t.contract(), 5, "MIDPOINT", False, ())],
            6,
            "RealtimeBar",
        )
    ],
    wire.CancelRealTimeBars: [
        (
            lambda t: [
                wire.ReqRealTimeBars(7, t.contract(), 5, "TRADES", False, ()),
                wire.CancelRealTimeBars(7),
            ],
            6,
            "",
        )
    ],
    wire.CalculateImpliedVolatility: [
        (
            lambda t: [
                wire.CalculateImpliedVolatility(7, AAPL_CALL, Decimal(12), Decimal(272), ())
            ],
            0,
            "TickOptionComputation",
        )
    ],
    wire.CalculateOptionPrice: [
        (
            lambda t: [wire.CalculateOptionPrice(7, AAPL_CALL, Decimal("0.3"), Decimal(272), ())],
            0,
            "TickOptionComputation",
        )
    ],
    wire.ReqGlobalCancel: [
        (lambda t: [t.place(1), wire.ReqGlobalCancel()], 0, "OrderStatus ErrMsg")
    ],
    wire.ReqMarketDataType: [
        (lambda t: [wire.ReqMarketDataType(2), quotes(t)], 0, "MarketDataType")
    ],
    wire.ReqPositions: [
        (lambda t: [market_order(t), wire.ReqPositions()], 0, "Position PositionEnd")
    ],
    wire.CancelPositions: [
        (lambda t: [wire.ReqPositions(), wire.CancelPositions()], 0, "PositionEnd")
    ],
    wire.ReqAccountSummary: [
        (
            lambda t: [wire.ReqAccountSummary(7, "All", "NetLiquidation")],
            0,
            "AccountSummary AccountSummaryEnd",
        )
    ],
    wire.CancelAccountSummary: [
        (
            lambda t: [
                wire.ReqAccountSummary(7, "All", "NetLiquidation"),
                wire.CancelAccountSummary(7),
            ],
            200,
            "AccountSummaryEnd",
        )
    ],
    wire.ReqPositionsMulti: [
        (
            lambda t: [market_order(t), wire.ReqPositionsMulti(7, "", "")],
            0,
            "PositionMulti PositionMultiEnd",
        )
    ],
    wire.CancelPositionsMulti: [
        (
            lambda t: [wire.ReqPositionsMulti(7, "", ""), wire.CancelPositionsMulti(7)],
            0,
            "PositionMultiEnd",
        )
    ],
    wire.ReqAccountUpdatesMulti: [
        (
            lambda t: [wire.ReqAccountUpdatesMulti(7, "", "", False)],
            0,
            "AccountUpdateMulti AccountUpdateMultiEnd",
        )
    ],
    wire.CancelAccountUpdatesMulti: [
        (
            lambda t: [
                wire.ReqAccountUpdatesMulti(7, "", "", False),
                wire.CancelAccountUpdatesMulti(7),
            ],
            0,
            "AccountUpdateMultiEnd",
        )
    ],
    wire.StartApi: [(lambda t: [], 0, "")],
    wire.ReqSecDefOptParams: [
        (
            lambda t: [wire.ReqSecDefOptParams(7, "AAPL", "", "STK", 265598)],
            0,
            "SecurityDefinitionOptionParameter SecurityDefinitionOptionParameterEnd",
        )
    ],
    wire.ReqFamilyCodes: [(lambda t: [wire.ReqFamilyCodes()], 0, "FamilyCodes")],
    wire.ReqMatchingSymbols: [(lambda t: [wire.ReqMatchingSymbols(7, "AAPL")], 0, "SymbolSamples")],
    wire.ReqMktDepthExchanges: [(lambda t: [wire.ReqMktDepthExchanges()], 0, "MktDepthExchanges")],
    wire.ReqSmartComponents: [
        (lambda t: [wire.ReqSmartComponents(7, "a60001")], 0, "SmartComponents")
    ],
    wire.ReqHeadTimeStamp: [
        (
            lambda t: [wire.ReqHeadTimeStamp(7, t.contract(), False, "TRADES", 1)],
            0,
            "HeadTimestamp",
        )
    ],
    wire.ReqHistogramData: [
        (
            lambda t: [wire.ReqHistogramData(7, t.contract("NQ"), False, "1 day")],
            0,
            "HistogramData",
        )
    ],
    wire.ReqMarketRule: [(lambda t: [wire.ReqMarketRule(26)], 0, "MarketRule")],
    wire.ReqPnL: [(lambda t: [wire.ReqPnL(7, "DU1000001", "")], 0, "PnL")],
    wire.CancelPnL: [(lambda t: [wire.ReqPnL(7, "DU1000001", ""), wire.CancelPnL(7)], 0, "PnL")],
    wire.ReqPnLSingle: [
        (
            lambda t: [
                market_order(t),
                wire.ReqPnLSingle(7, "DU1000001", "", t.contract().con_id),
            ],
            0,
            "PnLSingle",
        )
    ],
    wire.CancelPnLSingle: [
        (
            lambda t: [
                market_order(t),
                wire.ReqPnLSingle(7, "DU1000001", "", t.contract().con_id),
                wire.CancelPnLSingle(7),
            ],
            0,
            "PnLSingle",
        )
    ],
    wire.ReqHistoricalTicks: [
        (lambda t: [history_of_ticks(t, "TRADES")], 0, "HistoricalTicksLast"),
        (lambda t: [history_of_ticks(t, "BID_ASK")], 0, "HistoricalTicksBidAsk"),
        (lambda t: [history_of_ticks(t, "MIDPOINT")], 0, "HistoricalTicks"),
    ],
    wire.ReqTickByTickData: [
        (
            lambda t, kind=kind: [wire.ReqTickByTickData(7, t.contract("NQ"), kind, 0, False)],
            60,
            answer,
        )
        for kind, answer in (
            ("AllLast", "TickByTickAllLast"),
            ("BidAsk", "TickByTickBidAsk"),
            ("MidPoint", "TickByTickMidPoint"),
        )
    ],
    wire.CancelTickByTickData: [
        (
            lambda t: [
                wire.ReqTickByTickData(7, t.contract("NQ"), "Last", 0, False),
                wire.CancelTickByTickData(7),
            ],
            5,
            "",
        )
    ],
    wire.ReqCompletedOrders: [
        (
            lambda t: [market_order(t), wire.ReqCompletedOrders(False)],
            0,
            "CompletedOrder CompletedOrdersEnd",
        )
    ],
}
CONFIRMATIONS = {162, 202}
"""Of a cancel, which TWS writes as errors."""
BY_HAND = OrderTerms(
    action="BUY", quantity=Decimal(1), order_type="LMT", limit_price=Decimal(3000), tif="GTC"
)


def hear(make, seconds=0):
    """What client 0 hears of some requests, and while it waits; a manual order is there."""
    talk = Talk()
    session = talk.log_in(0)
    es = talk.market.named("ES", talk.now)
    talk.broker.operator.place(es.con_id, "CME", BY_HAND, talk.now)
    answers = [a for each in make(talk) for a in talk.ask(each, session=session)]
    return answers + (talk.wait(seconds) if seconds else [])


def names(answers):
    return {type(answer).__name__ for answer in answers}


def errors(answers):
    return [a.error_code for a in answers if isinstance(a, wire.ErrMsg)]


def requests_called(what):
    found = [spec.message for spec in wire.REQUESTS.values()]
    return [each for each in found if tables.coverage(each).startswith(what)]


def blank(request_class):
    """A request with an id and nothing else in it."""
    values = {}
    for name, column in columns_of(request_class).items():
        if name in ("req_id", "order_id"):
            values[name] = 7
        elif name not in request_class._field_defaults:
            values[name] = (
                column.hint() if hasattr(column.hint, "_fields") else PLAIN.get(column.hint)
            )
    return request_class(**values)


PLAIN = {str: "", int: 0, bool: False, Decimal: Decimal(0)}


def test_all_that_is_called_simulated_is_tried():
    assert set(SIMULATED) == set(requests_called(tables.SIMULATED))


@card("MSG-01", "issue: coverage table")
@pytest.mark.parametrize("request_class", list(SIMULATED), ids=lambda c: c.__name__)
def test_what_is_called_simulated_has_real_answers(request_class):
    for make, seconds, wanted in SIMULATED[request_class]:
        answers = hear(make, seconds)

        assert names(answers) >= set(wanted.split())
        assert set(errors(answers)) <= CONFIRMATIONS


@card("MSG-02", "issue: coverage table")
@pytest.mark.parametrize("request_class", requests_called("error"), ids=lambda c: c.__name__)
def test_what_is_called_refused_has_exactly_that_error(request_class):
    code = int(tables.coverage(request_class).split()[1].rstrip(":"))

    assert errors(hear(lambda _: [blank(request_class)])) == [code]


@card("MSG-03", "issue: coverage table")
@pytest.mark.parametrize("request_class", requests_called(tables.SILENT), ids=lambda c: c.__name__)
def test_what_is_called_silent_is(request_class):
    assert hear(lambda _: [blank(request_class)]) == []


@card("MSG-04", "issue: coverage table")
@pytest.mark.parametrize("request_class", requests_called(tables.EMPTY), ids=lambda c: c.__name__)
def test_what_is_called_empty_is_one_answer(request_class):
    answers = hear(lambda _: [blank(request_class)])

    assert len(answers) == 1
    assert errors(answers) == []


@card("MSG-05", "issue: coverage table")
def test_what_is_never_sent_and_what_is_are_all_there_is():
    samples = [row for rows in SIMULATED.values() for row in rows]
    empty = [lambda _, c=c: [blank(c)] for c in requests_called(tables.EMPTY)]
    sent = set().union(
        *(names(hear(make, seconds)) for make, seconds, _ in samples), *map(names, map(hear, empty))
    )
    never = {message.__name__ for message in tables.NEVER_SENT}

    assert sent & never == set()
    assert sent | never == {message.__name__ for message in wire.ANSWERS}
