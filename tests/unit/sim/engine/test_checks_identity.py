from __future__ import annotations

import pytest
from attrs import evolve

from brokerage import AAPL, ES, OLD, SPREAD, SPX, Desk, terms_of
from cards import card
from ibkit.sim._engine import OrderKey, Place, Refused
from ibkit.sim._market._instrument import Leg
from ibkit.sim._scenario import Account


def refusal(desk: Desk, **order: object) -> tuple[int, str]:
    said = desk.place(1, **order)
    assert len(said) == 1, said
    return desk.last(Refused).code, desk.last(Refused).text


@card("CHK-01", "2.1 C")
def test_an_unknown_contract_has_no_definition():
    desk = Desk()
    nothing = evolve(ES, con_id=4711)

    assert refusal(desk, of=nothing) == (
        200,
        "No security definition has been found for the request",
    )


@card("CHK-02", "2.1 R")
def test_an_exchange_where_it_is_not_traded_is_invalid():
    assert refusal(Desk(), exchange="GLOBEX") == (
        200,
        "The destination or exchange selected is Invalid.",
    )


@card("CHK-03", "5 R")
def test_an_order_names_its_exchange():
    assert refusal(Desk(), exchange="")[1].endswith("Missing order exchange")


@card("CHK-04", "1.12 C")
def test_an_expired_contract_is_refused():
    assert refusal(Desk(), of=OLD) == (392, "Invalid Order: contract expired")


@card("CHK-05", "1.12 C")
def test_an_index_is_not_available_for_trading():
    assert refusal(Desk(), of=SPX)[0] == 412


@card("CHK-06", "1.12 C")
def test_without_permission_there_is_no_trading():
    assert refusal(Desk(no_permission=("STK",)), of=AAPL) == (460, "No trading permissions")


@card("CHK-07", "1.12 C")
def test_with_several_accounts_one_must_be_named():
    desk = Desk(accounts=(Account(name="DU1"), Account(name="DU2")))

    assert refusal(desk) == (435, "You must specify an account.")
    assert desk.place(1, account="DU2")[0] == "1 OO PreSubmitted"


@card("CHK-08", "1.12 R")
def test_an_unknown_account_is_invalid():
    assert "Invalid account code 'DU9'" in refusal(Desk(), account="DU9")[1]


@card("CHK-09", "1.12 R")
def test_the_read_only_check_comes_before_everything():
    desk = Desk(read_only=True)

    assert "Read-Only" in refusal(desk, quantity=0, exchange="")[1]


@card("CHK-10", "8 no. 3 I")
@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"aux_price": 1, "trailing_percent": 1, "order_type": "TRAIL"}, 320),
        ({"of": OLD}, 392),
        ({"parent_id": 7}, 321),
        ({"order_type": "LMT"}, 321),
        ({"order_type": "LMT", "limit_price": "90.1"}, 110),
        ({"order_type": "LMT", "limit_price": 90}, 321),
    ],
)
def test_the_checks_go_from_reading_over_contract_and_fields_to_price_and_size(broken, code):
    """Each row breaks what the rows after it break too, and its own rule first."""
    assert refusal(Desk(), quantity=0, **broken)[0] == code


@card("CHK-11", "5 R")
def test_an_action_is_buy_or_sell():
    assert refusal(Desk(), action="HOLD")[0] == 303


@card("CHK-12", "5 C")
def test_a_combo_has_legs():
    desk = Desk()
    desk.broker._world.markets._instrument = {7: evolve(SPREAD, legs=())}.get

    assert refusal(desk, of=SPREAD)[0] == 314


@card("CHK-13", "5 C")
def test_the_legs_of_a_combo_are_known():
    stray = evolve(SPREAD, legs=(Leg(con_id=99, ratio=1, action="BUY", exchange="CME"),))
    desk = Desk()
    desk.broker._world.markets._instrument = {7: stray}.get

    assert refusal(desk, of=SPREAD)[0] == 313


def test_an_order_is_not_its_own_parent():
    assert "Can't find order with id =1" in refusal(Desk(), parent_id=1)[1]


def test_a_lookup_that_raises_is_an_unknown_contract():
    desk = Desk()
    desk.broker._world.markets._instrument = {1: ES}.__getitem__
    desk.send(Place(key=OrderKey(1, 1), con_id=2, exchange="CME", terms=terms_of()))

    assert desk.last(Refused).code == 200


@card("CHK-15", "5 C")
def test_the_ratio_of_a_leg_is_positive():
    nothing = evolve(SPREAD, legs=(Leg(con_id=1, ratio=0, action="BUY", exchange="CME"),))
    desk = Desk()
    desk.broker._world.markets._instrument = {7: nothing, 1: ES}.get

    assert refusal(desk, of=nothing)[0] == 476
