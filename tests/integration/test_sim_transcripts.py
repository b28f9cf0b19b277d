"""Transcripts, recorded and written by hand, served to real ib_async clients."""

import asyncio
from pathlib import Path

import pytest
from ib_async import IB, Contract, LimitOrder, MarketOrder

from cards import card
from ibkit.sim import SimGateway, TranscriptGateway, TranscriptRecorder
from ibkit.testing import plug_in, run_virtual
from sim_client import MONDAY, Log, client, future


async def trading_day(ib, contract):
    """What a client does and what it sees of it."""
    log = Log(ib)
    (details,) = await ib.reqContractDetailsAsync(contract)
    ticker = ib.reqMktData(details.contract)
    depth = ib.reqMktDepth(details.contract, 3)
    bars = await ib.reqHistoricalDataAsync(
        details.contract, "", "3600 S", "1 min", "TRADES", useRTH=False
    )
    await asyncio.sleep(5)
    bracket = ib.bracketOrder("BUY", 2, 9000, 9100, 4000)
    trades = [ib.placeOrder(details.contract, order) for order in bracket]
    trades.append(ib.placeOrder(details.contract, MarketOrder("SELL", 1)))
    await asyncio.sleep(5)
    ib.cancelMktData(details.contract)
    ib.cancelOrder(trades[2].order)
    await asyncio.sleep(5)
    executions = await ib.reqExecutionsAsync()
    return {
        "contract": details.contract.localSymbol,
        "quote": (ticker.bid, ticker.ask, ticker.last, ticker.volume),
        "book": [(row.price, row.size) for row in depth.domBids],
        "bars": [(bar.date, bar.close, bar.volume) for bar in bars],
        "orders": [(t.orderStatus.status, t.orderStatus.filled) for t in trades],
        "parents": [t.order.parentId - trades[0].order.orderId for t in trades[1:3]],
        "fills": [(f.execution.price, f.commissionReport.commission) for f in executions],
        "positions": [(p.contract.localSymbol, p.position) for p in ib.positions()],
        "codes": log.codes,
        "cash": {v.value for v in ib.accountValues() if v.tag == "TotalCashValue"},
    }


async def recorded(path, *, scrub):
    async with SimGateway(port=None, seed=7, start=MONDAY) as gateway:
        gateway.record_to(path, scrub=scrub)
        async with client(gateway, 3) as ib:
            return await trading_day(ib, future(gateway))


async def served(path, **options):
    async with TranscriptGateway(path, port=None, **options) as gateway:
        ib = plug_in(IB(), gateway)
        await ib.connectAsync(clientId=8)
        ib.client.updateReqId(500)  # ids of its own, far from those of the recording
        contract = Contract(secType="FUT", localSymbol="ESH6", exchange="CME")
        seen = await trading_day(ib, contract)
        clients = {t.order.clientId for t in ib.trades()}, {t.order.orderId for t in ib.trades()}
        ib.disconnect()
        await asyncio.sleep(0.1)
        return seen, clients


@card("TSC-01", "issue: transcripts")
@pytest.mark.parametrize("scrub", [False, True])
def test_a_recorded_day_is_the_same_day_for_another_client(tmp_path, scrub):
    first = run_virtual(recorded(tmp_path / "day.txt", scrub=scrub))
    second, (clients, order_ids) = run_virtual(served(tmp_path / "day.txt"))

    assert second == first
    assert len(first["bars"]) == 60
    assert first["orders"][0] == ("Filled", 2)
    assert first["parents"] == [0, 0]
    assert (clients, min(order_ids) > 400) == ({8}, True)
    assert ("DU1000001" in (tmp_path / "day.txt").read_text()) is not scrub


@card("TSC-02", "issue: transcripts")
def test_a_transcript_in_virtual_time_is_the_same_bytes_for_the_same_seed(tmp_path):
    for name in ("one", "two"):
        run_virtual(recorded(tmp_path / name, scrub=False))

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


BY_HAND = Path(__file__).parents[1] / "transcripts" / "by-hand.txt"


@card("TSC-03", "issue: transcripts")
def test_a_transcript_may_be_written_by_hand():
    async def main():
        async with TranscriptGateway(BY_HAND, port=None) as gateway:
            ib = plug_in(IB(), gateway)
            await ib.connectAsync(clientId=5)
            log = Log(ib)
            contract = Contract(secType="STK", conId=265598, exchange="SMART")
            trade = ib.placeOrder(contract, LimitOrder("BUY", 1, 151))
            await asyncio.sleep(1)
            held = trade.orderStatus.whyHeld
            await asyncio.sleep(5)
            value = next(v.value for v in ib.accountValues() if v.tag == "NetLiquidation")
            seen = ib.positions()[0].position, value, held, trade.orderStatus.status, log.codes
            ib.disconnect()
            await asyncio.sleep(0.1)
            return seen

    assert run_virtual(main()) == (100, "12345.67", "locate", "Filled", [404])


@pytest.mark.tcp
def test_a_gateway_may_be_recorded_from_outside_and_served_over_tcp(tmp_path):
    async def look(port):
        ib = IB()
        await ib.connectAsync("127.0.0.1", port, clientId=4)
        (details,) = await ib.reqContractDetailsAsync(
            Contract(secType="STK", symbol="AAPL", exchange="SMART", currency="USD")
        )
        accounts = ib.managedAccounts()
        ib.disconnect()
        await asyncio.sleep(0.05)
        return accounts, details.longName

    async def main():
        path = tmp_path / "day.txt"
        async with SimGateway(start=MONDAY) as gateway:
            upstream = ("127.0.0.1", gateway.port)
            async with TranscriptRecorder(path, upstream, scrub=True) as recorder:
                first = await look(recorder.port)
        async with TranscriptGateway(path) as gateway:
            return first, await look(gateway.port)

    (accounts, name), (others, other_name) = asyncio.run(main())

    assert (accounts, others) == (["DU1000001"], ["DU9000001"])
    assert name == other_name
