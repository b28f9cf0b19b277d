"""Ticks that a script asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from ibkit.sim import _checked as checked
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._replay import ReplayError, read
from ibkit.sim._market._ticks import MarketTick, Quote, Trade

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
        stands.bid if bid is None else checked.number("bid", bid),
        _size("bid_size", bid_size, stands.bid_size),
        stands.ask if ask is None else checked.number("ask", ask),
        _size("ask_size", ask_size, stands.ask_size),
    )
    if new.bid is not None and new.ask is not None and new.bid > new.ask:
        raise ValueError(f"the bid {new.bid} would be above the ask {new.ask}; give both")
    return new


def _size(name: str, given: Number | None, stands: Decimal) -> Decimal:
    return (stands or _SIZE) if given is None else checked.size(name, given)


_NEVER = {
    ("IND", "quote"): "an index, which nobody quotes: let it `trade`",
    ("CASH", "trade"): "a pair of currencies, whose trades nobody hears of: set its `quote`",
}


def refuse_what_never_happens(instrument: Instrument, what: str) -> None:
    """Refuse quotes and trades that no client could ever see. Raises ValueError."""
    if reason := _NEVER.get((instrument.sec_type, what)):
        raise ValueError(f"{instrument.local_symbol} is {reason}")


def played(
    source: str | Path | Sequence[MarketTick],
    instrument: Instrument,
    now: dt.datetime,
    *,
    naive_zone: str | None,
    shift: bool,
) -> list[MarketTick]:
    """Return the ticks of a replay, the first of them now if they are to be shifted."""
    checked.flag("shift", shift)
    if isinstance(source, str | Path):
        ticks = read(source, instrument, naive_zone)
    else:
        ticks = _given(source, instrument)
    if not ticks:
        raise ReplayError(str(source), 0, "no ticks")
    if not shift:
        return ticks
    late = now - ticks[0].time
    return [tick._replace(time=tick.time + late) for tick in ticks]


def _given(source: Sequence[MarketTick], instrument: Instrument) -> list[MarketTick]:
    is_list = isinstance(source, Sequence)
    if not is_list or not all(isinstance(tick, (Quote, Trade)) for tick in source):
        raise checked.refusal("source", source, "the path of a file, or a list of Quote and Trade")
    for tick in source:
        checked.moment("time", tick.time)
    ticks = [tick._replace(con_id=instrument.con_id) for tick in source]
    return sorted(ticks, key=lambda tick: tick.time)
