from decimal import Decimal

from ibkit.sim import _wire as wire
from ibkit.sim._engine import OrderBound, OrderKey
from ibkit.sim._session import _order_messages as messages


def view(talk, **terms):
    talk.ask(talk.place(5, **terms))
    return talk.broker.orders()[0]


def test_the_echo_is_the_clients_order_with_what_the_broker_made_of_it(talk):
    order = view(talk, order_ref="mine", oca_group="g")

    echo = messages.client_order(order)

    assert (echo.order_ref, echo.perm_id, echo.client_id) == ("mine", order.perm_id, 3)
    assert (echo.account, echo.oca_type, echo.clearing_intent) == ("DU1000001", 3, "IB")
    assert echo.lmt_price == 4000


def test_prices_that_were_not_sent_are_zero_in_the_echo(talk):
    echo = messages.client_order(view(talk))

    assert (echo.aux_price, echo.trail_stop_price) == (0, None)


def test_a_status_has_what_is_filled_and_what_remains(talk):
    order = view(talk)

    status = messages.order_status(order._replace(filled=Decimal(2), remaining=Decimal(3)))

    assert (status.order_id, status.filled, status.remaining, status.client_id) == (5, 2, 3, 3)


def test_an_execution_is_written_in_the_zone_of_the_log_in(talk):
    talk.ask(talk.place(5, order_type="MKT"))
    (fill,) = talk.broker.executions()

    details = messages.exec_details(talk.floor, -1, fill)
    report = messages.commission_report(fill)

    assert details.execution.time == "20260302 10:00:00 US/Eastern"
    assert (details.req_id, details.order_id, details.contract.symbol) == (-1, 5, "ES")
    assert (report.exec_id, report.commission) == (fill.exec_id, fill.commission)
    assert report.realized_pnl is None


def test_a_completed_order_says_when_and_how(talk):
    talk.ask(talk.place(5), wire.CancelOrder(5))
    (order,) = talk.broker.completed_orders()

    message = messages.completed_order(talk.floor, order)

    assert message.state.status == "Cancelled"
    assert message.state.completed_time == "20260302 10:00:00 US/Eastern"
    assert "Cancelled" in message.state.completed_status


def test_a_bound_order_has_its_new_id():
    event = OrderBound(8, OrderKey(0, -2))

    assert messages.bound(event) == wire.OrderBound(8, 0, -2)
