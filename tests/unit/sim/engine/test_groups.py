from __future__ import annotations

from brokerage import ES, terms_of
from ibkit.sim._engine import OrderKey
from ibkit.sim._engine._groups import Groups
from ibkit.sim._engine._order import Order


def an_order(number: int, account: str = "DU1") -> Order:
    return Order(OrderKey(1, number), ES, "CME", account, terms_of(), number)


def test_members_know_each_other():
    groups, one, two = Groups(), an_order(1), an_order(2)
    groups.join(one, "g")
    groups.join(two, "g")

    assert one.group is two.group
    assert one.group.others(one) == (two,)


def test_a_group_ends_with_its_last_member():
    groups, one = Groups(), an_order(1)
    groups.join(one, "g")
    groups.leave(one)
    groups.leave(one)

    assert (one.group, len(groups)) == (None, 0)


def test_joining_leaves_the_earlier_group():
    groups, one, two = Groups(), an_order(1), an_order(2)
    groups.join(one, "g")
    groups.join(two, "g")
    groups.join(one, "h")

    assert two.group.others(two) == ()
    assert len(groups) == 2


def test_a_name_belongs_to_an_account():
    groups, one, two = Groups(), an_order(1), an_order(2, "DU2")
    groups.join(one, "g")
    groups.join(two, "g")

    assert one.group is not two.group
