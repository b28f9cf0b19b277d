"""What can be streamed, and the key under which a stream is shared.

A ``Contract`` is never a key: its hash raises without a conId, forgets the exchange, and makes
two different combos equal (ib-async-traps B21, B22). A `Spec` is a frozen value of our own.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from ib_async import Contract


class Kind(enum.Enum):
    """The kinds of market data, each with its own request at IB."""

    QUOTES = "quotes"
    SNAPSHOT = "snapshot"
    TICKS = "ticks"
    DEPTH = "depth"
    BARS_5S = "bars_5s"
    BARS = "bars"


class DataType(enum.Enum):
    """What IB says about the age of the data it sends (``marketDataType``).

    Delayed and frozen numbers fill the same fields as live ones, so every quote carries its type.
    ``None`` in its place means that TWS has not said anything yet.
    """

    LIVE = 1
    FROZEN = 2
    """The last quote before the market closed."""
    DELAYED = 3
    """15 to 20 minutes old."""
    DELAYED_FROZEN = 4

    @property
    def is_delayed(self) -> bool:
        """Whether the data is older than the exchange's own.

        >>> DataType.DELAYED_FROZEN.is_delayed
        True
        """
        return self in {DataType.DELAYED, DataType.DELAYED_FROZEN}


Parameter = str | int | bool
Leg = tuple[int, int, str, str]
"""conId, ratio, action and exchange of one leg of a combo."""


@frozen(kw_only=True, cache_hash=True)
class Spec:
    """What one line at IB carries: two streams with equal specs share it."""

    con_id: int
    exchange: str
    kind: Kind
    parameters: tuple[Parameter, ...] = ()
    """What makes two requests of a kind different, in the order of the request."""
    legs: tuple[Leg, ...] = ()
    """All combos of a currency have one conId, so their legs are part of the key (B22)."""

    def __str__(self) -> str:
        options = "".join(f" {option}" for option in self.parameters)
        return f"{self.kind.value} {self.con_id}@{self.exchange}{options}"


def legs_of(contract: Contract) -> tuple[Leg, ...]:
    """Give the legs of a combo in an order that does not depend on how it was written."""
    return tuple(
        sorted((leg.conId, leg.ratio, leg.action, leg.exchange) for leg in contract.comboLegs or ())
    )


def spec_for(contract: Contract, kind: Kind, *parameters: Parameter) -> Spec:
    """Give the key of a stream on *contract*."""
    return Spec(
        con_id=contract.conId,
        exchange=contract.exchange,
        kind=kind,
        parameters=parameters,
        legs=legs_of(contract),
    )
