"""Figures that the market hands out beside its ticks. Prices and sizes are Decimal."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple


class MarketBar(NamedTuple):
    """One bar. `volume`, `wap` and `trades` are ``None`` for prices that are not trades."""

    time: dt.datetime
    """Its start, in UTC."""
    day: dt.date
    """The trading day it belongs to: what a daily bar is labelled with."""
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None
    wap: Decimal | None
    trades: int | None


class DayFigures(NamedTuple):
    """A trading day as far as it has come. ``None``: no trade yet."""

    day: dt.date
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    previous_close: Decimal | None
    """Close of the trading day before."""
    volume: Decimal
    vwap: Decimal | None


class Session(NamedTuple):
    """One stretch of trading, ``start <= t < end`` in UTC, and the trading day it belongs to."""

    day: dt.date
    start: dt.datetime
    end: dt.datetime


class PriceCount(NamedTuple):
    """One row of a histogram."""

    price: Decimal
    size: Decimal


class Greeks(NamedTuple):
    """An option's model figures per share, for the underlying at `under_price`."""

    implied_volatility: float
    delta: float
    price: float
    gamma: float
    vega: float
    """Per percentage point of volatility."""
    theta: float
    """Per calendar day."""
    under_price: float
    dividends: float = 0.0
