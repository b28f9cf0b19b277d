"""What the plugin costs: a test with a connected client, and a project that does not use it.

In seconds of the processor: nothing here waits, and other programs are not counted.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from contextlib import ExitStack

from report import Row, write

from ibkit.testing import VirtualLoop, virtual_time
from ibkit.testing._rig import connected_client, running_gateway

TESTS, LOADS = 200, 15

LOAD = """\
import pytest, time
began = time.process_time()
import ibkit.testing._plugin
print(time.process_time() - began)
"""


def set_up_and_tear_down() -> float:
    """Do what the fixture `ib` does, in seconds."""
    began = time.process_time()
    with ExitStack() as fixtures:
        loop = VirtualLoop()
        fixtures.enter_context(virtual_time(loop))
        fixtures.enter_context(running_gateway(loop, seed=1))
        fixtures.enter_context(connected_client(loop, 1))
    return time.process_time() - began


def load() -> float:
    """Import the plugin into a fresh process that has pytest, in seconds."""
    command = [sys.executable, "-c", LOAD]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def row(what: str, seconds: list[float], aim: str) -> Row:
    times = [one * 1e3 for one in seconds]
    return Row(what, statistics.median(times), min(times), max(times), aim)


def main() -> None:
    set_up_and_tear_down()  # imports
    write(
        "The testing kit",
        [
            row(
                "set-up and tear-down of `ib`, in memory, ms of CPU",
                [set_up_and_tear_down() for _ in range(TESTS)],
                "<= 5 ms",
            ),
            row(
                "loading the plugin in a project without it, ms of CPU",
                [load() for _ in range(LOADS)],
                "< 50 ms",
            ),
        ],
    )


if __name__ == "__main__":
    main()
