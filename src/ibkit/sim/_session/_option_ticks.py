"""The model figures of an option: tick 13, and those of its bid, ask and last."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ibkit.sim import _wire as wire
from ibkit.sim._market import Instrument

if TYPE_CHECKING:
    from ibkit.sim._session._floor import Floor

MODEL = 13
PRICE_BASED = 1
"""Tick attribute: the volatility comes from the option's price."""


def option_ticks(
    floor: Floor, req_id: int, instrument: Instrument, now: dt.datetime
) -> list[wire.Answer]:
    """The model tick of an option; nothing for anything else."""
    if instrument.sec_type != "OPT":
        return []
    greeks = floor.market.greeks_at(instrument.con_id, now)
    if greeks is None:
        return []
    return [
        wire.TickOptionComputation(
            req_id=req_id,
            tick_type=MODEL,
            tick_attrib=PRICE_BASED,
            implied_vol=greeks.implied_volatility,
            delta=greeks.delta,
            opt_price=greeks.price,
            pv_dividend=greeks.dividends,
            gamma=greeks.gamma,
            vega=greeks.vega,
            theta=greeks.theta,
            und_price=greeks.under_price,
        )
    ]
