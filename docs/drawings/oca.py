"""What a fill of one order does to the other of its OCA group, as the simulated gateway does it."""

from __future__ import annotations

from collections.abc import Iterator

from ibkit.orders import Oca
from ibkit.sim import SimGateway
from ibkit.testing import run_virtual

from . import svg

SIZE, FILLED = 4, 1
UNIT, TALL, GAP, LEFT, TOP = 44, 24, 54, 190, 42
COLUMNS = {"two exits": 0, "one unit of the target fills": 1, "the rest fills": 2}
NAMES = {"LMT": "target", "STP": "stop"}
FILLS = {"LMT": svg.GREEN, "STP": svg.RED}


def kinds() -> str:
    """A row for each kind: what is left of a target and a stop after fills of the target."""
    parts = [
        svg.text(LEFT + place * (UNIT * SIZE + 20), 24, words) for words, place in COLUMNS.items()
    ]
    for row, kind in enumerate(Oca):
        y = TOP + row * (2 * TALL + GAP - 20)
        parts.append(svg.text(14, y + TALL, kind.name))
        for place, left in enumerate(({"LMT": SIZE, "STP": SIZE}, *after(kind))):
            parts += bars(LEFT + place * (UNIT * SIZE + 20), y, left)
    width, height = LEFT + 3 * (UNIT * SIZE + 20), TOP + 3 * (2 * TALL + GAP - 20)
    return svg.page(width, height, parts, "What a fill does to the other order of an OCA group")


def bars(x: float, y: float, left: dict[str, int]) -> Iterator[str]:
    """Draw what works of each order; a dash where it is gone."""
    for line, (kind, name) in enumerate(NAMES.items()):
        top = y + line * (TALL + 4)
        if size := left.get(kind, 0):
            yield svg.box(x, top, UNIT * size, TALL, f"{name} {size}", fill=FILLS[kind])
        else:
            yield svg.text(x + 4, top + 16, f"{name}: gone", colour=svg.SOFT)


def after(kind: Oca) -> list[dict[str, int]]:
    """Return what works after a part of the target has filled, and after all of it has."""
    return run_virtual(_after(kind))


async def _after(kind: Oca) -> list[dict[str, int]]:
    async with SimGateway(port=None, clock="stepped") as gateway:
        gateway.market.quote("ES", bid=5000, ask=5000.25)
        exits = {"action": "SELL", "quantity": SIZE, "oca_group": "exits", "oca_type": kind.value}
        gateway.faults.place_by_hand("ES", {**exits, "order_type": "LMT", "limit_price": 5010})
        (target,) = gateway.truth.orders
        gateway.faults.place_by_hand("ES", {**exits, "order_type": "STP", "aux_price": 4990})
        found = []
        for size in (FILLED, SIZE - FILLED):
            gateway.faults.fill_order(target.perm_id, size, 5010)
            working = gateway.truth.orders
            found.append({order.terms.order_type: int(order.remaining) for order in working})
        return found
