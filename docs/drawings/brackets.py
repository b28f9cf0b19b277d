"""The three forms of a bracket with several targets, drawn from the groups themselves."""

from __future__ import annotations

from collections.abc import Iterator

from ibkit.orders import Limit, OrderGroup, PlannedOrder, Slices, Target, bracket

from . import svg

ROW, WIDE, HIGH, LEFT, INDENT = 44, 250, 30, 20, 60
FILLS = {"entry": svg.BLUE, "target": svg.GREEN, "stop": svg.RED}


def example(slices: Slices) -> OrderGroup:
    return bracket(
        "BUY",
        2,
        entry=Limit(5000),
        targets=[Target(1, 5010), Target(1, 5020)],
        stop=4980,
        slices=slices,
    )


def bracket_tree(slices: Slices) -> str:
    """Each order below its parent; those that are sent after the fill have a dashed line."""
    legs = list(example(slices).legs)
    places = {leg.role: n for n, leg in enumerate(legs)}
    parts = [part for leg in legs for part in _order(leg, places)]
    height = ROW * len(legs) + 50
    parts.append(svg.text(LEFT, height - 14, _legend(slices), colour=svg.SOFT))
    return svg.page(600, height, parts, f"A bracket with two targets, {slices}")


def _order(leg: PlannedOrder, places: dict[str, int]) -> Iterator[str]:
    row = places[leg.role]
    y = 16 + row * ROW
    is_exit = leg.kind != "entry"
    x = LEFT + INDENT * is_exit
    if is_exit:
        parent = places.get(leg.parent or "entry", 0)
        bottom = 16 + parent * ROW + HIGH
        trunk = LEFT + INDENT / 2
        yield svg.line(
            (trunk, bottom), (trunk, y + HIGH / 2), (x, y + HIGH / 2), dashed=leg.deferred
        )
    yield svg.box(x, y, WIDE, HIGH, f"{leg.role}: {leg}", fill=FILLS.get(leg.kind, svg.YELLOW))


def _legend(slices: Slices) -> str:
    return {
        "separate": "Two complete brackets: IB keeps each of them by itself.",
        "attached": "One entry; its children are one OCA group at IB: a fill takes the others.",
        "managed": "Sent when the entry fills (dashed), an OCA pair for each slice.",
    }[slices]
