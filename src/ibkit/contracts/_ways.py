"""How a roll is carried out: as one calendar spread, or as two legs."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import Attribute, field, frozen, validators

from ibkit.errors import PlanError
from ibkit.products import Price, PriceGrid, exact


def _exact(value: Price | None) -> Decimal | None:
    return None if value is None else exact(value)


def _seconds(_: object, attribute: Attribute[float], value: float) -> None:
    if not value > 0:
        raise PlanError(attribute.name, value, "more than 0 seconds")


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

    first: Literal["open", "close"] = field(
        default="open", validator=validators.in_(("open", "close"))
    )
    ticks: int = field(default=2, validator=validators.ge(0))
    second_ticks: int = field(default=8, validator=validators.ge(0))
    timeout: float = field(default=10.0, validator=_seconds)
    attempts: int = field(default=5, validator=validators.ge(1))


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

    limit: Decimal | None = field(default=None, converter=_exact)
    worst: Decimal | None = field(default=None, converter=_exact)
    timeout: float = field(default=60.0, validator=_seconds)
    then: Fallback = field(default="cross", validator=_is_fallback)
    attempts: int = field(default=3, validator=validators.ge(1))
    grid: PriceGrid | None = None


Way: TypeAlias = CalendarSpread | TwoLegs
