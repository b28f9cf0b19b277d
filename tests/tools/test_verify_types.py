from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "verify_types.py"


@pytest.fixture
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_types", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _answer(*symbols: dict[str, Any], score: float = 1, general: tuple[str, ...] = ()) -> Any:
    """What pyright 1.1.414 prints, reduced to what the tool reads."""
    return {
        "generalDiagnostics": [{"message": message} for message in general],
        "typeCompleteness": {
            "packageName": "ibkit",
            "exportedSymbolCounts": {"withKnownType": 1, "withUnknownType": 1},
            "completenessScore": score,
            "symbols": list(symbols),
        },
    }


UNDOCUMENTED = {
    "name": "ibkit.f",
    "diagnostics": [{"message": 'No docstring found for function "ibkit.f"'}],
}
UNTYPED = {
    "name": "ibkit.g",
    "diagnostics": [{"message": "Type is missing type annotation\n  Inferred: int"}],
}


def _main(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, answer: Any) -> int:
    monkeypatch.setattr(tool, "report", lambda _: answer)
    code: int = tool.main("ibkit")
    return code


def test_a_complete_package_passes(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(tool, monkeypatch, _answer({"name": "ibkit.f", "diagnostics": []})) == 0
    assert capsys.readouterr().out == (
        "ibkit: 2 exported symbols, types 100.0% complete, 0 complaints\n"
    )


def test_a_missing_docstring_fails_though_types_are_complete(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(tool, monkeypatch, _answer(UNDOCUMENTED)) == 1
    assert "ibkit.f: No docstring found" in capsys.readouterr().out


def test_a_missing_type_fails_and_is_told_on_one_line(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(tool, monkeypatch, _answer(UNTYPED, score=0.5)) == 1
    assert "ibkit.g: Type is missing type annotation Inferred: int\n" in capsys.readouterr().out


def test_a_package_that_is_not_found_fails(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _main(tool, monkeypatch, _answer(score=0, general=("No py.typed file found",))) == 1
