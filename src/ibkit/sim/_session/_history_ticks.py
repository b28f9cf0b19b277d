"""Historical ticks as messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ibkit.sim import _wire as wire
from ibkit.sim._market import MarketTick, Quote, Trade


def _trades(req_id: int, ticks: Sequence[MarketTick]) -> wire.Answer:
    rows = tuple(
        wire.HistoricalTickLast(int(t.time.timestamp()), t.price, t.size, t.exchange)
        for t in ticks
        if isinstance(t, Trade)
    )
    return wire.HistoricalTicksLast(req_id, rows, done=True)


def _both_sides(req_id: int, ticks: Sequence[MarketTick]) -> wire.Answer:
    rows = tuple(
        wire.HistoricalTickBidAsk(int(t.time.timestamp()), t.bid, t.ask, t.bid_size, t.ask_size)
        for t in ticks
        if isinstance(t, Quote) and t.bid is not None and t.ask is not None
    )
    return wire.HistoricalTicksBidAsk(req_id, rows, done=True)


def _middles(req_id: int, ticks: Sequence[MarketTick]) -> wire.Answer:
    rows = tuple(
        wire.HistoricalTick(int(t.time.timestamp()), (t.bid + t.ask) / 2, t.bid_size * 0)
        for t in ticks
        if isinstance(t, Quote) and t.bid is not None and t.ask is not None
    )
    return wire.HistoricalTicks(req_id, rows, done=True)


Kind = Literal["TRADES", "BID_ASK", "MIDPOINT"]

KINDS: dict[str, Kind] = {"TRADES": "TRADES", "BID_ASK": "BID_ASK", "MIDPOINT": "MIDPOINT"}

ANSWERS = {"TRADES": _trades, "BID_ASK": _both_sides, "MIDPOINT": _middles}


def kind_of(what: str) -> Kind | None:
    """The kind that a request names."""
    return KINDS.get(what)


def answer_for(req_id: int, what: Kind, ticks: Sequence[MarketTick]) -> wire.Answer:
    """The message that carries historical ticks of one kind."""
    return ANSWERS[what](req_id, ticks)
