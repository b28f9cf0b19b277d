from __future__ import annotations

import pytest

from brokerage import Desk, dec
from ibkit.sim._engine._filling import Overfill, fill


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    return desk


def fill_by(desk: Desk, quantity: object) -> None:
    world = desk.broker._world
    order = world.orders.by_perm_id(desk.perm_id(1))
    fill(world, order, dec(quantity), dec(90), liquidity=0)


@pytest.mark.parametrize("quantity", [0, -1, 6])
def test_an_order_is_never_filled_beyond_its_size(desk, quantity):
    with pytest.raises(Overfill):
        fill_by(desk, quantity)


def test_the_last_fill_ends_it(desk):
    fill_by(desk, 2)
    assert desk.status(1) == "Submitted"

    fill_by(desk, 3)
    assert desk.status(1) == "Filled"
    assert desk.broker.orders() == ()
