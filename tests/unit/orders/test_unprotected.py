"""Positions without a stop."""

from decimal import Decimal

import pytest
from ib_async import Contract, Order

from ibkit.orders._unprotected import without_stop
from ibkit.state import Holding, Owner, TrueOrder


def hold(size, account="DU1", con_id=7):
    return Holding(
        account=account,
        contract=Contract(conId=con_id, localSymbol="ESH6"),
        size=Decimal(size),
        average_cost=Decimal(1),
    )


def stop(size=2, *, kind="STP", side="SELL", oca="", account="DU1", con_id=7, **known):
    terms = Order(
        orderType=kind, action=side, totalQuantity=size, ocaGroup=oca, account=account, auxPrice=9.0
    )
    ids = {"client_id": 1, "order_id": 5, "perm_id": 9, "owner": Owner.OURS, "epoch": 1}
    contract = Contract(conId=con_id)
    return TrueOrder(contract=contract, order=terms, **{**ids, "status": "PreSubmitted", **known})


@pytest.mark.parametrize(
    ("size", "orders", "bare"),
    [
        (2, [], 2),
        (0, [], 0),
        (2, [stop(2)], 0),
        (2, [stop(5)], 0),
        (2, [stop(1)], 1),
        (2, [stop(1), stop(1)], 0),
        (2, [stop(1, oca="x"), stop(1, oca="x")], 1),
        (2, [stop(1, oca="x"), stop(2, oca="x"), stop(1, oca="x")], 0),
        (2, [stop(1, oca="x"), stop(1, oca="y")], 0),
        (2, [stop(2, filled=Decimal(1))], 1),
        (-2, [stop(2)], 2),
        (-2, [stop(2, side="BUY")], 0),
        (2, [stop(2, side="BUY")], 2),
        (2, [stop(kind="STP LMT")], 0),
        (2, [stop(kind="TRAIL LIMIT")], 0),
        (2, [stop(kind="LMT")], 2),
        (2, [stop(kind="MIT")], 2),
        (2, [stop(owner=Owner.MANUAL)], 0),
        (2, [stop(status="Submitted")], 0),
        (2, [stop(status="Cancelled")], 2),
        (2, [stop(status="PendingCancel")], 2),
        (2, [stop(status="Inactive")], 2),
        (2, [stop(status="")], 2),
        (2, [stop(cancelling=True)], 2),
        (2, [stop(certain=False)], 2),
        (2, [stop(certain=False, owner=Owner.CLIENT)], 0),  # TWS tells no more of these
        (2, [stop(why_held="child,trigger")], 2),
        (2, [stop(why_held="trigger")], 0),
        (2, [stop(account="DU2")], 2),
        (2, [stop(con_id=8)], 2),
    ],
)
def test_what_the_stops_at_work_would_not_close_is_bare(size, orders, bare):
    found = list(without_stop([hold(size)], orders))

    assert [one.bare for one in found] == ([Decimal(bare)] if bare else [])


def test_each_position_has_its_own_stops():
    held = [hold(2), hold(3, account="DU2"), hold(-1, con_id=8)]

    found = list(without_stop(held, [stop(2, account="DU2")]))

    assert [str(one) for one in found] == [
        "DU1 holds 2 ESH6, 2 without a stop",
        "DU2 holds 3 ESH6, 1 without a stop",
        "DU1 holds -1 ESH6, 1 without a stop",
    ]
    assert repr(found[0]) == "<UnprotectedPosition DU1 holds 2 ESH6, 2 without a stop>"
