"""Ticks that a script asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._replay import ReplayError, read
from ibkit.sim._market._ticks import MarketTick, Quote

Number = Decimal | int | float | str
_SIZE = Decimal(10)
"""Size of a side that had none and is given a price alone."""


def set_quote(
    stands: Quote,
    now: dt.datetime,
    *,
    bid: Number | None,
    ask: Number | None,
    bid_size: Number | None,
    ask_size: Number | None,
) -> Quote:
    """Return the quote after a change; what is ``None`` stays. Raises ValueError."""
    new = Quote(
        stands.con_id,
        now,
        _or(bid, stands.bid),
        _size(bid_size, stands.bid_size),
        _or(ask, stands.ask),
        _size(ask_size, stands.ask_size),
    )
    if new.bid is not None and new.ask is not None and new.bid > new.ask:
        raise ValueError(f"the bid {new.bid} would be above the ask {new.ask}; give both")
    return new


def _or(given: Number | None, stands: Decimal | None) -> Decimal | None:
    return stands if given is None else Decimal(str(given))


def _size(given: Number | None, stands: Decimal) -> Decimal:
    if given is None:
        return stands or _SIZE
    size = Decimal(str(given))
    if size < 0:
        raise ValueError(f"a size is not below 0: {given}")
    return size


def played(
    source: str | Path | Sequence[MarketTick],
    instrument: Instrument,
    now: dt.datetime,
    *,
    naive_zone: str | None,
    shift: bool,
) -> list[MarketTick]:
    """Return the ticks of a replay, the first of them now if they are to be shifted."""
    if isinstance(source, str | Path):
        ticks = read(source, instrument, naive_zone)
    else:
        ticks = [tick._replace(con_id=instrument.con_id) for tick in source]
        ticks.sort(key=lambda tick: tick.time)
    if not ticks:
        raise ReplayError(str(source), 0, "no ticks")
    if not shift:
        return ticks
    late = now - ticks[0].time
    return [tick._replace(time=tick.time + late) for tick in ticks]
