"""``ibkit watch ES NQ CL``: quotes, their age, and what happens to the streams."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ibkit.cli._console import ColourConsole, Console
from ibkit.cli._where import gateway_for, source
from ibkit.desk import Desk, open_desk
from ibkit.streams import Gap, Pool, Quote, Stream

if TYPE_CHECKING:
    from rich.table import Table

HEAD = ("symbol", "bid", "size", "ask", "size", "last", "age", "line", "gaps", "state")
BEAT = 0.5
WIDTH = 78
"""Columns of a terminal in which no figure of the board is cut off."""

Row = tuple[str, ...]
Board = Sequence[tuple[str, Stream[Quote]]]


def watch(options: argparse.Namespace, console: Console) -> int:
    """Show quotes until ``--seconds`` have passed or Ctrl-C is pressed."""
    with gateway_for(options) as where:
        asyncio.run(_watch(where.host, where.port, options, console))
    return 0


async def _watch(host: str, port: int, options: argparse.Namespace, console: Console) -> None:
    async with open_desk(host, port, client_id=options.client_id, readonly=True) as desk:
        board = []
        for root in options.roots:
            contract = await desk.contracts.front_month_async(root)
            board.append((contract.localSymbol, desk.streams.quotes(contract, name=root)))
        console.title(f"Quotes of {', '.join(options.roots)}{source(options)}")
        if isinstance(console, ColourConsole) and console.rich.width >= WIDTH:
            await _live(console, desk, board, options.seconds)
        else:
            await _lines(console, board, options.seconds)


async def _live(console: ColourConsole, desk: Desk, board: Board, seconds: float | None) -> None:
    from rich.live import Live

    def draw() -> Table:
        return _table(rows(board, dt.datetime.now(dt.timezone.utc)), _caption(desk))

    with Live(draw(), console=console.rich, refresh_per_second=4) as live:
        await _beat(lambda: live.update(draw()), seconds)


async def _lines(console: Console, board: Board, seconds: float | None) -> None:
    def write() -> None:
        console.table(HEAD, rows(board, dt.datetime.now(dt.timezone.utc)))

    await _beat(write, seconds)


async def _beat(show: Callable[[], object], seconds: float | None) -> None:
    loop = asyncio.get_running_loop()
    end = None if seconds is None else loop.time() + seconds
    while end is None or loop.time() < end:
        await asyncio.sleep(BEAT)
        show()


def _table(content: Sequence[Row], caption: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(*HEAD, box=box.SIMPLE_HEAD, caption=caption, padding=0)
    for column in table.columns[1:-1]:
        column.justify, column.no_wrap = "right", True
    for row in content:
        table.add_row(*row)
    return table


def _caption(desk: Desk) -> str:
    lines = desk.streams.statistics()[Pool.LINES]
    return f"{lines.used} of {lines.limit} lines, link {desk.link.state.value}"


def rows(board: Board, now: dt.datetime) -> list[Row]:
    """The rows of the board at a moment."""
    return [_row(symbol, stream, now) for symbol, stream in board]


def _row(symbol: str, stream: Stream[Quote], now: dt.datetime) -> Row:
    quote = stream.latest
    state = f"gap: {stream.gap.reason}" if stream.gap else ""
    use = (f"held by {len(stream.holders)}", str(_gaps(stream)))
    if quote is None:
        return (symbol, "-", "-", "-", "-", "-", "-", *use, state or "waiting")
    age = f"{max(quote.age(now).total_seconds(), 0):.0f} s"
    numbers = (quote.bid, quote.bid_size, quote.ask, quote.ask_size, quote.last)
    return (symbol, *map(_show, numbers), age, *use, state)


def _gaps(stream: Stream[Quote]) -> int:
    return sum(isinstance(event, Gap) for event in stream.events)


def _show(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:,f}"
