"""What the tape says. ``None`` means that side is not there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple


class Quote(NamedTuple):
    """The best bid and ask of an instrument from a moment on."""

    con_id: int
    time: dt.datetime
    bid: Decimal | None
    bid_size: Decimal
    ask: Decimal | None
    ask_size: Decimal


class Trade(NamedTuple):
    """One trade at an exchange (not one of ours)."""

    con_id: int
    time: dt.datetime
    price: Decimal
    size: Decimal
    exchange: str = ""


MarketTick = Quote | Trade
"""What can happen on the tape."""
