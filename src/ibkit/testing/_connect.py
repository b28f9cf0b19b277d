"""Unmodified ib_async clients, connected to a gateway in memory.

This is the one place outside `ibkit._ib` that touches the inside of ib_async: how a client's
connection object gets its transport.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import MethodType
from typing import Any, TypeVar

from ib_async import IB
from ib_async.connection import Connection

from ibkit.errors import PlanError
from ibkit.sim import SimGateway, TranscriptGateway

AnyGateway = SimGateway | TranscriptGateway
GatewayT = TypeVar("GatewayT", SimGateway, TranscriptGateway)
Connect = Callable[[Connection, Any, Any], Coroutine[Any, Any, None]]


def plug_in(ib: IB, gateway: SimGateway | TranscriptGateway) -> IB:
    """Make every later connect of *ib* end in *gateway*, without a socket; return *ib*.

    Host and port of a connect are ignored from then on. Everything else is ib_async's own code:
    handshake, decoder, throttle, events.

    Args:
        ib: A client that is not connected.
        gateway: A gateway, simulated or of a transcript, that runs in this event loop.

    Example:
        >>> from ib_async import IB
        >>> from ibkit.sim import SimGateway
        >>> from ibkit.testing import plug_in, run_virtual
        >>> async def main():
        ...     async with SimGateway(port=None) as gateway:
        ...         ib = plug_in(IB(), gateway)
        ...         await ib.connectAsync(clientId=3)
        ...         accounts = ib.managedAccounts()
        ...         ib.disconnect()
        ...         return accounts
        >>> run_virtual(main())
        ['DU1000001']
    """
    _check_client(ib)
    _check(gateway)
    connection = ib.client.conn
    connection.connectAsync = MethodType(_in_memory(gateway), connection)  # type: ignore[method-assign]  # of this one
    return ib


@contextmanager
def plugged_in(gateway: GatewayT, *, tcp: bool = False) -> Iterator[GatewayT]:
    """Within the block every client of ib_async connects to *gateway*, whatever it dials.

    For programs that make their own ``IB``: they run as they are, and none can reach a real TWS
    by accident. Clients that are connected stay so.

    Args:
        gateway: A gateway, simulated or of a transcript, that runs in this event loop.
        tcp: Over a socket, to the port on which the gateway listens.

    Example:
        >>> from ib_async import IB
        >>> from ibkit.sim import SimGateway
        >>> from ibkit.testing import plugged_in, run_virtual
        >>> async def program():
        ...     ib = IB()
        ...     await ib.connectAsync("192.0.2.1", 7496)
        ...     print(ib.managedAccounts())
        ...     ib.disconnect()
        >>> async def main():
        ...     async with SimGateway(port=None) as gateway:
        ...         with plugged_in(gateway):
        ...             await program()
        >>> run_virtual(main())
        ['DU1000001']
    """
    _check(gateway)
    dial = Connection.connectAsync
    Connection.connectAsync = _over_tcp(gateway, dial) if tcp else _in_memory(gateway)  # type: ignore[method-assign]  # for a while
    try:
        yield gateway
    finally:
        Connection.connectAsync = dial  # type: ignore[method-assign]  # as it was


def _check_client(ib: object) -> None:
    if not isinstance(ib, IB) or ib.isConnected():
        raise PlanError("ib", ib, "an IB that is not connected, as plug_in(IB(), gateway)")


def _check(gateway: object) -> None:
    if not isinstance(gateway, SimGateway | TranscriptGateway):
        raise PlanError("gateway", gateway, "a SimGateway or a TranscriptGateway")


def _over_tcp(gateway: AnyGateway, dial: Connect) -> Connect:
    async def connect(connection: Connection, _host: Any, _port: Any) -> None:
        await dial(connection, gateway.host, gateway.port)

    return connect


def _in_memory(gateway: AnyGateway) -> Connect:
    """As `Connection.connectAsync`, but for where the transport comes from."""

    async def connect(connection: Connection, _host: Any, _port: Any) -> None:
        if connection.transport:
            connection.disconnect()  # type: ignore[no-untyped-call]  # so in ib_async
            await connection.disconnected
        connection.reset()  # type: ignore[no-untyped-call]  # so in ib_async
        _stay_in_this_loop(connection)
        connection.transport = gateway.connect(connection)

    return connect


def _stay_in_this_loop(connection: Connection) -> None:
    """Refuse to send from another event loop: no answer could ever come."""
    home, send = asyncio.get_running_loop(), type(connection).sendMsg

    def send_from_home(message: bytes) -> None:
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = home
        if running is not home:
            raise RuntimeError(
                f"this client is connected in {home!r}, and {running!r} is running: its answers "
                "would never come. Run everything in one loop: make the test a coroutine function "
                "that uses the fixtures of ibkit, or run the coroutine with "
                "`virtual_time.run_until_complete(...)`"
            )
        send(connection, message)  # type: ignore[no-untyped-call]  # so in ib_async

    connection.sendMsg = send_from_home  # type: ignore[method-assign]  # of this one
