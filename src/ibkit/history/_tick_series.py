"""Ticks of one contract over a span."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar, final, overload

from attrs import frozen
from ib_async import Contract

from ._frame import ticks_frame
from ._merge import Hole
from ._stores import AnyTick

if TYPE_CHECKING:
    import pandas as pd

K_co = TypeVar("K_co", bound=AnyTick, covariant=True)


@final
@frozen(kw_only=True, repr=False, eq=False)
class TickSeries(Sequence[K_co], Generic[K_co]):
    """Ticks in order of time, each once: a sequence of ib_async's own historical ticks."""

    contract: Contract
    what: str
    use_rth: bool
    start: dt.datetime
    end: dt.datetime
    """As asked for, but no later than when it was asked."""
    ticks: Sequence[K_co]
    holes: tuple[Hole, ...] = ()
    """Seconds with more ticks than IB sends."""
    requests: int = 0
    """How many requests it took."""

    def __len__(self) -> int:
        return len(self.ticks)

    @overload
    def __getitem__(self, index: int) -> K_co: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[K_co]: ...
    def __getitem__(self, index: int | slice) -> K_co | Sequence[K_co]:
        return self.ticks[index]

    def __iter__(self) -> Iterator[K_co]:
        return iter(self.ticks)

    def to_frame(self) -> pd.DataFrame:
        """
        Put the ticks into a DataFrame indexed by ``time``, which several may share.

        Raises:
            MissingExtra: pandas is not installed (extra ``frames``).
        """
        return ticks_frame(self.ticks)

    def __repr__(self) -> str:
        name = self.contract.localSymbol or self.contract.symbol
        span = f", {self.ticks[0].time} to {self.ticks[-1].time}" if self.ticks else ""
        return f"<TickSeries {name} {self.what}: {len(self)} ticks{span}>"
