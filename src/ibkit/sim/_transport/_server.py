"""Joins sessions to transports: bytes in, time in, bytes out. The only place that waits."""

from __future__ import annotations

import asyncio
import logging
from typing import Literal, Protocol, cast, final

from typing_extensions import override

from ibkit.sim._session import Floor, Session
from ibkit.sim._transport._clock import Clock

log = logging.getLogger("ibkit.sim")

PATIENCE = 1.0
"""Seconds for which a server that stops waits for clients that do not read."""

OUTGOING_LIMIT = 16 * 1024 * 1024
"""Bytes a client may leave unread before it is dropped."""


class Tap(Protocol):
    """Sees what passes on every connection."""

    def opened(self, connection: object) -> None:
        """Take note of a connection."""
        ...

    def passed(self, connection: object, way: Literal[">", "<"], data: bytes) -> None:
        """Take bytes from a client (``>``) or to it (``<``)."""
        ...

    def closed(self, connection: object, way: Literal[">", "<"]) -> None:
        """Take note of the end: the client (``>``) or the server has closed."""
        ...


@final
class Connection(asyncio.Protocol):
    """One accepted connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self.session: Session | None = None
        self._rest = bytearray()
        """What is still to be sent in pieces."""
        self._piece = 0

    @property
    def transport(self) -> asyncio.Transport:
        """The transport; there is one from the first callback on."""
        assert self._transport is not None
        return self._transport

    @property
    def unsent(self) -> int:
        """Bytes that the client has not taken yet."""
        return self.transport.get_write_buffer_size() + len(self._rest)

    def write(self, data: bytes, piece: int) -> None:
        """Send *data*; in pieces of so many bytes, one per loop pass, unless *piece* is 0."""
        if not (piece or self._rest):
            self.transport.write(data)
            return
        idle = not self._rest
        self._rest += data
        self._piece = piece or len(self._rest)
        if idle:
            self._write_piece()

    def _write_piece(self) -> None:
        if self._rest and not self.transport.is_closing():
            self.transport.write(bytes(self._rest[: self._piece]))
            del self._rest[: self._piece]
            asyncio.get_running_loop().call_soon(self._write_piece)

    def close(self) -> None:
        """Close when everything is sent."""
        self.transport.write(bytes(self._rest))
        self._rest.clear()
        self.transport.close()

    def abort(self) -> None:
        """Reset: what is not sent yet is gone."""
        self._rest.clear()
        self.transport.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # a stream has one, though that of uvloop does not inherit from it
        self._transport = cast("asyncio.Transport", transport)
        self._server.opened(self)

    @override
    def data_received(self, data: bytes) -> None:
        self._server.received(self, data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._server.lost(self, ">")


@final
class Server:
    """Feeds the floor with what arrives and when, and sends what it answers."""

    def __init__(self, floor: Floor, clock: Clock) -> None:
        self.floor: Floor = floor
        self.clock: Clock = clock
        self.connections: dict[Session, Connection] = {}
        self.refuse_next: int = 0
        """Connections that are accepted and closed at once (a fault)."""
        self.silent_next: int = 0
        """Connections that are accepted and never answered (a fault)."""
        self.piece: int = 0
        """Send in pieces of so many bytes; 0: as it comes (a fault)."""
        self.tap: Tap | None = None
        self._mute: set[Connection] = set()
        self._tcp: asyncio.Server | None = None
        self._stopped = False

    async def listen(self, host: str, port: int) -> int:
        """Accept TCP connections; return the port (a free one for port 0)."""
        loop = asyncio.get_running_loop()
        self._tcp = await loop.create_server(lambda: Connection(self), host, port)
        return int(self._tcp.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the port and every connection. Nothing is armed any more."""
        self._stopped = True
        self.clock.stop()
        tcp, self._tcp = self._tcp, None
        if tcp is not None:
            tcp.close()
        leaving = [*self.connections.values(), *self._mute]
        for connection in leaving:
            self._close(connection)
        if tcp is not None:
            await _closed(tcp, leaving)

    def abort(self, client_id: int | None) -> None:
        """Reset the connections of one client, or of all."""
        for session, connection in list(self.connections.items()):
            if client_id in (None, session.client_id):
                self._abort(connection)

    def close_all(self, reason: str) -> None:
        """Close every connection in good order."""
        for session in self.connections:
            session.close(reason)
        self.flush()

    # -- what connections call

    def opened(self, connection: Connection) -> None:
        """A client has connected."""
        if self._stopped:
            connection.transport.abort()
            return
        if self.refuse_next > 0:
            self.refuse_next -= 1
            connection.transport.close()
            return
        if self.silent_next > 0:
            self.silent_next -= 1
            self._mute.add(connection)
            return
        if self.tap is not None:
            self.tap.opened(connection)
        peer = str(connection.transport.get_extra_info("peername"))
        session = self.floor.open(peer, self.clock.now())
        connection.session = session
        self.connections[session] = connection
        self.flush()

    def received(self, connection: Connection, data: bytes) -> None:
        """Bytes have arrived from a client."""
        session = connection.session
        if session is None or session not in self.connections:
            return
        if self.tap is not None:
            self.tap.passed(connection, ">", data)
        try:
            session.receive(data, self.clock.now())
        except Exception:
            log.exception("a defect of the simulator: client %s is dropped", session.client_id)
            self._abort(connection)
        finally:
            self.flush()

    def lost(self, connection: Connection, way: Literal[">", "<"]) -> None:
        """A connection is gone; the client (``>``) or this side has ended it."""
        self._mute.discard(connection)
        session = connection.session
        if session is not None and self.connections.pop(session, None) is not None:
            if self.tap is not None:
                self.tap.closed(connection, way)
            self.floor.closed(session, self.clock.now())
            self.flush()

    # -- time and output

    def wake(self) -> None:
        """Something is due."""
        try:
            self.floor.run_due(self.clock.now())
        finally:
            self.flush()

    def flush(self) -> None:
        """Send what the sessions have to say, close those that are over, arm the clock."""
        while self.floor.talking:
            session, _ = self.floor.talking.popitem()
            if (connection := self.connections.get(session)) is not None:
                self._send(connection, session)
        if not self._stopped:
            self.clock.arm(self.floor.next_due(), self.wake)

    def _send(self, connection: Connection, session: Session) -> None:
        data = session.take_output()
        if data:
            if self.tap is not None:
                self.tap.passed(connection, "<", data)
            connection.write(data, self.piece)
        if session.broken:
            self._abort(connection)
        elif session.closing:
            self._close(connection)
        elif connection.unsent > OUTGOING_LIMIT:
            session.close(f"does not read: {OUTGOING_LIMIT} bytes are waiting")
            self._log_end(session)
            self._abort(connection)

    def _close(self, connection: Connection) -> None:
        if connection.session is not None and connection.session.closing:
            self._log_end(connection.session)
        connection.close()
        self.lost(connection, "<")

    def _abort(self, connection: Connection) -> None:
        connection.abort()
        self.lost(connection, "<")

    def _log_end(self, session: Session) -> None:
        log.info("client %s dropped: %s", session.peer, session.closing)


async def _closed(tcp: asyncio.Server, leaving: list[Connection]) -> None:
    """Wait until a server is closed; since Python 3.12 that includes its connections."""
    try:
        await asyncio.wait_for(tcp.wait_closed(), PATIENCE)
    except asyncio.TimeoutError:
        for connection in leaving:
            connection.abort()
