from __future__ import annotations

from brokerage import ES, NOW, dec
from ibkit.sim._engine._board import Board
from ibkit.sim._engine._trigger_methods import Source
from ibkit.sim._market._ticks import Quote


def quoted(*quotes: tuple[object, object], size: int = 10) -> Board:
    board = Board(ES)
    for prices in quotes:
        bid, ask = (None if price is None else dec(price) for price in prices)
        board.quote(Quote(ES.con_id, NOW, bid, dec(size), ask, dec(size)))
    return board


def test_a_buy_gets_the_ask_and_a_sell_the_bid():
    board = quoted((99, 100))

    assert board.touch(is_buy=True) == (100, 10)
    assert board.touch(is_buy=False) == (99, 10)


def test_a_side_that_is_not_there_gives_nothing():
    board = quoted((None, 100))

    assert board.touch(is_buy=False) is None


def test_what_our_fills_took_is_gone_until_the_next_quote():
    board = quoted((99, 100))
    board.use_touch(dec(4), is_buy=True)
    board.use_touch(dec(99), is_buy=False)

    assert (board.touch(is_buy=True).size, board.touch(is_buy=False).size) == (6, 0)


def test_without_any_quote_the_last_trade_is_the_market():
    board = Board(ES)
    assert board.touch(is_buy=True) is None

    board.trade(dec(100), dec(5))
    board.use_touch(dec(2), is_buy=True)
    assert board.touch(is_buy=False) == board.traded() == (100, 3)


def test_a_doubled_price_is_the_worse_of_two_for_what_it_must_reach():
    board = quoted((99, 100), (97, 98))

    assert board.seen(Source.DOUBLE_BID, rising=True) == 97
    assert board.seen(Source.DOUBLE_BID, rising=False) == 99
    assert board.seen(Source.DOUBLE_ASK, rising=True) == 98


def test_a_doubled_price_needs_two_ticks():
    board = quoted((99, 100))
    board.trade(dec(100), dec(1))

    assert board.seen(Source.DOUBLE_ASK, rising=True) is None
    assert board.seen(Source.DOUBLE_LAST, rising=True) is None
    assert board.seen(Source.LAST, rising=True) == 100


def test_the_middle_needs_both_sides():
    assert quoted((99, 100)).seen(Source.MID, rising=True) == dec("99.5")
    assert quoted((99, None)).mid is None


def test_what_it_is_worth():
    board = quoted((99, None))
    assert board.mark == 99
    assert quoted((None, 100)).mark == 100
    assert quoted((98, 100)).mark == 99
    assert Board(ES).mark is None

    board.trade(dec(120), dec(1))
    assert board.mark == 120
