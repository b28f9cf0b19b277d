"""Stands between clients and a TWS, passes everything on, and writes it down."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from types import TracebackType
from typing import final

from ibkit.sim import _checked as checked
from ibkit.sim._listening import listen
from ibkit.sim._recording import Recording
from ibkit.sim._transcript import Way

log = logging.getLogger("ibkit.sim")

CHUNK = 64 * 1024
PATIENCE = 1.0


@final
class TranscriptRecorder:
    """Records what clients say to a TWS or IB Gateway, and what it answers.

    Connect to the recorder as if it was the TWS, with a client that speaks no version above 178
    (ib_async, ib_insync): of later ones the messages have no names here. `TranscriptGateway` serves
    what is written. A recording has your orders, positions and sums in it, and unless it is
    scrubbed your account numbers.

    Args:
        path: The transcript; a file that exists is replaced.
        upstream: Host and port of the TWS.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        scrub: Put made-up account numbers in the place of the real ones.

    Raises:
        OSError: From `start`: the file cannot be written, or the port is taken.

    """

    def __init__(
        self,
        path: str | Path,
        upstream: tuple[str, int],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        scrub: bool = True,
    ) -> None:
        self.host: str = checked.text("host", host)
        self._path, self._scrub = Path(path), checked.flag("scrub", scrub)
        self._upstream, self._port = _address(upstream), _own_port(port)
        self._recording: Recording | None = None
        self._tcp: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # -- life

    async def start(self) -> TranscriptRecorder:
        """Listen, and begin the transcript."""
        if self._recording is not None:
            raise RuntimeError("this recorder is running; stop it before it is started again")
        loop = asyncio.get_running_loop()
        began = loop.time()
        recording = Recording(self._path, lambda: loop.time() - began, scrub=self._scrub)
        try:
            self._port = await listen(self._open_port, self.host, self._port)
        except OSError:
            recording.close()
            raise
        self._recording = recording
        return self

    async def stop(self) -> None:
        """End every connection and the transcript. Stopping twice does nothing."""
        tcp, self._tcp = self._tcp, None
        if tcp is not None:
            tcp.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._recording is not None:
            self._recording.close()
            self._recording = None

    async def __aenter__(self) -> TranscriptRecorder:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def port(self) -> int:
        """The port on which the recorder listens."""
        if self._recording is None:
            raise RuntimeError("this recorder does not listen; start it first")
        return self._port

    # -- inside

    async def _open_port(self, host: str, port: int) -> int:
        self._tcp = await asyncio.start_server(self._accept, host, port)
        return int(self._tcp.sockets[0].getsockname()[1])

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._relay(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._upstream)
        except OSError as error:
            log.error("%s:%s cannot be reached: %s", *self._upstream, error)  # noqa: TRY400
            await _end(writer)
            return
        connection, recording = object(), self._recording
        assert recording is not None
        recording.opened(connection)
        tasks: dict[asyncio.Task[None], Way] = {
            asyncio.ensure_future(_pass_on(reader, far_writer, recording, connection, ">")): ">",
            asyncio.ensure_future(_pass_on(far_reader, writer, recording, connection, "<")): "<",
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            recording.closed(connection, tasks[done.pop()])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(_end(writer), _end(far_writer))


async def _pass_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    recording: Recording,
    connection: object,
    way: Way,
) -> None:
    """Pass on what one side says until it ends. Who reads slowly is not read from faster."""
    try:
        while data := await reader.read(CHUNK):
            recording.passed(connection, way, data)
            writer.write(data)
            await writer.drain()
    except ConnectionError as error:
        log.info("a connection is lost: %s", error)


async def _end(writer: asyncio.StreamWriter) -> None:
    """Close a connection, and reset it if the other side does not take what is left."""
    writer.close()
    try:
        await asyncio.wait_for(writer.wait_closed(), PATIENCE)
    except (OSError, asyncio.TimeoutError):
        writer.transport.abort()


def _address(upstream: object) -> tuple[str, int]:
    if isinstance(upstream, tuple) and len(upstream) == 2:
        host, port = upstream
        if isinstance(host, str) and type(port) is int and 0 < port < 65536:
            return host, port
    raise checked.refusal("upstream", upstream, "host and port, as ('127.0.0.1', 7497)")


def _own_port(port: object) -> int:
    if (found := checked.port("port", port)) is None:
        raise checked.refusal("port", port, "a port; clients connect to it")
    return found
