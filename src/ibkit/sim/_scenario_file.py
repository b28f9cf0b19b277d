"""A `Scenario` from a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import attrs

from ibkit.sim._scenario import Account, Limits, Scenario

T = TypeVar("T", Account, Limits, Scenario)


class ScenarioFileError(ValueError):
    """The file cannot be read as a scenario; the text says where and why."""


def load_scenario(path: Path) -> Scenario:
    """Read a scenario.

    The keys are the fields of `Scenario`; ``[limits]`` and ``[[accounts]]`` are tables::

        sessions = true
        [limits]
        lines = 50
        [[accounts]]
        name = "DU1"
        cash = "25000"
    """
    table = _read(path)
    if "limits" in table:
        table["limits"] = _build(Limits, table["limits"], f"{path}: [limits]")
    if "accounts" in table:
        table["accounts"] = tuple(
            _build(Account, row, f"{path}: [[accounts]]") for row in table["accounts"]
        )
    return _build(Scenario, table, str(path))


def _read(path: Path) -> dict[str, Any]:
    try:
        import tomllib
    except ModuleNotFoundError as error:  # Python 3.10
        raise ScenarioFileError(f"{path}: scenario files need Python 3.11 or later") from error
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioFileError(f"{path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ScenarioFileError(f"{path}: {error}") from error
    return table


def _build(kind: type[T], table: Mapping[str, Any], where: str) -> T:
    known = {field.name: field for field in attrs.fields(kind)}
    unknown = sorted(table.keys() - known)
    if unknown:
        raise ScenarioFileError(
            f"{where}: {', '.join(unknown)} unknown; there are {', '.join(sorted(known))}"
        )
    values = {
        name: _converted(value, str(known[name].type), f"{where}: {name}")
        for name, value in table.items()
    }
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise ScenarioFileError(f"{where}: {error}") from error


def _converted(value: Any, kind: str, where: str) -> Any:
    if "Decimal" in kind and isinstance(value, (int, float, str)):
        try:
            return Decimal(str(value))
        except InvalidOperation as error:
            raise ScenarioFileError(f"{where}: {value!r} is not a number") from error
    return tuple(value) if isinstance(value, list) else value
