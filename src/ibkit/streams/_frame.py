"""Values as a DataFrame."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ibkit.errors import MissingExtra

if TYPE_CHECKING:
    import pandas as pd


def frame(values: Sequence[NamedTuple]) -> pd.DataFrame:
    """Put values into a DataFrame, a row each, indexed by `time`, or by `arrived` if there is none.

    Numbers become floats, what is not there NaN. Needs the extra ``frames``.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise MissingExtra("pandas", "frames") from error
    table = pd.DataFrame([_row(value) for value in values])
    index = "time" if "time" in table.columns else "arrived"
    return table.set_index(index) if index in table.columns else table


def _row(value: NamedTuple) -> dict[str, object]:
    row: dict[str, object] = {}
    for name, item in value._asdict().items():
        if isinstance(item, Mapping):
            row |= {key: _plain(one) for key, one in item.items()}
        elif isinstance(item, tuple):
            row |= _columns(name, item)
        else:
            row[name] = _plain(item)
    return row


def _columns(name: str, item: tuple[object, ...]) -> dict[str, object]:
    """Spread greeks (a named tuple) and the rows of a book over columns of their own."""
    if hasattr(item, "_asdict"):
        return {f"{name}_{key}": _plain(one) for key, one in item._asdict().items()}
    side = name.removesuffix("s")
    return {
        f"{side}_{column}_{depth}": _plain(one)
        for depth, row in enumerate(item)
        for column, one in (row._asdict().items() if hasattr(row, "_asdict") else ())
        if one != ""
    }


def _plain(item: object) -> object:
    if isinstance(item, Decimal):
        return float(item)
    return item.name.lower() if isinstance(item, enum.Enum) else item
