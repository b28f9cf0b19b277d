from decimal import Decimal

from ib_async import Contract, Order

from ibkit.state._order import Owner, TrueOrder
from ibkit.state._reconcile import PositionDifference, reconcile


def order(perm_id, status, *, certain=True):
    return TrueOrder(
        contract=Contract(),
        order=Order(totalQuantity=1),
        client_id=1,
        order_id=perm_id,
        perm_id=perm_id,
        owner=Owner.OURS,
        epoch=1,
        status=status,
        certain=certain,
    )


def test_what_agrees_is_false():
    same = {("DU1", 1): Decimal(2)}
    found = reconcile(
        held=same, told=same, ledger=[order(7, "Submitted"), order(8, "Filled")], listed={7}
    )

    assert not found


def test_every_kind_of_difference_is_named():
    live, done = order(7, "Submitted"), order(8, "Filled")
    found = reconcile(
        held={("DU1", 1): Decimal(2), ("DU1", 2): Decimal(1)},
        told={("DU1", 1): Decimal(3), ("DU1", 3): Decimal(-1)},
        ledger=[live, done],
        listed={8, 9},
    )

    assert found
    assert [(d.con_id, d.held, d.told) for d in found.positions] == [
        (1, 2, 3),
        (2, 1, 0),
        (3, 0, -1),
    ]
    assert isinstance(found.positions[0], PositionDifference)
    assert found.not_listed == (live,)
    assert found.not_known == (8, 9)


def test_an_order_that_is_not_certain_claims_nothing():
    found = reconcile(held={}, told={}, ledger=[order(7, "Submitted", certain=False)], listed=set())

    assert not found
