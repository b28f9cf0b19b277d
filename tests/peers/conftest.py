"""A gateway in a process of its own, for clients that ibkit has nothing to do with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a gateway that runs until the test ends."""
    gateway = subprocess.Popen(
        [sys.executable, "-m", "ibkit.sim", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with gateway:
        assert gateway.stdout is not None
        first = gateway.stdout.readline()
        try:
            assert first.startswith("listening on 127.0.0.1:"), first + gateway.stdout.read()
            yield int(first.rpartition(":")[2])
        finally:
            gateway.terminate()
