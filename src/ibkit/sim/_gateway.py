"""The simulated gateway: market, broker, sessions and transports, wired."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, TextIO, final

from ibkit.sim import _checked as checked
from ibkit.sim._engine import Broker, Models
from ibkit.sim._fault_desk import FaultDesk
from ibkit.sim._listening import listen
from ibkit.sim._market import Market
from ibkit.sim._recording import Recording
from ibkit.sim._scenario import Scenario
from ibkit.sim._script import MarketScript
from ibkit.sim._session import Floor, TradingHours
from ibkit.sim._tracing import tracer
from ibkit.sim._transport import (
    Connection,
    LoopClock,
    Server,
    SteppedClock,
    connect_pair,
)
from ibkit.sim._truth import Truth

EPOCH = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
"""Where a stepped clock begins unless told otherwise: a Monday, 10:00 in New York."""


class _World(NamedTuple):
    """What one start of a gateway makes."""

    loop: asyncio.AbstractEventLoop
    thread: int
    clock: LoopClock | SteppedClock
    floor: Floor
    server: Server
    market: MarketScript
    truth: Truth
    faults: FaultDesk


@final
class SimGateway:
    """A TWS / IB Gateway without IB: a market, a broker and the socket protocol.

    Any client that speaks server version 157 to 178 connects unmodified. The gateway listens on
    loopback only unless *host* says otherwise. Nothing it does has been compared with a live
    TWS by this project; the behaviour follows IB's documents and published captures, which
    ``docs/explanation/simulator-fidelity.md`` lists fact by fact.

    Args:
        seed: Makes the market. The same seed, start and inputs give the same traffic.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one. ``None``: no socket at all, only
            `connect` in memory.
        scenario: Accounts, limits and the switches for what TWS leaves open.
        clock: ``"real"`` follows the event loop (and is virtual under a virtual-time loop);
            ``"stepped"`` stands still until ``gateway.clock.advance(seconds)``.
        speed: Seconds of the simulated world per second of the loop (real clock only).
        start: The time in the simulated world at the start. By default now, as a virtual-time
            loop tells it where there is one; for a stepped clock a fixed Monday morning.

    Raises:
        ValueError: An argument that cannot be meant; the text says what could.

    Example:
        >>> import asyncio
        >>> async def main():
        ...     async with SimGateway(seed=7) as gateway:
        ...         return gateway.port > 0
        >>> asyncio.run(main())
        True
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        host: str = "127.0.0.1",
        port: int | None = 0,
        scenario: Scenario | None = None,
        clock: Literal["real", "stepped"] = "real",
        speed: float = 1.0,
        start: dt.datetime | None = None,
    ) -> None:
        self.seed: int = checked.whole("seed", seed, least=None)
        self.host: str = checked.text("host", host)
        self._scenario: Scenario = (
            Scenario() if scenario is None else checked.instance("scenario", scenario, Scenario)
        )
        self._port = checked.port("port", port)
        self._clock_kind: str = checked.word("clock", clock, ("real", "stepped"))
        self._speed = checked.speed("speed", speed)
        self._start = None if start is None else checked.moment("start", start)
        self._world: _World | None = None
        self._server: Server | None = None
        self._recording: Recording | None = None

    def __repr__(self) -> str:
        now = "" if self._world is None else f" at {self._world.clock.now():%Y-%m-%d %H:%M:%S %Z}"
        where = f"{self.host}:{self._port}" if self._port else "memory"
        state = "new" if self._world is None else "stopped" if self._server is None else "running"
        return f"<SimGateway seed={self.seed}, {where}, {state}{now}>"

    # -- life

    async def start(self) -> SimGateway:
        """Open the market and listen.

        Raises:
            OSError: The port is taken; the text says what to do.
            RuntimeError: The gateway is running already.

        """
        if self._server is not None:
            raise RuntimeError("this gateway is running; stop it before it is started again")
        world = self._make_world(asyncio.get_running_loop())
        if self._port is not None:
            self._port = await listen(world.server.listen, self.host, self._port)
        self._world, self._server = world, world.server
        return self

    async def stop(self) -> None:
        """Close the port, every connection and the recording. Stopping twice does nothing.

        What `truth` tells stays as it was.
        """
        server, self._server = self._server, None
        if server is not None:
            await server.stop()
        self._end_recording()

    async def __aenter__(self) -> SimGateway:
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
        if self._server is None or not self._port:
            raise RuntimeError("this gateway does not listen; start it with a port")
        self._refuse_a_dead_loop()
        return self._port

    @property
    def scenario(self) -> Scenario:
        """The switches as they are now; `FaultDesk.switch` changes them."""
        return self._scenario if self._world is None else self._world.floor.scenario

    @property
    def models(self) -> Models:
        """How orders fill, slip, wait and cost. Assign other `Models` to change that.

        The switches of the `Scenario` make the first ones; what is assigned here stays when a
        switch is thrown.
        """
        return self._floor.broker.models

    @models.setter
    def models(self, models: Models) -> None:
        self._floor.broker.models = checked.instance("models", models, Models)

    @property
    def clock(self) -> LoopClock | SteppedClock:
        """Tells the time of the simulated world; a stepped one is moved by ``advance``."""
        return self._started.clock

    @property
    def market(self) -> MarketScript:
        """Moves prices by hand, by walks and from files."""
        return self._started.market

    @property
    def truth(self) -> Truth:
        """What the broker has: orders, fills, positions, money, who is subscribed to what."""
        return self._started.truth

    @property
    def faults(self) -> FaultDesk:
        """Everything that goes wrong, by name."""
        return self._running().faults

    def connect(self, protocol: asyncio.Protocol) -> asyncio.Transport:
        """Connect a client in memory; the counterpart of ``loop.create_connection``."""
        if self._server is None:
            raise ConnectionRefusedError("the gateway is not running; `async with` starts it")
        self._refuse_a_dead_loop()
        return connect_pair(protocol, Connection(self._server), self._started.loop)

    def trace_to(self, stream: TextIO | None) -> None:
        """Write every message with its meaning to *stream*, a line each; ``None`` ends it."""
        floor, clock = self._floor, self.clock
        if stream is not None and not hasattr(stream, "write"):
            raise checked.refusal("stream", stream, "a text stream, as sys.stdout or an open file")
        floor.trace = None if stream is None else tracer(floor, clock, stream)

    def record_to(self, path: str | Path | None, *, scrub: bool = False) -> None:
        """Write the traffic of connections that open from now on to a transcript.

        Args:
            path: The file; it is replaced. ``None`` ends the recording, as `stop` does.
            scrub: Put made-up account numbers in the place of the real ones.

        Raises:
            OSError: The file cannot be written.

        """
        world = self._started
        self._end_recording()
        if path is not None:
            clock, began = world.clock, world.clock.now()

            def seconds() -> float:
                return (clock.now() - began).total_seconds()

            self._recording = Recording(path, seconds, scrub=scrub)
        world.server.tap = self._recording

    # -- inside

    def _make_world(self, loop: asyncio.AbstractEventLoop) -> _World:
        now = self._start or self._default_start(loop)
        clock = (
            SteppedClock(now)
            if self._clock_kind == "stepped"
            else LoopClock(loop, now, speed=self._speed)
        )
        market = Market(self._scenario, self.seed)
        broker = Broker(
            self._scenario,
            market.instrument,
            increment=market.increment,
            hours=TradingHours(market),
            quote=market.quote_at,
        )
        floor = Floor(self._scenario, market, broker, now)
        server = Server(floor, clock)
        return _World(
            loop=loop,
            thread=threading.get_ident(),
            clock=clock,
            floor=floor,
            server=server,
            market=MarketScript._of(market, floor, clock, server.flush, self._running),  # noqa: SLF001
            truth=Truth._of(broker, floor),  # noqa: SLF001 - users make none of these three
            faults=FaultDesk._of(floor, server, clock),  # noqa: SLF001
        )

    def _default_start(self, loop: asyncio.AbstractEventLoop) -> dt.datetime:
        if self._clock_kind == "stepped":
            return EPOCH
        virtual: Callable[[], dt.datetime] | None = getattr(loop, "now", None)
        return dt.datetime.now(dt.timezone.utc) if virtual is None else virtual()

    @property
    def _started(self) -> _World:
        if self._world is None:
            raise RuntimeError("this gateway has not been started; `async with` starts it")
        return self._world

    def _running(self) -> _World:
        """What acts can have an effect on."""
        world = self._started
        if self._server is None:
            raise RuntimeError("this gateway has been stopped; nothing happens in it any more")
        self._refuse_a_dead_loop()
        if threading.get_ident() != world.thread:
            raise RuntimeError(
                "this gateway runs in another thread; hand the call to its event loop, as in "
                "loop.call_soon_threadsafe(gateway.market.trade, 'ES', 5000)"
            )
        return world

    def _refuse_a_dead_loop(self) -> None:
        if self._started.loop.is_closed():
            raise RuntimeError(
                "the event loop in which this gateway was started has ended; start and use it in "
                "one asyncio.run()"
            )

    @property
    def _floor(self) -> Floor:
        return self._started.floor

    def _flush(self) -> None:
        self._started.server.flush()

    def _end_recording(self) -> None:
        if self._recording is not None:
            self._recording.close()
            self._recording = None
