from __future__ import annotations

from brokerage import ES, dec, terms_of
from ibkit.sim._engine import OrderKey
from ibkit.sim._engine._book import Book
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._trigger_methods import Source


def order(sequence: int, action: str = "BUY", **terms: object) -> Order:
    return Order(OrderKey(1, sequence), ES, "CME", "", terms_of("LMT", action, **terms), sequence)


def test_the_highest_buy_and_the_lowest_sell_come_first():
    book = Book()
    for n, price in enumerate((90, 92, 91)):
        book.rest(order(n, "BUY", limit_price=price))
        book.rest(order(10 + n, "SELL", limit_price=price + 10))

    assert book.best_limit(is_buy=True).order.limit == 92
    assert book.best_limit(is_buy=False).order.limit == 100


def test_at_one_price_the_older_order_comes_first():
    book = Book()
    book.rest(order(2, limit_price=90))
    book.rest(order(1, limit_price=90))

    assert book.best_limit(is_buy=True).order.sequence == 1


def test_an_order_that_has_left_is_not_found():
    book, resting = Book(), order(1, limit_price=90)
    book.rest(resting)
    book.leave(resting)

    assert book.best_limit(is_buy=True) is None


def test_a_watch_wakes_when_its_level_is_reached_from_its_side():
    book, watcher = Book(), order(1, limit_price=90)
    book.watch(watcher, dec(100), (Source.LAST,), "up", rising=True)
    book.watch(watcher, dec(80), (Source.LAST,), "down", rising=False)

    assert book.woken(Source.LAST, dec(99), rising=True) is None
    assert book.woken(Source.BID, dec(101), rising=True) is None
    assert book.woken(Source.LAST, dec(100), rising=True).purpose == "up"
    assert book.woken(Source.LAST, dec(80), rising=False).purpose == "down"
    assert book.woken(Source.LAST, dec(200), rising=True) is None


def test_a_trail_is_dragged_by_a_price_better_than_its_best():
    book, trail = Book(), order(1, "SELL", limit_price=90)
    trail.best = dec(100)
    book.follow(trail, (Source.LAST,))

    assert book.dragged(Source.LAST, dec(100), is_buy=False) is None
    assert book.dragged(Source.LAST, dec(101), is_buy=False) is trail


def test_a_trail_without_a_best_is_dragged_by_any_price():
    book, trail = Book(), order(1, "BUY", limit_price=90)
    book.follow(trail, (Source.LAST,))

    assert book.dragged(Source.LAST, dec(1_000_000), is_buy=True) is trail


def test_unpriced_orders_keep_their_turn_and_leave():
    book = Book()
    market = Order(OrderKey(1, 1), ES, "CME", "", terms_of("MKT"), 1)
    book.rest(market)
    assert list(book.unpriced) == [market]

    book.leave(market)
    assert not book.unpriced
