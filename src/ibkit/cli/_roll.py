"""``ibkit roll ES --dry-run``: what a roll would do; without ``--dry-run``, it is done.

Without ``--host`` a simulated gateway is run and a position is opened there first.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from ibkit.cli._console import Console
from ibkit.cli._where import gateway_for
from ibkit.contracts import CalendarSpread, RollAlert, RollPlan, RollStage, TwoLegs, product
from ibkit.desk import Desk, open_desk
from ibkit.errors import RollStuck
from ibkit.orders import Gtc, Limit, Target, bracket

LOTS = 3
TARGETS = (40, 60, 80)
"""Ticks from the entry to each target of the position that is opened to show a roll."""
STOP = 40
SIMULATED_PATIENCE = 5.0
"""Seconds at a price on the simulated gateway, where nothing is at stake."""


def roll(options: argparse.Namespace, console: Console, ask: Callable[[str], str] = input) -> int:
    """Plan the rolls of a product and carry them out; 0 when nothing is left to do."""
    try:
        with gateway_for(options) as where:
            return asyncio.run(_roll(where.host, where.port, options, console, ask))
    except RollStuck:
        return 1  # its alert has told why


async def _roll(
    host: str,
    port: int,
    options: argparse.Namespace,
    console: Console,
    ask: Callable[[str], str],
) -> int:
    found = product(options.root)
    simulated = not options.host
    async with open_desk(
        host, port, client_id=options.client_id, allow_live=options.allow_live
    ) as desk:
        desk.roller.alerts.connect(lambda alert: _tell(alert, console))
        if simulated:
            await _open_position(desk, options.root, console)
        plans = await desk.roller.due_async(found.root, early=options.early or simulated)
        if not plans:
            for line in not_due(found.root, await desk.roller.due_async(found.root, early=True)):
                console.line(line)
            return 0
        for plan in plans:
            show(plan, console)
        if options.html:
            write_page(plans, Path(options.html))
            console.line(f"written to {options.html}")
        blocked = any(plan.obstacles for plan in plans)
        if options.dry_run:
            console.line("dry run: nothing was sent")
            return 1 if blocked else 0
        if blocked or not (simulated or options.yes or _agreed(ask, console)):
            console.line("nothing was sent")
            return 1
        return await _carry_out(desk, plans, options, console)


def _agreed(ask: Callable[[str], str], console: Console) -> bool:
    try:
        return ask("carry it out? [y/N] ").strip().lower() == "y"
    except EOFError:
        console.line("there is nobody to ask; --yes carries it out unasked")
        return False


def not_due(root: str, plans: Sequence[RollPlan]) -> list[str]:
    """Say why nothing is rolled, from what would be rolled early."""
    if not plans:
        return [f"no position in {root} is held"]
    return [
        f"{plan.size:+f} {plan.old} ({plan.account}) is not due before {plan.roll_day} "
        "(--early rolls it all the same)"
        for plan in plans
    ]


async def _carry_out(
    desk: Desk, plans: Sequence[RollPlan], options: argparse.Namespace, console: Console
) -> int:
    for plan in plans:
        result = await desk.roller.execute_async(plan, way(options))
        console.verdict(str(result), good=result.stage is RollStage.DONE)
        for name in result.streams:
            console.line(f"stream followed: {name}")
        await _show_orders(desk, plan, console)
    return 0


def way(options: argparse.Namespace) -> CalendarSpread | TwoLegs:
    """How to roll, from the options."""
    if options.how == "legs":
        return TwoLegs()
    patience = options.timeout or (60.0 if options.host else SIMULATED_PATIENCE)
    return CalendarSpread(limit=options.limit, timeout=patience, then=options.then)


async def _show_orders(desk: Desk, plan: RollPlan, console: Console) -> None:
    rows = []
    for trade in await desk.orders.all_orders_async():
        order = trade.order
        if trade.contract.conId == plan.new.con_id and not trade.isDone():
            price = order.auxPrice if order.orderType.startswith("STP") else order.lmtPrice
            size = f"{order.action} {trade.orderStatus.remaining:g}"
            rows.append((order.orderRef, size, order.orderType, f"{price:g}"))
    if rows:
        console.title(f"exits on {plan.new}")
        console.table(("exit", "side", "type", "price"), rows)


# --- a position to roll -----------------------------------------------------------------


async def _open_position(desk: Desk, root: str, console: Console) -> None:
    """Open a bracket on the front month of the simulated gateway."""
    es = await desk.contracts.front_month_async(root)
    grid = await desk.contracts.price_grid_async(es)
    quotes = await desk.streams.snapshot_async(es)
    ask = quotes[es.conId].ask
    if ask is None:
        raise RuntimeError(f"{es.localSymbol} has no market")
    group = bracket(
        "BUY",
        LOTS,
        entry=Limit(grid.add_ticks(ask, 8)),
        targets=[Target(1, grid.add_ticks(ask, ticks)) for ticks in TARGETS],
        stop=grid.add_ticks(ask, -STOP),
        tif=Gtc(),
    )
    trade = await desk.orders.place_async(es, group)
    await trade.entered_async(timeout=20)
    paid = f"{trade.entry_price or 0:.6f}".rstrip("0").rstrip(".")
    console.line(f"simulated gateway: {LOTS} {es.localSymbol} bought at {paid}")


# --- faces --------------------------------------------------------------------------------


def show(plan: RollPlan, console: Console) -> None:
    """Print a plan, its warnings and what stands in the way."""
    console.title(str(plan).splitlines()[0])
    for line in str(plan).splitlines()[1:]:
        console.line(line)
    if plan.obstacles:
        console.verdict(f"{len(plan.obstacles)} in the way", good=False)


def write_page(plans: Sequence[RollPlan], path: Path) -> None:
    """Write the plans into a file."""
    path.write_text(page(plans), encoding="utf-8")


def page(plans: Sequence[RollPlan]) -> str:
    """The plans as one HTML page."""
    tables = "\n".join(plan._repr_html_() for plan in plans)
    style = "body{font-family:sans-serif}td,th{padding:.2em .8em;text-align:left}"
    return (
        "<!doctype html>\n<html lang=en><meta charset=utf-8><title>roll</title>"
        f"<style>{style}</style>\n{tables}\n</html>\n"
    )


def _tell(alert: RollAlert, console: Console) -> None:
    console.verdict(alert.text, good=not alert.is_critical)
