"""Every message on a readable line, with its meaning."""

from __future__ import annotations

import logging
from typing import TextIO

from ibkit.sim import _wire as wire
from ibkit.sim._session import Floor, Session, Trace
from ibkit.sim._transport import Clock

log = logging.getLogger("ibkit.sim")


def tracer(floor: Floor, clock: Clock, stream: TextIO) -> Trace:
    """Make what writes the messages of a floor: time, client, direction, message.

    It ends when the stream does: nobody reads, nothing is written.
    """

    def trace(session: Session, direction: str, message: wire.Request | wire.Answer) -> None:
        time = f"{clock.now():%H:%M:%S.%f}"[:-3]
        try:
            print(time, session.client_id, direction, wire.describe(message), file=stream)
        except (OSError, ValueError) as error:
            log.error("the trace ends: %s", error)  # noqa: TRY400
            floor.trace = None

    return trace
