"""A gateway that knows nothing but a transcript."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import final

from typing_extensions import override

from ibkit.sim import _checked as checked, _wire as wire
from ibkit.sim._listening import listen
from ibkit.sim._transcript import Conversation, Player, Reply, TranscriptError, fields_of, load
from ibkit.sim._transport import connect_pair

log = logging.getLogger("ibkit.sim")

LOGIN_SECONDS = 30.0
OUTGOING_LIMIT = 16 * 1024 * 1024


@final
class TranscriptGateway:
    """Serves to any client what `SimGateway.record_to` or `TranscriptRecorder` has written.

    A request gets the answers that the most similar request of its kind got when the transcript
    was made, after the same delays, with the client's own ids in them. Requests of a kind that
    the transcript does not have get error 322. The first client to connect meets the first
    connection of the transcript, the second the second, and after the last they begin again.
    The gateway announces the server version of the transcript; a client that does not speak it
    is closed.

    Args:
        path: The transcript.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one; ``None``: only `connect` in memory.
        speed: Seconds of the transcript per second of the event loop.

    Raises:
        TranscriptError: The transcript cannot be read; it says which line.
        OSError: The file cannot be read.

    """

    def __init__(
        self,
        path: str | Path,
        *,
        host: str = "127.0.0.1",
        port: int | None = 0,
        speed: float = 1.0,
    ) -> None:
        self.host: str = checked.text("host", host)
        self._port, self._speed = checked.port("port", port), checked.speed("speed", speed)
        self._conversations = load(_text_of(path), str(path))
        self._count = 0
        self._tcp: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: set[_Connection] = set()

    # -- life

    async def start(self) -> TranscriptGateway:
        """Listen. Raises `OSError` when the port is taken."""
        if self._loop is not None:
            raise RuntimeError("this gateway is running; stop it before it is started again")
        self._loop = asyncio.get_running_loop()
        if self._port is not None:
            self._port = await listen(self._open_port, self.host, self._port)
        return self

    async def stop(self) -> None:
        """Close the port and every connection. Stopping twice does nothing."""
        self._loop = None
        tcp, self._tcp = self._tcp, None
        if tcp is not None:
            tcp.close()
        for connection in list(self._open):
            connection.abort()
        if tcp is not None:
            await tcp.wait_closed()

    async def __aenter__(self) -> TranscriptGateway:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    # -- use

    @property
    def port(self) -> int:
        """The port on which the gateway listens."""
        if self._loop is None or not self._port:
            raise RuntimeError("this gateway does not listen; start it with a port")
        return self._port

    def connect(self, protocol: asyncio.Protocol) -> asyncio.Transport:
        """Connect a client in memory; the counterpart of ``loop.create_connection``."""
        if self._loop is None:
            raise ConnectionRefusedError("the gateway is not running; `async with` starts it")
        return connect_pair(protocol, self._next(), self._loop)

    # -- inside

    async def _open_port(self, host: str, port: int) -> int:
        self._tcp = await asyncio.get_running_loop().create_server(self._next, host, port)
        return int(self._tcp.sockets[0].getsockname()[1])

    def _next(self) -> _Connection:
        conversation = self._conversations[self._count % len(self._conversations)]
        self._count += 1
        return _Connection(conversation, self._speed, self._open)


def _text_of(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TranscriptError(str(path), 1, f"is no text: {error}") from error


@final
class _Connection(asyncio.Protocol):
    """One client, and the conversation it meets."""

    def __init__(
        self, conversation: Conversation, speed: float, connections: set[_Connection]
    ) -> None:
        self._conversation = conversation
        self._speed, self._connections = speed, connections
        self._player: Player | None = None
        self._frames = wire.FrameReader()
        self._playing: dict[object, _Playing] = {}
        self._transport: asyncio.Transport | None = None
        self._patience: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(self)
        self._patience = asyncio.get_running_loop().call_later(LOGIN_SECONDS, self._overdue)

    @override
    def data_received(self, data: bytes) -> None:
        try:
            for payload in self._frames.feed(data):
                self._take(payload)
        except wire.ProtocolError as error:
            self._refuse(str(error))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        if self._patience is not None:
            self._patience.cancel()
        for topic in list(self._playing):
            self._forget(topic)

    def abort(self) -> None:
        """End it now."""
        assert self._transport is not None
        self._transport.abort()

    def _take(self, payload: bytes) -> None:
        if self._player is None:
            self._greet(payload)
        else:
            self._answer(self._player, payload)

    def _greet(self, payload: bytes) -> None:
        hello, version = wire.parse_hello(payload), self._conversation.version
        if not hello.minimum <= version <= hello.maximum:
            spoken = f"{hello.minimum} to {hello.maximum}"
            self._refuse(f"speaks versions {spoken}, the transcript {version}")
            return
        if self._patience is not None:
            self._patience.cancel()
        self._player = Player(self._conversation)
        self._write(wire.welcome(version, self._conversation.time)[4:])

    def _answer(self, player: Player, payload: bytes) -> None:
        turn = player.answer(fields_of(payload))
        self._forget(turn.topic)
        self._playing[turn.topic] = playing = _Playing(turn.replies, self._speed, self._reply)
        playing.go_on()

    def _forget(self, topic: object) -> None:
        if (playing := self._playing.pop(topic, None)) is not None:
            playing.stop()

    def _reply(self, payload: bytes | None) -> None:
        if payload is None:
            self._refuse("the transcript ends the connection")
        else:
            self._write(payload)

    def _write(self, payload: bytes) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.write(wire.frame(payload))
            if self._transport.get_write_buffer_size() > OUTGOING_LIMIT:
                self.abort()

    def _overdue(self) -> None:
        self._refuse(f"did not say hello within {LOGIN_SECONDS:g} s")

    def _refuse(self, reason: str) -> None:
        assert self._transport is not None
        log.info("a client is dropped: %s", reason)
        self._transport.close()


@final
class _Playing:
    """Sends the replies of one turn when they are due, in their order."""

    def __init__(
        self, replies: tuple[Reply, ...], speed: float, send: Callable[[bytes | None], None]
    ) -> None:
        self._left = deque(replies)
        self._speed, self._send = speed, send
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None

    def go_on(self) -> None:
        """Send what is due, and wait for the next."""
        elapsed = (self._loop.time() - self._began) * self._speed
        while self._left and self._left[0].delay <= elapsed:
            self._send(self._left.popleft().payload)
        if self._left:
            due = self._began + self._left[0].delay / self._speed
            self._timer = self._loop.call_at(due, self.go_on)

    def stop(self) -> None:
        """Send nothing more."""
        self._left.clear()
        if self._timer is not None:
            self._timer.cancel()
