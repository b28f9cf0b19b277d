"""A `Scenario`, and faults that happen later, from a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import attrs

from ibkit.sim import _checked as checked
from ibkit.sim._scenario import Account, Limits, Scenario
from ibkit.sim._schedule import At, random_schedule

T = TypeVar("T", Account, Limits, Scenario)


class ScenarioFileError(ValueError):
    """The file cannot be read as a scenario; the text says where and why."""


class ScenarioFile(NamedTuple):
    """What a file says."""

    scenario: Scenario
    schedule: list[At]


def read_scenario_file(path: str | Path) -> ScenarioFile:
    """Read a scenario.

    The keys are the fields of `Scenario`; ``[limits]`` and ``[[accounts]]`` are tables. Each
    ``[[faults]]`` is a line of a schedule: seconds from the start, a method of `FaultDesk`, and
    its arguments. ``[random_faults]`` has the arguments of `random_schedule`::

        sessions = true
        [limits]
        lines = 50
        [[accounts]]
        name = "DU1"
        cash = "25000"
        [[faults]]
        at = 30
        fault = "cut"
        client_id = 3
        [random_faults]
        seed = 7
        seconds = 3600

    Raises:
        ScenarioFileError: It cannot be read.

    """
    path = Path(path)
    table = _read(path)
    faults, by_chance = table.pop("faults", []), table.pop("random_faults", None)
    if "limits" in table:
        table["limits"] = _build(Limits, table["limits"], f"{path}: [limits]")
    if "accounts" in table:
        table["accounts"] = tuple(
            _build(Account, row, f"{path}: [[accounts]]")
            for row in _rows(table["accounts"], path, "accounts")
        )
    schedule = [_line(row, path) for row in _rows(faults, path, "faults")]
    if by_chance is not None:
        schedule += _by_chance(by_chance, path)
    return ScenarioFile(_build(Scenario, table, str(path)), schedule)


def _read(path: Path) -> dict[str, Any]:
    try:
        import tomllib
    except ModuleNotFoundError as error:  # Python 3.10
        raise ScenarioFileError(f"{path}: scenario files need Python 3.11 or later") from error
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioFileError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioFileError(f"{path}: {error}") from error
    return table


def _rows(value: Any, path: Path, name: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise ScenarioFileError(f"{path}: {name} are tables, each under a line [[{name}]]")
    return value


# -- faults


def _line(row: Mapping[str, Any], path: Path) -> At:
    arguments = dict(row)
    seconds, fault = arguments.pop("at", None), arguments.pop("fault", None)
    if fault == "switch":
        arguments = _switches(arguments, path)
    try:
        checked.seconds("at", seconds)
        checked.text("fault", fault)
    except ValueError as error:
        raise ScenarioFileError(f"{path}: [[faults]]: {error}") from error
    return At(seconds, fault, arguments)


def _switches(arguments: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The arguments of a switch, as its fields want them."""
    where, given = f"{path}: [[faults]]: switch", dict(arguments)
    limits = given.pop("limits", None)
    scenario = _build(Scenario, given, where)
    values = {name: getattr(scenario, name) for name in given}
    if limits is not None:
        _build(Limits, limits, f"{where}: limits")
        values["limits"] = limits
    return values


def _by_chance(table: Any, path: Path) -> list[At]:
    try:
        return random_schedule(**table)
    except (TypeError, ValueError) as error:
        raise ScenarioFileError(f"{path}: [random_faults]: {error}") from error


# -- values


def _build(kind: type[T], table: Any, where: str) -> T:
    known = {field.name for field in attrs.fields(kind)}
    if not isinstance(table, Mapping):
        raise ScenarioFileError(f"{where} is a table, got {table!r}")
    if unknown := sorted(table.keys() - known):
        raise ScenarioFileError(
            f"{where}: {', '.join(unknown)} unknown; there are {', '.join(sorted(known))}"
        )
    try:
        return kind(**table)
    except ValueError as error:
        raise ScenarioFileError(f"{where}: {error}") from error


def build_limits(table: Mapping[str, Any], where: str) -> Limits:
    """Limits of a table of their values; *where* it stands is said in errors."""
    return _build(Limits, table, where)
