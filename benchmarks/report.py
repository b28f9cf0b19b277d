"""Prints measurements, and hands them to `run.py`, which makes the page of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

HANDED = "IBKIT_BENCH_OUT"
"""The variable that names the file in which `run.py` wants the rows."""


class Row(NamedTuple):
    """One measurement: the median of several, the least and the largest; what was aimed at."""

    what: str
    median: float
    least: float
    largest: float
    aim: str


def write(section: str, rows: list[Row], after: str = "") -> None:
    """Print *rows* under the name of a *section*; hand them on with the Markdown *after* them."""
    print(f"\n{section}")
    width = max(len(row.what) for row in rows)
    print(f"{'':{width}} {'median':>10} {'least':>10} {'largest':>10}  aim")
    for row in rows:
        numbers = " ".join(f"{text(n):>10}" for n in row[1:4])
        print(f"{row.what:{width}} {numbers}  {row.aim}")
    print(after)
    if place := os.environ.get(HANDED):
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(json.dumps([section, rows, after]) + "\n")


def text(number: float) -> str:
    """Write a number with as many digits as a measurement deserves."""
    if number >= 1000 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.3g}" if number < 10 else f"{number:.1f}"
