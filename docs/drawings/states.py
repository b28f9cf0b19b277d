"""The state machines, drawn from their tables."""

from __future__ import annotations

import math
from collections import defaultdict

from ibkit import LinkState
from ibkit._ib._link_table import TABLE
from ibkit.orders import TRANSITIONS, GroupStatus

from . import svg

Point = tuple[float, float]
WIDE, HIGH = 104, 30


def ways() -> dict[tuple[LinkState, LinkState], list[str]]:
    """Which signals lead from one state of the connection to another."""
    found: dict[tuple[LinkState, LinkState], list[str]] = defaultdict(list)
    for before, steps in TABLE.items():
        for signal, step in steps.items():
            if step.state is not before:
                found[before, step.state].append(signal.value)
    return found


def link() -> str:
    """The connection: every state, and an arrow for every way between two of them."""
    states = list(TABLE)
    places = {state: _on_ellipse(n, len(states)) for n, state in enumerate(states)}
    parts = [
        svg.arrow(*_edges(places[before], places[after]), 0.12, f"{before.value}: {', '.join(by)}")
        for (before, after), by in ways().items()
    ]
    for state, (x, y) in places.items():
        fill = svg.GREEN if state is LinkState.UP else svg.BLUE
        parts.append(svg.box(x - WIDE / 2, y - HIGH / 2, WIDE, HIGH, state.value, fill=fill))
    return svg.page(640, 380, parts, "The states of a connection")


def _on_ellipse(place: int, places: int) -> Point:
    angle = 2 * math.pi * place / places - math.pi / 2
    return 320 + 250 * math.cos(angle), 190 + 150 * math.sin(angle)


def _edges(start: Point, end: Point) -> tuple[Point, Point]:
    """Where a straight way between two boxes leaves the one and meets the other."""
    return _border(start, end), _border(end, start)


def _border(centre: Point, towards: Point) -> Point:
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    scale = min(
        (WIDE / 2 + 3) / abs(dx) if dx else math.inf, (HIGH / 2 + 3) / abs(dy) if dy else math.inf
    )
    return centre[0] + dx * scale, centre[1] + dy * scale


CELL, MARGIN, TOP = 44, 130, 110


def group_status() -> str:
    """A group of orders: a dot wherever the row's status may become the column's."""
    statuses = list(GroupStatus)
    parts = []
    for n, status in enumerate(statuses):
        middle = CELL * n + CELL / 2
        x, y = MARGIN + middle, TOP - 10
        parts.append(svg.text(MARGIN - 10, TOP + middle + 4, status.name, anchor="end"))
        parts.append(f'<g transform="rotate(-50 {x:g} {y:g})">{svg.text(x, y, status.name)}</g>')
    for row, before in enumerate(statuses):
        for column, after in enumerate(statuses):
            parts.append(_cell(row, column, before, after))
    size = CELL * len(statuses)
    return svg.page(MARGIN + size + 60, TOP + size + 20, parts, "What a status may become")


def _cell(row: int, column: int, before: GroupStatus, after: GroupStatus) -> str:
    x, y = MARGIN + column * CELL, TOP + row * CELL
    why = TRANSITIONS[before].get(after, "")
    if before is after:
        return svg.rect(x, y, CELL, CELL, fill="#eaeef2", about=before.name)
    ground = svg.rect(x, y, CELL, CELL, fill=svg.PAPER)
    bad = after in {GroupStatus.UNPROTECTED, GroupStatus.UNKNOWN, GroupStatus.REJECTED}
    colour = "#cf222e" if bad else "#1a7f37"
    about = f"{before.name} to {after.name}: {why}"
    return ground + (svg.dot(x + CELL / 2, y + CELL / 2, colour=colour, about=about) if why else "")
