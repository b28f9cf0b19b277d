"""Fail unless every public name of a package has a complete type and a docstring.

pyright's ``--verifytypes`` exits with an error only for incomplete types, and only counts missing
docstrings; this lists both, name by name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def report(package: str) -> dict[str, Any]:
    """Return what pyright says of *package* as this interpreter would import it."""
    here = str(Path(sys.executable).parent)  # pyright asks the first `python` on the path
    path = os.pathsep.join([here, os.environ.get("PATH", "")])
    command = ["-m", "pyright", "--verifytypes", package, "--ignoreexternal", "--outputjson"]
    ran = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        answer: dict[str, Any] = json.loads(ran.stdout)
    except ValueError:
        sys.exit(f"pyright gave no report:\n{ran.stdout}{ran.stderr}")
    return answer


def complaints(answer: dict[str, Any]) -> list[str]:
    """Return a line for each thing that is missing, in the order of the names."""
    general = [entry["message"] for entry in answer["generalDiagnostics"]]
    named = {
        f"{symbol['name']}: {' '.join(entry['message'].split())}"
        for symbol in answer["typeCompleteness"]["symbols"]
        for entry in symbol["diagnostics"]
        # pyright's own name for the descriptor of an attrs field with a converter
        if "__converterDescriptor" not in symbol["name"]
    }
    return general + sorted(named)


def verdict(answer: dict[str, Any]) -> str:
    """Return one line with the counts."""
    completeness = answer["typeCompleteness"]
    symbols = sum(completeness["exportedSymbolCounts"].values())
    return (
        f"{completeness['packageName']}: {symbols} exported symbols, types "
        f"{completeness['completenessScore']:.1%} complete, {len(complaints(answer))} complaints"
    )


def main(package: str) -> int:
    answer = report(package)
    missing = complaints(answer)
    print(*missing, verdict(answer), sep="\n")
    complete = answer["typeCompleteness"]["completenessScore"] == 1
    return 0 if complete and not missing else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
