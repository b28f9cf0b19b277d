"""Run every benchmark, or those that are named, and put the results into the documentation.

Each has a part of `docs/reference/performance.md`, between marks; the parts of those that were not
run stay as they are. A benchmark that does not hand on rows has what it printed shown.
"""

from __future__ import annotations

import ast
import datetime as dt
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import HANDED, Row, text

HERE = Path(__file__).parent
PATIENCE = 900
"""Seconds that one benchmark may take."""
PAGE = HERE.parent / "docs" / "reference" / "performance.md"
HEAD = """\
# Performance

Written by `nox -s bench`. Numbers without a unit are ratios, measured in one run, so that a busy
machine hits both sides alike; they are medians, beside the least and the largest. The aims are what
the project set itself; where one is missed it is missed. The machine is a small shared one, and
other programs may have run beside the benchmarks.

Nothing here says how fast a TWS is: the other side is always the simulated gateway.
"""


def main(*names: str) -> int:
    failed = []
    chosen = [Path(name).stem for name in names] or [p.stem for p in HERE.glob("bench_*.py")]
    parts = dict(parts_of(PAGE.read_text(encoding="utf-8")) if PAGE.is_file() else ())
    for name in sorted(chosen):
        part = measured(name)
        if part is None:
            failed.append(name)
        else:
            parts[name] = part
            PAGE.write_text(page(parts), encoding="utf-8")
    print(*(f"failed: {name}" for name in failed), sep="\n")
    return 1 if failed else 0


def measured(name: str) -> str | None:
    """Run one benchmark; return its part of the page, or None when it fails."""
    print(f"\n== {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        handed = Path(folder, "rows.jsonl")
        handed.touch()
        began = time.monotonic()
        try:
            ran = subprocess.run(
                [sys.executable, str(HERE / f"{name}.py")],
                env={**os.environ, HANDED: str(handed)},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
                timeout=PATIENCE,
            )
        except subprocess.SubprocessError as error:
            print(error)
            return None
        print(ran.stdout, flush=True)
        lines = handed.read_text(encoding="utf-8").splitlines()
    shown = tables(lines) or f"```text\n{ran.stdout.rstrip()}\n```\n"
    machine = (
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} "
        f"processors, {dt.datetime.now(dt.timezone.utc):%Y-%m-%d}, "
        f"{time.monotonic() - began:.0f} s."
    )
    return f"## {title(name)}\n\n{about(name)}\n\n{shown}\n{machine}\n"


def title(name: str) -> str:
    return name.removeprefix("bench_").replace("_", " ").capitalize()


def about(name: str) -> str:
    """Return what a benchmark says of itself."""
    source = HERE.joinpath(f"{name}.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)) or ""


def tables(handed: list[str]) -> str:
    """Return the tables that a benchmark handed on; several have their names above them."""
    found = [json.loads(line) for line in handed]
    parts = []
    for section, rows, after in found:
        parts += [f"### {section}\n"] if len(found) > 1 else []
        parts += [table([Row(*row) for row in rows])]
        parts += [f"{after}\n"] if after else []
    return "\n".join(parts)


def table(rows: list[Row]) -> str:
    """Return a table in Markdown; there is no column of aims where there are none."""
    aims = any(row.aim for row in rows)
    head = ["| | median | least | largest |", "|---|--:|--:|--:|"]
    lines = [f"{head[0]} aim |", f"{head[1]}---|"] if aims else head
    for row in rows:
        numbers = " | ".join(text(number) for number in row[1:4])
        lines.append(f"| {row.what} | {numbers} |" + (f" {row.aim} |" if aims else ""))
    return "\n".join(lines) + "\n"


def parts_of(old: str) -> list[tuple[str, str]]:
    """Return the parts of a page, by the name of their benchmark."""
    found = re.findall(r"<!-- begin (\w+) -->\n\n(.*?)\n<!-- end \1 -->", old, re.DOTALL)
    return [(name, part) for name, part in found if HERE.joinpath(f"{name}.py").is_file()]


def page(parts: dict[str, str]) -> str:
    marked = (f"\n<!-- begin {n} -->\n\n{p}\n<!-- end {n} -->\n" for n, p in sorted(parts.items()))
    return HEAD + "".join(marked)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
