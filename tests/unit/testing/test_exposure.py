from decimal import Decimal

import pytest

from ibkit.sim import OrderTerms, OrderView
from ibkit.sim._engine import OrderKey
from ibkit.testing._exposure import is_exit, orphans, protection, sent_twice

ES = ("DU1", 50)
ZERO = Decimal(0)


def order(
    perm_id, action="SELL", kind="STP", size=2, *, parent=0, status="PreSubmitted", key=ES, **terms
):
    asked = OrderTerms(action=action, quantity=Decimal(size), order_type=kind, **terms)
    return OrderView(
        OrderKey(1, perm_id), perm_id, key[1], "CME", key[0], asked, status, ZERO, Decimal(size),
        ZERO, ZERO, "", parent, "", None, "", None, "", None, Decimal(size),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ([], 0),
        ([order(1)], 2),
        ([order(1), order(2, size=1, kind="TRAIL")], 3),
        ([order(1, kind="STP LMT"), order(2, kind="TRAIL LIMIT")], 4),
        ([order(1, kind="LMT"), order(2, kind="MIT"), order(3, kind="MKT")], 0),
        ([order(1, action="BUY")], 0),
        ([order(1, status="PendingCancel"), order(2, status="Inactive")], 0),
        ([order(1, status="Submitted")], 2),
        ([order(1, key=("DU2", 50)), order(2, key=("DU1", 51))], 0),
        ([order(1, oca_group="a"), order(2, size=1, oca_group="a"), order(3, oca_group="b")], 4),
    ],
)
def test_stops_at_work_on_the_other_side_protect(orders, expected):
    assert protection(orders, ES, Decimal(2)) == expected


def test_a_short_position_is_protected_by_stops_that_buy():
    stops = [order(1, action="BUY"), order(2)]

    assert protection(stops, ES, Decimal(-2)) == 2


def test_a_child_and_what_ibkit_named_so_is_an_exit():
    assert is_exit(order(1, parent=7))
    assert is_exit(order(1, order_ref="ik/k3f9:s1:s3:"))
    assert is_exit(order(1, order_ref="ik/k3f9:t2:s3:"))
    assert not is_exit(order(1, order_ref="ik/k3f9:e:s3:"))
    assert not is_exit(order(1, order_ref="mine"))
    assert not is_exit(order(1))


@pytest.mark.parametrize(
    ("position", "parent_lives", "is_orphan"),
    [(2, False, False), (0, False, True), (0, True, False), (-2, False, True)],
)
def test_an_exit_without_position_and_parent_is_an_orphan(position, parent_lives, is_orphan):
    parent, child = order(1, action="BUY", kind="LMT"), order(2, parent=1)
    live = [parent, child] if parent_lives else [child]

    assert orphans(live, {ES: Decimal(position)}, [child]) == ([child] if is_orphan else [])


def test_orders_that_share_a_reference_were_sent_twice():
    orders = [order(1, order_ref="a"), order(2, order_ref="b"), order(3, order_ref="a"), order(4)]

    assert sent_twice([*orders, order(5)]) == {"a": [orders[0], orders[2]]}
