from decimal import Decimal

import pytest

from ibkit.sim import Subscription, Truth, _wire as wire

ACCOUNT = "DU1000001"


@pytest.fixture
def truth(talk):
    return Truth._of(talk.broker, talk.floor)


def test_orders_are_live_or_completed(talk, truth):
    talk.ask(talk.place(5), talk.place(6), wire.CancelOrder(5))

    assert [order.key.order_id for order in truth.orders] == [6]
    assert [order.key.order_id for order in truth.completed_orders] == [5]


def test_fills_and_positions_and_money(talk, truth):
    con_id = talk.market.named("ES", talk.now).con_id
    talk.ask(talk.place(5, order_type="MKT", total_quantity=Decimal(2)))

    assert [fill.quantity for fill in truth.fills] == [2]
    assert truth.positions == {(ACCOUNT, con_id): 2}
    assert truth.position(ACCOUNT, con_id).quantity == 2
    assert truth.figures() == truth.figures(ACCOUNT)
    assert truth.figures().total_cash < 1_000_000


def test_what_is_flat_is_no_position(talk, truth):
    talk.ask(talk.place(5, order_type="MKT"), talk.place(6, order_type="MKT", action="SELL"))

    assert truth.positions == {}
    assert truth.position(ACCOUNT, 265598) is None


def test_values_do_not_change_afterwards(talk, truth):
    talk.ask(talk.place(5))
    (before,) = truth.orders
    talk.ask(wire.CancelOrder(5))

    assert before.status == "Submitted"


def test_subscriptions_by_client(talk, truth):
    other = talk.log_in(4)
    talk.ask(wire.ReqPositions())
    talk.ask(wire.ReqMktData(7, talk.contract(), "", False, False, ()), session=other)

    assert set(truth.subscriptions) == {
        Subscription(3, "positions", 0),
        Subscription(4, "quotes", 7, "ESH6"),
    }
    assert set(truth.clients) == {3, 4}


def test_of_an_account_or_a_con_id_that_nobody_has_nothing_is_told(truth):
    for ask in (lambda: truth.figures("DU2"), lambda: truth.position("DU2", 265598)):
        with pytest.raises(LookupError, match=f"account: got 'DU2'; the gateway has {ACCOUNT}"):
            ask()
    with pytest.raises(ValueError, match="con_id: got 'ES'; wanted a whole number"):
        truth.position(ACCOUNT, "ES")
