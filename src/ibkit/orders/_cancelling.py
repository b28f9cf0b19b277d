"""Cancels that are not forgotten: sent again until the orders are over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import final

from ibkit._ib._link_table import LinkState
from ibkit.orders._carry_out import AGAIN, LONGEST
from ibkit.orders._observe import is_among
from ibkit.orders._outbox import Outbox
from ibkit.orders._waiting import wait_until
from ibkit.state import LiveState, Phase, TrueOrder

_LOST = frozenset({LinkState.DOWN, LinkState.CLOSED})


@final
class Cancelling:
    """
    What the user wants cancelled, until it is over.

    A cancel can be lost with the connection, or get no answer. So after a connection was lost, and
    every few seconds, what still lives is asked about, and cancelled once more where TWS lists it
    as if nobody had asked. It is kept in memory: a new program does not know of it.
    """

    def __init__(self, state: LiveState, outbox: Outbox) -> None:
        self._state, self._outbox = state, outbox
        self._wanted: list[TrueOrder] = []
        self._task: asyncio.Future[object] | None = None

    def close(self) -> None:
        """Send nothing again."""
        self._wanted.clear()
        if self._task is not None:
            self._task.cancel()

    def remember(self, orders: Iterable[TrueOrder]) -> None:
        """Go on until these are over. Their first cancels were sent."""
        self._wanted += orders
        if self._wanted and (self._task is None or self._task.done()):
            health = self._state.link.requests.health
            self._task = health.spawn(self._go_on(), "cancelling what is still to be cancelled")

    def left(self) -> list[TrueOrder]:
        """What still lives of it, as it is now."""
        ledger = self._state.ledger
        live = [o for o in ledger.all() if o.client_id == ledger.client_id and not o.is_done]
        return [order for order in live if is_among(order, self._wanted)]

    async def _go_on(self) -> None:
        pause = AGAIN
        while self.left():
            cut = await self._cut_within(pause)
            pause = AGAIN if cut else min(2 * pause, LONGEST)
            await wait_until(lambda: self._state.link.is_up, self._state.link.changed)
            for order in self.left():
                self._again(order)
        self._wanted.clear()

    async def _cut_within(self, seconds: float) -> bool:
        link = self._state.link
        with contextlib.suppress(asyncio.TimeoutError):
            lost = wait_until(lambda: link.state in _LOST, link.changed)
            await asyncio.wait_for(lost, seconds)
            return True
        return False

    def _again(self, order: TrueOrder) -> None:
        if order.cancelling or not order.certain:
            self._state.doubt(order)  # asked about; if it lives, it is cancelled the next time
        elif order.phase is not Phase.CANCELLING:
            self._outbox.cancel(order)
