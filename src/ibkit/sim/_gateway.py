"""The simulated gateway: market, broker, sessions and transports, wired."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import logging
from types import TracebackType
from typing import Literal, TextIO, final

from ibkit.sim import _wire as wire
from ibkit.sim._engine import Broker
from ibkit.sim._fault_desk import FaultDesk
from ibkit.sim._market import Market
from ibkit.sim._scenario import Scenario
from ibkit.sim._script import MarketScript
from ibkit.sim._session import Floor, Session, TradingHours
from ibkit.sim._transport import (
    Connection,
    LoopClock,
    Server,
    SteppedClock,
    connect_pair,
)
from ibkit.sim._truth import Truth

log = logging.getLogger("ibkit.sim")

EPOCH = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
"""Where a stepped clock begins unless told otherwise: a Monday, 10:00 in New York."""


@final
class SimGateway:
    """A TWS / IB Gateway without IB: a market, a broker and the socket protocol.

    Any client that speaks server version 157 to 178 connects unmodified. The gateway listens on
    loopback only unless *host* says otherwise. Nothing it does has been compared with a live
    TWS by this project; the behaviour follows IB's documents and published captures, which
    ``docs/explanation/fidelity.md`` lists fact by fact.

    Args:
        seed: Makes the market. The same seed, start and inputs give the same traffic.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one. ``None``: no socket at all, only
            `connect` in memory.
        scenario: Accounts, limits and the switches for what TWS leaves open.
        clock: ``"real"`` follows the event loop (and is virtual under a virtual-time loop);
            ``"stepped"`` stands still until ``gateway.clock.advance(seconds)``.
        speed: Seconds of the simulated world per second of the loop (real clock only).
        start: The time in the simulated world at the start; now, or for a stepped clock a
            fixed Monday morning.

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
        if start is not None and start.tzinfo is None:
            raise ValueError(f"start: got {start!r}; give it a time zone")
        if not speed > 0:
            raise ValueError(f"speed: got {speed!r}; a speed is above 0")
        self.scenario = scenario or Scenario()
        self.seed, self.host = seed, host
        self._port, self._clock_kind, self._speed, self._start = port, clock, speed, start
        self._server: Server | None = None

    # -- life

    async def start(self) -> SimGateway:
        """Open the market and listen."""
        loop = asyncio.get_running_loop()
        now = self._start or (EPOCH if self._clock_kind == "stepped" else _wall_clock())
        clock: LoopClock | SteppedClock = (
            SteppedClock(now)
            if self._clock_kind == "stepped"
            else LoopClock(loop, now, speed=self._speed)
        )
        market = Market(self.scenario, self.seed)
        broker = Broker(
            self.scenario,
            market.instrument,
            increment=market.increment,
            hours=TradingHours(market),
            quote=market.quote_at,
        )
        floor = Floor(self.scenario, market, broker, now)
        self.clock = clock
        self.market = MarketScript(market, floor, clock, self._flush)
        self.truth = Truth(broker, floor)
        self._floor = floor
        self._loop, self._server = loop, Server(floor, clock)
        self.faults = FaultDesk(floor, self._server, clock)
        if self._port is not None:
            await self._listen(self._server, self._port)
        return self

    async def stop(self) -> None:
        """Close the port and every connection. Stopping twice does nothing."""
        server, self._server = self._server, None
        if server is not None:
            await server.stop()

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
        return self._port

    def connect(self, protocol: asyncio.Protocol) -> asyncio.Transport:
        """Connect a client in memory; the counterpart of ``loop.create_connection``."""
        if self._server is None:
            raise ConnectionRefusedError("the gateway is not running; `async with` starts it")
        return connect_pair(protocol, Connection(self._server), self._loop)

    def trace_to(self, stream: TextIO | None) -> None:
        """Write every message with its meaning to *stream*, a line each; ``None`` ends it."""
        floor = self._floor
        if stream is None:
            floor.trace = None
            return

        def trace(session: Session, direction: str, message: wire.Request | wire.Answer) -> None:
            time = f"{floor.now:%H:%M:%S.%f}"[:-3]
            print(time, session.client_id, direction, wire.describe(message), file=stream)

        floor.trace = trace

    def _flush(self) -> None:
        if self._server is not None:
            self._server.flush()

    async def _listen(self, server: Server, port: int) -> None:
        if not _is_loopback(self.host):
            log.warning("listening on %s: anyone who reaches it may trade here", self.host)
        try:
            self._port = await server.listen(self.host, port)
        except OSError as error:
            raise OSError(
                error.errno,
                f"cannot listen on {self.host}:{port}: {error.strerror or error}. "
                "Choose another port, or port=0 for a free one",
            ) from error


def _wall_clock() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
