"""Historical requests that are under way: how many, and what the others do (3.1)."""

from __future__ import annotations

import datetime as dt
from collections import deque
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from ibkit.sim._session._floor import Floor
    from ibkit.sim._session._session import Session
    from ibkit.sim._session._timers import Action, Timer

KIND = "history"
TOO_MANY_TEXT = "Too many simultaneous historical data requests"
"""Ours: what a gateway says of the 51st is not on record."""


@final
class HistoryQueue:
    """The requests of all clients that are not answered yet."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._open = 0
        self._waiting: deque[Pending] = deque()

    def submit(self, session: Session, req_id: int, answer: Action, now: dt.datetime) -> None:
        """Answer after the latency of the scenario: at once where it has none."""
        if not self._floor.scenario.history_latency:
            answer(now)
        elif (KIND, req_id) in session.running:
            session.refuse(req_id, 322, "bX", "Duplicate ticker ID for historical data query")
        elif self._is_full and self._floor.scenario.limits.history_excess == "refuse":
            session.refuse(req_id, 162, TOO_MANY_TEXT)
        else:
            pending = Pending(self, session, req_id, answer)
            session.start(KIND, req_id, pending)
            self._waiting.append(pending)
            self._send_next(now)

    @property
    def _is_full(self) -> bool:
        return self._open >= self._floor.scenario.limits.open_history

    def _send_next(self, now: dt.datetime) -> None:
        while self._waiting and not self._is_full:
            pending = self._waiting.popleft()
            self._open += 1
            late = dt.timedelta(milliseconds=self._floor.scenario.history_latency)
            pending.timer = self._floor.timers.at(now + late, pending.arrive)

    def leave(self, pending: Pending) -> None:
        """A request has ended, whether it was sent or still waited."""
        if pending.timer is None:
            self._waiting.remove(pending)
        else:
            pending.timer.cancel()
            self._open -= 1
        self._send_next(self._floor.now)


@final
class Pending:
    """One request on its way."""

    def __init__(self, queue: HistoryQueue, session: Session, req_id: int, answer: Action) -> None:
        self._queue, self._session, self._req_id = queue, session, req_id
        self._answer = answer
        self.timer: Timer | None = None

    def arrive(self, now: dt.datetime) -> None:
        """Answer it."""
        self._session.stop(KIND, self._req_id)
        self._answer(now)

    def stop(self) -> None:
        """Take it out of the queue."""
        self._queue.leave(self)
