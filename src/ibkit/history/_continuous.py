"""A series of prices that runs through the months of a future."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import repeat
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast, final, overload

from attrs import frozen
from ib_async import BarData

from ibkit.contracts._listing import Listing
from ibkit.errors import MissingExtra

from ._frame import bars_frame
from ._merge import Hole

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Adjust: TypeAlias = Literal["difference", "ratio"] | None
Direction: TypeAlias = Literal["backward", "forward"]


@frozen(kw_only=True)
class SeriesRoll:
    """Where one month follows another, and what lay between their prices."""

    day: dt.date
    """The first trading day of the new month."""
    from_: Listing
    to: Listing
    reference: dt.datetime | dt.date | None = None
    """The last bar before the roll that both have; None if there is none, or none was needed."""
    before: Decimal | None = None
    """The close of the old month then."""
    after: Decimal | None = None
    """The close of the new month then."""

    @property
    def gap(self) -> Decimal | None:
        """How much dearer the new month was."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    def __str__(self) -> str:
        gap = "unknown" if self.gap is None else f"{self.gap:+f}"
        return f"{self.day}: {self.from_} -> {self.to}, gap {gap}"


@frozen(kw_only=True)
class SeriesPart:
    """The stretch of a series that is of one month."""

    listing: Listing
    count: int
    """How many bars."""
    adjustment: Decimal
    """What was added to its prices, or with ``"ratio"`` what they were multiplied with."""


@final
@frozen(kw_only=True, repr=False, eq=False)
class ContinuousSeries(Sequence[BarData]):
    """
    Bars of the front month throughout, joined at the rolls.

    Made by `History.continuous_async`, or by `stitch` of bars that you have.
    """

    root: str
    adjust: Adjust
    direction: Direction
    bars: Sequence[BarData]
    parts: tuple[SeriesPart, ...]
    rolls: tuple[SeriesRoll, ...]
    holes: tuple[Hole, ...] = ()
    """What is missing in the bars of the months."""
    notes: tuple[str, ...] = ()

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
        Put the bars into a DataFrame indexed by ``time``, with the ``contract`` of each.

        Raises:
            MissingExtra: pandas is not installed (extra ``frames``).
        """
        names = [
            name for part in self.parts for name in repeat(part.listing.local_symbol, part.count)
        ]
        return bars_frame(self.bars, {"contract": names})

    def plot(self, ax: Axes | None = None) -> Axes:
        """
        Draw the closes with a mark at every roll, and return the axes.

        Args:
            ax: Where to draw; a new figure of ``pyplot`` by default.

        Raises:
            MissingExtra: matplotlib is not installed (extra ``plot``).
        """
        try:
            from matplotlib import pyplot as plt
        except ModuleNotFoundError as error:
            raise MissingExtra("matplotlib", "plot") from error
        axes: Any = plt.subplots()[1] if ax is None else ax  # dates, which its types forget
        axes.plot([bar.date for bar in self.bars], [bar.close for bar in self.bars], linewidth=1)
        for roll in self.rolls:
            axes.axvline(roll.day, linestyle=":", linewidth=0.8, color="grey")
            axes.annotate(
                str(roll.to),
                (roll.day, 1),
                xycoords=("data", "axes fraction"),
                rotation=90,
                fontsize="small",
                va="top",
            )
        axes.set_title(f"{self.root}, {self.adjust or 'not'} adjusted")
        axes.set_ylabel("close")
        return cast("Axes", axes)

    def __repr__(self) -> str:
        span = f", {self.bars[0].date} to {self.bars[-1].date}" if self.bars else ""
        how = f"{self.adjust} {self.direction}" if self.adjust else "unadjusted"
        return (
            f"<ContinuousSeries {self.root} {how}: {len(self)} bars{span}, {len(self.rolls)} rolls>"
        )
