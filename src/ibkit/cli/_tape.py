"""The tape of the demo: a minute in which a market rises, with small steps back.

The demo shows what happens to a bracket, so the market has to move. These are quotes and trades as
somebody might have recorded them; the gateway plays them as it plays any file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

TICK = Decimal("0.25")
START = Decimal(6850)
BEAT = dt.timedelta(milliseconds=200)
STEPS = (0, 1, 0, -1, 0, 1, 0, -1, 0, 0) + (1, 1, 0, -1, 1, 0, 1, 1, -1, 1) * 30
"""Moves of the bid in ticks, one per beat."""


def rows() -> Iterator[str]:
    """The file, line by line."""
    yield "time,bid,bid_size,ask,ask_size,price,size"
    time = dt.datetime(2026, 1, 5, 15, 0, tzinfo=dt.timezone.utc)
    bid = START
    for place, step in enumerate(STEPS):
        bid += step * TICK
        sizes = 20 + place * 7 % 13, 20 + place * 5 % 11
        last = bid + TICK * (step > 0)
        yield f"{time.isoformat()},{bid},{sizes[0]},{bid + TICK},{sizes[1]},{last},{1 + place % 4}"
        time += BEAT


def write_tape(folder: Path) -> Path:
    """Write the file and return its path."""
    path = folder / "demo-tape.csv"
    path.write_text("\n".join(rows()) + "\n", encoding="utf-8")
    return path
