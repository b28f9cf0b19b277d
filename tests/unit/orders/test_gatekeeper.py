import asyncio
from decimal import Decimal

import pytest
from ib_async import IB

from ibkit.errors import GateRefused, NotConnected, PlanError
from ibkit.orders import (
    GroupStatus,
    Limit,
    Market,
    MaxSize,
    OrderDesk,
    PriceCollar,
    Stop,
    Target,
    bracket,
    close_position,
    oca,
    single,
    trailing,
)
from ibkit.orders._gatekeeper import as_it_is
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


# -- changes of groups that live

WAITS = bracket("BUY", 4, entry=4900, targets=[Target(2, 4910), Target(2, 4920)], stop=4890)


def changes(work, group=WAITS, gate=None, **options):
    """Place a group, let *work* change it, and return what it returns beside what gates saw."""
    gate = gate or Looking()

    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), group)
        await settle(2)
        del gate.seen[:]
        return await work(gateway, trade)

    return run(test, gates=[gate], **options), gate.seen


def test_a_gate_sees_a_group_as_it_would_become_beside_what_it_is():
    async def work(gateway, trade):
        await trade.move_stop_async(4880, number=1)
        await trade.resize_async(3, number=2)
        return trade

    trade, (seen,) = changes(work)

    assert [order.size for order in seen.before.legs] == [2] * 6
    assert [order.size for order in seen.group.legs] == [2, 2, 2, 3, 3, 3]
    assert seen.group.partial
    assert seen.before["stop-1"].leg == Stop(4880)
    assert (seen.group.size, seen.group.group_id) == (5, trade.group_id)
    assert (seen.position, seen.open_orders, seen.account) == (0, 6, "DU1000001")


def test_what_a_slice_has_filled_is_shown():
    async def work(gateway, trade):
        gateway.market.quote("ES", bid=4901, ask=4901.25, bid_size=50, ask_size=50)
        entry = next(o for o in gateway.truth.orders if ":e1:" in o.terms.order_ref)
        gateway.faults.fill_order(entry.perm_id, 2, 4900)
        await settle(2)
        await trade.resize_async(3, number=2)

    _, (seen,) = changes(work)

    assert (seen.position, seen.filled["entry-1"], seen.filled["entry-2"]) == (2, 2, 0)
    assert seen.opening == (("BUY", 3),)


def test_a_group_is_shown_with_what_it_may_have_in_a_moment():
    async def work(gateway, trade):
        gateway.faults.ignore("PlaceOrder", times=9)
        resize = asyncio.ensure_future(trade.resize_async(9, number=1, timeout=30))
        await asyncio.sleep(1)
        now = as_it_is(trade)
        resize.cancel()
        return now

    now, _ = changes(work)

    assert now["target-1"].size == 9


def test_what_has_ended_without_a_fill_is_not_shown_and_what_has_filled_is_as_far():
    async def work(gateway, trade):
        gateway.market.quote("ES", bid=4901, ask=4901.25, bid_size=50, ask_size=50)
        entry, other = (o for o in gateway.truth.orders if ":e" in o.terms.order_ref)
        gateway.faults.fill_order(entry.perm_id, 1, 4900)
        gateway.faults.cancel_order(entry.perm_id)
        gateway.faults.cancel_order(other.perm_id)
        await settle()
        return as_it_is(trade)

    now, _ = changes(work)

    assert [(order.role, order.size) for order in now.legs] == [
        ("entry-1", 1), ("target-1", 1), ("stop-1", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "verb",
    [
        lambda trade: trade.resize_async(1),
        lambda trade: trade.move_stop_async(4895),
        lambda trade: trade.move_target_async(1, 4915),
        lambda trade: trade.move_async("stop-2", 4880),
        lambda trade: trade.cancel_async(),
        lambda trade: trade.close_async(),
    ],
)
def test_what_opens_nothing_more_is_not_asked_about(verb):
    async def work(_gateway, trade):
        await verb(trade)

    assert changes(work)[1] == []


def test_an_entry_at_another_price_is_asked_about():
    async def work(_gateway, trade):
        await trade.move_async("entry-2", 4905)

    _, (seen,) = changes(work)

    assert (seen.before["entry-2"].leg, seen.group["entry-2"].leg) == (Limit(4900), Limit(4905))


def test_what_closes_a_position_is_moved_and_grows_without_a_gate():
    gate = Looking()
    exits = oca([single("SELL", 2, Limit(5010)), single("SELL", 2, Stop(4990))])

    async def test(gateway, desk):
        es = future(gateway)
        opened = await desk.orders.place_async(es, single("BUY", 2, Market()))
        await opened.closed_async(timeout=5)
        await settle(1)
        pair = await desk.orders.place_async(es, exits)
        alone = await desk.orders.place_async(es, trailing("SELL", 1, amount=8))
        await settle(2)
        del gate.seen[:]
        await pair.move_async("order-2", 4995)
        await alone.resize_async(2)
        asked = len(gate.seen)
        await alone.resize_async(3)
        return asked, len(gate.seen), sorted(live(gateway))

    orders = ["LMT SELL 2 5010", "STP SELL 2 4995", "TRAIL SELL 3 8"]

    assert run(test, gates=[gate]) == (0, 1, orders)


def test_a_closing_order_does_not_grow_beyond_what_is_held():
    async def test(gateway, desk):
        es = future(gateway)
        opened = await desk.orders.place_async(es, single("BUY", 3, Market()))
        await opened.closed_async(timeout=5)
        await settle(1)
        trade = await desk.orders.place_async(es, close_position(2, Limit(5100)))
        await trade.resize_async(3)
        with pytest.raises(PlanError, match="SELL 4 to close"):
            await trade.resize_async(4)
        gateway.faults.fill_order(gateway.truth.orders[0].perm_id, 1, 5100)
        await settle(2)
        await trade.move_async("close", 5090)
        return live(gateway)

    assert run(test) == ["LMT SELL 2 5090"]


def test_a_lost_connection_stops_a_change_while_the_market_is_asked_for():
    async def work(gateway, trade):
        gateway.faults.refuse_connections(99)
        gateway.faults.cut_at("ReqMktData")
        with pytest.raises(NotConnected):
            await trade.resize_async(9, number=1)
        return min(live(gateway))

    assert changes(work, gate=Looking(needs_market=True))[0] == "LMT BUY 2 4900"


def test_an_order_that_fills_while_the_market_is_asked_for_is_not_resized():
    gate = Looking(needs_market=True)

    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), single("BUY", 2, Limit(4900)))
        gateway.faults.delay_request("ReqMktData", 3)
        work = asyncio.ensure_future(trade.resize_async(4))
        await asyncio.sleep(0.5)
        gateway.faults.fill_order(gateway.truth.orders[0].perm_id, 1, 4900)
        with pytest.raises(PlanError, match="nothing is filled"):
            await work
        return live(gateway), len(gate.seen)

    assert run(test, gates=[gate]) == (["LMT BUY 1 4900"], 2)


def test_two_slices_that_grow_at_once_are_added_up():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), WAITS)
        await settle(2)
        work = [trade.resize_async(5, number=n) for n in (1, 2)]
        done = await asyncio.gather(*work, return_exceptions=True)
        return [type(one) for one in done], trade.status, sorted(live(gateway))[:2]

    kinds, status, entries = run(test, gates=[MaxSize(8)])

    assert kinds == [type(None), GateRefused]
    assert entries == ["LMT BUY 2 4900", "LMT BUY 5 4900"]
    assert status is GroupStatus.WORKING
