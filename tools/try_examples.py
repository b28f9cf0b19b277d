"""Run every example as a user does: a gateway in one process, the example in another, over TCP.

Takes about a minute for each, because the time is real. Names of examples may be given.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PATIENCE = 180


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
        ran = subprocess.run(
            [sys.executable, str(example), port],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        process.terminate()
        process.wait()
    lines = (ran.stderr if ran.returncode else ran.stdout).strip().splitlines() or [""]
    return ran.returncode, lines[-1], time.monotonic() - began


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
