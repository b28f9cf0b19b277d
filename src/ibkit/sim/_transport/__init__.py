"""The only asyncio of the simulator: TCP and in-memory transports, and the clock."""

from ibkit.sim._transport._clock import (
    Clock as Clock,
    LoopClock as LoopClock,
    SteppedClock as SteppedClock,
)
from ibkit.sim._transport._memory import (
    MemoryTransport as MemoryTransport,
    connect_pair as connect_pair,
)
from ibkit.sim._transport._server import Connection as Connection, Server as Server

__all__ = [
    "Clock",
    "Connection",
    "LoopClock",
    "MemoryTransport",
    "Server",
    "SteppedClock",
    "connect_pair",
]
