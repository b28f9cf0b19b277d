import asyncio
from pathlib import Path

import pytest
from ib_async import IB

from ibkit.sim import SimGateway, TranscriptGateway
from ibkit.testing import VirtualLoop, plug_in, plugged_in, run_virtual, virtual_time

BY_HAND = Path(__file__).parents[2] / "transcripts" / "by-hand.txt"
NOWHERE = ("192.0.2.1", 7496)


async def accounts(ib):
    await ib.connectAsync(*NOWHERE, clientId=3)
    found = ib.managedAccounts()
    ib.disconnect()
    await asyncio.sleep(0.01)
    return found


def test_a_client_is_plugged_in_for_good_and_no_other():
    async def main():
        async with SimGateway(port=None) as gateway:
            ib = plug_in(IB(), gateway)
            return [await accounts(ib), await accounts(ib)]

    assert run_virtual(main()) == [["DU1000001"]] * 2


def test_connecting_again_ends_the_connection_that_was_there():
    async def main():
        async with SimGateway(port=None) as gateway:
            ib = plug_in(IB(), gateway)
            await ib.client.connectAsync(*NOWHERE, clientId=3)
            ib.client.connState = ib.client.DISCONNECTED
            await ib.client.connectAsync(*NOWHERE, clientId=4)
            clients = gateway.truth.clients
            ib.disconnect()
            return clients

    assert run_virtual(main()) == (4,)


def test_every_client_is_plugged_in_within_the_block():
    from ib_async.connection import Connection

    before = Connection.connectAsync

    async def main():
        async with SimGateway(port=None) as gateway:
            with plugged_in(gateway) as same:
                assert same is gateway
                return await accounts(IB())

    assert run_virtual(main()) == ["DU1000001"]
    assert Connection.connectAsync is before


def test_over_tcp_it_leads_to_the_port_of_the_gateway():
    async def main():
        async with SimGateway() as gateway:
            with plugged_in(gateway, tcp=True):
                return await accounts(IB())

    assert run_virtual(main()) == ["DU1000001"]


def test_a_transcript_serves_as_well_as_a_simulation():
    async def main():
        async with TranscriptGateway(BY_HAND, port=None) as gateway:
            with plugged_in(gateway):
                return [await accounts(IB()), await accounts(plug_in(IB(), gateway))]

    assert run_virtual(main()) == [["DU1"]] * 2


def test_a_gateway_that_has_stopped_refuses():
    async def main():
        async with SimGateway(port=None) as gateway:
            pass
        with plugged_in(gateway), pytest.raises(ConnectionRefusedError, match="not running"):
            await IB().connectAsync(*NOWHERE)

    run_virtual(main())


def test_sending_from_another_loop_is_refused():
    async def ask(ib):
        await ib.reqCurrentTimeAsync()

    with virtual_time() as loop:
        gateway = SimGateway(port=None)
        loop.run_until_complete(gateway.start())
        ib = plug_in(IB(), gateway)
        ib.connect(*NOWHERE)
        other = VirtualLoop()
        with pytest.raises(RuntimeError, match="Run everything in one loop"):
            other.run_until_complete(ask(ib))
        other.close()
        ib.disconnect()
        loop.run_until_complete(gateway.stop())


def test_only_clients_are_plugged_into_gateways():
    async def main():
        async with SimGateway(port=None) as gateway:
            for ib, end in ((gateway, IB()), (IB, gateway), (IB(), "127.0.0.1")):
                with pytest.raises(ValueError, match=r"^(ib|gateway): got "):
                    plug_in(ib, end)
            with pytest.raises(ValueError, match="gateway: got"), plugged_in(IB()):
                pass

    run_virtual(main())
