"""Prints measurements, and puts them into the page of the documentation about performance."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "performance.md"


class Row(NamedTuple):
    """One measurement: the median of several, the least and the largest; what was aimed at."""

    what: str
    median: float
    least: float
    largest: float
    aim: str


def write(section: str, rows: list[Row]) -> None:
    """Print *rows*; put them into the page between the marks of *section*, if it is there."""
    width = max(len(row.what) for row in rows)
    print(f"{'':{width}} {'median':>10} {'least':>10} {'largest':>10}  aim")
    for row in rows:
        numbers = " ".join(f"{_text(n):>10}" for n in row[1:4])
        print(f"{row.what:{width}} {numbers}  {row.aim}")
    if PAGE.is_file():
        _replace(section, _table(rows))


def _table(rows: list[Row]) -> str:
    lines = ["| | median | least | largest | aim |", "|---|--:|--:|--:|---|"]
    lines += [
        f"| {row.what} | {' | '.join(_text(n) for n in row[1:4])} | {row.aim} |" for row in rows
    ]
    machine = f"{platform.python_implementation()} {platform.python_version()}"
    return "\n".join([*lines, "", f"{machine}, {os.cpu_count()} processors."])


def _text(number: float) -> str:
    if number >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}" if number < 10 else f"{number:.1f}"


def _replace(section: str, table: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- begin {section} -->", f"<!-- end {section} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"{PAGE}: no section {begin}")
    PAGE.write_text(pattern.sub(f"{begin}\n\n{table}\n\n{end}", text), encoding="utf-8")
