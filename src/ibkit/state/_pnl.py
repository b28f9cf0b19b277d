"""Profit and loss of the account, over one shared subscription."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Final, final

from attrs import frozen
from ib_async import IB, PnL

from ibkit._ib._blocking import blocking
from ibkit._ib._events import SafeEvent, Subscriptions
from ibkit._ib._link import Link
from ibkit._ib._link_table import LinkChanged, LinkState
from ibkit.errors import WaitTimeout

from ._accounts import chosen_account
from ._fill import known
from ._freshness import Freshness, freshness_of, require_known


@frozen(kw_only=True)
class Figures:
    """Profit and loss in the base currency; ``None`` where TWS does not know."""

    daily: Decimal | None
    unrealized: Decimal | None
    realized: Decimal | None


@final
class ProfitAndLoss:
    """
    The account's profit and loss, about once a second while somebody wants it.

    The subscription begins with the first reader, is shared by all, and comes back by itself
    after a reconnect.
    """

    def __init__(self, ib: IB, link: Link, account: str) -> None:
        self._ib, self._link, self._account = ib, link, account
        health = link.requests.health
        self.changed: SafeEvent[Figures] = SafeEvent("pnl", health)
        """Emits `Figures` as TWS tells them."""
        self._figures: Figures | None = None
        self._wanted = False
        self._asked_in = 0
        """The connection in which the subscription was made here."""
        self._listening = Subscriptions(health)
        self._listening.add(ib.pnlEvent, self._heard)
        self._listening.add(link.changed, self._on_link)

    def close(self) -> None:
        """Listen no more, and end the subscription if it was made here."""
        self._listening.close()
        asked, self._asked_in = self._asked_in == self._link.epoch, 0
        if self._wanted and asked and self._ib.isConnected():
            self._ib.cancelPnL(chosen_account(self._ib, self._account))
        self._wanted = False

    @property
    def freshness(self) -> Freshness:
        """How far the figures can be trusted now."""
        return freshness_of(self._link)

    @property
    def latest(self) -> Figures | None:
        """The last figures of this connection; ``None`` before the first. Begins to ask.

        Raises `NotConnected` or `StateUnknown`, and `PlanError` when an account must be chosen.
        """
        require_known(self._link, "profit and loss")
        self._ask()
        return self._figures

    async def first_async(self, timeout: float = 10.0) -> Figures:
        """Wait for figures of this connection. Raises `WaitTimeout`."""
        if (figures := self.latest) is not None:
            return figures
        arrived: asyncio.Future[Figures] = asyncio.get_running_loop().create_future()

        def take(figures: Figures) -> None:
            if not arrived.done():
                arrived.set_result(figures)

        self.changed.connect(take)
        try:
            return await asyncio.wait_for(arrived, timeout)
        except asyncio.TimeoutError:
            raise WaitTimeout("the first figures of profit and loss", timeout) from None
        finally:
            self.changed.disconnect(take)

    first: Final = blocking(first_async)

    def _ask(self) -> None:
        account = chosen_account(self._ib, self._account)
        self._wanted = True
        if not any(not pnl.modelCode for pnl in self._ib.pnl(account)):
            self._ib.reqPnL(account)
            self._asked_in = self._link.epoch

    def _heard(self, told: PnL) -> None:
        if told.modelCode or told.account != chosen_account(self._ib, self._account):
            return
        self._figures = Figures(
            daily=known(told.dailyPnL),
            unrealized=known(told.unrealizedPnL),
            realized=known(told.realizedPnL),
        )
        self.changed.emit(self._figures)

    def _on_link(self, change: LinkChanged) -> None:
        if change.new is LinkState.UP:
            if self._wanted:
                self._ask()
        elif change.new in {LinkState.DOWN, LinkState.CLOSED}:
            self._figures = None
