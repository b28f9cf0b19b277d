"""A `Scenario`, and faults that happen later, from a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

import attrs

from ibkit.sim._scenario import Account, Limits, Scenario
from ibkit.sim._schedule import At, random_schedule

T = TypeVar("T", Account, Limits, Scenario)


class ScenarioFileError(ValueError):
    """The file cannot be read as a scenario; the text says where and why."""


class ScenarioFile(NamedTuple):
    """What a file says."""

    scenario: Scenario
    schedule: list[At]


def read_scenario_file(path: Path) -> ScenarioFile:
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
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0:
        raise ScenarioFileError(
            f"{path}: [[faults]]: at is the seconds from the start, got {seconds!r}"
        )
    if fault == "switch":
        arguments = _switches(arguments, path)
    if not isinstance(fault, str):
        raise ScenarioFileError(f"{path}: [[faults]]: fault is the name of one, got {fault!r}")
    return At(seconds, fault, arguments)


def _switches(arguments: dict[str, Any], path: Path) -> dict[str, Any]:
    """The arguments of a switch, as its fields want them."""
    where, hints = f"{path}: [[faults]]: switch", get_type_hints(Scenario)
    limits = arguments.pop("limits", None)
    if unknown := sorted(arguments.keys() - hints.keys()):
        raise ScenarioFileError(f"{where}: {', '.join(unknown)} unknown")
    values = {name: _converted(v, hints[name], f"{where}: {name}") for name, v in arguments.items()}
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
    hints = get_type_hints(kind)
    known = [field.name for field in attrs.fields(kind)]
    if not isinstance(table, Mapping):
        raise ScenarioFileError(f"{where} is a table, got {table!r}")
    unknown = sorted(table.keys() - set(known))
    if unknown:
        raise ScenarioFileError(
            f"{where}: {', '.join(unknown)} unknown; there are {', '.join(sorted(known))}"
        )
    values = {
        name: _converted(value, hints[name], f"{where}: {name}") for name, value in table.items()
    }
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise ScenarioFileError(f"{where}: {error}") from error


def build_limits(table: Mapping[str, Any], where: str) -> Limits:
    """Limits of a table of their values; *where* it stands is said in errors."""
    return _build(Limits, table, where)


def _converted(value: Any, hint: Any, where: str) -> Any:
    """The value as the field wants it; TOML has no decimals and no tuples."""
    if get_origin(hint) is Literal:
        return _expected(
            value, value in get_args(hint), where, " or ".join(map(repr, get_args(hint)))
        )
    if get_origin(hint) is tuple:
        rows = _expected(value, isinstance(value, (list, tuple)), where, "a list")
        return tuple(_converted(each, get_args(hint)[0], where) for each in rows)
    kinds = [kind for kind in (*get_args(hint), hint) if isinstance(kind, type)]
    if Decimal in kinds:
        return _number(value, where)
    fits = any(type(value) is kind for kind in kinds)
    return _expected(value, fits, where, " or ".join(kind.__name__ for kind in kinds))


def _expected(value: Any, fits: bool, where: str, wanted: str) -> Any:  # noqa: FBT001
    if not fits:
        raise ScenarioFileError(f"{where}: got {value!r}, wanted {wanted}")
    return value


def _number(value: Any, where: str) -> Decimal:
    try:
        if not isinstance(value, bool) and (number := Decimal(str(value))).is_finite():
            return number
    except InvalidOperation:
        pass
    raise ScenarioFileError(f"{where}: {value!r} is not a number")
