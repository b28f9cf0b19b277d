"""``ibkit demo``: the main job, end to end, told as it happens."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import final

from ib_async import Contract

from ibkit.cli._console import Console
from ibkit.cli._gateway import Running
from ibkit.cli._tape import write_tape
from ibkit.cli._where import gateway_for
from ibkit.contracts import FuturesChain, product
from ibkit.desk import Desk, open_desk
from ibkit.errors import GateRefused, IbkitError
from ibkit.orders import GroupStatus, GroupTrade, Limit, bracket
from ibkit.streams import Quote, Stream

TARGET_TICKS = 6
STOP_TICKS = 16
QUOTES_SHOWN = 8
PATIENCE = 12.0
"""Seconds that each thing may take on a simulated market; on a real one, see ``--patience``."""


class DemoFailed(Exception):
    """Something did not happen; the text says what."""


@final
class Demo:
    """One run. Each step shows what happened or raises `DemoFailed`."""

    def __init__(self, desk: Desk, console: Console, root: str, patience: float) -> None:
        self._desk, self._console = desk, console
        self._root, self._patience = root, patience

    async def run(self) -> None:
        """All steps, in order."""
        self._check_account()
        contract = await self._front_month()
        quote = await self._quotes(contract)
        trade = await self._bracket(contract, quote)
        try:
            await self._watch(trade)
        finally:
            if not trade.is_over:
                await trade.close_async(timeout=self._patience)
        await self._result(contract, trade)

    def _check_account(self) -> None:
        accounts = self._desk.ib.managedAccounts()
        for account in accounts:
            if not account.startswith("D"):
                raise DemoFailed(
                    f"{account[:2]}... is not a paper account: the demo places orders, and does so "
                    "on paper accounts only. Log in to the paper account, or leave out --host"
                )
        self._console.verdict("connected to a paper account", good=True)

    async def _front_month(self) -> Contract:
        self._console.title(f"The futures chain of {self._root}")
        chain = await self._desk.contracts.chain_async(self._root)
        contract = await self._desk.contracts.front_month_async(self._root)
        front = chain.by_con_id(contract.conId)
        if front is None:
            raise DemoFailed(f"the front month {contract.localSymbol} is not in the chain")
        self._show_chain(chain, contract)
        roll = front.product.roll
        rule = f"{roll.days} business days before {roll.before}"
        self._console.verdict(
            f"front month: {contract.localSymbol}; it is left on {chain.leave_day(front)} "
            f"({rule}) and trades until {front.last_trade}",
            good=True,
        )
        return contract

    def _show_chain(self, chain: FuturesChain, front: Contract) -> None:
        shown = list(chain)[:6]
        rows = [
            (
                str(listing.month),
                listing.local_symbol,
                str(listing.con_id),
                str(listing.last_trade),
                "front" if listing.con_id == front.conId else "",
            )
            for listing in shown
        ]
        marked = next((n for n, row in enumerate(rows) if row[-1]), None)
        self._console.table(("month", "symbol", "conId", "last trade", ""), rows, marked=marked)

    async def _quotes(self, contract: Contract) -> Quote:
        self._console.title(f"Quotes of {contract.localSymbol}")
        quote: Quote | None = None
        async with self._desk.streams.quotes(contract) as quotes:
            await quotes.first_async(timeout=self._patience)
            for _ in range(QUOTES_SHOWN):
                quote = await self._next(quotes)
                self._console.line(
                    f"bid {_price(quote.bid)} x {_show(quote.bid_size):>3}   "
                    f"ask {_price(quote.ask)} x {_show(quote.ask_size):>3}   "
                    f"last {_price(quote.last)}"
                )
        if quote is None or quote.ask is None or quote.bid is None:
            raise DemoFailed("no bid and ask came: the market may be closed")
        self._console.verdict("quotes streamed, and the line is free again", good=True)
        return quote

    async def _next(self, quotes: Stream[Quote]) -> Quote:
        try:
            return await asyncio.wait_for(quotes.__anext__(), self._patience)
        except asyncio.TimeoutError:
            text = f"no further quote within {self._patience:g} s: the market may be closed"
            raise DemoFailed(text) from None

    async def _bracket(self, contract: Contract, quote: Quote) -> GroupTrade:
        grid = await self._desk.contracts.price_grid_async(contract)
        assert quote.ask is not None
        entry = grid.add_ticks(quote.ask, 1)
        group = bracket(
            "BUY",
            1,
            entry=Limit(entry),
            take_profit=grid.add_ticks(entry, TARGET_TICKS),
            stop=grid.add_ticks(entry, -STOP_TICKS),
        )
        self._console.title("A bracket: one entry, one target, one stop")
        for line in str(group).splitlines():
            self._console.line(line)
        trade = await self._desk.orders.place_async(contract, group)
        self._console.verdict(f"placed as group {trade.group_id}", good=True)
        return trade

    async def _watch(self, trade: GroupTrade) -> None:
        self._console.title("What becomes of it")
        trade.events.connect(lambda event: self._console.line(str(event)))
        await trade.entered_async(timeout=self._patience)
        self._console.verdict(
            f"entry filled at {_show(trade.entry_price)}; {_show(trade.protected_size)} of "
            f"{_show(trade.open_size)} protected by a working stop",
            good=trade.protected_size == trade.open_size,
        )
        await trade.closed_async(timeout=self._patience)

    async def _result(self, contract: Contract, trade: GroupTrade) -> None:
        await self._desk.state.positions.until_async(
            lambda view: view.flat(contract), timeout=self._patience
        )
        await trade.until_async(lambda group: group.realized_pnl is not None, timeout=5)
        legs = {leg.role: leg.status.name for leg in trade.facts.legs}
        self._console.title("The end of it")
        checks: list[tuple[str, bool]] = [
            ("target filled", legs.get("target-1") == "FILLED"),
            ("stop cancelled by its OCA group", legs.get("stop-1") == "CANCELLED"),
            ("group closed", trade.status is GroupStatus.CLOSED),
            (f"{contract.localSymbol} is flat", self._desk.state.positions.flat(contract)),
        ]
        for text, good in checks:
            self._console.verdict(text, good=good)
        worth = self._desk.state.account.net_liquidation
        realized = f"{_show(trade.realized_pnl)} {contract.currency}"
        self._console.line(f"realized {realized}, the account is worth {worth}")
        failed = [text for text, good in checks if not good]
        if failed:
            raise DemoFailed(f"did not happen: {'; '.join(failed)}")


def _show(value: Decimal | None) -> str:
    if value is None:
        return "-"
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _price(value: Decimal | None) -> str:
    return f"{'-' if value is None else format(value, ',f'):>10}"


@asynccontextmanager
async def _desk(where: Running, client_id: int) -> AsyncIterator[Desk]:
    async with open_desk(where.host, where.port, client_id=client_id) as desk:
        yield desk


def demo(options: argparse.Namespace, console: Console) -> int:
    """Run the demo; 0 only if each step really happened."""
    with tempfile.TemporaryDirectory() as folder:
        tape = f"{options.root}={write_tape(Path(folder))}"
        try:
            product(options.root)  # or an error that names the nearest
            with gateway_for(options, "--replay", tape) as where:
                kind = f"a simulated gateway (process {where.pid})" if where.pid else "TWS"
                console.title(f"ibkit demo on {kind}, {where.host}:{where.port}")
                asyncio.run(_run(where, options, console))
        except (DemoFailed, IbkitError, OSError, RuntimeError) as error:
            console.verdict(_words(error), good=False)
            return 1
    console.title("Everything above really happened.")
    return 0


def _words(error: BaseException) -> str:
    return str(error) if not isinstance(error, GateRefused) else f"{error} (see --help)"


async def _run(where: Running, options: argparse.Namespace, console: Console) -> None:
    async with _desk(where, options.client_id) as desk:
        await Demo(desk, console, options.root, options.patience).run()
