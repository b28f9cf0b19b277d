"""The gateway's clock: the event loop's time, faster if wanted, or a hand that is moved."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Protocol, final

from ibkit.sim import _checked as checked

Wake = Callable[[], None]


class Clock(Protocol):
    """Tells the time of the simulated world and wakes the gateway when something is due."""

    def now(self) -> dt.datetime:
        """The time in the simulated world, with a zone."""
        ...

    def arm(self, due: dt.datetime | None, wake: Wake) -> None:
        """Call *wake* when it is *due*; the call replaces what was armed before."""
        ...

    def stop(self) -> None:
        """Wake nobody any more."""
        ...


@final
class LoopClock:
    """Runs with the event loop, *speed* seconds of the world per second of the loop.

    Under a virtual-time loop this clock is virtual too.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, start: dt.datetime, *, speed: float = 1.0
    ) -> None:
        self._loop, self._start, self._speed = loop, start, speed
        self._origin = loop.time()
        self._handle: asyncio.TimerHandle | None = None
        self._due: dt.datetime | None = None

    def __repr__(self) -> str:
        return f"<LoopClock {self.now():%Y-%m-%d %H:%M:%S %Z}, speed {self._speed:g}>"

    def now(self) -> dt.datetime:
        """The start plus the loop's time since then, times the speed."""
        elapsed = (self._loop.time() - self._origin) * self._speed
        return self._start + dt.timedelta(seconds=elapsed)

    def arm(self, due: dt.datetime | None, wake: Wake) -> None:
        """Set the loop's timer, unless it is already set for that moment."""
        if due == self._due and self._handle is not None:
            return
        self.stop()
        if due is not None:
            at = self._origin + (due - self._start).total_seconds() / self._speed
            self._due = due
            self._handle = self._loop.call_at(at, self._fire, wake)

    def stop(self) -> None:
        """Forget the timer."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._due = None

    def _fire(self, wake: Wake) -> None:
        self._handle = self._due = None
        wake()

    def advance(self, seconds: float) -> None:
        """Refused: this clock follows the event loop."""
        raise RuntimeError(
            f"cannot advance by {seconds} s: this gateway's clock follows the event loop; "
            'make it with SimGateway(clock="stepped") to move time by hand'
        )


@final
class SteppedClock:
    """Stands still until it is moved; everything that falls due on the way happens in order."""

    def __init__(self, start: dt.datetime) -> None:
        self._now = start
        self._due: dt.datetime | None = None
        self._wake: Wake | None = None

    def __repr__(self) -> str:
        return f"<SteppedClock {self._now:%Y-%m-%d %H:%M:%S %Z}>"

    def now(self) -> dt.datetime:
        """Where the hand stands."""
        return self._now

    def arm(self, due: dt.datetime | None, wake: Wake) -> None:
        """Remember what is due next."""
        self._due, self._wake = due, wake

    def stop(self) -> None:
        """Forget it."""
        self._due = self._wake = None

    def advance(self, seconds: float) -> None:
        """Move the hand forward by *seconds* of the simulated world."""
        target = self._now + checked.delay("seconds", seconds)
        while self._wake is not None and self._due is not None and self._due <= target:
            self._now = max(self._now, self._due)
            self._due = None
            self._wake()
        self._now = target
