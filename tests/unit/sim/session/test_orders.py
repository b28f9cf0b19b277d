from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._engine import OrderTerms

MANUAL = OrderTerms(action="BUY", quantity=Decimal(1), order_type="LMT", limit_price=Decimal(4000))


def names(answers):
    return [type(answer).__name__ for answer in answers]


def codes(answers):
    return [(m.req_id, m.error_code) for m in answers if isinstance(m, wire.ErrMsg)]


def by_hand(talk):
    instrument = talk.market.named("ES", talk.now)
    talk.floor.publish(talk.broker.operator.place(instrument.con_id, "CME", MANUAL, talk.now))


def test_an_order_is_echoed_and_told(talk):
    answers = talk.ask(talk.place(5))

    assert set(names(answers)) == {"OpenOrder", "OrderStatus"}
    assert [o.key for o in talk.broker.orders()] == [(3, 5)]


@pytest.mark.parametrize(
    ("contract", "code"),
    [
        (wire.ContractFields(symbol="ES", sec_type="FUT"), 321),
        (wire.ContractFields(con_id=1, exchange="CME"), 200),
    ],
)
def test_an_order_without_an_exchange_or_for_nothing_is_refused(talk, contract, code):
    request = talk.place(5)._replace(contract=contract)

    assert codes(talk.ask(request)) == [(5, code)]
    assert talk.broker.orders() == ()


def test_a_resolved_contract_without_an_exchange_is_refused_too(talk):
    request = talk.place(5)
    request = request._replace(contract=request.contract._replace(exchange=""))

    assert codes(talk.ask(request)) == [(5, 321)]


def test_a_time_that_cannot_be_read_is_343(talk):
    request = talk.place(5, tif="GTD", good_till_date="tomorrow")

    assert codes(talk.ask(request)) == [(5, 343)]


def test_nothing_is_placed_or_cancelled_in_read_only_mode(talk_with):
    talk = talk_with(read_only=True)

    assert codes(talk.ask(talk.place(5), wire.CancelOrder(5))) == [(5, 321), (5, 321)]


@pytest.mark.parametrize(
    "request_",
    [
        wire.ReqOpenOrders(),
        wire.ReqAllOpenOrders(),
        wire.ReqCompletedOrders(api_only=False),
        wire.ReqGlobalCancel(),
    ],
)
def test_no_list_of_orders_is_told_in_read_only_mode_nor_its_end(talk_with, request_):
    answers = talk_with(read_only=True).ask(request_)

    assert codes(answers) == [(-1, 321)]
    assert len(answers) == 1


def test_open_orders_are_the_clients_own_and_all_are_everybodys(talk):
    other = talk.log_in(4)
    talk.ask(talk.place(5))
    talk.ask(talk.place(6), session=other)

    own, everything = talk.ask(wire.ReqOpenOrders()), talk.ask(wire.ReqAllOpenOrders())

    assert names(own) == ["OpenOrder", "OrderStatus", "OpenOrderEnd"]
    assert [m.order_id for m in everything if isinstance(m, wire.OpenOrder)] == [5, 6]


def test_later_ids_exceed_those_that_were_seen(talk):
    other = talk.log_in(4)
    talk.ask(talk.place(40), session=other)
    talk.ask(wire.ReqAllOpenOrders())

    assert talk.ask(wire.ReqIds(1)) == [wire.NextValidId(41)]


def test_client_0_binds_manual_orders_by_asking_for_its_own(talk):
    zero = talk.log_in(0)
    by_hand(talk)

    answers = talk.ask(wire.ReqOpenOrders(), session=zero)

    assert names(answers)[0] == "OrderBound"
    assert talk.broker.orders()[0].key.order_id < 0


def test_only_client_0_may_bind_automatically(talk):
    assert codes(talk.ask(wire.ReqAutoOpenOrders(True))) == [(-1, 327)]
    assert not talk.broker.operator.auto_bind


@pytest.mark.parametrize(("api_only", "count"), [(False, 2), (True, 1)])
def test_completed_orders_are_those_that_ended_with_or_without_manual_ones(talk, api_only, count):
    by_hand(talk)
    talk.ask(talk.place(5), wire.ReqGlobalCancel())

    answers = talk.ask(wire.ReqCompletedOrders(api_only))

    assert names(answers) == ["CompletedOrder"] * count + ["CompletedOrdersEnd"]


def test_executions_come_with_their_commissions_and_an_end(talk):
    talk.ask(talk.place(5, order_type="MKT"))

    answers = talk.ask(wire.ReqExecutions(9, 0, "", "", "", "", "", ""))

    assert names(answers) == ["ExecDetails", "CommissionReport", "ExecDetailsEnd"]
    assert answers[0].req_id == 9


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"symbol": "ES"}, 1),
        ({"symbol": "NQ"}, 0),
        ({"side": "SELL"}, 0),
        ({"client_id": 3}, 1),
        ({"client_id": 8}, 0),
        ({"time": "20260302-15:00:01"}, 0),
    ],
)
def test_executions_are_filtered(talk, wanted, count):
    talk.ask(talk.place(5, order_type="MKT"))
    everything = wire.ReqExecutions(9, 0, "", "", "", "", "", "")

    answers = talk.ask(everything._replace(**wanted))

    assert names(answers).count("ExecDetails") == count


def test_a_filter_with_a_bad_time_is_321(talk):
    assert codes(talk.ask(wire.ReqExecutions(9, 0, "", "soon", "", "", "", ""))) == [(9, 321)]


@pytest.mark.parametrize(("sent", "ends"), [(True, ["ExecDetailsEnd"]), (False, [])])
def test_an_empty_list_of_executions_may_have_no_end(talk_with, sent, ends):
    talk = talk_with(empty_executions_end=sent)
    ask = wire.ReqExecutions(9, 0, "", "", "", "", "", "")

    assert names(talk.ask(ask)) == ends
    talk.ask(talk.place(5, order_type="MKT"))
    assert names(talk.ask(ask))[-1] == "ExecDetailsEnd"


@pytest.mark.parametrize(("switch", "refused"), [("refuse", [(5, 321)]), ("accept", [])])
def test_a_continuous_future_is_for_history_only(talk_with, switch, refused):
    talk = talk_with(continuous_orders=switch)
    order = talk.place(5)
    contract = wire.ContractFields(symbol="ES", sec_type="CONTFUT", exchange="CME")

    assert codes(talk.ask(order._replace(contract=contract))) == refused


def test_orders_may_be_refused_while_ib_is_out_of_reach(talk_with):
    talk = talk_with(offline_orders="refuse")
    talk.floor.go_offline()

    assert codes(talk.ask(talk.place(5))) == [(5, 10328)]
    talk.floor.go_online(talk.now)
    assert talk.broker.orders() == ()


@pytest.mark.parametrize(
    ("time", "warned"),
    [
        ("20260309 10:00:00", [(5, 2174)]),
        ("20260309 10:00:00 US/Eastern", []),
        ("20260309-15:00:00", []),
    ],
)
def test_a_time_without_a_zone_is_warned_of_and_taken(talk, time, warned):
    answers = talk.ask(talk.place(5, tif="GTD", good_till_date=time))

    assert codes(answers) == warned
    assert [order.key for order in talk.broker.orders()] == [(3, 5)]
