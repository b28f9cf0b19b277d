"""Writes what passes on connections to a transcript."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import final

from ibkit.sim._transcript import HEADER, ConnectionRecorder, Scrubber, Way

log = logging.getLogger("ibkit.sim")


@final
class Recording:
    """A transcript that is being written. Connections that are open already are left out.

    Args:
        path: The file; one that exists is replaced.
        seconds: Tells the seconds since the recording began.
        scrub: Replace account numbers.

    Raises:
        OSError: The file cannot be written.

    """

    def __init__(self, path: str | Path, seconds: Callable[[], float], *, scrub: bool) -> None:
        self._path = Path(path)
        self._file = self._path.open("w", encoding="utf-8", newline="\n")
        self._seconds = seconds
        self._scrubber = Scrubber() if scrub else None
        self._connections: dict[object, ConnectionRecorder] = {}
        self._count = 0
        self._write([HEADER])

    def opened(self, connection: object) -> None:
        """Record a connection from now on."""
        self._count += 1
        self._connections[connection] = ConnectionRecorder(self._count, self._scrubber)

    def passed(self, connection: object, way: Way, data: bytes) -> None:
        """Write down what has passed on a connection."""
        recorder = self._connections.get(connection)
        if recorder is not None:
            self._write(recorder.bytes_passed(way, data, self._seconds()))

    def closed(self, connection: object, way: Way) -> None:
        """Write down who has closed a connection."""
        recorder = self._connections.pop(connection, None)
        if recorder is not None:
            self._write(recorder.closed(way, self._seconds()))

    def close(self) -> None:
        """End the recording. Closing twice does nothing."""
        self._connections.clear()
        self._file.close()

    def _write(self, lines: list[str]) -> None:
        if not lines or self._file.closed:
            return
        try:
            self._file.write("".join(f"{line}\n" for line in lines))
            self._file.flush()
        except OSError as error:
            log.error("the recording to %s ends: %s", self._path, error)  # noqa: TRY400
            self.close()
