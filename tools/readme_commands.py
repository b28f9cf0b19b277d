"""Print the set-up commands of the README, or the one whose number is given.

A set-up command is a line of a ``sh`` block that makes a virtual environment: complete in itself,
for a fresh checkout.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """Return the set-up commands in *text*, as they stand."""
    lines = [line for block in _BLOCK.findall(text) for line in block.splitlines()]
    return [line for line in lines if line.startswith("python3 -m venv ")]


def main(*arguments: str) -> None:
    found = commands(README.read_text(encoding="utf-8"))
    print(*(found[int(number) - 1] for number in arguments) if arguments else found, sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
