"""Joins the bars of several months into one series, with the gaps at the rolls taken out.

A gap is measured at the last bar before the roll that both months have, between their closes.
``"difference"`` (Panama) shifts prices by it: differences in price stay true, and old prices may
fall below zero. ``"ratio"`` multiplies them: returns in percent stay true. Backward leaves the
newest prices as they are, forward the oldest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from attrs import evolve, frozen
from ib_async import BarData

from ibkit._ib._bar_columns import BarColumns
from ibkit.contracts._listing import Listing
from ibkit.contracts._schedule import Roll, RollPeriod, RollSchedule
from ibkit.errors import PlanError
from ibkit.products import EXCHANGES, ContractMonth, Product

from ._continuous import Adjust, ContinuousSeries, Direction, SeriesPart, SeriesRoll
from ._errors import GapUnknown
from ._sessions import Session, TradingDays

SLICE = 2000
"""Bars between two pauses of `stitching`."""

DayOf = Callable[[BarData], dt.date]


@frozen
class Segment:
    """
    The bars of one month, in order of time, from before it becomes the front.

    Without *sessions* a bar counts to the date on the clock of the exchange. Give them for
    bars within the day where evening sessions count to the next day, as at the CME.
    """

    listing: Listing
    bars: Sequence[BarData]
    sessions: tuple[Session, ...] | None = None


def stitch(
    segments: Sequence[Segment],
    schedule: RollSchedule,
    adjust: Adjust = "difference",
    *,
    direction: Direction = "backward",
) -> ContinuousSeries:
    """
    Join the bars of several months.

    Args:
        segments: One for each month of the schedule, in any order. Each but the first needs
            some bars from before its roll, to measure the gap.
        schedule: Who is front from when to when.
        adjust: Take the gaps out by ``"difference"`` or ``"ratio"``, or leave them (None).
        direction: ``"backward"`` leaves the newest prices as they are, ``"forward"`` the oldest.

    Months at the ends that have no bars in their time are left out.

    Raises:
        PlanError: A month of the schedule has no segment; a ratio of prices that are not
            above zero.
        GapUnknown: Two months have no bar of the same time before a roll.

    >>> import datetime as dt
    >>> from ib_async import BarData
    >>> from ibkit.contracts import product, roll_schedule
    >>> from ibkit.history import Segment, stitch
    >>> day = dt.date(2026, 3, 12)
    >>> plan = roll_schedule(product("ES"), day, day + dt.timedelta(days=1))
    >>> def bars(*closes):
    ...     days = (day + dt.timedelta(days=n) for n in range(2))
    ...     return [BarData(date=d, open=c, high=c, low=c, close=c) for d, c in zip(days, closes)]
    >>> march, june = (period.listing for period in plan)
    >>> segments = [Segment(march, bars(5000.0, 0.0)), Segment(june, bars(5050.0, 5060.0))]
    >>> series = stitch(segments, plan)
    >>> [bar.close for bar in series], str(series.rolls[0])
    ([5050.0, 5060.0], '2026-03-13: ESH6 -> ESM6, gap +50.0')
    """
    series: ContinuousSeries | None = None
    for series in stitching(segments, schedule, adjust, direction=direction):  # noqa: B007
        pass
    assert series is not None
    return series


def stitching(
    segments: Sequence[Segment],
    schedule: RollSchedule,
    adjust: Adjust = "difference",
    *,
    direction: Direction = "backward",
) -> Iterator[ContinuousSeries | None]:
    """Do what `stitch` does in small pieces, with pauses; the series comes last."""
    check_joint(adjust, direction)
    by_month = _by_month(segments, schedule)
    owned: list[BarColumns] = []
    for period in schedule:
        own = BarColumns()
        for some in _slices(by_month[period.listing.month], period):
            own.extend(some)
            yield None
        owned.append(own)
    begin, end = _filled(owned)
    rolls = [
        _measured(roll, by_month, adjust) for roll in schedule.rolls[begin : max(begin, end - 1)]
    ]
    amounts = _adjustments(rolls, adjust, direction, end - begin)
    bars = BarColumns()
    parts = []
    for period, own, amount in zip(schedule[begin:end], owned[begin:end], amounts, strict=True):
        for first in range(0, len(own), SLICE):
            bars.extend(_adjusted(own[first : first + SLICE], amount, adjust))
            yield None
        parts.append(SeriesPart(listing=period.listing, count=len(own), adjustment=amount))
    yield ContinuousSeries(
        root=schedule.product.root,
        adjust=adjust,
        direction=direction,
        bars=bars,
        parts=tuple(parts),
        rolls=tuple(rolls),
    )


def _slices(segment: Segment, period: RollPeriod) -> Iterator[list[BarData]]:
    """The bars of a month while it is the front."""
    day_of = trading_day_of(segment)
    for first in range(0, len(segment.bars), SLICE):
        some = segment.bars[first : first + SLICE]
        yield [bar for bar in some if period.start <= day_of(bar) <= period.end]


def _filled(owned: Sequence[Sequence[BarData]]) -> tuple[int, int]:
    """Leave out months at both ends that have no bars: there is nothing to join."""
    places = [place for place, own in enumerate(owned) if own]
    return (places[0], places[-1] + 1) if places else (0, 0)


def trading_day_of(segment: Segment) -> DayOf:
    """How the bars of a segment find their trading day."""
    days = TradingDays.of(segment.sessions) if segment.sessions else None
    zone = zone_of(segment.listing.product)

    def day_of(bar: BarData) -> dt.date:
        if not isinstance(bar.date, dt.datetime):
            return bar.date
        return days(bar.date) if days else bar.date.astimezone(zone).date()

    return day_of


def zone_of(product: Product) -> dt.tzinfo:
    """The clock of a product's exchange; UTC if the table does not know it."""
    exchange = EXCHANGES.get(product.exchange)
    return ZoneInfo(exchange.zone) if exchange else dt.timezone.utc


def check_joint(adjust: object, direction: object) -> None:
    """Refuse a way to join months that there is not."""
    if adjust not in ("difference", "ratio", None):
        raise PlanError("adjust", adjust, '"difference", "ratio" or None')
    if direction not in ("backward", "forward"):
        raise PlanError("direction", direction, '"backward" or "forward"')


def _by_month(
    segments: Sequence[Segment], schedule: RollSchedule
) -> Mapping[ContractMonth, Segment]:
    found = {segment.listing.month: segment for segment in segments}
    for period in schedule:
        if period.listing.month not in found:
            raise PlanError("segments", [str(s.listing) for s in segments], f"bars of {period}")
    return found


def _measured(roll: Roll, by_month: Mapping[ContractMonth, Segment], adjust: Adjust) -> SeriesRoll:
    old, new = by_month[roll.from_.month], by_month[roll.to.month]
    plain = SeriesRoll(day=roll.day, from_=roll.from_, to=roll.to)
    pair = _last_common(_backwards(old, roll.day), _backwards(new, roll.day))
    if pair is None:
        if adjust is None:
            return plain
        raise GapUnknown(roll.day, str(roll.from_), str(roll.to))
    before, after = (Decimal(str(bar.close)) for bar in pair)
    if adjust == "ratio" and (before <= 0 or after <= 0):
        allowed = f'"difference": {roll.from_} or {roll.to} closed at or below 0'
        raise PlanError("adjust", adjust, allowed)
    return evolve(plain, reference=pair[0].date, before=before, after=after)


def _backwards(segment: Segment, day: dt.date) -> Iterator[BarData]:
    day_of = trading_day_of(segment)
    return (bar for bar in reversed(segment.bars) if day_of(bar) < day)


def _last_common(old: Iterator[BarData], new: Iterator[BarData]) -> tuple[BarData, BarData] | None:
    left, right = next(old, None), next(new, None)
    while left is not None and right is not None:
        if left.date == right.date:
            return left, right
        if left.date > right.date:
            left = next(old, None)
        else:
            right = next(new, None)
    return None


def _adjustments(
    rolls: Sequence[SeriesRoll], adjust: Adjust, direction: Direction, count: int
) -> list[Decimal]:
    """What each part is shifted by, or multiplied with."""
    if not count:
        return []
    neutral = Decimal(1) if adjust == "ratio" else Decimal(0)
    if adjust is None:
        return [neutral] * count
    steps = [_step(roll, adjust) for roll in rolls]
    amounts = [neutral]
    for step in reversed(steps) if direction == "backward" else steps:
        last = amounts[-1]
        if direction == "backward":
            amounts.append(last * step if adjust == "ratio" else last + step)
        else:
            amounts.append(last / step if adjust == "ratio" else last - step)
    return amounts[::-1] if direction == "backward" else amounts


def _step(roll: SeriesRoll, adjust: Adjust) -> Decimal:
    assert roll.before is not None
    assert roll.after is not None
    return roll.after / roll.before if adjust == "ratio" else roll.after - roll.before


def _adjusted(bars: Sequence[BarData], amount: Decimal, adjust: Adjust) -> Sequence[BarData]:
    if adjust is None or amount == (1 if adjust == "ratio" else 0):
        return bars
    times = adjust == "ratio"

    def moved(price: float) -> float:
        exact = Decimal(str(price))
        return float(exact * amount if times else exact + amount)

    return [
        BarData(
            date=bar.date,
            open=moved(bar.open),
            high=moved(bar.high),
            low=moved(bar.low),
            close=moved(bar.close),
            volume=bar.volume,
            average=bar.average if bar.barCount == -1 else moved(bar.average),
            barCount=bar.barCount,
        )
        for bar in bars
    ]
