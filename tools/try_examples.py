"""Run every example as a user does: a gateway in one process, the example in another, over TCP.

Takes about a minute for each, because the time is real. Names of examples may be given. A program
that serves until it is told to end gets Ctrl-C after a while, and has to end well.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PATIENCE = 180
SERVERS = {"web_service": "TWS_PORT"}
"""Programs that run until Ctrl-C, and the variable that names the port of TWS to them."""
SERVED = 15
"""Seconds after which such a program gets it."""


def gateway() -> tuple[subprocess.Popen[str], str]:
    """Start a gateway; return its process and its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ibkit.sim", "--port", "0", "--seed", "7"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().rsplit(":", 1)[1].strip()


def attempt(example: Path, folder: str) -> tuple[int, str, float]:
    """Run one example on a gateway of its own; return its code, its last line and the seconds."""
    process, port = gateway()
    began = time.monotonic()
    try:
        code, out, errors = run(example, port, folder)
    finally:
        process.terminate()
        process.wait()
    lines = (errors if code or not out else out).strip().splitlines() or [""]
    return code, lines[-1], time.monotonic() - began


def run(example: Path, port: str, folder: str) -> tuple[int, str, str]:
    """Run a program against the gateway on a port; return its code, output and errors."""
    variable = SERVERS.get(example.stem)
    started = subprocess.Popen(
        [sys.executable, str(example), *([] if variable else [port])],
        cwd=folder,
        env={**os.environ, **({variable: port} if variable else {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if variable:
        time.sleep(SERVED)
        started.send_signal(signal.SIGINT)
    try:
        out, errors = started.communicate(timeout=PATIENCE)
    finally:
        started.kill()
    return started.returncode, out, errors


def main(*names: str) -> int:
    found = sorted(EXAMPLES.glob("*.py"))
    chosen = [path for path in found if not names or path.stem in names]
    codes = []
    for path in chosen:
        with tempfile.TemporaryDirectory() as folder:
            code, last, seconds = attempt(path, folder)
        codes.append(code)
        print(
            f"{path.stem:22} {seconds:5.0f} s  {'ok' if not code else f'FAILED ({code})'}: {last}"
        )
    return 1 if any(codes) or not codes else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
