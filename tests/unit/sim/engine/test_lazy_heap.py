from __future__ import annotations

from brokerage import ES, dec, terms_of
from ibkit.sim._engine import OrderKey
from ibkit.sim._engine._lazy_heap import SMALL, LazyHeap
from ibkit.sim._engine._order import Order


def an_order(sequence: int = 1) -> Order:
    return Order(OrderKey(1, sequence), ES, "CME", "", terms_of(), sequence)


def test_the_lowest_key_comes_first_and_among_equals_the_oldest_order():
    heap, orders = LazyHeap(), [an_order(n) for n in (1, 2, 3)]
    heap.push(dec(5), orders[2])
    heap.push(dec(5), orders[1])
    heap.push(dec(9), orders[0])
    found = []
    while heap.first():
        found.append(heap.pop().order.sequence)

    assert found == [2, 3, 1]


def test_an_entry_dies_with_the_stamp_of_its_order():
    heap, order = LazyHeap(), an_order()
    heap.push(dec(1), order)
    order.stamp += 1
    assert heap.first() is None

    heap.push(dec(2), order)
    assert heap.first().key == 2


def test_dead_entries_do_not_pile_up():
    heap, order = LazyHeap(), an_order()
    for _ in range(100 * SMALL):
        order.stamp += 1
        heap.push(dec(1), order)

    assert len(heap) <= 2 * SMALL


def test_the_same_order_may_stand_twice_at_one_price():
    heap, order = LazyHeap(), an_order()
    heap.push(dec(1), order, "a")
    heap.push(dec(1), order, "b")

    assert [heap.pop().purpose, heap.pop().purpose] == ["a", "b"]
