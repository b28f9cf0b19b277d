import datetime as dt
from decimal import Decimal

import pytest
from ib_async import ComboLeg, Contract, LimitOrder, MarketOrder

from ibkit.state._fill import TrueFill
from ibkit.state._order import Owner, TrueOrder
from ibkit.state._same import is_it, is_leg, is_what_was_sent

ES = Contract(conId=1, symbol="ES", secType="FUT")
LEGS = [ComboLeg(conId=1, ratio=1, action="SELL"), ComboLeg(conId=2, ratio=1, action="BUY")]
SPREAD = Contract(secType="BAG", symbol="ES", comboLegs=LEGS)
SHOWN_SPREAD = Contract(secType="BAG", symbol="ES", conId=28812380, comboLegs=LEGS[::-1])


def limit(size=2, price=5000.0, **fields):
    return LimitOrder("BUY", size, price, **fields)


def sent(contract=ES, order=None, wanted=None):
    order = order or limit()
    return TrueOrder(
        contract=contract, order=order, wanted=wanted, client_id=1, order_id=1, perm_id=0,
        owner=Owner.OURS, epoch=1,
    )  # fmt: skip


def fill(contract):
    return TrueFill(
        exec_id="a.01", contract=contract, account="DU1", order_id=1, client_id=1, perm_id=9,
        order_ref="", side="BOT", size=Decimal(1), price=Decimal(5),
        time=dt.datetime(2026, 3, 2, tzinfo=dt.timezone.utc), exchange="CME", cumulative=Decimal(1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ordered", "traded", "leg"),
    [(SPREAD, ES, True), (SPREAD, SHOWN_SPREAD, False), (ES, ES, False)],
)
def test_the_legs_of_a_combo_are_not_the_combo(ordered, traded, leg):
    assert is_leg(ordered, fill(traded)) is leg


@pytest.mark.parametrize(
    ("contract", "told", "same"),
    [
        (ES, ES, True),
        (Contract(symbol="ES", secType="FUT"), ES, True),
        (SPREAD, SHOWN_SPREAD, True),
        (ES, SHOWN_SPREAD, False),
        (SPREAD, ES, False),
        (Contract(conId=3, symbol="ES"), ES, False),
        (Contract(symbol="NQ"), ES, False),
    ],
)
def test_an_order_is_of_its_contract(contract, told, same):
    assert is_it(sent(contract), told, limit()) is same


@pytest.mark.parametrize(
    ("told", "same"),
    [
        (limit(price=4000.0), True),  # TWS may have it at a price of before or after a change
        (limit(orderRef="another"), False),
        (LimitOrder("SELL", 2, 5000.0), False),
    ],
)
def test_side_and_reference_do_not_change(told, same):
    assert is_it(sent(), ES, told) is same


def test_size_and_type_are_those_that_were_sent_first_or_last():
    changed = sent(wanted=limit(size=3))

    assert is_what_was_sent(changed, ES, limit(size=2))
    assert is_what_was_sent(changed, ES, limit(size=3))
    assert not is_what_was_sent(changed, ES, limit(size=4))
    assert not is_what_was_sent(changed, ES, MarketOrder("BUY", 2))
