"""Snapshots: streams that TWS ends by itself."""

from __future__ import annotations

import asyncio
import math
from typing import TypeVar

from ibkit.errors import RequestTimeout

from ._decisions import PoolStatistics
from ._handle import Stream

T = TypeVar("T")

ROUND_SECONDS = 15.0
"""TWS ends a snapshot when every field is there, or after 11 seconds (gateway-behaviour 3.2)."""


def time_for(count: int, lines: PoolStatistics) -> float:
    """Give the seconds for *count* snapshots, which take turns on the free lines.

    >>> time_for(250, PoolStatistics(used=0, limit=100, waiting=0))
    45.0
    """
    free = count if lines.limit is None else max(1, lines.limit - lines.used)
    return ROUND_SECONDS * max(1, math.ceil(count / free))


async def last_of(stream: Stream[T], timeout: float) -> T:
    """Read *stream* to its end, and give the last value.

    Raises:
        RequestTimeout: It did not end in time, or without a value.
    """
    try:
        await asyncio.wait_for(_read(stream), timeout)
    except asyncio.TimeoutError:
        raise RequestTimeout(stream.name, timeout, tuple(map(str, stream.events))) from None
    if stream.latest is None:
        raise RequestTimeout(stream.name, timeout, ("TWS ended it without a value",))
    return stream.latest


async def _read(stream: Stream[T]) -> None:
    async for _ in stream:
        pass
