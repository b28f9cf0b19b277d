"""``ibkit chain ES``: the listed months of a product, their dates, and which is the front."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt

from ibkit.cli._console import Console
from ibkit.cli._where import gateway_for, source
from ibkit.contracts import FuturesChain, Listing
from ibkit.desk import Desk, open_desk
from ibkit.errors import ChainExhausted
from ibkit.streams import Quote

HEAD = (
    "month", "symbol", "conId", "last trade", "first notice", "close-out", "volume", "roll", "",
)  # fmt: skip


def chain(options: argparse.Namespace, console: Console) -> int:
    """Show the chain."""
    with gateway_for(options) as where:
        asyncio.run(_show(where.host, where.port, options, console))
    return 0


async def _show(host: str, port: int, options: argparse.Namespace, console: Console) -> None:
    async with open_desk(host, port, client_id=options.client_id, readonly=True) as desk:
        found = await desk.contracts.chain_async(options.root, options.months)
        con_id = (await desk.contracts.front_month_async(options.root)).conId
        volumes = await _volumes(desk, found, options.volumes)
        today = desk.contracts.today(found.product)
    product = found.product
    console.title(
        f"{product.root}: {product.name}, {product.symbol} on {product.exchange}, "
        f"multiplier {product.multiplier}, {product.currency}{source(options)}"
    )
    rows = [_row(found, listing, con_id, volumes) for listing in found]
    marked = next((place for place, row in enumerate(rows) if row[-1]), None)
    console.table(HEAD, rows, marked=marked)
    front = found.by_con_id(con_id)
    if front is not None:
        console.line(why(found, front, today))


def why(chain: FuturesChain, front: Listing, today: dt.date) -> str:
    """Say why a month is the front one."""
    roll = chain.product.roll
    left = _left(chain, front)
    rule = f"{roll.days} business days before {roll.before}"
    return (
        f"front month on {today}: {front.local_symbol}, the first of the months that most people "
        f"hold ({chain.product.active_months or 'all'}) that is not left yet; it is left on "
        f"{left}, {rule}"
    )


async def _volumes(desk: Desk, chain: FuturesChain, count: int) -> dict[int, str]:
    """The volume of the day in the next months, as far as somebody tells."""
    contracts = [listing.contract for listing in chain[:count]]
    if not contracts:
        return {}
    quotes = await desk.streams.snapshot_async(*contracts, return_errors=True)
    return {
        con_id: f"{quote.volume:,f}"
        for con_id, quote in quotes.items()
        if isinstance(quote, Quote) and quote.volume is not None
    }


def _row(
    chain: FuturesChain, listing: Listing, front: int, volumes: dict[int, str]
) -> tuple[str, ...]:
    close = listing.close_out
    return (
        str(listing.month),
        listing.local_symbol,
        str(listing.con_id),
        str(listing.last_trade),
        _day(listing.first_notice, "first notice" in listing.unknown),
        _day(close.long if close else None, "close out" in listing.unknown),
        volumes.get(listing.con_id, "-"),
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
