import asyncio
from decimal import Decimal

import pytest
from ib_async import IB

from ibkit.errors import GateRefused, NotConnected, PlanError
from ibkit.orders import Limit, Market, OrderDesk, PriceCollar, close_position, single
from ibkit.testing import run_virtual
from order_work import live, run, settle
from sim_client import connected, future

RESTS = single("BUY", 1, Limit(4900))
NEAR = single("BUY", 1, Limit(4990))


class Looking:
    """A gate that lets everything pass, and keeps what it saw."""

    def __init__(self, *, needs_market=False):
        self.needs_market = needs_market
        self.seen = []

    def __call__(self, context, /):
        self.seen.append(context)

    @property
    def market(self):
        last = self.seen[-1]
        return last.bid, last.ask


def test_a_gate_sees_the_position_and_the_orders():
    gate = Looking()

    async def test(gateway, desk):
        es = future(gateway)
        await desk.orders.place_async(es, RESTS)
        trade = await desk.orders.place_async(es, single("BUY", 3, Market()))
        await trade.closed_async(timeout=5)
        await settle(1)
        await desk.orders.place_async(es, RESTS)

    run(test, gates=[gate])
    first, _, last = gate.seen

    assert (first.position, first.open_orders, first.account) == (0, 0, "DU1000001")
    assert (last.position, last.open_orders) == (3, 1)
    assert last.contract.localSymbol == "ESH6"
    assert last.now.tzinfo is not None


@pytest.mark.parametrize(
    ("needs", "market"), [(True, (5000, Decimal("5000.25"))), (False, (None, None))]
)
def test_a_quote_is_asked_for_where_a_gate_needs_it(needs, market):
    gate = Looking(needs_market=needs)

    async def test(gateway, desk):
        await desk.orders.place_async(future(gateway), RESTS)

    run(test, gates=[gate])

    assert gate.market == market


def test_a_collar_works_with_and_without_a_stream():
    async def test(gateway, desk):
        es = future(gateway)
        await desk.orders.place_async(es, NEAR)
        with pytest.raises(GateRefused, match="more than 1% away"):
            await desk.orders.place_async(es, RESTS)
        async with desk.streams.quotes(es) as quotes:
            await quotes.first_async(timeout=5)
            gateway.market.quote("ES", bid=5100, ask=5100.25)
            await asyncio.sleep(1)
            with pytest.raises(GateRefused, match=r"5100\.125"):
                await desk.orders.place_async(es, NEAR)
        return live(gateway)

    assert run(test, gates=[PriceCollar(1)]) == ["LMT BUY 1 4990"]


def test_where_there_is_no_market_a_collar_refuses():
    async def test(gateway, desk):
        gateway.faults.refuse("ReqMktData", 354, "Requested market data is not subscribed")
        with pytest.raises(GateRefused, match="no market price"):
            await desk.orders.place_async(future(gateway), NEAR)

    run(test, gates=[PriceCollar(1)])


def test_a_desk_alone_looks_at_the_ticker_of_the_user():
    async def main():
        async with connected() as (gateway, ib):
            gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=50, ask_size=50)
            desk = OrderDesk(ib, [PriceCollar(1)])
            await desk.state.link.up_async(timeout=30)
            es = future(gateway)
            with pytest.raises(GateRefused, match="no market price"):
                await desk.place_async(es, NEAR)
            ib.reqMktData(es)
            await asyncio.sleep(2)
            await desk.place_async(es, NEAR)
            desk.close()
            return live(gateway)

    assert run_virtual(main()) == ["LMT BUY 1 4990"]


def test_a_connection_that_is_lost_while_the_market_is_asked_for_stops_everything():
    async def test(gateway, desk):
        gateway.faults.refuse_connections(99)
        gateway.faults.cut_at("ReqMktData")
        with pytest.raises(NotConnected):
            await desk.orders.place_async(future(gateway), NEAR)
        return live(gateway), len(desk.orders.groups), isinstance(desk.ib, IB)

    assert run(test, gates=[PriceCollar(1)]) == ([], 0, True)


@pytest.mark.parametrize(
    ("side", "size", "close", "passes"),
    [
        ("BUY", 2, 2, True),
        ("BUY", 2, 1, True),
        ("BUY", 2, 3, False),
        ("BUY", 2, -2, False),
        ("SELL", 2, -2, True),
        ("SELL", 2, -3, False),
        (None, 0, 1, False),
    ],
)
def test_no_more_is_closed_than_is_held(side, size, close, passes):
    async def test(gateway, desk):
        es = future(gateway)
        if side:
            opened = await desk.orders.place_async(es, single(side, size, Market()))
            await opened.closed_async(timeout=5)
            await settle(1)
        try:
            await desk.orders.place_async(es, close_position(close, Limit(5000)))
        except PlanError as error:
            return str(error)
        return ""

    said = run(test)

    assert (not said) is passes
    assert passes or "the account holds" in said
