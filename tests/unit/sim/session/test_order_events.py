from typing import get_args

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._engine import Event
from ibkit.sim._session._order_events import TELL

ABOUT_ORDERS = (wire.OpenOrder, wire.OrderStatus, wire.ExecDetails, wire.CommissionReport)


def test_every_event_of_the_broker_is_told():
    assert set(TELL) == set(get_args(Event))


@pytest.mark.parametrize(("master", "hearers"), [(None, {3}), (4, {3, 4}), (3, {3})])
def test_an_orders_client_and_the_master_hear_of_it(talk_with, master, hearers):
    talk = talk_with(master_client_id=master)
    talk.log_in(4)
    talk.log_in(5)

    talk.ask(talk.place(1, order_type="MKT"))

    assert {client for client, message in talk.heard if type(message) in ABOUT_ORDERS} == hearers


def test_a_refusal_concerns_its_client_only(talk_with):
    talk = talk_with(master_client_id=4)
    talk.log_in(4)

    talk.ask(wire.CancelOrder(99))

    assert [(client, m.error_code) for client, m in talk.heard] == [(3, 10147)]


def test_a_what_if_is_told_to_its_client_and_places_nothing(talk):
    answers = talk.ask(talk.place(1, what_if=True))

    assert [type(m) for m in answers] == [wire.OpenOrder]
    assert answers[0].state.init_margin_change > 0
    assert talk.broker.orders() == ()


def test_a_position_that_changes_is_told_to_who_follows_it(talk):
    talk.log_in(4)
    talk.ask(wire.ReqPositions())

    talk.ask(talk.place(1, order_type="MKT"))

    told = [(client, m.position) for client, m in talk.heard if isinstance(m, wire.Position)]
    assert told == [(3, 1)]


def test_a_what_if_is_told_to_nobody_else(talk):
    talk.log_in(4)
    talk.ask(talk.place(1, what_if=True))

    assert {client for client, _ in talk.heard} == {3}
