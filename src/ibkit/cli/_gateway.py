"""A simulated gateway in a process of its own, for commands that need one."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

READY = re.compile(r"listening on (\S+):(\d+)")
PATIENCE = 20.0


class GatewayFailed(RuntimeError):
    """The simulated gateway did not start; the text says what it printed."""


class Running(NamedTuple):
    """Where the gateway is."""

    host: str
    port: int
    pid: int


@contextmanager
def simulated_gateway(*options: str) -> Iterator[Running]:
    """Run ``python -m ibkit.sim`` on a free port for the length of the block."""
    command = [sys.executable, "-m", "ibkit.sim", "--port", "0", *options]
    process = subprocess.Popen(  # noqa: S603 - our own module
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield _wait_until_ready(process, command)
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def _wait_until_ready(process: subprocess.Popen[str], command: Sequence[str]) -> Running:
    assert process.stdout is not None
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if not line:
            break
        if match := READY.search(line):
            return Running(match[1], int(match[2]), process.pid)
    process.kill()
    _, errors = process.communicate()
    raise GatewayFailed(f"{' '.join(command)} did not start: {errors.strip() or 'no word of why'}")
