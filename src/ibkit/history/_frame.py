"""Bars and ticks as a DataFrame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ib_async import BarData, HistoricalTickBidAsk, HistoricalTickLast

from ibkit._ib._bar_columns import NUMBERS, BarColumns
from ibkit.errors import MissingExtra

from ._stores import AnyTick

if TYPE_CHECKING:
    import pandas as pd

NAMES = (*NUMBERS, "count")
# ib_async writes -1 where a bar of quotes has no such number.
_ABSENT = -1


def bars_frame(
    bars: Sequence[BarData], more: Mapping[str, Iterable[object]] | None = None
) -> pd.DataFrame:
    """
    A row a bar, indexed by ``time``; what a bar does not have is NaN.

    Needs the extra ``frames``.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise MissingExtra("pandas", "frames") from error
    columns = bars if isinstance(bars, BarColumns) else BarColumns(bars)
    numbers = [*columns.numbers, columns.counts]
    frame = pd.DataFrame(
        {name: pd.array(column, float) for name, column in zip(NAMES, numbers, strict=True)},
        index=_index(pd, columns),
    )
    quotes = frame["count"] == _ABSENT
    frame["average"] = frame["average"].mask(quotes)
    for name in ("volume", "count"):
        frame[name] = frame[name].mask(frame[name] == _ABSENT)
    return frame.assign(**{name: list(column) for name, column in (more or {}).items()})


def _index(pd: Any, columns: BarColumns) -> Any:
    times = pd.to_datetime(pd.array(columns.times, "int64"), unit="s", utc=not columns.daily)
    # dates have no zone, and can be resampled all the same
    return pd.DatetimeIndex(times, name="time")


def ticks_frame(ticks: Sequence[AnyTick]) -> pd.DataFrame:
    """
    A row a tick, indexed by ``time``; several may share a second.

    Needs the extra ``frames``.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise MissingExtra("pandas", "frames") from error
    table = pd.DataFrame(map(_row, ticks))
    if table.empty:
        table["time"] = []
    table["time"] = pd.to_datetime(table["time"], utc=True)
    return table.set_index("time")


def _row(tick: AnyTick) -> dict[str, object]:
    row = tick._asdict()
    if isinstance(tick, HistoricalTickLast):
        row |= vars(row.pop("tickAttribLast"))
    elif isinstance(tick, HistoricalTickBidAsk):
        row |= vars(row.pop("tickAttribBidAsk"))
    return row
