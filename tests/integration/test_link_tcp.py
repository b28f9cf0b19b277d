"""A link over real sockets on this machine: every way in which a connect fails."""

import asyncio
import socket
import threading
import time

import pytest
from ib_async import IB, MarketOrder

from ibkit._ib._greeting import Address
from ibkit._ib._link import Link, Patience
from ibkit._ib._reconnect import Reconnect
from ibkit._ib._requests import Requests
from ibkit.desk import open_desk
from ibkit.errors import ConnectionFailed, ConnectionLost
from ibkit.sim import SimGateway
from loops import LOOPS

pytestmark = pytest.mark.tcp


def link_to(port, client_id=5, **options):
    address = Address(host="127.0.0.1", port=port, client_id=client_id)
    options.setdefault("patience", Patience(login=2.0))
    return Link(IB(), address, **options)


async def fails(link):
    """How opening fails, and how long that takes."""
    began = time.perf_counter()
    with pytest.raises(ConnectionFailed) as caught:
        await link.open_async()
    link.release()
    return caught.value, time.perf_counter() - began


async def serve(talk):
    """Listen on a free port; *talk* gets a reader and a writer."""

    async def handle(reader, writer):
        await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def test_nothing_listens():
    error, seconds = asyncio.run(fails(link_to(free_port())))

    assert error.reason == "nothing listens on this port"
    assert "7497 TWS paper" in error.remedy
    assert seconds < 1


def test_a_host_that_does_not_answer():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = []
        for _ in range(4):  # fills the queue of the port: the system drops what follows
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
            waiting.append(sock)
        error, seconds = asyncio.run(fails(link_to(port, patience=Patience(login=0.3))))
        for sock in waiting:
            sock.close()

    assert error.reason == "the host did not answer within 0.3 s"
    assert seconds < 1.5


def test_another_program_has_the_port():
    async def main():
        async def web(reader, writer):
            await reader.read(4)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await reader.read()

        server, port = await serve(web)
        async with server:
            return await fails(link_to(port))

    error, seconds = asyncio.run(main())

    assert error.reason.startswith("this is not TWS: it says 'HTTP/1.1 400 Bad Request")
    assert seconds < 1


def test_a_gateway_that_accepts_and_closes():
    async def main():
        async def drop(_reader, _writer):
            pass

        server, port = await serve(drop)
        async with server:
            return await fails(link_to(port))

    error, seconds = asyncio.run(main())

    assert error.reason == "the connection was accepted and closed at once"
    assert "Trusted IPs" in error.remedy
    assert seconds < 1


def test_a_gateway_that_says_nothing():
    async def main():
        async def wait(reader, _writer):
            await reader.read()

        server, port = await serve(wait)
        async with server:
            return await fails(link_to(port, patience=Patience(login=0.3)))

    error, seconds = asyncio.run(main())

    assert error.reason == "the connection was accepted, and nothing was said within 0.3 s"
    assert seconds < 1.5


def test_a_gateway_that_is_too_old():
    async def main():
        async def old(reader, writer):
            await reader.read(4)
            text = b"120\x0020200105 09:30:00 EST\x00"
            writer.write(len(text).to_bytes(4, "big") + text)
            await reader.read()

        server, port = await serve(old)
        async with server:
            return await fails(link_to(port))

    error, seconds = asyncio.run(main())

    assert error.reason == "TWS is too old: its server version is 120"
    assert seconds < 1


def test_a_client_id_in_use():
    async def main():
        async with SimGateway() as gateway:
            first = link_to(gateway.port)
            await first.open_async()
            result = await fails(link_to(gateway.port))
            still_up = first.is_up
            first.close()
            first.release()
            return result, still_up

    (error, seconds), still_up = asyncio.run(main())

    assert (error.code, error.reason) == (326, "client id 5 is already in use")
    assert seconds < 1
    assert still_up


def test_a_gateway_that_restarts():
    async def main():
        async with SimGateway() as gateway:
            link = link_to(gateway.port, reconnect=Reconnect(first=0.05, jitter=0))
            await link.open_async()
            asking = asyncio.ensure_future(link.requests.positions_async())
            await asyncio.sleep(0)
            gateway.faults.restart()
            with pytest.raises(ConnectionLost):
                await asking
            await link.up_async(timeout=5)
            epoch = link.epoch
            link.close()
            link.release()
            return epoch

    assert asyncio.run(main()) == 2


def frame(*fields):
    text = "".join(f"{field}\0" for field in fields).encode()
    return len(text).to_bytes(4, "big") + text


def answer_the_time(listener):
    """A gateway in a thread of its own: a login, and the time."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(frame(178, "20260105 09:30:00 EST"))
        while data := connection.recv(4096):
            if b"\x0071\0" in b"\0" + data[4:]:
                connection.sendall(frame(15, 1, "DU1") + frame(9, 1, 1))
            elif data[4:].startswith(b"49\0"):
                connection.sendall(frame(49, 1, 1767607200))


@pytest.mark.parametrize("make_loop", LOOPS)
def test_a_stalled_program_does_not_take_tws_for_silent(make_loop):
    async def main(port):
        ib = IB()
        requests = Requests(ib)
        await ib.client.connectAsync("127.0.0.1", port, 5)
        asking = asyncio.ensure_future(requests.current_time_async(timeout=0.1))
        await asyncio.sleep(0)
        time.sleep(0.3)  # noqa: ASYNC251 - a program that blocks its loop
        answer = await asking
        ib.disconnect()
        requests.close()
        await asyncio.sleep(0.01)
        return answer

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        gateway = threading.Thread(target=answer_the_time, args=(listener,))
        gateway.start()
        loop = make_loop()
        answer = loop.run_until_complete(main(listener.getsockname()[1]))
        loop.close()
        gateway.join(5)

    assert answer.timestamp() == 1767607200


@pytest.mark.parametrize("make_loop", LOOPS)
def test_coroutine_handlers_run_on_the_running_loop(make_loop):
    """eventkit runs them on the loop of the policy, which is another one here (traps B31)."""
    heard = []

    async def handler(change):
        await asyncio.sleep(0)
        heard.append((asyncio.get_running_loop(), change.after.status))

    async def main():
        async with SimGateway() as gateway:
            desk = open_desk(port=gateway.port, client_id=5)
            desk.state.order_changed += handler
            async with desk:
                es = await desk.contracts.front_month_async("ES")
                gateway.market.quote(es.localSymbol, bid=5000, ask=5000.25)
                desk.ib.placeOrder(es, MarketOrder("BUY", 1))
                await desk.state.positions.until_async(lambda view: not view.flat(es), timeout=10)
                await desk.state.orders.until_async(lambda view: not view.open, timeout=10)
                await asyncio.sleep(0.05)
                return desk.health.handler_errors

    asyncio.set_event_loop(asyncio.new_event_loop())
    loop = make_loop()
    errors = loop.run_until_complete(main())
    asyncio.get_event_loop_policy().get_event_loop().close()
    asyncio.set_event_loop(None)
    loop.close()

    assert errors == 0
    assert {where for where, _ in heard} == {loop}
    assert heard[-1][1] == "Filled"
