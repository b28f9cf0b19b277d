"""Hypothesis strategies of order groups that the builders accept, which several tests share."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import assume, strategies as st

from ibkit.errors import PlanError
from ibkit.orders import (
    Day,
    Gtc,
    Gtd,
    Limit,
    LimitIfTouched,
    PriceGrid,
    Stop,
    StopLimit,
    Target,
    Trail,
    TrailLimit,
    bracket,
)

TICK = Decimal("0.25")
GRID = PriceGrid([(0, TICK)])
ids = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=10)
next_ids = st.integers(1, 2**31 - 100)
lives = st.sampled_from([Day(), Gtc(), Gtd(dt.datetime(2026, 12, 18, 15, tzinfo=dt.timezone.utc))])
ticks = st.integers(1, 400)


def away(price, distance, direction):
    return price + direction * distance * TICK


@st.composite
def brackets(draw, slices=None, on_grid=True):
    """Draw a possible bracket with an entry whose price is known, on either side of zero."""
    side = draw(st.sampled_from(["BUY", "SELL"]))
    up = 1 if side == "BUY" else -1
    price = TICK * draw(st.integers(-400, 40_000)) + (
        0 if on_grid else draw(st.sampled_from([0, Decimal("0.1")]))
    )
    entry = draw(
        st.sampled_from([Limit(price), StopLimit(price, price), LimitIfTouched(price, price)])
    )
    form = slices or draw(st.sampled_from(["separate", "attached", "managed"]))
    sizes = draw(st.lists(st.integers(1, 5), min_size=0, max_size=3))
    trails = (not isinstance(entry, LimitIfTouched)) or form == "managed"
    targets = [Target(size, draw(target_legs(price, up, trails))) for size in sizes]
    rest = draw(st.integers(0, 3)) or (0 if targets else 1)
    stop = draw(stop_legs(price, up, trails)) if rest or draw(st.booleans()) else None
    return possible(
        bracket,
        side,
        sum(sizes) + rest,
        entry=entry,
        targets=targets,
        stop=stop,
        slices=form,
        tif=draw(lives),
        exit_tif=draw(st.none() | lives),
        outside_rth=draw(st.booleans()),
        account=draw(st.sampled_from(["", "DU123"])),
        group_id=draw(ids),
    )


@st.composite
def target_legs(draw, price, up, trails):
    distance = draw(ticks)
    kinds = [Limit(away(price, distance, up))]
    if trails:
        kinds.append(Trail(amount=distance * TICK))
    return draw(st.sampled_from(kinds))


@st.composite
def stop_legs(draw, price, up, trails):
    trigger = away(price, draw(ticks), -up)
    kinds = [Stop(trigger), StopLimit(trigger, away(trigger, 2, -up), trigger_method=0)]
    if trails:
        kinds.append(Trail(percent=1, start=trigger))
        kinds.append(TrailLimit(amount=4, offset=1, start=trigger))
    return draw(st.sampled_from(kinds))


def possible(build, *args, **kwargs):
    """Build, or drop the example: a managed bracket may be too long to be remembered."""
    try:
        return build(*args, **kwargs)
    except PlanError as error:
        assume(error.field != "order_ref")
        raise
