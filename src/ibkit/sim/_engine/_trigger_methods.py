"""Which prices a simulated stop, touch or condition watches (gateway-behaviour 1.7, C)."""

from __future__ import annotations

import enum


class Source(enum.Enum):
    """A price that can be watched. The doubled ones ask for two ticks in a row."""

    LAST = "last"
    DOUBLE_LAST = "double last"
    BID = "bid"
    ASK = "ask"
    DOUBLE_BID = "double bid"
    DOUBLE_ASK = "double ask"
    MID = "midpoint"


DEFAULT, DOUBLE_QUOTE, LAST, DOUBLE_LAST, QUOTE, LAST_OR_QUOTE, MIDPOINT = 0, 1, 2, 3, 4, 7, 8
METHODS = frozenset(
    {
        DEFAULT,
        DOUBLE_QUOTE,
        LAST,
        DOUBLE_LAST,
        QUOTE,
        LAST_OR_QUOTE,
        MIDPOINT,
    }
)
DEFAULTS = {"CASH": QUOTE, "OPT": DOUBLE_QUOTE}
"""By security type; everything else watches the last price."""

# A buy pays the ask and a sell gets the bid, so that is the side each watches. IB names the
# methods without saying which side (U).
SOURCES: dict[tuple[int, bool], tuple[Source, ...]] = {
    (DOUBLE_QUOTE, True): (Source.DOUBLE_ASK,),
    (DOUBLE_QUOTE, False): (Source.DOUBLE_BID,),
    (LAST, True): (Source.LAST,),
    (LAST, False): (Source.LAST,),
    (DOUBLE_LAST, True): (Source.DOUBLE_LAST,),
    (DOUBLE_LAST, False): (Source.DOUBLE_LAST,),
    (QUOTE, True): (Source.ASK,),
    (QUOTE, False): (Source.BID,),
    (LAST_OR_QUOTE, True): (Source.LAST, Source.ASK),
    (LAST_OR_QUOTE, False): (Source.LAST, Source.BID),
    (MIDPOINT, True): (Source.MID,),
    (MIDPOINT, False): (Source.MID,),
}


def sources(method: int, sec_type: str, currency: str, *, is_buy: bool) -> tuple[Source, ...]:
    """Return what a trigger method watches for an instrument and a side.

    Options outside the US (not in dollars) watch the last price.
    """
    if method == DEFAULT:
        foreign_option = sec_type == "OPT" and currency != "USD"
        method = LAST if foreign_option else DEFAULTS.get(sec_type, LAST)
    return SOURCES[method, is_buy]
