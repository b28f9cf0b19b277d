"""Bars and ticks as a DataFrame."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ib_async import BarData

from ibkit.errors import MissingExtra

if TYPE_CHECKING:
    import pandas as pd

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
        raise MissingExtra("frames", "a DataFrame") from error
    columns: dict[str, Iterable[object]] = {
        "open": [bar.open for bar in bars],
        "high": [bar.high for bar in bars],
        "low": [bar.low for bar in bars],
        "close": [bar.close for bar in bars],
        "volume": [_there(bar.volume) for bar in bars],
        "average": [None if bar.barCount == _ABSENT else bar.average for bar in bars],
        "count": [_there(bar.barCount) for bar in bars],
        **(more or {}),
    }
    times = [bar.date for bar in bars]
    # a column of dates alone would be objects, which cannot be resampled
    index = pd.DatetimeIndex(
        [at if isinstance(at, dt.datetime) else pd.Timestamp(at) for at in times], name="time"
    )
    frame = pd.DataFrame(columns, index=index)
    numbers = ["open", "high", "low", "close", "volume", "average", "count"]
    return frame.astype(dict.fromkeys(numbers, float))


def _there(number: float) -> float | None:
    return None if number == _ABSENT else float(number)
