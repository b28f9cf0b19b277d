from __future__ import annotations

from brokerage import AAPL, ES, ESM, INSTRUMENTS, NOW, SPREAD, Desk, dec
from ibkit.sim._engine._markets import Markets
from ibkit.sim._market._ticks import Quote


def quote(con_id, now):
    return Quote(con_id, now, dec(99), dec(1), dec(101), dec(1))


def test_an_unknown_instrument_has_no_board():
    markets = Markets(INSTRUMENTS.get, None)

    assert markets.instrument(4711) is None
    assert markets.board(4711) is None
    assert markets.mark(4711, NOW) is None


def test_boards_and_books_are_made_once():
    markets = Markets(INSTRUMENTS.get, None)

    assert markets.board(1) is markets.board(1) is markets.board_of(ES)
    assert markets.find_book(1) is None
    assert markets.book(1) is markets.book(1) is markets.find_book(1)


def test_a_mark_is_as_fresh_as_the_question():
    markets = Markets(INSTRUMENTS.get, quote)

    assert markets.mark(3, NOW) == 100


def test_combos_are_known_to_their_legs_while_they_work():
    desk = Desk()
    desk.place(1, "LMT", of=SPREAD, limit_price=1)
    desk.place(2, "LMT", of=SPREAD, limit_price=2)
    markets = desk.broker._world.markets
    desk.cancel(1)
    assert list(markets.combos[ESM.con_id]) == [SPREAD.con_id]

    desk.cancel(2)
    assert not markets.combos[ESM.con_id]


def test_a_market_of_its_own_needs_none_of_the_legs():
    desk = Desk()
    desk.quote(5000, 5000)
    desk.quote(5050, 5050, of=ESM)
    desk.place(1, "LMT", of=SPREAD, limit_price=40)
    desk.quote(45, 46, of=SPREAD)

    assert desk.quote(5040, 5040, of=ESM) == []
    assert desk.quote(39, 40, of=SPREAD)[0] == "1 EX BOT 1@40"


def test_a_quote_that_is_given_for_a_combo_counts_as_its_own():
    markets = Markets(INSTRUMENTS.get, quote)
    markets.refresh(SPREAD.con_id, NOW)

    assert markets.quoted_combos == {SPREAD.con_id}
    assert markets.board_of(AAPL).mark is None


def test_without_a_quote_or_an_instrument_there_is_no_mark():
    silent = Markets(INSTRUMENTS.get, lambda _con_id, _now: None)

    assert silent.mark(AAPL.con_id, NOW) is None
    assert Markets(INSTRUMENTS.get, quote).mark(77, NOW) is None
