from __future__ import annotations

import pytest

from brokerage import AAPL, ES, Desk
from ibkit.sim._engine._book import Book
from ibkit.sim._engine._listing import rises, trail_of, trigger_sources
from ibkit.sim._engine._trigger_methods import Source


def order_of(desk: Desk):
    return desk.broker._world.orders.by_perm_id(desk.perm_id(1))


def book_of(desk: Desk, con_id: int = ES.con_id) -> Book:
    return desk.broker._world.markets.book(con_id)


def test_a_resting_limit_is_in_the_book_and_under_no_watch():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)

    assert book_of(desk).best_limit(is_buy=True).order is order_of(desk)
    assert not book_of(desk).watched


def test_a_stop_is_watched_and_not_in_the_book():
    desk = Desk()
    desk.place(1, "STP LMT", "SELL", aux_price=90, limit_price=89)

    assert book_of(desk).best_limit(is_buy=False) is None
    assert book_of(desk).watched == {Source.LAST}


def test_a_child_that_waits_is_nowhere():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, transmit=False)
    desk.place(2, "STP", "SELL", aux_price=80, parent_id=1)

    assert not book_of(desk).watched


def test_an_opening_order_waits_apart():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, tif="OPG")
    desk.until(desk.order(1).expires.replace(hour=23, day=2))

    assert list(book_of(desk).opening) == [order_of(desk)]


def test_a_peg_without_a_quote_has_no_price_and_gets_one():
    desk = Desk()
    desk.place(1, "REL", of=AAPL)
    assert list(book_of(desk, AAPL.con_id).pegs) == [order_of(desk)]
    assert order_of(desk).limit is None

    desk.quote("10.00", "10.10", of=AAPL)
    assert book_of(desk, AAPL.con_id).best_limit(is_buy=True).order is order_of(desk)


@pytest.mark.parametrize(
    ("order_type", "action", "rising"),
    [("STP", "BUY", True), ("STP", "SELL", False), ("MIT", "BUY", False), ("MIT", "SELL", True)],
)
def test_from_which_side_a_trigger_is_reached(order_type, action, rising):
    desk = Desk()
    desk.place(1, order_type, action, aux_price=90)

    assert rises(order_of(desk)) is rising


def test_an_exchange_watches_the_last_price_whatever_the_method():
    desk = Desk(native_stop_exchanges=("CME",))
    desk.place(1, "STP", "SELL", aux_price=90, trigger_method=8)

    assert trigger_sources(order_of(desk)) == (Source.LAST,)


def test_a_trail_by_percent_has_no_amount():
    desk = Desk()
    desk.place(1, "TRAIL", "SELL", aux_price=0, trailing_percent=5)

    assert (trail_of(order_of(desk)).amount, trail_of(order_of(desk)).percent) == (None, 5)
