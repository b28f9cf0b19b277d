"""A gateway and its clients on a virtual loop, under the hand of blocking code.

The fixtures of the plugin and `GatewayMachine` are made of this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ib_async import IB

from ibkit.sim import SimGateway, TranscriptGateway
from ibkit.testing._clock import VirtualLoop
from ibkit.testing._connect import plugged_in

HOST, PORT = "127.0.0.1", 7497
"""What the clients of a test dial; where it leads, `plugged_in` decides."""


@contextmanager
def running_gateway(
    loop: VirtualLoop, *, tcp: bool = False, **options: Any
) -> Iterator[SimGateway]:
    """Run a gateway to which every client of ib_async connects."""
    options = {"start": loop.now(), **options}
    gateway = SimGateway(port=0 if tcp else None, **options)
    loop.run_until_complete(gateway.start())
    try:
        with plugged_in(gateway, tcp=tcp):
            yield gateway
    finally:
        loop.run_until_complete(gateway.stop())


@contextmanager
def running_transcript(
    loop: VirtualLoop, path: Path, *, tcp: bool = False
) -> Iterator[TranscriptGateway]:
    """Serve a transcript to every client of ib_async."""
    gateway = TranscriptGateway(path, port=0 if tcp else None)
    loop.run_until_complete(gateway.start())
    try:
        with plugged_in(gateway, tcp=tcp):
            yield gateway
    finally:
        loop.run_until_complete(gateway.stop())


@contextmanager
def connected_client(loop: VirtualLoop, client_id: int) -> Iterator[IB]:
    """Connect a client and synchronise it."""
    ib = IB()
    loop.run_until_complete(ib.connectAsync(HOST, PORT, clientId=client_id))
    try:
        yield ib
    finally:
        ib.disconnect()
        loop.run_until_complete(asyncio.sleep(0.01))  # the connection closes
