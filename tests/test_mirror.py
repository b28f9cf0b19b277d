"""Every file of the source has its test file, and every unit test file has its source.

`src/ibkit/sim/_engine/_oca.py` is tested by `tests/unit/sim/engine/test_oca.py`.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "ibkit"
UNIT = ROOT / "tests" / "unit"

WITHOUT_TESTS = {
    "contracts/_ports.py": "types only: the type checker compares them with what fulfils them",
    "contracts/_look.py": "types only: the tests of the rules of a roll build them",
    "contracts/_steps.py": "types only: the tests of the rules of a roll read them",
    "sim/_engine/_events.py": "types only: the engine's tests and the session's read them",
    "sim/_engine/_terms.py": "types only: the engine's tests and the session's read them",
    "sim/_engine/_views.py": "types only: the engine's tests and the session's read them",
    "sim/_market/_figures.py": "types only: the tests of the market read them",
    "sim/_market/_instrument.py": "types only: the tests of the listings build them",
    "sim/_market/_question.py": "types only: the tests of the listings ask with them",
    "sim/_market/_ticks.py": "types only: the tests of the tape build them",
}
"""Files that need no test file of their own, with the reason."""

WITHOUT_SOURCE: dict[str, str] = {}
"""Unit test files that mirror no file, with the reason."""


def mirror_of(source: PurePosixPath) -> str:
    """Return where the tests of *source* stand; both are relative to their roots."""
    folders = [part.lstrip("_") for part in source.parent.parts]
    return str(PurePosixPath(*folders, f"test_{source.stem.strip('_')}.py"))


def sources() -> dict[str, str]:
    """Return each source file, and its test file."""
    found = (PurePosixPath(path.relative_to(SRC).as_posix()) for path in SRC.rglob("*.py"))
    return {str(path): mirror_of(path) for path in found if path.name != "__init__.py"}


def unit_tests() -> set[str]:
    """Return the unit test files, but for those that test the conftest beside them."""
    found = UNIT.rglob("test_*.py")
    mirrors = (path for path in found if not _is_of_conftest(path))
    return {path.relative_to(UNIT).as_posix() for path in mirrors}


def _is_of_conftest(path: Path) -> bool:
    return path.name == "test_conftest.py" and path.with_name("conftest.py").is_file()


def test_every_source_file_has_its_test_file() -> None:
    tests = unit_tests()
    missing = [
        f"src/ibkit/{source} has no tests/unit/{test}"
        for source, test in sorted(sources().items())
        if test not in tests and source not in WITHOUT_TESTS
    ]

    assert missing == []


def test_every_test_file_has_its_source_file() -> None:
    strays = unit_tests() - set(sources().values()) - set(WITHOUT_SOURCE)

    assert sorted(strays) == []


def test_the_exceptions_are_needed() -> None:
    mirrored, tests = sources(), unit_tests()

    assert [name for name in WITHOUT_TESTS if mirrored.get(name) in tests | {None}] == []
    assert [name for name in WITHOUT_SOURCE if name not in tests] == []


def test_two_files_do_not_share_a_test_file() -> None:
    tests = list(sources().values())

    assert sorted(tests) == sorted(set(tests))


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("errors.py", "test_errors.py"),
        ("_ib/_codes.py", "ib/test_codes.py"),
        ("sim/_engine/_oca.py", "sim/engine/test_oca.py"),
        ("sim/__main__.py", "sim/test_main.py"),
    ],
)
def test_the_rule(source: str, test: str) -> None:
    assert mirror_of(PurePosixPath(source)) == test
