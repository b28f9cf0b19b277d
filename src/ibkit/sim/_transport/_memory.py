"""Two ends of a connection that never leaves the process."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from typing_extensions import override


class MemoryTransport(asyncio.Transport):
    """One end. What is written arrives at the other end's protocol in the next loop pass.

    Bytes keep their order and are joined as a socket would join them: everything written
    within one pass of the event loop arrives in one ``data_received``.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str) -> None:
        super().__init__()
        self._loop = loop
        self._name = name
        self._peer: MemoryTransport | None = None
        self._protocol: asyncio.Protocol | None = None
        self.incoming: deque[bytes] = deque()
        self._delivery: asyncio.Handle | None = None
        self.closing = False
        self.lost = False
        self._eof = False
        self._paused = False

    def attach(self, protocol: asyncio.Protocol, peer: MemoryTransport) -> None:
        """Join this end to its protocol and to the other end."""
        self._protocol = protocol
        self._peer = peer

    @override
    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if not (self.closing or self._peer is None):
            self._peer.receive(bytes(data))

    @override
    def write_eof(self) -> None:
        if not self.closing and self._peer is not None:
            self._peer.receive_eof()

    @override
    def can_write_eof(self) -> bool:
        return True

    @override
    def close(self) -> None:
        """Close this end; the other end still receives what was written before."""
        if not self.closing:
            self.closing = True
            if self._peer is not None:
                self._peer.receive_eof()
            self._loop.call_soon(self.lose, None)

    @override
    def abort(self) -> None:
        """Cut the connection: both ends lose it, undelivered bytes are gone."""
        error = ConnectionResetError("Connection reset by peer")
        for end in (self, self._peer):
            if end is not None and not end.lost:
                end.closing = True
                end.incoming.clear()
                self._loop.call_soon(end.lose, None if end is self else error)

    @override
    def is_closing(self) -> bool:
        return self.closing

    @override
    def get_protocol(self) -> asyncio.BaseProtocol:
        assert self._protocol is not None
        return self._protocol

    @override
    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    @override
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._name if name == "peername" else default

    @override
    def get_write_buffer_size(self) -> int:
        return sum(map(len, self._peer.incoming)) if self._peer is not None else 0

    @override
    def pause_reading(self) -> None:
        self._paused = True

    @override
    def resume_reading(self) -> None:
        self._paused = False
        self._schedule()

    @override
    def is_reading(self) -> bool:
        return not self._paused

    def receive(self, data: bytes) -> None:
        """Take bytes from the other end."""
        if data and not self.lost:
            self.incoming.append(data)
            self._schedule()

    def receive_eof(self) -> None:
        """The other end writes no more."""
        self._eof = True
        self._schedule()

    def _schedule(self) -> None:
        if self._delivery is None and not self._paused:
            self._delivery = self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        self._delivery = None
        if self.lost or self._protocol is None or self._paused:
            return
        if self.incoming:
            data = b"".join(self.incoming)
            self.incoming.clear()
            self._protocol.data_received(data)
        if self._eof and not self.incoming and not self._protocol.eof_received():
            self.close()

    def lose(self, error: Exception | None) -> None:
        """The connection is gone; tell the protocol once."""
        if not self.lost and self._protocol is not None:
            self.lost = True
            self._protocol.connection_lost(error)


def connect_pair(
    client: asyncio.Protocol, server: asyncio.Protocol, loop: asyncio.AbstractEventLoop
) -> MemoryTransport:
    """Join two protocols as if over a socket; return the client's end.

    The server's ``connection_made`` is called at once, the client's too.
    """
    client_end, server_end = MemoryTransport(loop, "server"), MemoryTransport(loop, "memory")
    client_end.attach(client, server_end)
    server_end.attach(server, client_end)
    server.connection_made(server_end)
    client.connection_made(client_end)
    return client_end
