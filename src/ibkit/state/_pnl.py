"""Profit and loss by account, over shared subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Final, final

from attrs import frozen
from ib_async import IB, PnL
from typing_extensions import override

from ibkit._ib._arguments import seconds
from ibkit._ib._blocking import blocking
from ibkit._ib._events import SafeEvent, Subscriptions
from ibkit._ib._link import Link
from ibkit._ib._link_table import LinkChanged, LinkState
from ibkit.errors import StateUnknown, WaitTimeout

from ._accounts import chosen_account
from ._fill import known
from ._freshness import Freshness, Level
from ._tables import Row
from ._view import Added, Changed, Removed, View, ViewChange

_ONLINE = frozenset({LinkState.UP, LinkState.BROKER_LOST, LinkState.RESYNCING})


@frozen(kw_only=True)
class Figures:
    """Profit and loss in the base currency; ``None`` where TWS does not know."""

    account: str
    daily: Decimal | None
    unrealized: Decimal | None
    realized: Decimal | None


def figures_row(figures: Figures) -> Row:
    """A line of the table."""
    return {
        "daily": figures.daily,
        "unrealized": figures.unrealized,
        "realized": figures.realized,
        "account": figures.account,
    }


@final
class ProfitAndLoss(View[str, Figures]):
    """
    Profit and loss by account, about once a second while somebody wants it.

    The subscription begins with the first who asks for `latest`, `first_async`, `changes` or an
    account by its name; it is shared by all, and comes back by itself after a reconnect. Until TWS
    has told figures of this connection, reading raises `StateUnknown`.
    """

    reads_through = False

    def __init__(self, ib: IB, link: Link, account: str) -> None:
        health = link.requests.health
        changed: SafeEvent[ViewChange[str, Figures]] = SafeEvent("pnl", health)
        super().__init__("profit and loss", link, self._told, figures_row, changed)
        self._ib, self._account = ib, account
        self._figures: dict[str, Figures] = {}
        self._wanted: set[str] = set()
        self._asked: dict[str, int] = {}
        """The connection in which a subscription was made here, by account."""
        self._listening = Subscriptions(health)
        self._listening.add(ib.pnlEvent, self._heard)
        self._listening.add(link.changed, self._on_link)

    def close(self) -> None:
        """Listen no more, and end the subscriptions that were made here."""
        self.end()
        self._listening.close()
        for account, epoch in self._asked.items():
            if epoch == self._link.epoch and self._ib.isConnected():
                self._ib.cancelPnL(account)
        self._asked.clear()
        self._wanted.clear()

    # -- reading

    @property
    @override
    def freshness(self) -> Freshness:
        """How far the figures can be trusted now."""
        freshness = super().freshness
        if freshness.level is Level.UNKNOWN or self._figures:
            return freshness
        return Freshness(Level.UNKNOWN, freshness.since, "TWS has told no figures yet")

    @property
    def latest(self) -> Figures | None:
        """The last figures of this connection; ``None`` before the first. Begins to ask.

        Raises `NotConnected` or `StateUnknown`, and `PlanError` when an account must be chosen.
        """
        return self._latest("")

    def _latest(self, account: str) -> Figures | None:
        self.require_known()
        chosen = chosen_account(self._ib, account or self._account)
        self._ask(chosen)
        return self._figures.get(chosen)

    def _told(self) -> Mapping[str, Figures]:
        if not self._figures:
            raise self._not_yet()
        return self._figures

    def _not_yet(self) -> StateUnknown:
        return StateUnknown(self._name, "TWS has told no figures yet; wait with first_async()")

    @override
    def __getitem__(self, key: str) -> Figures:
        if (figures := self._latest(key)) is None:
            raise self._not_yet()
        return figures

    # -- waiting

    async def first_async(self, timeout: float = 10.0) -> Figures:
        """Wait for figures of this connection. Raises `WaitTimeout`."""
        timeout = seconds(timeout)
        if (figures := self.latest) is not None:
            return figures
        told = asyncio.Event()

        def wake(_: object) -> None:
            told.set()

        self.changed.connect(wake)
        try:
            await asyncio.wait_for(self._first(told), timeout)
        except asyncio.TimeoutError:
            raise WaitTimeout("the first figures of profit and loss", timeout) from None
        finally:
            self.changed.disconnect(wake)
        return self[chosen_account(self._ib, self._account)]

    async def _first(self, told: asyncio.Event) -> None:
        while self.latest is None:
            await told.wait()
            told.clear()

    first: Final = blocking(first_async)

    @override
    async def changes(self) -> AsyncIterator[ViewChange[str, Figures]]:
        """Iterate over the changes from now on, for ever, as in every view. Begins to ask."""
        _ = self.latest
        following = super().changes()
        try:
            async for change in following:
                yield change
        finally:
            await following.aclose()  # type: ignore[attr-defined]  # it is a generator

    # -- asking and hearing

    def _ask(self, account: str) -> None:
        self._wanted.add(account)
        if not any(not pnl.modelCode for pnl in self._ib.pnl(account)):
            self._ib.reqPnL(account)
            self._asked[account] = self._link.epoch

    def _heard(self, told: PnL) -> None:
        if told.modelCode or told.account not in self._wanted:
            return
        before = self._figures.get(told.account)
        after = self._figures[told.account] = Figures(
            account=told.account,
            daily=known(told.dailyPnL),
            unrealized=known(told.unrealizedPnL),
            realized=known(told.realizedPnL),
        )
        if before is None:
            self.changed.emit(Added(told.account, after))
        elif before != after:
            self.changed.emit(Changed(told.account, before, after))

    def _on_link(self, change: LinkChanged) -> None:
        if change.new is LinkState.UP:
            for account in sorted(self._wanted):
                self._ask(account)
        elif change.new not in _ONLINE:
            self._forget()

    def _forget(self) -> None:
        gone, self._figures = self._figures, {}
        for account, before in gone.items():
            self.changed.emit(Removed(account, before))
