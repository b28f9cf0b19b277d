"""``ibkit chain ES``: the listed months of a product, their dates, and which is the front."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt

from ibkit.cli._console import Console
from ibkit.cli._where import gateway_for
from ibkit.contracts import FuturesChain, Listing
from ibkit.desk import open_desk
from ibkit.errors import ChainExhausted, IbkitError

HEAD = ("month", "symbol", "conId", "last trade", "first notice", "close-out", "left on", "")


def chain(options: argparse.Namespace, console: Console) -> int:
    """Show the chain; 0 when there is one."""
    try:
        with gateway_for(options) as where:
            asyncio.run(_show(where.host, where.port, options, console))
    except (IbkitError, OSError, RuntimeError) as error:
        console.verdict(str(error), good=False)
        return 1
    return 0


async def _show(host: str, port: int, options: argparse.Namespace, console: Console) -> None:
    async with open_desk(host, port, client_id=options.client_id) as desk:
        found = await desk.contracts.chain_async(options.root, options.months)
        front = await desk.contracts.front_month_async(options.root)
    product = found.product
    console.title(
        f"{product.root}: {product.name}, {product.symbol} on {product.exchange}, "
        f"multiplier {product.multiplier}, {product.currency}"
    )
    rows = [_row(found, listing, front.conId) for listing in found]
    marked = next((place for place, row in enumerate(rows) if row[-1]), None)
    console.table(HEAD, rows, marked=marked)
    roll = product.roll
    console.line(
        f"front month: {front.localSymbol}; a month is left {roll.days} business days before "
        f"{roll.before}"
    )


def _row(chain: FuturesChain, listing: Listing, front: int) -> tuple[str, ...]:
    close = listing.close_out
    return (
        str(listing.month),
        listing.local_symbol,
        str(listing.con_id),
        str(listing.last_trade),
        _day(listing.first_notice, "first notice" in listing.unknown),
        _day(close.long if close else None, "close out" in listing.unknown),
        _left(chain, listing),
        "front" if listing.con_id == front else "",
    )


def _day(day: dt.date | None, unknown: bool) -> str:  # noqa: FBT001 - a private helper
    return str(day) if day else "unknown" if unknown else "-"


def _left(chain: FuturesChain, listing: Listing) -> str:
    try:
        return str(chain.leave_day(listing))
    except ChainExhausted:
        return "-"
