"""Ticks one by one, live and historical: their flags travel as bits of one number.

The bits of a bid and ask differ: historical ticks have ask-past-high first, tick-by-tick has
bid-past-low first (so in ibapi 10.51 and ib_async 2.1.0 alike).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ibkit.sim._wire._fields import write_decimal, write_text
from ibkit.sim._wire._history_messages import (
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    HistoricalTicks,
    HistoricalTicksBidAsk,
    HistoricalTicksLast,
)
from ibkit.sim._wire._market_messages import (
    TickByTickAllLast,
    TickByTickBidAsk,
    TickByTickMidPoint,
)
from ibkit.sim._wire._writing import Writer


def all_last(tick: TickByTickAllLast) -> str:
    req_id, tick_type, time, price, size, past_limit, unreported, exchange, conditions = tick
    return (
        f"{req_id}\0{tick_type}\0{time}\0{write_decimal(price)}\0{write_decimal(size)}\0"
        f"{past_limit | unreported << 1}\0{write_text(exchange)}\0{write_text(conditions)}"
    )


def bid_ask(tick: TickByTickBidAsk) -> str:
    req_id, time, bid, ask, bid_size, ask_size, bid_past_low, ask_past_high = tick
    return (
        f"{req_id}\x003\0{time}\0{write_decimal(bid)}\0{write_decimal(ask)}\0"
        f"{write_decimal(bid_size)}\0{write_decimal(ask_size)}\0"
        f"{bid_past_low | ask_past_high << 1}"
    )


def mid_point(tick: TickByTickMidPoint) -> str:
    return f"{tick.req_id}\x004\0{tick.time}\0{write_decimal(tick.mid_point)}"


def _historical(tick: HistoricalTick) -> str:
    return f"{tick.time}\x000\0{write_decimal(tick.price)}\0{write_decimal(tick.size)}"


def _historical_bid_ask(tick: HistoricalTickBidAsk) -> str:
    return (
        f"{tick.time}\0{tick.ask_past_high | tick.bid_past_low << 1}\0"
        f"{write_decimal(tick.price_bid)}\0{write_decimal(tick.price_ask)}\0"
        f"{write_decimal(tick.size_bid)}\0{write_decimal(tick.size_ask)}"
    )


def _historical_last(tick: HistoricalTickLast) -> str:
    return (
        f"{tick.time}\0{tick.past_limit | tick.unreported << 1}\0{write_decimal(tick.price)}\0"
        f"{write_decimal(tick.size)}\0{write_text(tick.exchange)}\0"
        f"{write_text(tick.special_conditions)}"
    )


def _batch(write: Callable[[Any], str]) -> Writer:
    def write_batch(batch: HistoricalTicks | HistoricalTicksBidAsk | HistoricalTicksLast) -> str:
        texts = [str(batch.req_id), str(len(batch.ticks)), *map(write, batch.ticks)]
        return "\0".join([*texts, "1" if batch.done else "0"])

    return write_batch


historical = _batch(_historical)
historical_bid_ask = _batch(_historical_bid_ask)
historical_last = _batch(_historical_last)
