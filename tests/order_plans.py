"""Groups of orders and moods of TWS, drawn by chance, for the tests that let chance play."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from ibkit.orders import (
    Day,
    FromFill,
    Gtc,
    Limit,
    Market,
    Oca,
    OrderGroup,
    Stop,
    StopLimit,
    Target,
    Trail,
    bracket,
    bracket_from_fill,
    oca,
    single,
    trailing,
)
from ibkit.sim import Scenario

MIDDLE = Decimal(5000)
"""Where the market begins."""

REACH = 16
"""How far it goes in either direction."""


def random_bracket(draw: random.Random) -> OrderGroup:
    """Draw a bracket around the middle, in one of its forms."""
    side = draw.choice(["BUY", "SELL"])
    sign = 1 if side == "BUY" else -1
    form = draw.choice(["separate", "separate", "attached", "managed", "managed"])
    size = draw.randint(1, 5)
    entry: Any = draw.choice([Market(), Limit(MIDDLE + sign * 2), Limit(MIDDLE - sign * 2)])
    if form != "attached" and draw.random() < 0.15:
        entry = Stop(MIDDLE + sign * 2)
    stop = _stop(draw, sign, form, entry)
    guard = MIDDLE - sign * 14 if form == "managed" and draw.random() < 0.5 else None
    targets = _targets(draw, sign, size, form, entry)
    if draw.random() < 0.1 and guard is None and sum(t.size for t in targets) == size:
        stop = None
    movable = isinstance(stop, (Stop, StopLimit))
    after = 1 if movable and len(targets) > 1 and draw.random() < 0.3 else None
    more: dict[str, Any] = {
        "entry": entry,
        "protect_first": guard,
        "breakeven_after": after,
        "tif": draw.choice([Day(), Day(), Gtc()]),
    }
    if form == "managed" and movable and draw.random() < 0.5:
        exits = [Target(t.size, FromFill(sign * (5 + 3 * i))) for i, t in enumerate(targets)]
        return bracket_from_fill(side, size, targets=exits, stop=FromFill(-sign * 7), **more)
    return bracket(side, size, targets=targets, stop=stop, slices=form, **more)


def _stop(draw: random.Random, sign: int, form: str, entry: Any) -> Any:
    at = MIDDLE - sign * draw.randint(6, 9)
    if draw.random() < 0.15:
        return StopLimit(at, at - sign * 6)
    if draw.random() < 0.15 and (form == "managed" or isinstance(entry, Limit)):
        return Trail(amount=7)  # attached to a limit only (328)
    return Stop(at)


def _targets(draw: random.Random, sign: int, size: int, form: str, entry: Any) -> list[Target]:
    targets, left = [], size
    for place in range(draw.randint(1, 3)):
        part = draw.randint(1, left) if left else 0
        if part:
            exit_: Any = MIDDLE + sign * (5 + 3 * place)
            if form == "separate" and isinstance(entry, Limit) and draw.random() < 0.1:
                exit_ = Trail(amount=6)
            targets.append(Target(part, exit_))
            left -= part
    return targets


def random_loose(draw: random.Random) -> OrderGroup:
    """Draw a group without an entry of its own to protect: one order, a trail, an OCA group."""
    side = draw.choice(["BUY", "SELL"])
    sign, size = (1 if side == "BUY" else -1), draw.randint(1, 3)
    kind = draw.choice(["single", "trailing", "oca", "oca"])
    if kind == "single":
        legs = [Market(), Limit(MIDDLE + sign * draw.choice([-3, 2])), Stop(MIDDLE + sign * 3)]
        return single(side, size, draw.choice(legs))
    if kind == "trailing":
        return trailing(side, size, amount=draw.choice([4, 8]))
    exits = [Limit(MIDDLE - sign * 4), Stop(MIDDLE + sign * 5), Limit(MIDDLE - sign * 7)]
    members = [single(side, size, leg) for leg in exits[: draw.randint(2, 3)]]
    return oca(members, kind=draw.choice(list(Oca)))


def random_scenario(draw: random.Random) -> Scenario:
    """Draw what TWS leaves open, does at times, or takes its time for."""
    return Scenario(
        partial_parent=draw.choice(["filled", "filled", "all", "none"]),
        user_cancel_takes_siblings=draw.random() < 0.5,
        oca_rounding=draw.choice(["floor", "nearest"]),
        execution_before_status=draw.random() < 0.7,
        duplicate_statuses=draw.random() < 0.3,
        skip_market_status=draw.random() < 0.3,
        commission_before_execution=draw.random() < 0.3,
        day_order_notice=draw.random() < 0.2,
        future_fill_echo=draw.random() < 0.3,
        download_open_orders=draw.random() < 0.2,
        submit_latency=draw.choice([0, 0, 20, 150]),
        cancel_latency=draw.choice([0, 0, 20, 150]),
        parent_delay=draw.choice([0] * 7 + [30]),
    )
