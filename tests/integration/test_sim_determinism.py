"""In virtual time the same seed and inputs give the same bytes, in any process."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from cards import card

PROGRAM = Path(__file__).parents[1] / "one_sim_day.py"


@cache
def day(seed: int, **environment: str) -> list[str]:
    """What a process says of one simulated day."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(PROGRAM), str(seed)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@card("DET-01", "issue: time")
def test_processes_with_other_hashes_and_zones_send_the_same_bytes():
    first = day(7, PYTHONHASHSEED="1", TZ="America/New_York")
    second = day(7, PYTHONHASHSEED="2", TZ="Asia/Tokyo")

    assert first == second
    assert int(first[1].split()[0]) > 4_000  # lines of the transcript


@card("DET-02", "issue: time")
def test_another_seed_is_another_day():
    one, other = day(7, PYTHONHASHSEED="1", TZ="America/New_York"), day(8)

    assert one != other
