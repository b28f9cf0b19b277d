import asyncio
import datetime as dt
import statistics
import time
from pathlib import Path

import pytest
from ib_async import IB

from ibkit.testing import VirtualLoop
from ibkit.testing._rig import connected_client, running_gateway, running_transcript

BY_HAND = Path(__file__).parents[2] / "transcripts" / "by-hand.txt"


@pytest.fixture
def loop():
    loop = VirtualLoop()
    yield loop
    loop.close()


def test_the_gateway_keeps_the_time_of_the_loop_and_takes_every_client(loop):
    with running_gateway(loop, seed=3) as gateway:
        assert gateway.seed == 3
        assert abs(gateway.clock.now() - loop.now()) < dt.timedelta(milliseconds=1)
        ib = IB()
        loop.run_until_complete(ib.connectAsync("192.0.2.1", 7496, clientId=8))
        assert gateway.truth.clients == (8,)
        ib.disconnect()
        loop.advance(1)
        assert gateway.truth.clients == ()


def test_a_client_is_connected_and_synchronised_and_gone_afterwards(loop):
    with running_gateway(loop) as gateway:
        with connected_client(loop, 5) as ib:
            assert ib.managedAccounts() == ["DU1000001"]
            assert ib.accountValues()
            assert gateway.truth.clients == (5,)
        assert gateway.truth.clients == ()
        assert asyncio.all_tasks(loop) == set()


def test_the_gateway_stops_when_the_test_fails(loop):
    with pytest.raises(KeyError), running_gateway(loop) as gateway:
        raise KeyError

    with pytest.raises(ConnectionRefusedError):
        gateway.connect(asyncio.Protocol())


def test_over_tcp_it_listens(loop):
    with running_gateway(loop, tcp=True) as gateway, connected_client(loop, 5) as ib:
        assert gateway.port > 0
        assert ib.isConnected()


@pytest.mark.parametrize("tcp", [False, True])
def test_a_transcript_is_served_for_the_length_of_the_block(loop, tcp):
    with running_transcript(loop, BY_HAND, tcp=tcp) as gateway, connected_client(loop, 5) as ib:
        assert ib.managedAccounts() == ["DU1"]
        assert ib.positions()[0].position == 100

    with pytest.raises(ConnectionRefusedError):
        gateway.connect(asyncio.Protocol())


def test_a_client_costs_milliseconds():
    def cost():
        began = time.process_time()
        loop = VirtualLoop()
        with running_gateway(loop), connected_client(loop, 5):
            pass
        loop.close()
        return time.process_time() - began

    assert statistics.median(cost() for _ in range(21)) < 0.05  # measured: 0.003
