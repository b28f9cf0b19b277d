"""From the text fields of messages to the values of a stream.

A feed belongs to one line. It reads the fields as ib_async's decoder does (decoder.py; the order
at server version 178), keeps what the next value builds on, and hands each value to every
consumer there and then, so that no tick of a packet is lost (ib-async-traps B24). Pure: the time
of arrival comes with the message.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

T = TypeVar("T")

UTC = dt.timezone.utc
UNSET = Decimal("1e300")
"""Numbers beyond this are IB's way of saying that there is none."""


class _Exact(dict[str, "Decimal | None"]):
    """The number that a text is, by look-up: prices and sizes come again and again."""

    def __missing__(self, text: str) -> Decimal | None:
        if len(self) > 4096:
            self.clear()
        self[text] = number = decimal(text)
        return number


def decimal(text: str) -> Decimal | None:
    """Read a number that will not come again soon.

    >>> decimal("5000.250"), decimal(""), decimal("1.7976931348623157E308"), decimal("nan")
    (Decimal('5000.250'), None, None, None)
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < UNSET else None


EXACT = _Exact()
"""Read a number that comes often: ``EXACT["5000.25"]``."""


def second(text: str) -> dt.datetime | None:
    """Read a time in epoch seconds.

    >>> second("1795185000"), second("")
    (datetime.datetime(2026, 11, 20, 14, 30, tzinfo=datetime.timezone.utc), None)
    """
    try:
        return dt.datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _never(_arrived: dt.datetime) -> bool:
    return False


class Feed(Generic[T]):
    """What a line knows, and who is told."""

    __slots__ = (
        "arrived",
        "con_id",
        "faults",
        "latest",
        "live",
        "missed",
        "on_data",
        "puts",
        "repeats",
    )

    def __init__(self, con_id: int) -> None:
        self.con_id: int = con_id
        self.puts: list[Callable[[T], None]] = []
        """One per consumer."""
        self.latest: T | None = None
        self.arrived: dt.datetime | None = None
        """When the last message came that said something about the market."""
        self.live: bool = False
        """Whether values may be handed on without asking."""
        self.on_data: Callable[[dt.datetime], bool] = _never
        """Asked when something comes while not live; True if it may be handed on."""
        self.missed: int = 0
        """Messages that came while the line was not live: they lie inside a gap."""
        self.repeats: int = 0
        """Messages that said what was known already."""
        self.faults: int = 0
        """Messages that could not be read, or did not fit."""

    @property
    def is_holding(self) -> bool:
        """Whether values are kept back for now."""
        return False

    def admits(self, arrived: dt.datetime) -> bool:
        """Say whether a message counts, when the line is not live."""
        if self.on_data(arrived):
            return True
        self.missed += 1
        return False

    def deliver(self, value: T, arrived: dt.datetime) -> None:
        """Hand a value to everybody."""
        self.arrived = arrived
        self.latest = value
        for put in self.puts:
            put(value)

    def clear(self) -> None:
        """Forget what was known of the market: it belongs to the past."""
        self.latest = None
