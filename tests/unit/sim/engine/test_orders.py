from __future__ import annotations

import pytest

from brokerage import ES, terms_of
from ibkit.sim._engine import OrderKey
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._orders import UNBOUND, Orders


def accepted(orders: Orders, perm_id: int, key: OrderKey) -> Order:
    order = Order(key, ES, "CME", "", terms_of(), perm_id)
    order.perm_id = perm_id
    orders.add(order)
    orders.accept(order)
    return order


def test_orders_are_found_by_key_and_by_perm_id():
    orders = Orders()
    order = accepted(orders, 7, OrderKey(1, 2))

    assert orders.get(OrderKey(1, 2)) is order is orders.by_perm_id(7)
    assert orders.get(OrderKey(2, 2)) is None
    assert orders.find_perm_id(8) is None
    with pytest.raises(KeyError):
        orders.by_perm_id(8)


def test_manual_orders_share_a_key_and_hide_nothing():
    orders = Orders()
    first, second = (accepted(orders, n, UNBOUND) for n in (1, 2))

    assert orders.get(UNBOUND) is None
    assert list(orders.live) == [first, second]


def test_a_bound_order_is_found_by_its_new_key():
    orders = Orders()
    order = accepted(orders, 1, UNBOUND)
    orders.rename(order, OrderKey(0, -1))

    assert orders.get(OrderKey(0, -1)) is order


def test_an_order_ends_and_is_revived():
    orders = Orders()
    order = accepted(orders, 1, OrderKey(1, 1))
    orders.end(order)
    assert (list(orders.live), list(orders.ended)) == ([], [order])

    orders.revive(order)
    assert (list(orders.live), list(orders.ended)) == ([order], [])


def test_a_new_day_forgets_the_ended_and_keeps_the_live():
    orders = Orders()
    gone, stays = accepted(orders, 1, OrderKey(1, 1)), accepted(orders, 2, OrderKey(1, 2))
    orders.end(gone)
    orders.forget_ended()

    assert orders.get(OrderKey(1, 1)) is None
    assert orders.find_perm_id(1) is None
    assert orders.get(OrderKey(1, 2)) is stays


def test_a_restart_forgets_only_the_ids_of_the_ended():
    orders = Orders()
    order = accepted(orders, 1, OrderKey(1, 1))
    orders.end(order)
    orders.forget_ended_keys()

    assert orders.get(OrderKey(1, 1)) is None
    assert orders.by_perm_id(1) is order


def test_an_id_that_was_used_again_belongs_to_the_new_order():
    orders = Orders()
    orders.end(accepted(orders, 1, OrderKey(1, 1)))
    second = accepted(orders, 2, OrderKey(1, 1))
    orders.forget_ended()

    assert orders.get(OrderKey(1, 1)) is second


def test_held_orders_have_no_perm_id_yet():
    orders = Orders()
    held = Order(OrderKey(1, 1), ES, "CME", "", terms_of(), 1)
    orders.add(held)
    accepted(orders, 1, OrderKey(1, 2))

    assert list(orders.held()) == [held]


def test_live_orders_by_their_number_alone():
    orders = Orders()
    first, second = accepted(orders, 1, OrderKey(1, 5)), accepted(orders, 2, OrderKey(2, 5))
    assert orders.live_with_id(5) == [first, second]

    orders.end(first)
    assert orders.live_with_id(5) == [second]
