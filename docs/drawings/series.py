"""A continuous series: the months as they traded, and joined without the gaps."""

from __future__ import annotations

import datetime as dt
import math

from ib_async import BarData

from ibkit.contracts import RollPeriod, product, roll_schedule
from ibkit.history import ContinuousSeries, Segment, stitch

from . import svg

START, END = dt.date(2026, 1, 5), dt.date(2026, 12, 15)
CARRY = 40.0
"""By how much a quarter is dearer than the one before."""
WIDTH, HEIGHT, LEFT = 720, 320, 60


def stitched() -> str:
    """The front months as they traded, dashed; the joined series above them."""
    schedule = roll_schedule(product("ES"), START, END)
    segments = [Segment(period.listing, _bars(n, period)) for n, period in enumerate(schedule)]
    joined = stitch(segments, schedule, "difference")
    raw = stitch(segments, schedule, None)
    low = min(bar.close for bar in [*raw.bars, *joined.bars])
    parts = [svg.line(*_points(raw, low), colour="#cf222e", dashed=True)]
    parts.append(svg.line(*_points(joined, low), colour="#0969da"))
    for roll in joined.rolls:
        x = _x(roll.day)
        parts.append(svg.line((x, 20), (x, HEIGHT - 40), dashed=True))
        parts.append(svg.text(x + 4, 32, f"{roll.to}", colour=svg.SOFT))
    parts.append(svg.text(LEFT, HEIGHT - 14, "as traded (dashed), and with the gaps taken out"))
    return svg.page(WIDTH, HEIGHT, parts, "A stitched series of ES")


def _bars(place: int, period: RollPeriod) -> list[BarData]:
    """Made-up closes: a slow wave, and a step for each later month. They begin before the roll."""
    first = period.start - dt.timedelta(days=10)
    days = (first + dt.timedelta(days=n) for n in range((period.end - first).days + 1))
    return [_bar(day, 5000 + CARRY * place + _wave(day)) for day in days if day.weekday() < 5]


def _wave(day: dt.date) -> float:
    n = (day - START).days
    return 60 * math.sin(n / 45) + 18 * math.sin(n / 7)


def _bar(day: dt.date, close: float) -> BarData:
    price = round(close * 4) / 4
    return BarData(date=day, open=price, high=price, low=price, close=price, volume=1)


def _points(series: ContinuousSeries, low: float) -> list[tuple[float, float]]:
    return [(_x(bar.date), HEIGHT - 50 - (bar.close - low) * 0.8) for bar in series.bars]


def _x(day: dt.date) -> float:
    return LEFT + (day - START).days * (WIDTH - LEFT - 30) / (END - START).days
