"""A client of any version from 157 to 178 is served in the layout of that version."""

import asyncio
from functools import cache

import pytest
from ib_async import IB, Contract, LimitOrder

from cards import card
from ibkit.sim import SimGateway
from ibkit.testing import plug_in, run_virtual
from sim_client import MONDAY, Log, future


@cache
def served(version):
    """What a client hears that speaks no version above *version*."""

    async def main():
        async with SimGateway(port=None, seed=7, start=MONDAY) as gateway:
            gateway.market.quote("ES", bid=5000, ask=5000.25)
            ib = plug_in(IB(), gateway)
            ib.client.MaxClientVersion = version
            log = Log(ib)
            await ib.connectAsync(clientId=3)
            try:
                return await day(gateway, ib, log)
            finally:
                ib.disconnect()

    return run_virtual(main())


async def day(gateway, ib, log):
    es = future(gateway)
    (details,) = await ib.reqContractDetailsAsync(es)
    trades = [ib.placeOrder(es, order) for order in ib.bracketOrder("BUY", 2, 5001, 5010, 4990)]
    ticker = ib.reqMktData(es)
    await asyncio.sleep(0.5)
    gateway.market.quote("ES", bid=5010, ask=5010.25)
    await asyncio.sleep(0.5)
    bars = await ib.reqHistoricalDataAsync(es, "", "600 S", "1 min", "TRADES", useRTH=False)
    state = await ib.whatIfOrderAsync(es, LimitOrder("BUY", 1, 5000))
    completed = await ib.reqCompletedOrdersAsync(False)
    options = Contract("OPT", symbol="AAPL", strike=270, right="C", exchange="SMART")
    return (
        ib.client.serverVersion(),
        details.realExpirationDate,
        details.minTick,
        [(t.orderStatus.status, t.orderStatus.filled) for t in trades],
        [(f.execution.side, f.execution.shares, f.execution.price) for f in ib.fills()],
        [f.commissionReport.commission for f in ib.fills()],
        (ticker.bid, ticker.askSize),
        [(bar.date, bar.close, bar.volume) for bar in bars],
        float(state.initMarginChange),
        sorted(t.orderStatus.status for t in completed),
        len(await ib.reqContractDetailsAsync(options)) > 10,
        [code for code in log.codes if code != 202],
    )


@card("MSG-06", "issue: versions 157 to 178")
@pytest.mark.parametrize("version", [*range(157, 179)])
def test_every_version_tells_the_same_day(version):
    spoken, *told = served(version)
    _, *latest = served(178)

    assert spoken == version
    assert told == latest


@card("MSG-07", "4.1 C")
def test_a_client_below_157_is_closed():
    with pytest.raises((ConnectionError, TimeoutError, asyncio.TimeoutError)):
        served(156)
