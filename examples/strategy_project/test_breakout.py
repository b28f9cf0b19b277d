"""The strategy on a simulated gateway: plain tests, blocking and asynchronous."""

from __future__ import annotations

import asyncio

import pytest
from breakout import Breakout
from ib_async import IB, Contract, Future

from ibkit.sim import SimGateway
from ibkit.testing import (
    VirtualLoop,
    assert_flat,
    assert_no_orphans,
    assert_protected,
    assert_sent_once,
)


@pytest.fixture
def es(ib: IB, gateway: SimGateway) -> Contract:
    gateway.market.quote("ES", bid=4999.75, ask=5000, bid_size=50, ask_size=50)
    (contract,) = ib.qualifyContracts(Future("ES", "202603", "CME"))
    return contract


async def test_a_breakout_is_bought_once_and_protected(
    gateway: SimGateway, ib: IB, es: Contract
) -> None:
    strategy = Breakout(ib, es, level=5000)
    strategy.start()
    gateway.market.trade("ES", 5000)
    await asyncio.sleep(60)
    assert_flat(gateway)
    gateway.market.trade("ES", 5000.25)
    gateway.market.trade("ES", 5000.5)
    await asyncio.sleep(1)

    assert_sent_once(gateway, "breakout")
    assert_protected(gateway, "ES")
    gateway.market.quote("ES", bid=5010, ask=5010.25)  # the target
    await asyncio.sleep(1)
    assert_flat(gateway)
    assert_no_orphans(gateway)
    strategy.stop()


def test_the_stop_is_there_after_a_lost_connection(
    gateway: SimGateway, ib: IB, es: Contract, virtual_time: VirtualLoop
) -> None:
    strategy = Breakout(ib, es, level=5000)
    strategy.start()
    gateway.market.trade("ES", 5001)
    ib.sleep(1)
    gateway.faults.cut()
    virtual_time.advance(1)  # ib.sleep would raise: it reports every lost connection

    assert not ib.isConnected()
    assert_protected(gateway, "ES")
    gateway.market.trade("ES", 4990)
    virtual_time.advance(1)
    assert_flat(gateway)
