"""An unmodified ib_async client, connected to a gateway in memory.

This is the one place outside `ibkit._ib` that touches the inside of ib_async: the client's
connection object is replaced by one whose transport ends in the gateway.
"""

from __future__ import annotations

from typing import Any, final

from ib_async import IB
from ib_async.connection import Connection
from typing_extensions import override

from ibkit.sim import SimGateway


@final
class _MemoryConnection(Connection):
    """ib_async's connection, over the gateway's in-memory transport instead of a socket."""

    def __init__(self, gateway: SimGateway) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # so in ib_async
        self._gateway = gateway

    @override
    async def connectAsync(self, host: Any, port: Any) -> None:
        if self.transport:
            self.disconnect()  # type: ignore[no-untyped-call]  # so in ib_async
            await self.disconnected
        self.reset()  # type: ignore[no-untyped-call]  # so in ib_async
        self.transport = self._gateway.connect(self)


def plug_in(ib: IB, gateway: SimGateway) -> IB:
    """Make every later connect of *ib* end in *gateway*, without a socket; return *ib*.

    Host and port of a connect are ignored from then on. Everything else is ib_async's own code:
    handshake, decoder, throttle, events.

    Args:
        ib: A client that is not connected.
        gateway: A gateway that runs in this event loop.

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
    client = ib.client
    connection = _MemoryConnection(gateway)
    connection.hasData += client._onSocketHasData  # noqa: SLF001
    connection.disconnected += client._onSocketDisconnected  # noqa: SLF001
    client.conn = connection
    return ib
