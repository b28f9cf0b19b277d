"""The table of the documentation names tests and files that are there, for every trap."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "traps.md"
TRAPS = range(1, 41)


class Row(NamedTuple):
    number: int
    ib_async: str
    ibkit: str
    file: str
    test: str


def rows() -> list[Row]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in lines]
    return [Row(int(row[0][1:]), *row[1:]) for row in cells if row and row[0].startswith("B")]


def canaries() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for name, number in re.findall(
            r"^(?:async )?def (test_b(\d\d)_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            found.setdefault(int(number), []).append(name)
    return found


def test_every_trap_has_a_row_in_its_place() -> None:
    assert [row.number for row in rows()] == list(TRAPS)


def test_every_trap_has_a_canary() -> None:
    assert sorted(canaries()) == list(TRAPS)


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"B{row.number}")
def test_a_row_names_what_is_there(row: Row) -> None:
    path, _, name = row.test.partition("::")
    source = (ROOT / "tests" / path).read_text(encoding="utf-8")

    assert row.ib_async
    assert row.ibkit
    assert (ROOT / "src" / "ibkit" / row.file).is_file()
    assert re.search(rf"def {name}\(" if name else "def test_", source)
