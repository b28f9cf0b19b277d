import asyncio
from decimal import Decimal

import pytest
from hypothesis import given, settings
from ib_async import IB, Order

from ibkit.orders import PriceGrid
from ibkit.sim import Account, Scenario, SimGateway
from ibkit.testing import plug_in, run_virtual
from ibkit.testing._resolved import contract_of
from ibkit.testing.strategies import order_groups
from ibkit.testing.strategies._groups import FORMS

GRID = PriceGrid([(0, Decimal("0.25"))])


@given(order_groups())
def test_a_group_is_on_the_grid_and_near_the_market(group):
    assert group.on_grid(GRID, rounding="refuse") == group
    for planned in group.legs:
        for name in ("price", "trigger", "start"):
            price = getattr(planned.leg, name, None)
            assert price is None or abs(price - 5000) <= 21


@given(order_groups(price=2, tick="0.5", max_size=2, forms=["single", "oca"]))
def test_scale_and_forms_may_be_chosen(group):
    assert group.form in {"single", "oca"}
    assert all(order.size <= 2 for order in group.legs)


def examples(strategy, count=30):
    drawn = []

    @settings(max_examples=count, database=None)
    @given(strategy)
    def draw(group):
        drawn.append(group)

    draw()
    return drawn


RICH = Scenario(accounts=(Account(cash=Decimal(10**9)),))
"""What it draws may need more margin than a usual account has."""


@pytest.mark.parametrize("form", FORMS)
def test_the_gateway_accepts_every_order_of_it(form):
    refused = []

    def listen(req_id, code, text, _):
        refused.append((code, text))

    async def main():
        async with SimGateway(scenario=RICH, port=None) as gateway:
            ib = plug_in(IB(), gateway)
            await ib.connectAsync()
            ib.errorEvent += listen
            gateway.market.quote("ES", bid=5000, ask="5000.25", bid_size=999, ask_size=999)
            es = contract_of(gateway.market.instrument("ES"))
            for number, group in enumerate(examples(order_groups(forms=[form]))):
                for order in group.evolve(group_id=f"g{number}").to_orders(100 * number + 1):
                    ib.placeOrder(es, order)
                await asyncio.sleep(1)
            ib.disconnect()
            return len(gateway.truth.orders) + len(gateway.truth.completed_orders)

    assert run_virtual(main()) >= 30
    # 202: cancelled by its group; the others are notices
    assert {code for code, _ in refused} <= {202, 2104, 2106, 2158}, refused


def test_a_group_shrinks_to_a_market_order_for_one(smallest):
    (order,) = smallest(order_groups(), lambda _: True).to_orders(1)

    assert isinstance(order, Order)
    assert (order.action, order.totalQuantity, order.orderType) == ("BUY", 1, "MKT")


def test_a_bracket_shrinks_to_the_exits_that_matter(smallest):
    group = smallest(order_groups(), lambda group: group.entries and group.stops)

    assert str(group) == (
        "bracket: BUY 1\nentry         BUY 1 LMT 5000 DAY\n`- stop-1     SELL 1 STP 4999.75 DAY"
    )


@pytest.mark.parametrize(
    "wrong", [{"price": "x"}, {"tick": 0}, {"tick": -1}, {"forms": ["brackets"]}, {"forms": []}]
)
def test_what_would_be_no_group_or_no_market_is_refused(wrong):
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: got "):
        order_groups(**wrong)
