from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "check_pure_coverage.py"
WHOLE = {"missing_lines": [], "missing_branches": []}
PYPROJECT = """
[[tool.importlinter.contracts]]
name = "pure"
source_modules = ["kit._rules", "kit.core"]
forbidden_modules = ["asyncio", "time", "random"]

[[tool.importlinter.contracts]]
name = "a stranger"
source_modules = ["kit.other"]
forbidden_modules = ["ib_async"]
"""


@pytest.fixture
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_pure_coverage", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path, tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four files, of which three are pure."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    for name in ("_rules", "other", "core/__init__", "core/_deep"):
        path = tmp_path / "src" / "kit" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    return tmp_path


def report(project: Path, **files: object) -> str:
    measured = {
        "src/kit/_rules.py": WHOLE,
        "src/kit/core/__init__.py": WHOLE,
        "src/kit/core/_deep.py": WHOLE,
        "src/kit/other.py": {"missing_lines": [1], "missing_branches": []},
    }
    path = project / "report.json"
    path.write_text(json.dumps({"files": measured | files}))
    return str(path)


def test_pure_is_what_must_not_know_the_time_nor_chance(tool: ModuleType, project: Path) -> None:
    assert tool.pure_modules(project / "pyproject.toml") == ["kit._rules", "kit.core"]


def test_a_report_without_gaps_in_them_passes(
    tool: ModuleType, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main([report(project)]) == 0
    assert capsys.readouterr().out.startswith("3 of 3 pure files")


@pytest.mark.parametrize(
    ("measured", "line"),
    [
        ({"missing_lines": [3, 4], "missing_branches": []}, "lines 3, 4"),
        ({"missing_lines": [], "missing_branches": [[7, -5]]}, "branches 7->-5"),
        ({"missing_lines": [3], "missing_branches": [[2, 3]]}, "lines 3; branches 2->3"),
        (None, "not measured"),
    ],
)
def test_a_gap_fails_and_is_named(
    tool: ModuleType,
    project: Path,
    capsys: pytest.CaptureFixture[str],
    measured: object,
    line: str,
) -> None:
    path = report(project, **{"src/kit/core/_deep.py": measured})

    assert tool.main([path]) == 1
    assert capsys.readouterr().out.splitlines()[0] == f"src/kit/core/_deep.py: {line}"


def test_a_module_that_is_gone_is_told(tool: ModuleType, project: Path) -> None:
    (project / "src" / "kit" / "_rules.py").unlink()

    with pytest.raises(LookupError, match=r"kit\._rules is called pure"):
        tool.main([report(project)])


def test_without_a_report_it_says_how_it_is_called(
    tool: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_pure_modules_of_the_project_are_there(tool: ModuleType) -> None:
    modules = tool.pure_modules(TOOL.parents[1] / "pyproject.toml")

    assert {"ibkit.sim._engine", "ibkit.products", "ibkit.streams._ledger"} <= set(modules)
    assert all(tool.files_of(module, TOOL.parents[1] / "src") for module in modules)
