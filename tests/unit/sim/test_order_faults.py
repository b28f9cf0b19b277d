from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._order_faults import fill_together, race_cancel


def statuses(answers):
    return [m.status for m in answers if isinstance(m, wire.OrderStatus)]


def race(talk, order_id, quantity=None):
    session = talk.session
    talk.heard.clear()
    race_cancel(quantity)(session, wire.CancelOrder(order_id), talk.now)
    return statuses(talk.answers())


def test_a_cancel_that_comes_too_late_finds_the_order_filled(talk):
    talk.ask(talk.place(5, total_quantity=Decimal(3)))

    during = race(talk, 5)
    after = talk.wait(5)

    assert during[0] == "PendingCancel"
    assert during[-1] == "Filled"
    assert statuses(after) == []
    assert [(fill.quantity, fill.price) for fill in talk.broker.executions()] == [(3, 4000)]


def test_a_part_may_fill_and_the_rest_is_cancelled_a_second_later(talk):
    talk.ask(talk.place(5, total_quantity=Decimal(3)))

    race(talk, 5, Decimal(1))

    assert statuses(talk.wait(0.9)) == []
    assert statuses(talk.wait(0.1))[-1] == "Cancelled"
    assert [fill.quantity for fill in talk.broker.executions()] == [1]


def test_an_order_without_a_limit_fills_at_the_market(talk):
    talk.ask(talk.place(5, order_type="STP", lmt_price=None, aux_price=Decimal(6000)))

    race(talk, 5)

    assert [fill.price for fill in talk.broker.executions()] == [Decimal("5000.25")]


def test_there_is_no_race_for_an_order_that_is_none(talk):
    assert race(talk, 99) == []
    assert [m.error_code for m in talk.answers()] == [10147]


def test_the_next_cancel_is_as_quick_as_ever(talk):
    talk.ask(talk.place(5), talk.place(6))
    race(talk, 5)

    assert statuses(talk.ask(wire.CancelOrder(6)))[-1] == "Cancelled"


def perm_ids(talk):
    return [view.perm_id for view in talk.broker.orders()]


def test_orders_fill_together(talk):
    talk.ask(talk.place(5), talk.place(6, total_quantity=Decimal(2)))
    first, second = perm_ids(talk)

    fill_together(talk.broker, {first: 4000, second: Decimal("4000.25")}, talk.now)

    assert [(f.quantity, f.price) for f in talk.broker.executions()] == [
        (1, 4000),
        (2, Decimal("4000.25")),
    ]


def test_what_the_first_has_ended_is_left_out(talk):
    talk.ask(talk.place(5, oca_group="g", oca_type=1), talk.place(6, oca_group="g", oca_type=1))
    first, second = perm_ids(talk)

    fill_together(talk.broker, {first: 4000, second: 4000}, talk.now)

    assert len(talk.broker.executions()) == 1


def test_nothing_fills_if_one_is_no_live_order(talk):
    talk.ask(talk.place(5))

    with pytest.raises(KeyError):
        fill_together(talk.broker, {perm_ids(talk)[0]: 4000, 77: 4000}, talk.now)

    assert talk.broker.executions() == ()
