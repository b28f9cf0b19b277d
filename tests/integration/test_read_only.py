"""A TWS whose API is in read-only mode, and a desk that is told to be."""

import asyncio
import datetime as dt

import pytest
from ib_async import IB

from ibkit.desk import open_desk
from ibkit.errors import ConnectionFailed, StateUnknown
from ibkit.orders import Limit, single
from ibkit.sim import Scenario, SimGateway
from ibkit.state import Level
from ibkit.testing import plug_in, run_virtual
from sim_client import MONDAY, future

READ_ONLY = Scenario(read_only=True)


def run(test, scenario, **options):
    async def main():
        async with SimGateway(port=None, seed=7, start=MONDAY, scenario=scenario) as gateway:
            return await test(gateway, open_desk(ib=plug_in(IB(), gateway), **options))

    return run_virtual(main())


def test_without_the_word_the_refusal_is_told_at_once():
    async def test(_, desk):
        began = asyncio.get_running_loop().time()
        with pytest.raises(ConnectionFailed, match=r"read-only mode.*readonly=True"):
            await desk.open_async()
        return asyncio.get_running_loop().time() - began

    assert run(test, READ_ONLY) < 1


def test_what_is_no_order_is_there():
    async def test(gateway, unopened):
        async with unopened as desk:
            es = await desk.contracts.front_month_async("ES")
            quote = (await desk.streams.snapshot_async(es))[es.conId]
            bars = await desk.history.bars_async(
                es, MONDAY - dt.timedelta(hours=1), MONDAY, "1 min"
            )
            state = desk.state
            return (
                quote.bid,
                len(bars),
                state.positions.flat(es),
                len(state.account),
                len(state.fills),
            )

    bid, bars, flat, values, fills = run(test, READ_ONLY, readonly=True)

    assert bid is not None
    assert (bars, flat, fills) == (60, True, 0)
    assert values


@pytest.mark.parametrize("scenario", [READ_ONLY, Scenario()])
def test_orders_are_neither_sent_nor_said_to_be_none(scenario):
    async def test(gateway, unopened):
        async with unopened as desk:
            es, plan = future(gateway), single("BUY", 1, Limit(4000))
            for verb in (
                lambda: desk.orders.place_async(es, plan),
                lambda: desk.orders.preview_async(es, plan),
                lambda: desk.orders.cancel_all_async("everything"),
                desk.orders.recover_async,
                desk.state.reconcile_async,
            ):
                with pytest.raises(StateUnknown, match="read-only"):
                    await verb()
            with pytest.raises(StateUnknown, match="read-only"):
                desk.state.orders.open  # noqa: B018
            return gateway.truth.orders, gateway.truth.completed_orders

    assert run(test, scenario, readonly=True) == ((), ())


def test_nothing_goes_on_about_orders_when_ib_is_lost_and_comes_back(caplog):
    async def test(gateway, unopened):
        async with unopened as desk:
            gateway.faults.lose_connectivity()
            await asyncio.sleep(5)
            gateway.faults.restore(data_lost=True)
            await asyncio.sleep(60)
            return desk.link.is_up, desk.state.orders.freshness.level

    assert run(test, READ_ONLY, readonly=True) == (True, Level.UNKNOWN)
    assert [each.getMessage() for each in caplog.records if "321" in each.getMessage()] == []
