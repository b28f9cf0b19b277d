from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    CalculateImpliedVolatility,
    CalculateOptionPrice,
    CancelCalculateImpliedVolatility,
    CancelCalculateOptionPrice,
    CancelMktData,
    CancelMktDepth,
    CancelRealTimeBars,
    CancelTickByTickData,
    ContractFields,
    DeltaNeutralValidation,
    MarketDataType,
    RealtimeBar,
    ReqMarketDataType,
    ReqMktDepth,
    ReqRealTimeBars,
    ReqTickByTickData,
    RerouteMktDataReq,
    RerouteMktDepthReq,
    TagValue,
    TickEFP,
    TickGeneric,
    TickOptionComputation,
    TickPrice,
    TickReqParams,
    TickSize,
    TickSnapshotEnd,
    TickString,
    UpdateMktDepth,
    UpdateMktDepthL2,
)

ASKED = ContractFields(
    con_id=495512563,
    symbol="ES",
    sec_type="FUT",
    last_trade_date_or_contract_month="20250620",
    strike=Decimal("12.5"),
    right="C",
    multiplier="50",
    exchange="CME",
    primary_exchange="GLOBEX",
    currency="USD",
    local_symbol="ESM5",
    trading_class="ESX",
)


@pytest.mark.parametrize(
    ("method", "args", "request_"),
    [
        ("cancelMktData", (7,), CancelMktData(7)),
        ("reqMarketDataType", (3,), ReqMarketDataType(3)),
        ("cancelMktDepth", (7, True), CancelMktDepth(7, True)),
        ("cancelRealTimeBars", (7,), CancelRealTimeBars(7)),
        ("cancelTickByTickData", (7,), CancelTickByTickData(7)),
        ("cancelCalculateImpliedVolatility", (7,), CancelCalculateImpliedVolatility(7)),
        ("cancelCalculateOptionPrice", (7,), CancelCalculateOptionPrice(7)),
    ],
)
def test_a_request_is_what_the_client_asked(ask, method, args, request_):
    assert ask(method, *args) == request_


def test_depth_is_asked_with_its_rows(ask, contract):
    request = ask("reqMktDepth", 7, contract, 5, True, [])

    assert request == ReqMktDepth(7, ASKED, 5, True)


def test_five_second_bars_are_asked_with_their_options(peer, ask, contract):
    request = ask("reqRealTimeBars", 7, contract, 5, "TRADES", True, peer.tags(a="1", b="x=y"))

    options = (TagValue("a", "1"), TagValue("b", "x=y"))
    assert request == ReqRealTimeBars(7, ASKED, 5, "TRADES", True, options)


def test_tick_by_tick_is_asked_with_its_kind(ask, contract):
    request = ask("reqTickByTickData", 7, contract, "BidAsk", 10, True)

    assert request == ReqTickByTickData(7, ASKED, "BidAsk", 10, True)


def test_an_implied_volatility_is_asked_for_a_price(ask, contract):
    request = ask("calculateImpliedVolatility", 7, contract, 12.25, 5000.5, [])

    assert request == CalculateImpliedVolatility(7, ASKED, Decimal("12.25"), Decimal("5000.5"))


def test_an_option_price_is_asked_for_a_volatility(ask, contract):
    request = ask("calculateOptionPrice", 7, contract, 0.25, 5000.5, [])

    assert request == CalculateOptionPrice(7, ASKED, Decimal("0.25"), Decimal("5000.5"))


@pytest.mark.parametrize(
    ("answer", "call"),
    [
        (TickSize(7, 0, Decimal(3)), ("tickSize", 7, 0, 3)),
        (TickGeneric(7, 49, Decimal("-1.5")), ("tickGeneric", 7, 49, -1.5)),
        (TickString(7, 45, "1750000000"), ("tickString", 7, 45, "1750000000")),
        (TickSnapshotEnd(7), ("tickSnapshotEnd", 7)),
        (MarketDataType(7, 3), ("marketDataType", 7, 3)),
        (
            TickReqParams(7, Decimal("0.25"), "9c0001", 3),
            ("tickReqParams", 7, 0.25, "9c0001", 3),
        ),
        (RerouteMktDataReq(7, 5, "CME"), ("rerouteMktDataReq", 7, 5, "CME")),
        (RerouteMktDepthReq(7, 5, "CME"), ("rerouteMktDepthReq", 7, 5, "CME")),
        (
            UpdateMktDepth(7, 1, 2, 0, Decimal("5000.25"), Decimal(3)),
            ("updateMktDepth", 7, 1, 2, 0, 5000.25, 3),
        ),
        (
            UpdateMktDepthL2(7, 1, "CME", 2, 0, Decimal("5000.25"), Decimal(3), True),
            ("updateMktDepthL2", 7, 1, "CME", 2, 0, 5000.25, 3, True),
        ),
        (
            TickEFP(
                7, 38, Decimal("1.5"), "1.50", Decimal(9), 4, "20250620", Decimal(2), Decimal(6)
            ),
            ("tickEFP", 7, 38, 1.5, "1.50", 9.0, 4, "20250620", 2.0, 6.0),
        ),
        (
            RealtimeBar(
                7,
                1750000000,
                Decimal(1),
                Decimal("2.5"),
                Decimal("0.5"),
                Decimal(2),
                Decimal(10),
                Decimal("1.75"),
                4,
            ),
            ("realtimeBar", 7, 1750000000, 1.0, 2.5, 0.5, 2.0, 10, Decimal("1.75"), 4),
        ),
    ],
)
def test_an_answer_is_what_the_client_hears(hear, answer, call):
    assert hear(answer) == [call]


def test_a_price_comes_with_its_size(hear, is_official):
    calls = hear(TickPrice(7, 1, Decimal("5000.25"), Decimal(3), attr_mask=5))

    if not is_official:
        assert calls == [("priceSizeTick", 7, 1, 5000.25, 3)]
        return
    (name, req_id, tick_type, price, attributes), size = calls
    assert (name, req_id, tick_type, price) == ("tickPrice", 7, 1, 5000.25)
    assert attributes.canAutoExecute
    assert not attributes.pastLimit
    assert attributes.preOpen
    assert size == ("tickSize", 7, 0, 3)


def test_the_figures_of_an_option_are_heard(hear):
    figures = TickOptionComputation(7, 13, 1, 0.25, -0.5, 12.5, 0.75, 0.01, 1.5, -2.5, 5000.5)

    assert hear(figures) == [
        ("tickOptionComputation", 7, 13, 1, 0.25, -0.5, 12.5, 0.75, 0.01, 1.5, -2.5, 5000.5)
    ]


def test_figures_that_are_not_computed_are_not_heard(hear, is_official):
    none = [None] * 8 if is_official else [-1, -2, -1, -1, -2, -2, -2, -1]

    assert hear(TickOptionComputation(7, 13, 0)) == [("tickOptionComputation", 7, 13, 0, *none)]


def test_a_delta_neutral_contract_is_confirmed(hear):
    ((name, req_id, underlying),) = hear(
        DeltaNeutralValidation(7, 265598, Decimal("0.5"), Decimal("199.75"))
    )

    assert (name, req_id) == ("deltaNeutralValidation", 7)
    assert (underlying.conId, underlying.delta, underlying.price) == (265598, 0.5, 199.75)
