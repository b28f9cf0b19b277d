"""Opening a port: loopback unless told otherwise, and errors that say what to do."""

from __future__ import annotations

import ipaddress
import logging
import os
from collections.abc import Awaitable, Callable

log = logging.getLogger("ibkit.sim")


async def listen(open_port: Callable[[str, int], Awaitable[int]], host: str, port: int) -> int:
    """Open a port with *open_port*, which returns the port it got.

    Raises:
        OSError: It cannot be opened.

    """
    if not is_loopback(host):
        log.warning("listening on %s: anyone who reaches it may trade here", host)
    try:
        return await open_port(host, port)
    except OSError as error:
        raise OSError(
            error.errno,
            f"cannot listen on {host}:{port}: {_reason(error)}. "
            "Choose another port, or port=0 for a free one",
        ) from error


def _reason(error: OSError) -> str:
    """Without the address that asyncio repeats."""
    number = error.errno or 0
    return os.strerror(number) if number > 0 else str(error.strerror or error)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
