"""A calendar of rolls, drawn from the schedules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from ibkit.contracts import RollPeriod, product, roll_schedule

from . import svg

START, END = dt.date(2026, 1, 2), dt.date(2026, 12, 31)
ROOTS = ("ES", "CL", "GC", "ZC")
LEFT, SCALE, TOP, LANE = 50, 2.0, 34, 62


def roll_calendar() -> str:
    """Who is front from when to when, with first notice and last trade."""
    parts = list(_months())
    for lane, root in enumerate(ROOTS):
        y = TOP + lane * LANE
        parts.append(svg.text(10, y + 20, root))
        for period in roll_schedule(product(root), START, END):
            parts += _period(period, y)
    height = TOP + LANE * len(ROOTS) + 24
    parts.append(svg.dot(LEFT + 6, height - 14, colour="#9a6700"))
    parts.append(svg.text(LEFT + 16, height - 10, "first notice", colour=svg.SOFT))
    parts.append(svg.dot(LEFT + 126, height - 14, colour="#cf222e"))
    parts.append(svg.text(LEFT + 136, height - 10, "last trade", colour=svg.SOFT))
    return svg.page(LEFT + 365 * SCALE + 20, height, parts, "Front months of 2026")


def _x(day: dt.date) -> float:
    return LEFT + min(max((day - START).days, 0), 364) * SCALE


def _months() -> Iterator[str]:
    for month in range(1, 13):
        first = dt.date(2026, month, 1)
        yield svg.text(_x(first) + 4, 18, f"{first:%b}", colour=svg.SOFT)


def _period(period: RollPeriod, y: float) -> Iterator[str]:
    left, right = _x(period.start), _x(period.end)
    listing = period.listing
    about = f"{listing.local_symbol}: {period.start} to {period.end}"
    yield svg.rect(left, y, max(right - left, 1), 26, fill=svg.BLUE, about=about)
    if right - left > 48:
        yield svg.text((left + right) / 2, y + 17, str(listing.month), anchor="middle")
    for day, colour, what in (
        (listing.first_notice, "#9a6700", "first notice"),
        (listing.last_trade, "#cf222e", "last trade"),
    ):
        if day is not None and START <= day <= END:
            yield svg.dot(
                _x(day), y + 36, colour=colour, about=f"{listing.local_symbol}: {what} {day}"
            )
