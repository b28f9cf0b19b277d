"""Implied volatility from a price, and the price from a volatility."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ibkit.sim import _wire as wire
from ibkit.sim._market import Greeks, Instrument
from ibkit.sim._session._contracts import find_one

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session

CUSTOM = 53
"""Tick type of figures that a client has asked to be computed."""


def _option(
    session: Session, req_id: int, contract: wire.ContractFields, now: dt.datetime
) -> Instrument | None:
    instrument = find_one(session, req_id, contract, now)
    if instrument is not None and instrument.sec_type != "OPT":
        session.refuse(req_id, 321, "bX", "The contract is not an option")
        return None
    return instrument


def _answer(session: Session, req_id: int, greeks: Greeks | None) -> None:
    if greeks is None:
        session.refuse(req_id, 321, "bX", "The figures allow no solution")
        return
    session.send(
        wire.TickOptionComputation(
            req_id=req_id,
            tick_type=CUSTOM,
            tick_attrib=0,
            implied_vol=greeks.implied_volatility,
            delta=greeks.delta,
            opt_price=greeks.price,
            pv_dividend=greeks.dividends,
            gamma=greeks.gamma,
            vega=greeks.vega,
            theta=greeks.theta,
            und_price=greeks.under_price,
        )
    )


def implied_volatility(
    session: Session, asked: wire.CalculateImpliedVolatility, now: dt.datetime
) -> None:
    """The volatility at which an option is worth a price."""
    option = _option(session, asked.req_id, asked.contract, now)
    if option is not None:
        price, under = float(asked.option_price or 0), float(asked.under_price or 0)
        greeks = session.floor.market.greeks_of(option, now, under_price=under, price=price)
        _answer(session, asked.req_id, greeks)


def option_price(session: Session, asked: wire.CalculateOptionPrice, now: dt.datetime) -> None:
    """What an option is worth at a volatility."""
    option = _option(session, asked.req_id, asked.contract, now)
    if option is not None:
        volatility, under = float(asked.volatility or 0), float(asked.under_price or 0)
        greeks = session.floor.market.greeks_of(
            option, now, under_price=under, volatility=volatility
        )
        _answer(session, asked.req_id, greeks)
