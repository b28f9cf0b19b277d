"""A price that is not known before the entry fills."""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from ibkit.errors import PlanError
from ibkit.orders._numbers import number, plain
from ibkit.products._grid import Price, PriceGrid

_HUNDRED = Decimal(100)


def _offset(value: Price | None) -> Decimal | None:
    return None if value is None else number("offset", value)


def _percent(value: Price | None) -> Decimal | None:
    return None if value is None else number("percent", value)


@frozen(repr=False)
class FromFill:
    """A price at a distance from the entry's average fill price, known once the entry fills.

    It may stand wherever an exit has a price. The sign is that of the price axis: above the fill
    is positive for a long and for a short position alike, so a buy wants its target at
    ``FromFill(+10)`` and its stop at ``FromFill(-5)``, and a sale the other way round.

    Args:
        offset: In price units.
        ticks: In steps of the contract's price grid at the fill price.
        percent: In hundredths of the fill price.

    Raises:
        PlanError: None or more than one of the three is given, or it is no number.

    >>> FromFill(ticks=-20).at("5000.25", PriceGrid([(0, "0.25")]))
    Decimal('4995.25')
    """

    offset: Decimal | None = field(default=None, converter=_offset)
    ticks: int | None = field(default=None, kw_only=True)
    percent: Decimal | None = field(default=None, kw_only=True, converter=_percent)

    def __attrs_post_init__(self) -> None:
        given = [value for value in (self.offset, self.ticks, self.percent) if value is not None]
        if len(given) != 1:
            raise PlanError(
                "FromFill", (self.offset, self.ticks, self.percent),
                "give exactly one of offset (price units), ticks= and percent=",
            )  # fmt: skip
        if self.ticks is not None and int(self.ticks) != self.ticks:
            raise PlanError("ticks", self.ticks, "a whole number of ticks is needed")

    @property
    def sign(self) -> int:
        """Say on which side of the fill the price lies: 1 above, -1 below, 0 at it."""
        distance = self._distance()
        return (distance > 0) - (distance < 0)

    def at(self, fill: Price, grid: PriceGrid) -> Decimal:
        """Return the price for an average fill price, not yet rounded to the grid."""
        price = number("fill", fill)
        if self.percent is not None:
            return price + abs(price) * self.percent / _HUNDRED
        step = 1 if self.offset is not None else grid.increment_at(price)
        return price + self._distance() * step

    def _distance(self) -> Decimal:
        for value in (self.offset, self.percent):
            if value is not None:
                return value
        return Decimal(int(self.ticks or 0))

    def __str__(self) -> str:
        unit = "%" if self.percent is not None else " ticks" if self.ticks is not None else ""
        distance = self._distance()
        sign = "-" if distance < 0 else "+"
        return f"fill {sign} {plain(abs(distance))}{unit}"

    def __repr__(self) -> str:
        name = (
            "ticks=" if self.ticks is not None else "percent=" if self.percent is not None else ""
        )
        distance = self._distance()
        return f"FromFill({name}{'+' if distance > 0 else ''}{plain(distance)})"
