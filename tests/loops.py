"""The event loops that programs run on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.util import find_spec

import pytest


def uvloop_loop() -> asyncio.AbstractEventLoop:
    """A loop of uvloop, which is not that of the policy."""
    import uvloop

    return uvloop.new_event_loop()


HAS_NO_UVLOOP = pytest.mark.skipif(find_spec("uvloop") is None, reason="uvloop is not installed")
LOOPS: list[Callable[[], asyncio.AbstractEventLoop] | object] = [
    asyncio.SelectorEventLoop,
    pytest.param(uvloop_loop, marks=HAS_NO_UVLOOP),
]
