"""``ibkit check``: whether a TWS and its account have what ibkit needs. It trades nothing."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, final

from ib_async import Contract

from ibkit._ib._compat import server_version
from ibkit._ib._farms import AVAILABLE
from ibkit.cli._console import Console
from ibkit.cli._where import gateway_for, source
from ibkit.desk import Desk, open_desk
from ibkit.errors import ConnectionFailed, IbkitError
from ibkit.orders import Market, single
from ibkit.streams import DataType

READ_ONLY = 321
"""What TWS answers when its API is in read-only mode and orders are asked for."""

CLOCKS_DIFFER = 3.0
"""Seconds beyond which it is told; TWS tells its time in whole ones."""


DAYS = dt.timedelta(days=4)
"""Of bars; long enough for a weekend."""


class CheckFailed(RuntimeError):
    """Something that ibkit needs is not there."""


def check(options: argparse.Namespace, console: Console) -> int:
    """Try one thing after the other; 1 when something failed."""
    with gateway_for(options) as where:
        console.title(f"ibkit check of {where.host}:{where.port}{source(options)}")
        return asyncio.run(_check(where.host, where.port, options, console))


async def _check(host: str, port: int, options: argparse.Namespace, console: Console) -> int:
    async with _desk(host, port, options.client_id, console) as desk:
        failed = await Check(desk, options.root, options.patience, console).run()
    if failed:
        console.title(f"{failed} of {len(STEPS)} steps failed.")
    else:
        console.title("What ibkit needs is there.")
    return 1 if failed else 0


@asynccontextmanager
async def _desk(host: str, port: int, client_id: int, console: Console) -> AsyncIterator[Desk]:
    """A desk; where the API is in read-only mode, one that asks for no orders."""
    began = time.monotonic()
    try:
        desk = await open_desk(host, port, client_id=client_id).open_async()
    except ConnectionFailed as error:
        if error.code != READ_ONLY:
            raise
        desk = await open_desk(host, port, client_id=client_id, readonly=True).open_async()
    took, version = time.monotonic() - began, server_version(desk.ib)
    console.verdict(f"connected in {took:.1f} s, server version {version}", good=True)
    try:
        yield desk
    finally:
        desk.close()


@final
class Check:
    """The steps, each on its own: one that fails does not keep the others from being tried."""

    def __init__(self, desk: Desk, root: str, patience: float, console: Console) -> None:
        self._desk, self._root, self._patience = desk, root, patience
        self._console = console
        self._contract: Contract | None = None

    async def run(self) -> int:
        """Try all, and return how many failed."""
        return [await self._try(name, step) for name, step in STEPS.items()].count(False)

    async def _try(self, name: str, step: Callable[[Check], Awaitable[str]]) -> bool:
        try:
            self._console.verdict(f"{name}: {await step(self)}", good=True)
        except (CheckFailed, IbkitError) as error:
            self._console.verdict(f"{name}: {error}", good=False)
            return False
        return True

    def _note(self, text: str) -> None:
        self._console.line(f"note {text}")

    async def clock(self) -> str:
        """Compare the time of TWS with that of this machine."""
        theirs = await self._desk.link.requests.current_time_async()
        ahead = (theirs - self._desk.link.requests.health.clock()).total_seconds()
        if abs(ahead) > CLOCKS_DIFFER:
            self._note(f"TWS is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} here")
        return f"TWS says {theirs:%Y-%m-%d %H:%M:%S %Z}"

    async def accounts(self) -> str:
        """Say which accounts there are, without their numbers."""
        accounts = self._desk.ib.managedAccounts()
        live = sum(not account.startswith("D") for account in accounts)
        if live:
            self._note("orders go to a live account only with allow_live=True")
        if not accounts:
            raise CheckFailed("TWS named none")
        return f"{len(accounts) - live} paper, {live} live"

    async def farms(self) -> str:
        """Say which data farms are connected."""
        farms = self._desk.link.farms.values()
        for farm in farms:
            if farm.state not in AVAILABLE:
                self._note(f"{farm.name} ({farm.kind.value}) is {farm.state.value}")
        return ", ".join(farm.name for farm in farms if farm.state in AVAILABLE) or "none told yet"

    async def state(self) -> str:
        """Say what was synchronised."""
        state, link = self._desk.state, self._desk.link
        for part in link.missing:
            self._note(f"{part} did not come")
        orders = "orders not told" if link.readonly else f"{len(state.orders.open)} open orders"
        return f"{len(state.positions)} positions, {len(state.fills)} fills today, {orders}"

    async def contract(self) -> str:
        """Resolve the front month."""
        self._contract = await self._desk.contracts.front_month_async(self._root)
        return f"the front month of {self._root} is {self._contract.localSymbol}"

    async def quotes(self) -> str:
        """Wait for a quote."""
        began = time.monotonic()
        async with self._desk.streams.quotes(self._known()) as quotes:
            quote = await quotes.first_async(timeout=self._patience)
        kind = quote.data_type
        if kind is not None and kind is not DataType.LIVE:
            self._note(f"they are {kind.name.lower()}: live ones need a subscription")
        bid, ask = ("-" if price is None else f"{price:,}" for price in (quote.bid, quote.ask))
        return f"bid {bid}, ask {ask}, after {time.monotonic() - began:.1f} s"

    async def history(self) -> str:
        """Download bars of some days, so that a weekend is no failure."""
        end = self._desk.link.requests.health.clock()
        start = end - DAYS
        bars = await self._desk.history.bars_async(self._known(), start, end, "1 hour")
        if not len(bars):
            raise CheckFailed(f"no bar since {start:%Y-%m-%d}")
        return f"{len(bars)} hourly bars since {start:%Y-%m-%d}"

    async def orders(self) -> str:
        """Ask what an order would do. TWS answers, and sends nothing to the market."""
        if self._desk.link.readonly:
            self._note("to place orders, switch off API > Settings > Read-Only API in TWS")
            return "not tried, the API is in read-only mode"
        group = single("BUY", 1, Market())
        preview = (await self._desk.orders.preview_async(self._known(), group))["entry"]
        if preview.rejection:
            self._note(f"one {self._root} would be rejected: {preview.rejection}")
        margin = preview.init_margin_change
        needs = "" if margin is None else f"; one {self._root} needs a margin of {margin:,.0f}"
        return f"TWS takes them{needs}"

    def _known(self) -> Contract:
        if self._contract is None:
            raise CheckFailed(f"not tried without a contract of {self._root}")
        return self._contract


STEPS: Final[dict[str, Callable[[Check], Awaitable[str]]]] = {
    "clock": Check.clock,
    "accounts": Check.accounts,
    "data farms": Check.farms,
    "state": Check.state,
    "contract": Check.contract,
    "quotes": Check.quotes,
    "history": Check.history,
    "orders": Check.orders,
}
"""In the order in which they are tried."""
