"""What TWS has said is broken, and what its messages to everybody mean for a line."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field

from ibkit._ib._farms import farm_name

from ._kinds import Kind
from ._recovery import CUTS, Signal, signal_of

_BROKEN = frozenset({2103, 2105})
_THERE: Mapping[int, int] = {2104: 2103, 2108: 2103, 2106: 2105, 2107: 2105}
"""Which message says that a farm is there after which one had said that it is broken."""


@define(eq=False)
class Outages:
    """The farms that are broken, and whether TWS has a connection to IB, in this session."""

    is_cut: bool = False
    """Whether TWS has no connection to IB: what it answers now may be old."""
    _farms: set[tuple[int, str]] = field(factory=set, init=False)
    """Each with the message that said so."""

    def heard(self, code: int, text: str) -> bool:
        """Take a message; whether it says that a farm is back that was broken."""
        farm, is_back = farm_name(text), False
        if code in _BROKEN:
            self._farms.add((code, farm))
        elif (code_of_break := _THERE.get(code)) is not None:
            is_back = (code_of_break, farm) in self._farms
            self._farms.discard((code_of_break, farm))
        self.is_cut = CUTS.get(code, self.is_cut)
        return is_back

    def beginning(self, kind: Kind) -> Signal | None:
        """Give the signal for a line that is requested now."""
        if self.is_cut:
            return Signal.SERVER_LOST
        signals = {signal_of(code, kind) for code, _ in self._farms}
        return Signal.FARM_BROKEN if Signal.FARM_BROKEN in signals else None

    def clear(self) -> None:
        """Forget all: a new connection tells anew."""
        self._farms.clear()
        self.is_cut = False
