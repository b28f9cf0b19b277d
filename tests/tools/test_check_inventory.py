from __future__ import annotations

import importlib.util
import zlib
from pathlib import Path
from types import ModuleType

import pytest

from ibkit.errors import PlanError

pytest.importorskip("sphinx")

TOOL = Path(__file__).parents[2] / "tools" / "check_inventory.py"


@pytest.fixture
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_inventory", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    head = b"# Sphinx inventory version 2\n# Project: p\n# Version: 1\n# compressed using zlib.\n"
    lines = (
        b"ibkit.errors.PlanError py:exception 1 a.html#$ -\nibkit.errors std:term 1 a.html#$ -\n"
    )
    path = tmp_path / "objects.inv"
    path.write_bytes(head + zlib.compress(lines))
    return path


DOCUMENTED, MISSING = "ibkit.errors.PlanError", "ibkit.errors.GateRefused"


def test_what_is_missing_is_named(tool: ModuleType, inventory: Path) -> None:
    assert tool.undocumented([DOCUMENTED, MISSING], inventory) == [MISSING]


def test_only_python_names_count(tool: ModuleType, inventory: Path) -> None:
    assert tool.undocumented(["ibkit.errors"], inventory) == ["ibkit.errors"]


def test_another_name_of_what_is_documented_is_documented(
    tool: ModuleType, inventory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ibkit.testing.PlanError", PlanError, raising=False)

    assert tool.undocumented([DOCUMENTED, "ibkit.testing.PlanError"], inventory) == []


def test_the_exit_code_tells(
    tool: ModuleType,
    inventory: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(tool, "exported", lambda: {DOCUMENTED, MISSING})

    assert tool.main(str(inventory)) == 1
    assert f"{MISSING} is exported" in capsys.readouterr().out

    monkeypatch.setattr(tool, "exported", lambda: {DOCUMENTED})

    assert tool.main(str(inventory)) == 0


def test_exported_names_come_with_their_package(tool: ModuleType) -> None:
    assert "ibkit.testing.run_virtual" in tool.exported()
    assert not any("._" in name for name in tool.exported())
