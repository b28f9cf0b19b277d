"""Joins sessions to transports: bytes in, time in, bytes out. The only place that waits."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import final

from typing_extensions import override

from ibkit.sim._session import Floor, Session
from ibkit.sim._transport._clock import Clock

log = logging.getLogger("ibkit.sim")

OUTGOING_LIMIT = 16 * 1024 * 1024
"""Bytes a client may leave unread before it is dropped."""


@final
class Connection(asyncio.Protocol):
    """One accepted connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.transport: asyncio.Transport | None = None
        self.session: Session | None = None
        self._pieces: deque[bytes] = deque()

    def write(self, data: bytes, size: int) -> None:
        """Send *data*; in pieces of *size* bytes, one per loop pass, unless *size* is 0."""
        assert self.transport is not None
        if not size and not self._pieces:
            self.transport.write(data)
            return
        idle = not self._pieces
        step = size or len(data)
        self._pieces.extend(data[start : start + step] for start in range(0, len(data), step))
        if idle:
            self._write_piece()

    def _write_piece(self) -> None:
        if self._pieces and self.transport is not None and not self.transport.is_closing():
            self.transport.write(self._pieces.popleft())
            asyncio.get_running_loop().call_soon(self._write_piece)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._server.opened(self)

    @override
    def data_received(self, data: bytes) -> None:
        self._server.received(self, data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._server.lost(self)


@final
class Server:
    """Feeds the floor with what arrives and when, and sends what it answers."""

    def __init__(self, floor: Floor, clock: Clock) -> None:
        self.floor, self.clock = floor, clock
        self.connections: dict[Session, Connection] = {}
        self.refuse_next = 0
        """Connections that are accepted and closed at once (a fault)."""
        self.silent_next = 0
        """Connections that are accepted and never answered (a fault)."""
        self.piece = 0
        """Send in pieces of so many bytes; 0: as it comes (a fault)."""
        self._tcp: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> int:
        """Accept TCP connections; return the port (a free one for port 0)."""
        loop = asyncio.get_running_loop()
        self._tcp = await loop.create_server(lambda: Connection(self), host, port)
        return int(self._tcp.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the port and every connection."""
        self.clock.stop()
        if self._tcp is not None:
            self._tcp.close()
        for connection in list(self.connections.values()):
            self._close(connection)
        if self._tcp is not None:
            await self._tcp.wait_closed()
            self._tcp = None

    def abort(self, client_id: int | None) -> None:
        """Reset the connections of one client, or of all."""
        for session, connection in list(self.connections.items()):
            if client_id in (None, session.client_id):
                assert connection.transport is not None
                connection.transport.abort()
                self.lost(connection)

    def close_all(self, reason: str) -> None:
        """Close every connection in good order."""
        for session in self.connections:
            session.close(reason)
        self.flush()

    def opened(self, connection: Connection) -> None:
        """A client has connected."""
        assert connection.transport is not None
        if self.silent_next > 0:
            self.silent_next -= 1
            return
        if self.refuse_next > 0:
            self.refuse_next -= 1
            connection.transport.close()
            return
        peer = str(connection.transport.get_extra_info("peername"))
        session = self.floor.open(peer, self.clock.now())
        connection.session = session
        self.connections[session] = connection
        self.flush()

    def received(self, connection: Connection, data: bytes) -> None:
        """Bytes have arrived from a client."""
        if connection.session is not None:
            connection.session.receive(data, self.clock.now())
            self.flush()

    def lost(self, connection: Connection) -> None:
        """A client has gone."""
        if connection.session is not None and connection.session in self.connections:
            del self.connections[connection.session]
            self.floor.closed(connection.session, self.clock.now())
            self.flush()

    def wake(self) -> None:
        """Something is due."""
        self.floor.advance(self.clock.now())
        self.flush()

    def flush(self) -> None:
        """Send what the sessions have to say, close those that are over, arm the clock."""
        while self.floor.talking:
            session, _ = self.floor.talking.popitem()
            if (connection := self.connections.get(session)) is not None:
                self._send(connection, session)
        self.clock.arm(self.floor.next_due(), self.wake)

    def _send(self, connection: Connection, session: Session) -> None:
        assert connection.transport is not None
        connection.write(session.take_output(), self.piece)
        if connection.transport.get_write_buffer_size() > OUTGOING_LIMIT:
            session.close(f"does not read: {OUTGOING_LIMIT} bytes are waiting")
            connection.transport.abort()
        if session.broken:
            connection.transport.abort()
            self.lost(connection)
        elif session.closing:
            self._close(connection)

    def _close(self, connection: Connection) -> None:
        assert connection.transport is not None
        if connection.session is not None and connection.session.closing:
            log.info("client %s dropped: %s", connection.session.peer, connection.session.closing)
        connection.transport.close()
        self.lost(connection)
