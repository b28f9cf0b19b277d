"""Waiting until something is so: events wake, a predicate decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ibkit._ib._events import SafeEvent


async def wait_until(predicate: Callable[[], bool], *events: SafeEvent[Any]) -> None:
    """Wait, without end, until *predicate* is true; it is asked now and after every event."""
    woken = asyncio.Event()

    def wake(_: object) -> None:
        woken.set()

    for event in events:
        event.connect(wake)
    try:
        while not predicate():
            await woken.wait()
            woken.clear()
    finally:
        for event in events:
            event.disconnect(wake)
