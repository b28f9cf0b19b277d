"""How a roll is carried out: as one calendar spread, or as two legs."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias, get_args

from attrs import Attribute, field, frozen

from ibkit._ib._arguments import instance, is_seconds, is_whole, word
from ibkit.errors import PlanError
from ibkit.products import Price, PriceGrid, exact

First: TypeAlias = Literal["open", "close"]


def _net(name: str, value: Price | None) -> Decimal | None:
    """Make a net price exact, or say which one is none."""
    try:
        return None if value is None else exact(value)
    except ValueError as error:
        raise PlanError(name, value, f"a finite number, or None; {error}") from None


def _limit(value: Price | None) -> Decimal | None:
    return _net("limit", value)


def _worst(value: Price | None) -> Decimal | None:
    return _net("worst", value)


def _order(value: First) -> First:
    return word(value, "first", get_args(First))


def _grid(_: object, __: object, value: PriceGrid | None) -> None:
    if value is not None:
        instance(value, "grid", PriceGrid, "a PriceGrid, such as PriceGrid([(0, '0.05')])")


@frozen(kw_only=True)
class TwoLegs:
    """Trade the two months one after the other.

    Each leg is a limit order through the touch. What is not filled in time is priced anew, with
    an alert; after the last attempt the roll says stuck. A leg that opens carries the exits of
    the new contract as its children, so that what fills is protected from its first unit.

    Args:
        first: ``open`` holds twice the position for a moment; ``close`` holds nothing meanwhile.
        ticks: how far through the touch the first leg may pay.
        second_ticks: how far the second leg may pay, which has to fill.
        timeout: seconds until a leg is priced anew.
        attempts: how often a leg is priced.
    """

    first: First = field(default="open", converter=_order)
    ticks: int = field(default=2, validator=is_whole(0))
    second_ticks: int = field(default=8, validator=is_whole(0))
    timeout: float = field(default=10.0, validator=is_seconds)
    attempts: int = field(default=5, validator=is_whole(1))


Fallback: TypeAlias = Literal["cross", "stop"] | TwoLegs


def _is_fallback(_: object, attribute: Attribute[Fallback], value: object) -> None:
    if value not in ("cross", "stop") and not isinstance(value, TwoLegs):
        raise PlanError(attribute.name, value, "'cross', 'stop', or TwoLegs(...)")


@frozen(kw_only=True)
class CalendarSpread:
    """Trade both months in one order, so that neither is held alone.

    Prices are net: what the new month costs above the old one; they may be negative or 0. A long
    position is rolled by buying the spread, a short one by selling it, and `limit` means the
    same price for both.

    Args:
        limit: the net price; by default the middle of the two markets, rounded in your favour.
        worst: the net price that is never exceeded, neither by crossing nor near the deadline.
        timeout: seconds to wait at a price.
        then: what happens when nothing more fills. ``cross``: take the price of the market
            (not beyond `worst`), so many `attempts`, then stop. ``stop``: cancel, and say stuck.
            ``TwoLegs(...)``: cancel, and trade the rest in legs.
        attempts: how often the market is crossed.
        grid: the steps of spread prices; by default those of the new month, which IB takes
            although many exchanges step spreads finer.
    """

    limit: Decimal | None = field(default=None, converter=_limit)
    worst: Decimal | None = field(default=None, converter=_worst)
    timeout: float = field(default=60.0, validator=is_seconds)
    then: Fallback = field(default="cross", validator=_is_fallback)
    attempts: int = field(default=3, validator=is_whole(1))
    grid: PriceGrid | None = field(default=None, validator=_grid)


Way: TypeAlias = CalendarSpread | TwoLegs
