from __future__ import annotations

import datetime as dt
from decimal import Decimal

from cards import card
from ibkit.sim._market import Leg, Market, Question, Quote
from ibkit.sim._market._made_of import ComboTape, FollowingTape, Part, middle
from ibkit.sim._market._path import moment_of
from ibkit.sim._market._script import ScriptTape
from ibkit.sim._market._ticks import Trade

NOW = dt.datetime(2026, 11, 23, 15, 0, tzinfo=dt.timezone.utc)
START = moment_of(NOW)


def quote(seconds: int, bid: int, ask: int, *, con_id: int = 1, size: int = 10) -> Quote:
    time = NOW + dt.timedelta(seconds=seconds)
    return Quote(con_id, time, Decimal(bid), Decimal(size), Decimal(ask), Decimal(2 * size))


def combo() -> ComboTape:
    bought = ScriptTape([quote(0, 10, 11), quote(2, 12, 13)])
    sold = ScriptTape([quote(0, 4, 6), quote(2, 5, 6), quote(3, 5, 7)])
    return ComboTape(9, [Part(lambda: bought, 1), Part(lambda: sold, -2)])


@card("CON-27", "2.5 C")
def test_a_combo_is_quoted_at_the_net_of_its_legs_which_may_be_negative() -> None:
    first = combo().quote_at(START)

    assert first == Quote(9, NOW, Decimal(-2), Decimal(10), Decimal(3), Decimal(5))


def test_a_combo_quotes_once_a_moment_when_a_leg_does() -> None:
    ticks = combo().ticks(START + 1, START + 5000)

    assert [(tick.time.second, tick.bid, tick.ask) for tick in ticks] == [(2, 0, 3), (3, -2, 3)]
    assert combo().next_after(START) == START + 2000
    assert combo().last_at(START + 5000) is None


@card("TAP-06", "2.5 C")
def test_the_history_of_a_combo_is_computed_from_its_legs() -> None:
    piece = combo().piece("BID", START, START + 3000)

    assert (piece.open, piece.close) == (10 - 2 * 6, 12 - 2 * 6)
    assert combo().piece("TRADES", START, START + 3000) is None


def test_a_leg_without_a_quote_leaves_the_combo_without_one() -> None:
    silent = ScriptTape()
    tape = ComboTape(9, [Part(lambda: ScriptTape([quote(0, 10, 11)]), 1), Part(lambda: silent, 1)])

    assert tape.quote_at(START) is None
    assert tape.ticks(START, START + 5000) == []
    assert tape.next_after(START + 1) is None


def test_an_option_follows_a_scripted_underlying(market: Market, now: dt.datetime) -> None:
    call = market.named("AAPL  261218C00270000", now)
    before = market.quote_at(call.con_id, now)
    market.quote("AAPL", now, bid=500, ask="500.02")
    later = now + dt.timedelta(seconds=5)
    market.quote("AAPL", later, bid=510, ask="510.02")
    ticks = market.ticks([call.con_id], now, later)

    assert market.quote_at(call.con_id, now).bid > 200 > before.bid
    assert len(ticks) == 1
    assert ticks[0].bid > 210
    assert market.quote_at(call.con_id, now - dt.timedelta(minutes=1)).bid < 200


def test_an_option_follows_a_scripted_index_by_its_values(market: Market, now: dt.datetime) -> None:
    [spx] = market.listings.find(
        Question(symbol="SPX", sec_type="IND", exchange="CBOE"), now.date()
    )
    put = market.named("SPX   261218P06800000", now)
    market.trade("SPX", now, 5000)

    assert market.quote_at(put.con_id, now).bid > 1500
    assert market.greeks_at(put.con_id, now).under_price == 5000
    assert put.under_con_id == spx.con_id


def test_an_option_follows_a_replay_of_the_past_too(market: Market, now: dt.datetime) -> None:
    call = market.named("AAPL  261218C00270000", now)
    market.quote("AAPL", now, bid=500, ask="500.02")
    before = now - dt.timedelta(hours=1)
    old = Quote(0, before, Decimal(600), Decimal(1), Decimal(601), Decimal(1))
    market.quote_at(call.con_id, now)
    market.replay("AAPL", now, [old], shift=False)

    assert market.quote_at(call.con_id, before).bid > 300


def test_a_spread_between_months_stays_where_it_is(market: Market, now: dt.datetime) -> None:
    near, far = (market.named(name, now) for name in ("ESZ6", "ESH7"))
    legs = (
        Leg(con_id=far.con_id, ratio=1, action="BUY", exchange="CME"),
        Leg(con_id=near.con_id, ratio=1, action="SELL", exchange="CME"),
    )
    question = Question(symbol="ES", sec_type="BAG", currency="USD", exchange="CME", legs=legs)
    spread = market.listings.one(question, now.date())
    mids = {middle(market.quote_at(spread.con_id, now + dt.timedelta(hours=h))) for h in range(30)}

    assert len(mids) == 1


def test_the_middle_of_one_side_is_that_side() -> None:
    one_sided = quote(0, 3, 5)

    assert middle(one_sided) == 4
    assert middle(one_sided._replace(bid=None)) == 5
    assert middle(one_sided._replace(ask=None)) == 3
    assert middle(one_sided._replace(bid=None, ask=None)) is None
    assert middle(Trade(1, NOW, Decimal(7), Decimal(1))) == 7


def test_an_option_of_an_underlying_without_a_price_has_none() -> None:
    under = ScriptTape()
    under.add(Quote(1, NOW, None, Decimal(0), None, Decimal(0)))
    following = FollowingTape(9, None, under, by_trades=False)
    end = moment_of(NOW) + 1

    assert following.ticks(0, end) == []
    assert following.quote_at(end) is None
    assert following.last_at(end) is None
    assert following.piece("BID", 0, end) is None
    assert following.next_after(0) == moment_of(NOW)
    assert following.next_after(end) is None
    assert following.window(0, end) == ([], end)
