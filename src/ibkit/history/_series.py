"""Bars of one contract over a span, and what is missing in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, final, overload

from attrs import field, frozen
from ib_async import BarData, Contract

from ._frame import bars_frame
from ._merge import Hole
from ._sessions import Session

if TYPE_CHECKING:
    import pandas as pd


@final
@frozen(kw_only=True, repr=False, eq=False)
class BarSeries(Sequence[BarData]):
    """
    Bars in order of time, each once: a sequence of ib_async's own ``BarData``.

    They are ib_async's because everything that takes its answers (``util.df``, ``util.barplot``,
    one's own code) then takes these. They are kept in columns and made anew each time they are
    looked at, so a change to one is lost. Times are in UTC; bars of a day and more carry dates.

    What should be there and is not stands in `holes`. Look there before you compute.
    """

    contract: Contract
    bar_size: str
    what: str
    use_rth: bool
    start: dt.datetime
    end: dt.datetime
    """As asked for, but no later than when it was asked: then the last bar is unfinished."""
    bars: Sequence[BarData]
    holes: tuple[Hole, ...] = ()
    sessions: tuple[Session, ...] | None = None
    """When the market was open; None where IB does not say."""
    notes: tuple[str, ...] = ()
    """What went otherwise than planned."""
    requests: int = field(default=0)
    """How many requests for bars it took."""

    def __len__(self) -> int:
        return len(self.bars)

    @overload
    def __getitem__(self, index: int) -> BarData: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[BarData]: ...
    def __getitem__(self, index: int | slice) -> BarData | Sequence[BarData]:
        return self.bars[index]

    def __iter__(self) -> Iterator[BarData]:
        return iter(self.bars)

    def to_frame(self) -> pd.DataFrame:
        """
        Put the bars into a DataFrame indexed by ``time``. Needs the extra ``frames``.

        Raises:
            MissingExtra: pandas is not installed.
        """
        return bars_frame(self.bars)

    def __repr__(self) -> str:
        name = self.contract.localSymbol or self.contract.symbol
        holes = f", {len(self.holes)} holes" if self.holes else ""
        span = f", {self.bars[0].date} to {self.bars[-1].date}" if self.bars else ""
        return f"<BarSeries {name} {self.bar_size} {self.what}: {len(self)} bars{span}{holes}>"
