"""Other clients of TWS, each in a folder of its own, so that none of them meets ibkit or another.

They are no dependency of the project: `bench_clients.py` installs them with pip where it can, and
says so where it cannot.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

PLACE = Path(tempfile.gettempdir(), f"ibkit-neighbours-{sys.version_info[0]}.{sys.version_info[1]}")


class Client(NamedTuple):
    """A program of `clients/`, and what it needs that this environment has not got."""

    name: str
    program: str
    requirements: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


CLIENTS = (
    Client("ib_async", "with_ib_async.py"),
    Client(
        "ib_insync",
        "with_ib_async.py",
        ("ib_insync==0.9.86", "eventkit", "nest_asyncio"),
        (("IBKIT_BENCH_MODULE", "ib_insync"),),
    ),
    Client("ezib_async", "with_ezib_async.py", ("ezib_async==0.2.1.dev0",)),
    Client("ibapi", "with_ibapi.py", ("ibapi==9.81.1.post1",)),
    Client(
        "ibapi-latest",
        "with_ibapi.py",
        ("ibapi-latest==10.51.1", "protobuf"),
        (("IBKIT_BENCH_DISTRIBUTION", "ibapi-latest"),),
    ),
    Client("ibkit", "with_ibkit.py"),
)
"""ibapi is what IB last put on PyPI, ibapi-latest a copy of its newer releases by other hands."""


def environment_of(client: Client) -> dict[str, str]:
    """Return the variables of a process in which *client* can be imported; install it at need.

    Raises `CalledProcessError` when pip does not find or build it.
    """
    own = {**os.environ, **dict(client.environment)}
    if client.requirements:
        folder = PLACE / client.name
        if not folder.is_dir():
            install(client.requirements, folder)
        own["PYTHONPATH"] = str(folder)
    return own


def install(requirements: tuple[str, ...], folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
    subprocess.run([*pip, *requirements], check=True, capture_output=True, text=True)
