"""Downloads the months of a future, for a series that runs through them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias, final

from attrs import evolve, frozen
from ib_async import BarData, Contract

from ibkit._ib._bar_columns import BarColumns
from ibkit._ib._bar_sizes import DAY
from ibkit.contracts import Activity, RollRule
from ibkit.contracts._chain import FuturesChain
from ibkit.contracts._schedule import RollSchedule

from ._bar_sizes import bar_seconds
from ._chains import Stretch, schedule_in, stretches, volume_stretches, wants_volume
from ._continuous import Adjust, ContinuousSeries, Direction
from ._merge import join_holes
from ._series import BarSeries
from ._stitch import Segment, stitching
from ._when import ONE_DAY, When, date_of, midnight, trading_days

Load: TypeAlias = Callable[[Contract, dt.datetime, dt.datetime, str], Awaitable[BarSeries]]
"""Downloads bars of this size of a month over a span."""

_EVENING = dt.timedelta(hours=12)
"""A trading day may begin on the evening before its date, and end in the night after."""
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.timezone.utc)
_FAR_AHEAD = dt.datetime.max.replace(tzinfo=dt.timezone.utc)


@final
@frozen(kw_only=True)
class MonthsDownload:
    """One continuous series."""

    start: When
    end: When | None
    bar_size: str
    rule: RollRule | None
    activity: Activity | None
    now: dt.datetime
    load: Load
    load_volume: Load

    def days(self) -> tuple[dt.date, dt.date]:
        """The trading days that it may touch. Raises `PlanError` where there are none."""
        return trading_days(self.start, self.end, self.now, is_small=self._is_small)

    async def run(
        self, chain: FuturesChain, adjust: Adjust, direction: Direction
    ) -> ContinuousSeries:
        """Find who was front, download each month, and join them."""
        schedule = await self._schedule(chain)
        parts = [await self._month(one, self.bar_size, self.load) for one in stretches(schedule)]
        segments = [
            # those before the start are needed only where a month follows another
            Segment(period.listing, self._clipped(part, is_first=not place), part.sessions)
            for place, (period, part) in enumerate(zip(schedule, parts, strict=True))
        ]
        series: ContinuousSeries | None = None
        for series in stitching(segments, schedule, adjust, direction=direction):  # noqa: B007
            await asyncio.sleep(0)  # others wait for the loop
        assert series is not None
        return _noted(series, parts)

    @property
    def _is_small(self) -> bool:
        return bar_seconds(self.bar_size) < DAY

    async def _schedule(self, chain: FuturesChain) -> RollSchedule:
        first, last = self.days()
        activity = self.activity
        if activity is None and wants_volume(self.rule):
            activity = await self._volumes(volume_stretches(chain, first, last))
        return schedule_in(chain, self.rule, first, last, activity)

    async def _month(self, stretch: Stretch, bar_size: str, load: Load) -> BarSeries:
        contract: Contract = stretch.listing.contract
        contract.includeExpired = True
        start, end = midnight(stretch.start), midnight(stretch.end) + ONE_DAY
        if bar_seconds(bar_size) < DAY:
            start, end = start - _EVENING, end + _EVENING
        return await load(contract, start, end, bar_size)

    async def _volumes(self, needed: Sequence[Stretch]) -> Activity:
        volume: dict[Any, Mapping[dt.date, Any]] = {}
        for stretch in needed:
            bars = await self._month(stretch, "1 day", self.load_volume)
            volume[stretch.listing.month] = {date_of(bar.date): bar.volume for bar in bars}
        return Activity(volume=volume)

    def _clipped(self, part: BarSeries, *, is_first: bool) -> Sequence[BarData]:
        """Bars within the day as far as times were given, not dates."""
        start = self.start if is_first and isinstance(self.start, dt.datetime) else _LONG_AGO
        end = self.end if isinstance(self.end, dt.datetime) else _FAR_AHEAD
        columns = part.bars if isinstance(part.bars, BarColumns) else BarColumns(part.bars)
        return columns if columns.daily else columns.cut(start, end)


def _noted(series: ContinuousSeries, parts: Sequence[BarSeries]) -> ContinuousSeries:
    holes = [hole for part in parts for hole in part.holes]
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    joined = join_holes(sorted(holes, key=lambda hole: hole.start))
    return evolve(series, holes=tuple(joined), notes=tuple(notes))
