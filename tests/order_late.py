"""Schedules late in the day, with what comes seldom: the close, a night, and a way out of it all.

A night is long for a gateway that looks at its market four times a second, so the schedules begin
shortly before the close.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any

from ibkit.orders import close_position
from ibkit.testing import VirtualLoop, run_virtual
from order_schedules import Played, Player
from sim_client import MONDAY

START = MONDAY.replace(hour=21, minute=42)
AFTER_THE_CLOSE = MONDAY.replace(hour=22, minute=2)
NEXT_MORNING = MONDAY.replace(hour=5, minute=10) + dt.timedelta(days=1)


class LatePlayer(Player):
    """Plays one schedule that may outlive the trading day."""

    start = START

    def _kinds(self) -> list[tuple[float, Callable[[], Any]]]:
        seldom: list[tuple[float, Callable[[], Any]]] = [
            (0.4, self._cancel_all), (0.4, self._close_position), (0.2, self._evening),
            (0.01, self._night),
        ]  # fmt: skip
        return [*super()._kinds(), *seldom]

    def _cancel_all(self) -> None:
        scope = self.draw.choice(["groups", "client", "everything"])
        self.note(f"cancel all ({scope})")
        self.kinds["cancel_all"] += 1
        for group_id in self.groups:
            self.told.setdefault(group_id, set()).add("cancel_all")
        self._spawn(lambda: self.desk.cancel_all_async(scope))

    def _close_position(self) -> None:
        """Out of what is held by an order of its own, as if by hand."""
        self.gateway.market.quote(self.name, bid_size=50, ask_size=50)  # which may fill something
        held = self._held()
        if held and self.may_trade_by_hand():
            self.kinds["close_position"] += 1
            self.by_hand = True
            self.place(close_position(held), self.name)
            self.blind()  # it is asked about before it counts

    async def _evening(self) -> None:
        """The trading day ends: DAY orders expire."""
        await self._sleep(AFTER_THE_CLOSE)

    async def _night(self) -> None:
        """The next day comes, and the broker tells no more of what was filled before."""
        await self._sleep(AFTER_THE_CLOSE)
        await self._sleep(NEXT_MORNING)

    async def _sleep(self, until: dt.datetime) -> None:
        seconds = (until - self.gateway.clock.now()).total_seconds()
        if seconds > 0:
            self.note(f"sleep until {until}")
            self.kinds[f"sleeps until {until:%H}"] += 1
            self.has_slept = until is NEXT_MORNING
            self.past = self.gateway.truth.fills
            self.doubtful(seconds)
            await asyncio.sleep(seconds)


def play(seed: int, *, luck: bool = True) -> Played:
    """Play one schedule."""
    return run_virtual(LatePlayer(seed, luck=luck).play(), loop=VirtualLoop(start=START))
