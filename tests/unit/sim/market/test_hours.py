from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import ib_async
import pytest

from cards import card
from ibkit.sim._market import Leg, Market, Question
from ibkit.sim._market._hours import LifeMask, spans_between, trading_day, trading_days_back
from ibkit.sim._market._path import MINUTE, SIZES, moment_of, stamp_of

UTC = dt.timezone.utc
TODAY = dt.date(2026, 11, 23)
NAMES = ["ES", "ZC", "CL", "VX", "FDAX", "MHI", "225M", "AP", "AAPL", "EUR.USD", "SPX", "VIX"]
CENTRAL = ZoneInfo("US/Central")


def at(day: int, hour: int, minute: int = 0, zone: str = "US/Central") -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(zone))


@card("CON-18", "2.2 R")
def test_a_session_of_the_evening_before_carries_its_start_date(kept_hours: Market, now) -> None:
    es = kept_hours.named("ES", now)

    assert kept_hours.hours.text(es, TODAY) == (
        "20261122:1700-20261123:1600;20261123:1700-20261124:1600;20261124:1700-20261125:1600;"
        "20261126:CLOSED;20261126:1700-20261127:1600;20261128:CLOSED"
    )
    assert kept_hours.hours.text(es, TODAY, liquid=True).startswith("20261123:0830-20261123:1600;")


@pytest.mark.parametrize("liquid", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_ib_async_reads_the_hours(kept_hours: Market, market: Market, now, name, liquid) -> None:
    for world in (kept_hours, market):
        instrument = world.named(name, now)
        text = world.hours.text(instrument, TODAY, liquid=liquid)
        details = ib_async.ContractDetails(
            timeZoneId=instrument.zone, tradingHours=text, liquidHours=text
        )
        read = details.liquidSessions() if liquid else details.tradingSessions()
        first, last = read[0].start, read[-1].end
        told = [
            (each.start, each.end)
            for each in world.schedule(instrument, first, last, use_rth=liquid)
        ]

        assert [(session.start, session.end) for session in read] == told


@pytest.mark.parametrize("name", NAMES)
def test_without_sessions_everything_is_open_at_any_hour_of_any_day(market, now, name) -> None:
    instrument = market.named(name, now)
    for hour in range(0, 24 * 9, 5):
        moment = now + dt.timedelta(hours=hour)

        assert market.hours.is_open(instrument, moment)
        assert market.hours.in_rth(instrument, moment)
        assert market.hours.next_open(instrument, moment) == moment


def test_without_sessions_a_day_ends_at_ten_in_the_evening_utc(market: Market, now) -> None:
    day = market.hours.trading_day(market.named("ES", now), now)

    assert day == (
        TODAY,
        dt.datetime(2026, 11, 22, 22, tzinfo=UTC),
        dt.datetime(2026, 11, 23, 22, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("name", "moment", "is_open", "in_rth"),
    [
        ("ES", at(23, 10), True, True),
        ("ES", at(23, 16), False, False),
        ("ES", at(23, 17), True, False),
        ("ES", at(21, 12), False, False),
        ("ES", at(22, 17), True, False),
        ("ES", at(26, 10), False, False),
        ("ZC", at(23, 8), False, False),
        ("ZC", at(23, 7, 30), True, False),
        ("AAPL", at(23, 4, zone="US/Eastern"), True, False),
        ("AAPL", at(23, 9, 30, zone="US/Eastern"), True, True),
        ("AAPL", at(23, 20, zone="US/Eastern"), False, False),
        ("EUR.USD", at(22, 17, 15, zone="US/Eastern"), True, True),
        ("EUR.USD", at(23, 17, 5, zone="US/Eastern"), False, False),
        ("MHI", at(23, 12, 30, zone="Hongkong"), False, False),
        ("MHI", at(23, 13, 30, zone="Hongkong"), True, True),
        ("MHI", at(24, 1, zone="Hongkong"), True, False),
        ("MHI", at(20, 18, zone="Hongkong"), True, False),
        ("MHI", at(21, 2, zone="Hongkong"), True, False),
        ("MHI", at(22, 18, zone="Hongkong"), False, False),
        ("AP", at(21, 6, zone="Australia/NSW"), True, False),
        ("AP", at(23, 6, zone="Australia/NSW"), False, False),
    ],
)
def test_real_hours(kept_hours: Market, now, name, moment, is_open: bool, in_rth: bool) -> None:
    instrument = kept_hours.named(name, now)

    assert kept_hours.hours.is_open(instrument, moment) is is_open
    assert kept_hours.hours.in_rth(instrument, moment) is in_rth


def test_hours_follow_daylight_saving(kept_hours: Market, now) -> None:
    es = kept_hours.named("ES", now)
    july = dt.datetime(2026, 7, 6, 21, 30, tzinfo=UTC)

    assert not kept_hours.hours.is_open(es, july)
    assert kept_hours.hours.is_open(es, july.replace(month=12, day=7, hour=21))


def test_an_evening_belongs_to_the_next_trading_day(kept_hours: Market, now) -> None:
    es = kept_hours.named("ES", now)
    evening, saturday = (
        kept_hours.hours.trading_day(es, moment) for moment in (at(20, 18), at(21, 12))
    )

    assert evening.day == saturday.day == TODAY
    assert evening.start == at(22, 17)
    assert kept_hours.hours.close_of(es, at(22, 18)) == at(23, 16)
    assert kept_hours.hours.close_of(es, at(23, 10), rth=True) == at(23, 16)
    assert kept_hours.hours.next_open(es, at(21, 12)) == at(22, 17)
    assert kept_hours.hours.next_open(es, at(22, 18), rth=True) == at(23, 8, 30)


def test_where_the_night_follows_the_day_that_of_friday_belongs_to_monday(kept_hours, now) -> None:
    hours, hsi = kept_hours.hours, kept_hours.named("MHI", now)
    friday_night, end = at(20, 18, zone="Hongkong"), at(23, 16, 30, zone="Hongkong")
    days = hours.days(hsi)

    assert hours.trading_day(hsi, friday_night) == (TODAY, at(20, 17, 15, zone="Hongkong"), end)
    assert hours.close_of(hsi, at(22, 18, zone="Hongkong")) == end
    assert hours.next_open(hsi, at(22, 18, zone="Hongkong")) == at(23, 9, 15, zone="Hongkong")
    assert trading_days_back(days, moment_of(friday_night), 1, regular=False).day == TODAY
    assert hours.text(hsi, dt.date(2026, 11, 20)).split(";")[3:7] == [
        "20261120:1715-20261121:0300",
        "20261121:CLOSED",
        "20261122:CLOSED",
        "20261123:0915-20261123:1200",
    ]


def test_a_night_waits_for_the_day_after_a_holiday(kept_hours: Market, now) -> None:
    nikkei, new_year = kept_hours.named("225M", now), dt.date(2027, 1, 4)
    first = kept_hours.hours.days(nikkei).sessions(new_year, regular=False)[0]

    assert stamp_of(first[0]) == dt.datetime(2026, 12, 30, 17, tzinfo=ZoneInfo("Asia/Tokyo"))


def test_a_combo_trades_when_its_first_leg_does(kept_hours: Market, now) -> None:
    near, far = (kept_hours.named(name, now) for name in ("ZCH7", "ZCK7"))
    legs = tuple(
        Leg(con_id=each.con_id, ratio=1, action=action, exchange="CBOT")
        for each, action in ((near, "BUY"), (far, "SELL"))
    )
    spread = kept_hours.listings.one(
        Question(symbol="ZC", sec_type="BAG", exchange="CBOT", currency="USD", legs=legs), TODAY
    )

    assert kept_hours.hours.is_open(spread, at(23, 10))
    assert not kept_hours.hours.is_open(spread, at(23, 8))


def test_expiry_is_the_last_trade_in_the_zone_of_the_exchange(kept_hours, market, now) -> None:
    for world in (kept_hours, market):
        assert world.hours.expiry(world.named("ESZ6", now)) == dt.datetime(
            2026, 12, 18, 8, 30, tzinfo=CENTRAL
        )
        assert world.hours.expiry(world.named("AAPL", now)) is None
    corn = kept_hours.named("ZCZ6", now)

    assert kept_hours.hours.expiry(corn) == dt.datetime(2026, 12, 14, 13, 20, tzinfo=CENTRAL)
    assert market.hours.expiry(corn) == dt.datetime(2026, 12, 14, 22, tzinfo=UTC)


@pytest.mark.parametrize("name", NAMES)
def test_a_mask_is_the_schedule_between_listing_and_expiry(kept_hours: Market, now, name) -> None:
    instrument = kept_hours.named(name, now)
    days = kept_hours.hours.days(instrument)
    since, until = (moment_of(now + dt.timedelta(hours=hours)) for hours in (-40, 50))
    mask = LifeMask(days, since, until)
    start, end = moment_of(now - dt.timedelta(days=3)), moment_of(now + dt.timedelta(days=3))
    spans = list(spans_between(days, since, until, regular=False))

    assert list(mask.spans(start, end)) == spans
    assert mask.opened(start, end) == sum(closed - opened for opened, closed in spans)
    for time in range(start, end, 37 * SIZES[MINUTE]):
        inside = [span for span in spans if span[0] <= time < span[1]]
        before, after = mask.before(time), mask.after(time)
        assert (before is None) == (time < spans[0][0])
        assert (after is None) == (time >= spans[-1][1])
        if before is not None and after is not None:
            assert before[0] <= time
            assert after[1] > time
            assert not inside or (before[0] <= time < before[1] and after[0] <= time < after[1])


def test_trading_days_back_counts_those_that_have_begun(kept_hours: Market, now) -> None:
    days = kept_hours.hours.days(kept_hours.named("ES", now))
    monday = moment_of(at(23, 9))

    assert trading_days_back(days, monday, 1, regular=False).day == TODAY
    assert trading_days_back(days, monday, 2, regular=False).day == dt.date(2026, 11, 20)
    assert trading_days_back(days, moment_of(at(23, 8)), 1, regular=True).day == dt.date(
        2026, 11, 20
    )
    assert trading_day(days, monday, regular=True).start == at(23, 8, 30)
    assert stamp_of(monday) == at(23, 9)


class Never:
    def sessions(self, day: dt.date, *, regular: bool):
        return ()


def test_a_market_that_never_opens_is_told(market: Market, now, monkeypatch) -> None:
    es, moment = market.named("ES", now), moment_of(now)
    monkeypatch.setattr(type(market.hours), "days", lambda *_: Never())

    with pytest.raises(LookupError, match="ESZ6 never opens"):
        market.hours.next_open(es, now)
    with pytest.raises(LookupError, match="month after"):
        trading_day(Never(), moment, regular=False)
    with pytest.raises(LookupError, match="month before"):
        trading_days_back(Never(), moment, 1, regular=False)
