from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    Bar,
    CancelHeadTimeStamp,
    CancelHistogramData,
    CancelHistoricalData,
    ContractFields,
    HeadTimestamp,
    HistogramData,
    HistogramEntry,
    HistoricalData,
    HistoricalDataUpdate,
    HistoricalSchedule,
    HistoricalSession,
    ReqHeadTimeStamp,
    ReqHistogramData,
    ReqHistoricalTicks,
    TagValue,
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
    include_expired=True,
)
BAR = Bar(
    date="20250620 10:00:00 US/Central",
    open=Decimal(1),
    high=Decimal("2.5"),
    low=Decimal("0.5"),
    close=Decimal(2),
    volume=Decimal(10),
    wap=Decimal("1.75"),
    bar_count=4,
)


@pytest.mark.parametrize(
    ("method", "args", "request_"),
    [
        ("cancelHistoricalData", (7,), CancelHistoricalData(7)),
        ("cancelHeadTimeStamp", (7,), CancelHeadTimeStamp(7)),
        ("cancelHistogramData", (7,), CancelHistogramData(7)),
    ],
)
def test_a_request_is_what_the_client_asked(ask, method, args, request_):
    assert ask(method, *args) == request_


def test_a_head_stamp_is_asked_with_every_setting(ask, contract):
    request = ask("reqHeadTimeStamp", 7, contract, "TRADES", 1, 2)

    assert request == ReqHeadTimeStamp(7, ASKED, True, "TRADES", 2)


def test_a_histogram_is_asked_for_a_period(ask, contract):
    assert ask("reqHistogramData", 7, contract, True, "3 days") == ReqHistogramData(
        7, ASKED, True, "3 days"
    )


def test_ticks_are_asked_with_every_setting(peer, ask, contract):
    request = ask(
        "reqHistoricalTicks",
        7,
        contract,
        "20250620 10:00:00",
        "20250620 11:00:00",
        500,
        "BID_ASK",
        1,
        True,
        peer.tags(a="1"),
    )

    assert request == ReqHistoricalTicks(
        7,
        ASKED,
        "20250620 10:00:00",
        "20250620 11:00:00",
        500,
        "BID_ASK",
        True,
        True,
        (TagValue("a", "1"),),
    )


def heard_bar(bar):
    average = bar.wap if hasattr(bar, "wap") else bar.average
    return (bar.date, bar.open, bar.high, bar.low, bar.close, bar.volume, average, bar.barCount)


@pytest.mark.parametrize("bars", [(), (BAR,), (BAR, BAR._replace(date="1750000000"))])
def test_bars_are_heard_one_by_one_and_then_their_end(hear, bars):
    *calls, end = hear(HistoricalData(7, "start", "end", bars))

    assert [(name, req_id, heard_bar(bar)) for name, req_id, bar in calls] == [
        ("historicalData", 7, bar) for bar in bars
    ]
    assert end == ("historicalDataEnd", 7, "start", "end")


def test_a_bar_that_is_kept_up_to_date_is_the_same_bar(hear):
    ((name, req_id, bar),) = hear(HistoricalDataUpdate(7, BAR))

    assert (name, req_id, heard_bar(bar)) == ("historicalDataUpdate", 7, BAR)


def test_a_schedule_has_its_sessions(hear):
    session = HistoricalSession("20250620-08:30:00", "20250620-15:00:00", "20250620")

    ((name, *about, sessions),) = hear(HistoricalSchedule(7, "a", "b", "US/Central", (session,)))

    assert (name, about) == ("historicalSchedule", [7, "a", "b", "US/Central"])
    assert [(s.startDateTime, s.endDateTime, s.refDate) for s in sessions] == [session]


def test_a_head_stamp_is_text(hear):
    assert hear(HeadTimestamp(7, "19970909-14:30:00")) == [
        ("headTimestamp", 7, "19970909-14:30:00")
    ]


def test_a_histogram_counts_by_price(hear):
    entries = (HistogramEntry(Decimal("10.5"), 3), HistogramEntry(Decimal(11), 4))

    ((name, req_id, heard),) = hear(HistogramData(7, entries))

    assert (name, req_id) == ("histogramData", 7)
    counts = [entry.size if hasattr(entry, "size") else entry.count for entry in heard]
    assert list(zip([entry.price for entry in heard], counts, strict=True)) == [
        (10.5, 3),
        (11.0, 4),
    ]
