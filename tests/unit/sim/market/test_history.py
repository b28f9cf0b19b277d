from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from cards import card
from ibkit.sim._market import Market, Quote, Trade
from ibkit.sim._market._history import bars, first_session
from ibkit.sim._market._path import moment_of, stamp_of

UTC = dt.timezone.utc
HOUR = dt.timedelta(hours=1)


@card("TAP-01", "3.5 R")
@pytest.mark.parametrize("what", ["MIDPOINT", "BID", "ASK", "BID_ASK"])
def test_bars_that_are_no_trades_have_no_volume(market: Market, now, what: str) -> None:
    [bar] = market.bars(market.named("ES", now), now, now + HOUR, "1 hour", what, use_rth=False)

    assert (bar.volume, bar.wap, bar.trades) == (None, None, None)


def test_bars_of_bid_and_ask_agree_with_the_quotes(market: Market, now) -> None:
    es = market.named("ES", now)
    end = now + dt.timedelta(minutes=1)
    quotes = [tick for tick in market.ticks([es.con_id], now, end) if isinstance(tick, Quote)]
    bid, ask, middle, both = (
        market.bars(es, now, end, "1 min", what, use_rth=False)[0]
        for what in ("BID", "ASK", "MIDPOINT", "BID_ASK")
    )

    assert (bid.low, bid.close) == (min(q.bid for q in quotes), quotes[-1].bid)
    assert (ask.high, ask.open) == (max(q.ask for q in quotes), quotes[0].ask)
    assert middle.close == (quotes[-1].bid + quotes[-1].ask) / 2
    assert (both.high, both.low) == (ask.high, bid.low)
    assert bid.low <= both.open <= bid.high
    assert ask.low <= both.close <= ask.high


def test_a_bar_of_trades_agrees_with_the_trades(market: Market, now) -> None:
    es = market.named("ES", now)
    end = now + dt.timedelta(minutes=5)
    trades = [tick for tick in market.ticks([es.con_id], now, end) if isinstance(tick, Trade)]
    [bar] = market.bars(es, now, end, "5 mins", "TRADES", use_rth=False)

    assert (bar.open, bar.close) == (trades[0].price, trades[-1].price)
    assert (bar.high, bar.low) == (max(t.price for t in trades), min(t.price for t in trades))
    assert (bar.volume, bar.trades) == (sum(t.size for t in trades), len(trades))
    assert bar.low <= bar.wap <= bar.high


@card("TAP-03", "3.5 C")
def test_a_bar_is_named_by_its_start(market: Market, now) -> None:
    found = market.bars(
        market.named("ES", now), now, now + 5 * HOUR, "1 hour", "TRADES", use_rth=False
    )

    assert [bar.time for bar in found] == [now + hour * HOUR for hour in range(5)]


def test_regular_hours_cut_bars(kept_hours: Market, now) -> None:
    apple = kept_hours.named("AAPL", now)
    day = dt.datetime(2026, 11, 20, tzinfo=UTC)
    whole, regular = (
        kept_hours.bars(apple, day, day + 36 * HOUR, "1 day", "TRADES", use_rth=rth)[0]
        for rth in (False, True)
    )

    assert whole.day == regular.day == dt.date(2026, 11, 20)
    assert whole.time < regular.time
    assert whole.volume > regular.volume > 0


def test_an_index_has_bars_of_no_volume(market: Market, now) -> None:
    [bar] = market.bars(
        market.named("SPX", now), now, now + HOUR, "1 hour", "TRADES", use_rth=False
    )

    assert (bar.volume, bar.trades) == (0, 0)
    assert bar.low < bar.high


def test_a_pair_has_no_trades(market: Market, now) -> None:
    euro = market.named("EUR.USD", now)

    assert market.bars(euro, now, now + HOUR, "1 hour", "TRADES", use_rth=False) == []


def test_the_figures_of_a_day_are_its_bar_so_far(kept_hours: Market, now) -> None:
    es = kept_hours.named("ES", now)
    today, before = (
        kept_hours.bars(es, now - hours * HOUR, now, "1 day", "TRADES", use_rth=False)[0]
        for hours in (20, 72)
    )
    found = kept_hours.day_at(es.con_id, now - dt.timedelta(milliseconds=1))

    assert (found.day, found.open, found.high, found.low, found.volume) == (
        today.day,
        today.open,
        today.high,
        today.low,
        today.volume,
    )
    assert before.day == dt.date(2026, 11, 23) or found.previous_close == before.close


def test_while_closed_the_figures_are_those_of_the_last_day(kept_hours: Market, now) -> None:
    sunday = dt.datetime(2026, 11, 22, 12, tzinfo=UTC)
    apple = kept_hours.named("AAPL", now)
    found = kept_hours.day_at(apple.con_id, sunday)

    assert found.day == dt.date(2026, 11, 20)
    assert found.volume > 1_000_000


def test_a_pair_s_figures_are_of_its_bid(market: Market, now) -> None:
    euro = market.named("EUR.USD", now)
    found = market.day_at(euro.con_id, now)

    assert found.low <= market.quote_at(euro.con_id, now).bid <= found.high
    assert found.previous_close is not None
    assert (found.volume, found.vwap) == (0, None)


@card("TAP-04", "3.5 C")
@pytest.mark.parametrize("what", ["TRADES", "BID_ASK", "MIDPOINT"])
def test_historical_ticks_complete_the_last_second(market: Market, now, what) -> None:
    es = market.named("ES", now)
    kind = Trade if what == "TRADES" else Quote
    forward = market.historical_ticks(es, start=now, end=None, count=100, what=what, use_rth=False)
    backward = market.historical_ticks(es, start=None, end=now, count=100, what=what, use_rth=False)
    after = [t for t in market.ticks([es.con_id], now, now + HOUR / 4) if isinstance(t, kind)]
    before = [t for t in market.ticks([es.con_id], now - HOUR / 4, now) if isinstance(t, kind)]

    assert len(forward) >= 100
    assert len(backward) >= 100
    assert forward == after[: len(forward)]
    assert backward == before[-len(backward) :]
    assert after[len(forward)].time.second != forward[-1].time.second
    assert before[-len(backward) - 1].time.second != backward[0].time.second


def test_historical_ticks_look_across_a_weekend(kept_hours: Market, now) -> None:
    apple = kept_hours.named("AAPL", now)
    sunday = dt.datetime(2026, 11, 22, 12, tzinfo=UTC)
    ask = {"count": 10, "what": "TRADES", "use_rth": True}
    forward = kept_hours.historical_ticks(apple, start=sunday, end=None, **ask)
    backward = kept_hours.historical_ticks(apple, start=None, end=sunday, **ask)

    assert forward[0].time == pytest.approx(
        dt.datetime(2026, 11, 23, 14, 30, tzinfo=UTC), abs=dt.timedelta(seconds=5)
    )
    assert backward[-1].time == pytest.approx(
        dt.datetime(2026, 11, 20, 21, tzinfo=UTC), abs=dt.timedelta(seconds=5)
    )


def test_historical_ticks_end_with_the_contract(market: Market) -> None:
    last = dt.datetime(2026, 12, 18, 14, 29, 50, tzinfo=UTC)
    es = market.named("ESZ6", last)
    found = market.historical_ticks(
        es, start=last, end=None, count=1000, what="BID_ASK", use_rth=False
    )

    assert 0 < len(found) < 100
    assert max(tick.time for tick in found) < last + dt.timedelta(seconds=10)


def test_a_histogram_is_the_volume_of_the_period(market: Market, now) -> None:
    es = market.named("ES", now)
    rows = market.histogram(es, now - 6 * HOUR, now, use_rth=False)
    bars = market.bars(es, now - 6 * HOUR, now, "1 hour", "TRADES", use_rth=False)

    assert sum(row.size for row in rows) == sum(bar.volume for bar in bars)
    assert [row.price for row in rows] == sorted({row.price for row in rows})
    assert rows[0].price == min(bar.low for bar in bars)
    assert all(row.price % Decimal("0.25") == 0 for row in rows)


@card("TAP-05", "3.5 C")
def test_an_expired_future_has_history_of_two_years(market: Market, now) -> None:
    gone = market.named("ESU6", now - 100 * 24 * HOUR)
    day = now - 90 * 24 * HOUR
    found = market.bars(gone, day, now, "1 day", "TRADES", use_rth=False)

    assert found[-1].day == gone.last_trade == dt.date(2026, 9, 18)
    head = market.head_timestamp(gone, "TRADES", use_rth=False)
    assert head == dt.datetime(2024, 9, 16, 22, tzinfo=UTC)
    early = head - 240 * HOUR
    assert market.bars(gone, early, head, "1 day", "TRADES", use_rth=False) == []


@pytest.mark.parametrize(
    ("name", "what", "has"),
    [
        ("AAPL", "TRADES", True),
        ("AAPL", "BID_ASK", True),
        ("EUR.USD", "TRADES", False),
        ("EUR.USD", "MIDPOINT", True),
        ("SPX", "TRADES", True),
        ("SPX", "BID", False),
        ("ES", "FEE_RATE", False),
    ],
)
def test_head_stamps_are_of_what_there_is(market: Market, now, name, what, has) -> None:
    head = market.head_timestamp(market.named(name, now), what, use_rth=True)

    assert (head is not None) is has


def test_the_first_session_of_regular_hours(kept_hours: Market, now) -> None:
    days = kept_hours.hours.days(kept_hours.named("AAPL", now))
    sunday = moment_of(dt.datetime(2026, 11, 22, 12, tzinfo=UTC))

    assert stamp_of(first_session(days, sunday, regular=True)) == dt.datetime(
        2026, 11, 23, 14, 30, tzinfo=UTC
    )


@card("TAP-07", "3.5 C")
def test_a_schedule_is_made_of_whole_sessions(kept_hours: Market, now) -> None:
    found = kept_hours.schedule(
        kept_hours.named("AAPL", now), now - 4 * 24 * HOUR, now, use_rth=True
    )

    assert [session.day.day for session in found] == [19, 20, 23]
    assert found[-1].start == dt.datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    assert found[-1].end == dt.datetime(2026, 11, 23, 21, 0, tzinfo=UTC)


class Never:
    def sessions(self, day: dt.date, *, regular: bool):
        return ()


def test_a_market_that_never_opens_has_no_first_session() -> None:
    assert first_session(Never(), 0, regular=True) is None


def test_a_first_session_is_one_that_begins_after_the_moment(kept_hours: Market, now) -> None:
    days = kept_hours.hours.days(kept_hours.named("AAPL", now))
    opened = first_session(days, moment_of(now), regular=True)

    assert opened > moment_of(now)  # not the one that runs


def test_without_an_ask_there_is_no_bar_of_both_sides(market: Market, now) -> None:
    class Bids:
        def piece(self, what, start, end):
            return None if what == "ASK" else tape.piece(what, start, end)

    es = market.named("ES", now)
    tape, days = market._tapes.of(es.con_id), market.hours.days(es)
    hour = (moment_of(now) - 3_600_000, moment_of(now))

    assert bars(tape, days, hour, "1 min", "BID_ASK", regular=False)
    assert bars(Bids(), days, hour, "1 min", "BID_ASK", regular=False) == []
