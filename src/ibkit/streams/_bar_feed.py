"""Bars: of five seconds from real-time bars, of any size from history that is kept up to date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal

from ._bar_times import bar_time
from ._feed import Feed, decimal, second
from ._series import BarSeries
from ._values import Bar

FIVE_SECONDS = dt.timedelta(seconds=5)
UPDATE_EVERY = dt.timedelta(seconds=6)
"""IB repeats an unfinished bar every four to six seconds (gateway-behaviour 3.5)."""
MOST_HELD = 720
"""An hour of 5-second bars: more are not kept back for those that were missed."""


def _present(text: str) -> Decimal | None:
    """Read a volume or an average: -1 where the kind of bar has none."""
    number = decimal(text)
    return None if number == -1 else number


def _count(text: str) -> int | None:
    number = _present(text)
    return None if number is None else int(number)


def _read_bar(
    con_id: int, time: dt.datetime | None, texts: list[str], size: str, arrived: dt.datetime
) -> Bar | None:
    """Read open, high, low, close, volume, average and count; ``None`` if they are no bar."""
    open_, high, low, close = map(decimal, texts[:4])
    if time is None or open_ is None or high is None or low is None or close is None:
        return None
    volume, average, trades = _present(texts[4]), _present(texts[5]), _count(texts[6])
    return Bar(con_id, time, arrived, open_, high, low, close, volume, average, trades, size)


class FiveSecondFeed(Feed[Bar]):
    """One real-time bars subscription. Every bar is final."""

    __slots__ = ("_held", "last_time")

    def __init__(self, con_id: int) -> None:
        super().__init__(con_id)
        self.last_time: dt.datetime | None = None
        self._held: list[Bar] | None = None

    def bar(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 50: type, version, id, start, open, high, low, close, volume, wap, count."""
        if not self.live and not self.admits(arrived):
            return
        bar = _read_bar(self.con_id, second(fields[3]), fields[4:11], "5 secs", arrived)
        if bar is None:
            self.faults += 1
            return
        if self._held is not None and len(self._held) >= MOST_HELD:
            self.fill((), arrived)
        if self._held is None:
            self._next(bar, arrived)
        else:
            self._held.append(bar)

    @property
    def is_holding(self) -> bool:
        return self._held is not None

    def hold(self) -> dt.datetime | None:
        """Keep bars back until `fill`; give the time of the last one handed on."""
        self._held = [] if self._held is None else self._held
        return self.last_time

    def fill(self, missed: Iterable[Bar], arrived: dt.datetime) -> None:
        """Hand on what was missed and what was kept back, in the order of their times.

        What was missed comes too late once no more could be kept back.
        """
        if self._held is None:
            return
        held, self._held = self._held, None
        bars = {bar.time: bar for bar in missed if not held or bar.time < held[-1].time}
        bars.update((bar.time, bar) for bar in held)
        for time in sorted(bars):
            bar = bars[time]
            self._next(bar, arrived if bar.backfilled else bar.arrived)

    def _next(self, bar: Bar, arrived: dt.datetime) -> None:
        if self.last_time is not None and bar.time <= self.last_time:
            self.repeats += 1
            self.arrived = arrived
            return
        self.last_time = bar.time
        self.deliver(bar, arrived)


class SeriesFeed(Feed[Bar]):
    """One subscription to history that is kept up to date."""

    __slots__ = ("_length", "_size", "on_change", "on_jump", "series")

    def __init__(self, con_id: int, size: str, seconds: int, keep: int) -> None:
        super().__init__(con_id)
        self._size = size
        self._length = dt.timedelta(seconds=seconds)
        self.series = BarSeries(keep)
        self.on_jump: Callable[[], None] | None = None
        """Called when bars seem to be missing between two updates."""
        self.on_change: Callable[[], None] | None = None
        """Called when the newest bar is another, or has changed: no value to iterate over yet."""

    def history(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 17: type, id, start, end, number of bars, and eight fields for each."""
        if not self.live:
            self.on_data(arrived)  # an empty answer is an answer, too (B27)
        bars = [
            bar
            for at in range(5, 5 + 8 * int(fields[4]), 8)
            if (bar := self._read(fields[at], fields[at + 1 : at + 8], arrived)) is not None
        ]
        self._hand_on(self.series.fill(bars), arrived)

    def update(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 90: type, id, count, date, open, close, high, low, average, volume."""
        if not self.live and not self.admits(arrived):
            return
        _, _, count, date, open_, close, high, low, average, volume = fields[:10]
        bar = self._read(date, [open_, high, low, close, volume, average, count], arrived)
        if bar is None:
            return
        jumped = self._jumps(bar, arrived)
        self._hand_on(self.series.update(bar), arrived)
        if jumped and self.on_jump is not None:
            self.on_jump()

    def _read(self, date: str, rest: list[str], arrived: dt.datetime) -> Bar | None:
        bar = _read_bar(self.con_id, bar_time(date), rest, self._size, arrived)
        self.faults += bar is None
        return bar

    def _jumps(self, bar: Bar, arrived: dt.datetime) -> bool:
        """Whether bars are missing before *bar* because nothing came, not because nobody traded."""
        last = self.series.last
        if last is None or self.arrived is None or bar.time <= last.time + self._length:
            return False
        return arrived - self.arrived > max(self._length, UPDATE_EVERY) + UPDATE_EVERY

    def _hand_on(self, finished: list[Bar], arrived: dt.datetime) -> None:
        for bar in finished:
            self.deliver(bar, arrived)
        self.arrived = arrived
        self.latest = self.series.last
        if self.on_change is not None:
            self.on_change()
