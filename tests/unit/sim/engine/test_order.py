from __future__ import annotations

import pytest

from brokerage import ES, dec, terms_of
from ibkit.sim._engine import OrderKey
from ibkit.sim._engine._lifecycle import Gate
from ibkit.sim._engine._order import Order


def an_order(*args: object, **terms: object) -> Order:
    return Order(OrderKey(1, 1), ES, "CME", "DU1", terms_of(*args, **terms), 1)


@pytest.mark.parametrize(
    ("released", "filled", "may_work"),
    [(None, 3, 7), (4, 3, 1), (4, 4, 0), (20, 3, 7), (2, 4, 0)],
)
def test_how_much_may_be_filled_now(released, filled, may_work):
    order = an_order("MKT", "BUY", 10)
    order.released = None if released is None else dec(released)
    order.filled = dec(filled)

    assert order.open_quantity == may_work
    assert order.view().working == 0
    order.gate = Gate.MARKET
    assert order.view().working == may_work


def test_the_average_needs_a_fill():
    order = an_order()
    assert order.average_price == 0

    order.filled, order.value = dec(4), dec(10)
    assert order.average_price == dec("2.5")


def test_a_new_size_is_shown_in_the_terms():
    order = an_order("MKT", "BUY", 10)
    order.resize(dec(6))

    assert (order.remaining, order.view().terms.quantity) == (6, 6)


def test_a_step_tells_whether_it_changed_anything():
    order = an_order()

    assert order.step("PreSubmitted")
    assert not order.step("PreSubmitted")
    assert order.step("PreSubmitted", "trigger")


def test_the_view_shows_a_trailing_stop_and_its_limit_where_they_are():
    order = an_order("TRAIL LIMIT", "SELL", aux_price=2, trail_stop_price=98, limit_offset=1)
    order.stop, order.limit = dec(105), dec(104)
    terms = order.view().terms

    assert (terms.trail_stop_price, terms.limit_price) == (105, 104)
    assert order.sent.trail_stop_price == 98


def test_an_order_lives_between_transmission_and_end():
    order = an_order()
    lived = []
    for gate in (Gate.HELD, Gate.FLIGHT, Gate.MARKET, Gate.OVER):
        order.gate = gate
        lived.append(order.is_live)

    assert lived == [False, True, True, False]


def test_new_terms_reset_what_followed_from_the_old():
    order = an_order("STP", "SELL", aux_price=90)
    order.reduced = dec(3)
    order.adopt(terms_of("STP", "SELL", 7, aux_price=91))

    assert (order.stop, order.reduced, order.quantity) == (91, 0, 7)


def test_a_commission_is_shown_with_its_currency():
    view = an_order().view(commission=dec("2.25"))

    assert (view.commission, view.commission_currency) == (dec("2.25"), "USD")
