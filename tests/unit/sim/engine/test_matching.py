from __future__ import annotations

import pytest

from brokerage import ES, Desk, dec, terms_of
from ibkit.sim._engine import OrderKey, TouchFill
from ibkit.sim._engine._matching import portion
from ibkit.sim._engine._order import Order


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.quote(99, 100)
    return desk


def test_an_aggressive_limit_gets_the_touch_and_not_its_limit(desk):
    desk.place(1, "LMT", limit_price=105)

    assert desk.fills() == ["BOT 1@100"]


def test_a_resting_limit_gets_its_limit_however_far_the_market_jumps(desk):
    desk.place(1, "LMT", limit_price=90)
    desk.quote(79, 80)

    assert desk.fills() == ["BOT 1@90"]


def test_a_trade_at_the_limit_fills_a_resting_order_with_its_size(desk):
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    desk.trade(90, 2)

    assert desk.fills() == ["BOT 2@90"]


def test_two_orders_share_what_stands_there_oldest_first(desk):
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    desk.place(2, "LMT", "BUY", 5, limit_price=90)
    desk.quote(89, 90, 7)

    assert [desk.order(n).filled for n in (1, 2)] == [5, 2]


def test_the_better_price_comes_first(desk):
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    desk.place(2, "LMT", "BUY", 5, limit_price=91)
    desk.quote(89, 90, 7)

    assert [desk.order(n).filled for n in (1, 2)] == [2, 5]


def test_what_was_taken_is_gone_until_the_next_quote(desk):
    desk.quote(99, 100, 3)
    desk.place(1, "MKT", "BUY", 2)
    desk.place(2, "MKT", "BUY", 2)
    taken = desk.order(2).filled
    desk.quote(99, 100, 3)

    assert (taken, desk.order(2).filled) == (1, 2)


def test_all_or_none_waits_and_lets_others_pass(desk):
    desk.place(1, "LMT", "BUY", 10, limit_price=90, all_or_none=True)
    desk.place(2, "LMT", "BUY", 3, limit_price=90)
    desk.quote(89, 90, 5)
    assert [desk.order(n).filled for n in (1, 2)] == [0, 3]

    desk.quote(89, 90, 10)
    assert desk.order(1).filled == 10


def test_a_minimum_quantity_is_for_the_first_fill(desk):
    desk.place(1, "LMT", "BUY", 10, limit_price=90, min_quantity=4)
    filled = []
    for size in (3, 4, 2):
        desk.quote(89, 90, size)
        filled.append(desk.order(1).filled)

    assert filled == [0, 4, 6]


def test_a_buy_and_a_sell_of_ours_are_both_served(desk):
    desk.place(1, "LMT", "BUY", limit_price=95)
    desk.place(2, "LMT", "SELL", limit_price=105)
    desk.quote(94, 95)
    desk.quote(105, 106)

    assert desk.fills() == ["BOT 1@95", "SLD 1@105"]


@pytest.mark.parametrize(
    ("terms", "available", "expected"),
    [
        ({}, 4, 4),
        ({}, 40, 10),
        ({"all_or_none": True}, 9, 0),
        ({"tif": "FOK"}, 9, 0),
        ({"tif": "FOK"}, 10, 10),
        ({"min_quantity": 5}, 4, 0),
        ({"min_quantity": 20}, 10, 10),
    ],
)
def test_how_much_is_taken(terms, available, expected):
    order = Order(OrderKey(1, 1), ES, "CME", "", terms_of("MKT", "BUY", 10, **terms), 1)

    assert portion(order, dec(available), TouchFill()) == expected


def test_a_thousand_resting_orders_are_not_looked_at_by_a_quote_that_reaches_none(desk):
    for n in range(1, 1001):
        desk.place(n, "LMT", limit_price=50)
    seen = []
    world = desk.broker._world
    world.models = type(world.models)(fill=_Counting(seen))
    desk.quote(98, 99)
    assert seen == []

    desk.quote(49, 50, 3)
    assert len(seen) == 4  # three fills, and one that finds nothing left


class _Counting:
    def __init__(self, seen: list[object]) -> None:
        self.seen = seen

    def take(self, wanted, available):
        self.seen.append(wanted)
        return min(wanted, available)
