from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    CancelFundamentalData,
    CancelNewsBulletins,
    CancelScannerSubscription,
    CancelWshEventData,
    CancelWshMetaData,
    FundamentalData,
    HistoricalNews,
    HistoricalNewsEnd,
    NewsArticle,
    NewsProvider,
    NewsProviders,
    ReqHistoricalNews,
    ReqNewsArticle,
    ReqNewsBulletins,
    ReqNewsProviders,
    ReqScannerParameters,
    ReqScannerSubscription,
    ReqWshEventData,
    ReqWshMetaData,
    ScannerParameters,
    TagValue,
    TickNews,
    UpdateNewsBulletin,
    WshEventData,
    WshMetaData,
)


@pytest.mark.parametrize(
    ("method", "args", "request_"),
    [
        ("reqScannerParameters", (), ReqScannerParameters()),
        ("cancelScannerSubscription", (7,), CancelScannerSubscription(7)),
        ("reqNewsBulletins", (True,), ReqNewsBulletins(True)),
        ("cancelNewsBulletins", (), CancelNewsBulletins()),
        ("reqNewsProviders", (), ReqNewsProviders()),
        ("reqNewsArticle", (7, "BRFG", "a1", []), ReqNewsArticle(7, "BRFG", "a1")),
        (
            "reqHistoricalNews",
            (7, 8314, "BRFG+DJNL", "a", "b", 10, []),
            ReqHistoricalNews(7, 8314, "BRFG+DJNL", "a", "b", 10),
        ),
        ("reqWshMetaData", (7,), ReqWshMetaData(7)),
        ("cancelWshMetaData", (7,), CancelWshMetaData(7)),
        ("cancelWshEventData", (7,), CancelWshEventData(7)),
    ],
)
def test_a_request_is_what_the_client_asked(ask, method, args, request_):
    assert ask(method, *args) == request_


def test_fundamental_data_can_be_cancelled(ask, is_official):
    if is_official:
        pytest.skip("ibapi no longer has this request")

    assert ask("cancelFundamentalData", 7) == CancelFundamentalData(7)


@pytest.mark.parametrize(
    ("version", "filters", "dates"),
    [(170, 0, 0), (171, 1, 0), (172, 1, 0), (173, 1, 1), (176, 1, 1)],
)
def test_events_are_asked_with_what_the_version_knows(peer, ask_at, version, filters, dates):
    named = {
        "filter": "{}",
        "fillWatchlist": True,
        "fillPortfolio": False,
        "fillCompetitors": True,
    }
    dated = {"startDate": "20250101", "endDate": "20250201", "totalLimit": 5}
    known = (named if filters else {}) | (dated if dates else {})

    request = ask_at(version, "reqWshEventData", 7, peer.make("WshEventData", conId=8314, **known))

    assert request == ReqWshEventData(
        7,
        8314,
        *(("{}", True, False, True) if filters else ()),
        *(("20250101", "20250201", 5) if dates else ()),
    )


def test_events_are_asked_without_a_contract_or_a_limit(peer, ask_at):
    assert ask_at(176, "reqWshEventData", 7, peer.make("WshEventData")) == ReqWshEventData(7)


def test_a_scan_without_conditions_is_asked_as_such(peer, ask):
    request = ask("reqScannerSubscription", 7, peer.make("ScannerSubscription"), [], [])

    assert request == ReqScannerSubscription(
        7, -1, "", "", "", *[None] * 5, *[""] * 6, None, None, False, None, "", ""
    )


def test_a_scan_is_asked_with_every_condition(peer, ask):
    scan = peer.make(
        "ScannerSubscription",
        numberOfRows=10,
        instrument="STK",
        locationCode="STK.US",
        scanCode="TOP_PERC_GAIN",
        abovePrice=1.5,
        belowPrice=2.5,
        aboveVolume=3,
        marketCapAbove=1e9,
        marketCapBelow=2e17,
        moodyRatingAbove="A",
        moodyRatingBelow="B",
        spRatingAbove="C",
        spRatingBelow="D",
        maturityDateAbove="20250101",
        maturityDateBelow="20260101",
        couponRateAbove=4.5,
        couponRateBelow=5.5,
        excludeConvertible=True,
        averageOptionVolumeAbove=6,
        scannerSettingPairs="Annual,true",
        stockTypeFilter="ETF",
    )

    request = ask(
        "reqScannerSubscription", 7, scan, peer.tags(o="1"), peer.tags(changePercAbove="20")
    )

    assert request == ReqScannerSubscription(
        7,
        10,
        "STK",
        "STK.US",
        "TOP_PERC_GAIN",
        Decimal("1.5"),
        Decimal("2.5"),
        3,
        Decimal(10**9),
        Decimal(2 * 10**17),
        "A",
        "B",
        "C",
        "D",
        "20250101",
        "20260101",
        Decimal("4.5"),
        Decimal("5.5"),
        True,
        6,
        "Annual,true",
        "ETF",
        filter_options=(TagValue("changePercAbove", "20"),),
        options=(TagValue("o", "1"),),
    )


@pytest.mark.parametrize(
    ("answer", "call"),
    [
        (ScannerParameters("<xml/>"), ("scannerParameters", "<xml/>")),
        (UpdateNewsBulletin(3, 1, "text", "CME"), ("updateNewsBulletin", 3, 1, "text", "CME")),
        (NewsArticle(7, 0, "<p>E</p>"), ("newsArticle", 7, 0, "<p>E</p>")),
        (
            TickNews(7, 1750000000000, "BRFG", "a1", "Headline", "K"),
            ("tickNews", 7, 1750000000000, "BRFG", "a1", "Headline", "K"),
        ),
        (
            HistoricalNews(7, "2025-06-20 10:00:00.0", "BRFG", "a1", "Headline"),
            ("historicalNews", 7, "2025-06-20 10:00:00.0", "BRFG", "a1", "Headline"),
        ),
        (HistoricalNewsEnd(7, True), ("historicalNewsEnd", 7, True)),
        (WshMetaData(7, "{}"), ("wshMetaData", 7, "{}")),
        (WshEventData(7, "{}"), ("wshEventData", 7, "{}")),
    ],
)
def test_an_answer_is_what_the_client_hears(hear, answer, call):
    assert hear(answer) == [call]


def test_fundamental_data_is_heard(hear, is_official):
    if is_official:
        pytest.skip("ibapi no longer has this answer")

    assert hear(FundamentalData(7, "<xml/>")) == [("fundamentalData", 7, "<xml/>")]


def test_news_providers_are_heard_one_by_one(hear):
    providers = (NewsProvider("BRFG", "Briefing.com"), NewsProvider("DJNL", "Dow Jones"))

    ((name, heard),) = hear(NewsProviders(providers))

    assert name == "newsProviders"
    assert [(provider.code, provider.name) for provider in heard] == list(providers)
