"""Where a command finds its gateway: a real one that is named, or a simulated one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from ibkit.cli._gateway import Running, simulated_gateway


@contextmanager
def gateway_for(options: argparse.Namespace, *simulated: str) -> Iterator[Running]:
    """The gateway at ``--host`` and ``--port``; without a host, a simulated one for the block."""
    if options.host:
        yield Running(options.host, options.port, 0)
        return
    with simulated_gateway(*simulated) as running:
        yield running


def source(options: argparse.Namespace) -> str:
    """What a heading says of figures that are nobody's."""
    return "" if options.host else " (a simulated gateway; --host names a real one)"
