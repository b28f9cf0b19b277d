"""Fail unless every line and branch of the pure modules was run by the tests.

Pure are the modules that pyproject.toml forbids a clock and chance: what they do follows from their
arguments, so a test can reach all of it. The report is that of ``coverage json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
MARKS = {"time", "random"}
"""What a contract of import-linter forbids to pure modules."""


def pure_modules(configuration: Path) -> list[str]:
    """Return the modules and packages that are pure, by the contracts of import-linter."""
    contracts = tomllib.loads(configuration.read_text(encoding="utf-8"))
    found = contracts["tool"]["importlinter"]["contracts"]
    pure = (one for one in found if set(one.get("forbidden_modules", ())) >= MARKS)
    return sorted({module for one in pure for module in one["source_modules"]})


def files_of(module: str, source: Path) -> list[str]:
    """Return the files of a module, or of all that a package has, relative to *source*'s folder.

    Raises `LookupError` where there is no such module.
    """
    place = source.joinpath(*module.split("."))
    found = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    if not all(path.is_file() for path in found):
        raise LookupError(f"{module} is called pure in pyproject.toml, and there is no such module")
    return [path.relative_to(source.parent).as_posix() for path in found]


def gaps(report: Mapping[str, Any], files: list[str]) -> Iterator[str]:
    """Yield what was not run, a line for each file."""
    for file in files:
        measured = report["files"].get(file)
        if measured is None:
            yield f"{file}: not measured"
        elif missing := _missing(measured):
            yield f"{file}: {missing}"


def _missing(measured: Mapping[str, Any]) -> str:
    lines = [str(line) for line in measured["missing_lines"]]
    branches = [f"{start}->{end}" for start, end in measured["missing_branches"]]
    found = {"lines": lines, "branches": branches}
    return "; ".join(f"{name} {', '.join(places)}" for name, places in found.items() if places)


def main(arguments: list[str]) -> int:
    """Compare a report with pyproject.toml; return the exit code."""
    if len(arguments) != 1:
        print("usage: check_pure_coverage.py REPORT.json", file=sys.stderr)
        return 2
    report = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    modules = pure_modules(ROOT / "pyproject.toml")
    files = sorted({file for one in modules for file in files_of(one, ROOT / "src")})
    wrong = list(gaps(report, files))
    for line in wrong:
        print(line)
    print(f"{len(files) - len(wrong)} of {len(files)} pure files are covered to the last branch")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
