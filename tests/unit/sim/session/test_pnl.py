from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire

ACCOUNT = "DU1000001"


@pytest.fixture
def holding(talk):
    """A client that is long one ES."""
    talk.ask(talk.place(1, order_type="MKT"))
    return talk


def test_figures_come_at_once_and_then_when_they_change(holding):
    (first,) = holding.ask(wire.ReqPnL(7, ACCOUNT, ""))
    silent = holding.wait(3)
    holding.quote("ES", bid=5010, ask=Decimal("5010.25"))
    (second,) = holding.wait(1)

    assert (first.req_id, silent) == (7, [])
    assert second.unrealized_pnl - first.unrealized_pnl == 500


def test_one_position_has_its_quantity_and_value(holding):
    con_id = holding.market.named("ES", holding.now).con_id

    (answer,) = holding.ask(wire.ReqPnLSingle(8, ACCOUNT, "", con_id))

    assert (answer.req_id, answer.pos) == (8, 1)
    assert answer.value is not None


def test_a_con_id_that_was_never_held_has_no_answer(talk):
    assert talk.ask(wire.ReqPnLSingle(8, ACCOUNT, "", 265598)) == []
    assert talk.session.running == {}


@pytest.mark.parametrize("account", ["", "All", "U99"])
@pytest.mark.parametrize(
    "request_", [wire.ReqPnL(7, "", ""), wire.ReqPnLSingle(7, "", "", 265598)], ids=["all", "one"]
)
def test_an_account_that_is_none_is_refused(talk, account, request_):
    (refusal,) = talk.ask(request_._replace(account=account))

    assert (refusal.req_id, refusal.error_code) == (7, 321)


def test_asking_again_under_an_id_replaces_what_went_on(holding):
    holding.ask(wire.ReqPnL(7, ACCOUNT, ""), wire.ReqPnL(7, ACCOUNT, ""))
    holding.quote("ES", bid=5010, ask=Decimal("5010.25"))

    assert len(holding.wait(1)) == 1


def test_a_cancel_ends_it_and_a_second_is_an_error(holding):
    con_id = holding.market.named("ES", holding.now).con_id
    holding.ask(wire.ReqPnL(7, ACCOUNT, ""), wire.ReqPnLSingle(8, ACCOUNT, "", con_id))

    assert holding.ask(wire.CancelPnL(7), wire.CancelPnLSingle(8)) == []
    again = holding.ask(wire.CancelPnL(7), wire.CancelPnLSingle(8))

    assert [m.error_code for m in again] == [10185, 10186]
    assert holding.session.running == {}
