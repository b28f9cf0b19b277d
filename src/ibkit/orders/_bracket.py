"""Brackets: an entry with its exits, in three forms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeAlias, overload

from attrs import field, frozen
from typing_extensions import Unpack

from ibkit.errors import PlanError
from ibkit.orders._builders import Naming
from ibkit.orders._from_fill import FromFill
from ibkit.orders._group import OrderGroup
from ibkit.orders._layout import LAYOUTS, Frame, Slice, cut, exit_tif as default_exit_tif
from ibkit.orders._legs import MARKET, BaseLeg, Leg, Limit, Stop
from ibkit.orders._numbers import Size, plain, size as to_size
from ibkit.orders._planned import Manner, Side, Slices, side_of
from ibkit.orders._tif import DAY, Tif
from ibkit.products._grid import Price

Exit: TypeAlias = Leg | Price | FromFill
"""What closes: a leg, or a bare price (a limit for a target, a stop for a stop)."""


def _as_target(value: Exit) -> Leg:
    return value if isinstance(value, BaseLeg) else Limit(value)


def _as_stop(value: Exit) -> Leg:
    return value if isinstance(value, BaseLeg) else Stop(value)


def _own_stop(value: Exit | None) -> Leg | None:
    return None if value is None else _as_stop(value)


def _target_size(value: Size) -> Decimal:
    return to_size("targets.size", value)


@frozen
class Target:
    """One slice of a bracket: so many units leave at this price.

    Args:
        size: How many.
        exit: A price (a limit), or a leg such as ``Trail(amount=8)``.
        stop: The stop of this slice, where it differs from the bracket's.

    >>> Target(1, 5010)
    Target(size=1, exit=Limit(price=5010), stop=None)
    """

    size: Decimal = field(converter=_target_size, repr=plain)
    exit: Leg = field(converter=_as_target)
    stop: Leg | None = field(default=None, kw_only=True, converter=_own_stop)


@overload
def bracket(
    side: Side,
    size: Size,
    *,
    entry: Leg | Price,
    take_profit: Exit | None = None,
    stop: Exit | None = None,
    targets: None = None,
    slices: Slices = "separate",
    breakeven_after: None = None,
    protect_first: Leg | Price | None = None,
    tif: Tif = ...,
    exit_tif: Tif | None = None,
    outside_rth: bool = False,
    good_after: dt.datetime | None = None,
    **naming: Unpack[Naming],
) -> OrderGroup: ...
@overload
def bracket(
    side: Side,
    size: Size,
    *,
    entry: Leg | Price,
    targets: Sequence[Target],
    take_profit: None = None,
    stop: Exit | None = None,
    slices: Slices = "separate",
    breakeven_after: int | None = None,
    protect_first: Leg | Price | None = None,
    tif: Tif = ...,
    exit_tif: Tif | None = None,
    outside_rth: bool = False,
    good_after: dt.datetime | None = None,
    **naming: Unpack[Naming],
) -> OrderGroup: ...
def bracket(
    side: Side,
    size: Size,
    *,
    entry: Leg | Price,
    take_profit: Exit | None = None,
    stop: Exit | None = None,
    targets: Sequence[Target] | None = None,
    slices: Slices = "separate",
    breakeven_after: int | None = None,
    protect_first: Leg | Price | None = None,
    tif: Tif = DAY,
    exit_tif: Tif | None = None,
    outside_rth: bool = False,
    good_after: dt.datetime | None = None,
    **naming: Unpack[Naming],
) -> OrderGroup:
    """Plan an entry with its exits: a target, a stop, or several targets.

    Several targets have three forms, which differ in who keeps the exits right::

        separate              attached              managed
        entry-1               entry                 entry
        |- target-1           |- target-1           (fills)
        `- stop-1             |- target-2              target-1 - stop-1   OCA pair
        entry-2               `- stop-1                target-2 - stop-2   OCA pair
        |- target-2           one OCA group by IB
        `- stop-2

    * ``separate``: a complete bracket per target. IB itself keeps each of them, in every case,
      also while this program is down. The entries are separate orders and fill separately.
    * ``attached``: one entry, all exits its children, one stop for all. IB puts all children into
      one OCA group: when a target fills, IB takes the other exits away, stop included, and the
      order desk puts them back. Between the two the rest is unprotected.
    * ``managed``: one entry; the order desk sends the exits when it fills, for what is filled, as
      an OCA pair per slice. The only form for prices that depend on the fill, and for trailing
      exits of a market entry. The program has to be there when it fills; `protect_first` sends a
      provisional stop along with the entry.

    What the targets leave of `size` is a last slice that has only the stop.

    Args:
        side: The side of the entry.
        size: Of the entry.
        entry: A leg, or a price for a limit.
        take_profit: The target of the whole size; a price is a limit.
        stop: The stop of all slices that have none of their own; a price is a stop.
        targets: Several targets instead of `take_profit`.
        slices: The form, see above.
        breakeven_after: When so many targets are filled, the order desk moves the stops that are
            left to the average entry price.
        protect_first: Managed only: a stop (or its price) that goes with the entry as its child,
            until the exits stand.
        tif: How long the entry lives (``Gtc()`` or ``"GTC"``), and the exits too unless
        exit_tif: says otherwise. After an IOC, FOK or OPG entry it is ``Day()``.
        outside_rth: Works outside regular hours too, see `single`.
        good_after: The entry works from this moment on.
        **naming: See `Naming`.

    Raises:
        PlanError: The bracket is impossible; it names what to change.

    >>> from ibkit.orders import Trail
    >>> print(bracket("BUY", 3, entry=Limit(5000), stop=4980, targets=[
    ...     Target(1, 5010), Target(2, Trail(amount=8))]))
    bracket: BUY 3 in 2 slices, separate
    entry-1       BUY 1 LMT 5000 DAY
    |- target-1   SELL 1 LMT 5010 DAY
    `- stop-1     SELL 1 STP 4980 DAY
    entry-2       BUY 2 LMT 5000 DAY
    |- target-2   SELL 2 TRAIL 8 DAY
    `- stop-2     SELL 2 STP 4980 DAY

    >>> bracket("BUY", 1, entry=Limit(5000), take_profit=4990, stop=4980)
    Traceback (most recent call last):
        ...
    ibkit.errors.PlanError: target-1: got '4990'; it has to lie above the entry, 5000
    """
    if slices not in LAYOUTS:
        raise PlanError("slices", slices, f"one of {', '.join(LAYOUTS)}")
    if protect_first is not None and slices != "managed":
        raise PlanError("protect_first", protect_first, "only with slices='managed'")
    if take_profit is not None and targets is not None:
        raise PlanError("targets", targets, "either take_profit or targets")
    whole = to_size("size", size)
    opens = entry if isinstance(entry, BaseLeg) else Limit(entry)
    wanted = targets or ([Target(whole, take_profit)] if take_profit is not None else [])
    for one in wanted:
        if not isinstance(one, Target):
            raise PlanError("targets", one, "each is a Target(size, price)")
    opening = Manner(tif, outside_rth, good_after)
    frame = Frame(
        side_of(side),
        whole,
        opens,
        opening,
        Manner(exit_tif or default_exit_tif(opens, opening.tif), outside_rth),
        _own_stop(protect_first),
        cut(whole, [Slice(one.size, one.exit, one.stop) for one in wanted], _own_stop(stop)),
    )
    return OrderGroup(
        form=slices, legs=LAYOUTS[slices](frame), breakeven_after=breakeven_after, **naming
    )


def bracket_from_fill(
    side: Side,
    size: Size,
    *,
    entry: Leg | Price = MARKET,
    take_profit: Exit | None = None,
    stop: Exit | None = None,
    targets: Sequence[Target] | None = None,
    protect_first: Leg | Price | None = None,
    breakeven_after: int | None = None,
    tif: Tif = DAY,
    exit_tif: Tif | None = None,
    outside_rth: bool = False,
    good_after: dt.datetime | None = None,
    **naming: Unpack[Naming],
) -> OrderGroup:
    """Plan an entry whose exits are priced from the price at which it fills.

    It is `bracket` with ``slices="managed"``: the order desk sends the exits when the entry fills.
    A bare number is a price as elsewhere; a distance from the fill is written `FromFill`. With
    `protect_first` a wide stop goes with the entry and stands until the exits stand, so that
    there is no moment without a stop.

    Args:
        side: The side of the entry.
        size: Of the entry.
        entry: A leg, or a price for a limit.
        take_profit: For example ``FromFill(ticks=40)``, above a buy and below a sale.
        stop: For example ``FromFill(percent=-1)``, or ``Trail(amount=8)``.
        targets: Several targets instead of `take_profit`.
        protect_first: The price of the wide stop, or the leg.
        breakeven_after: See `bracket`, as all that follows.
        tif: Of the entry.
        exit_tif: Of the exits.
        outside_rth: Works outside regular hours too.
        good_after: The entry works from this moment on.
        **naming: See `Naming`.

    Raises:
        PlanError: The bracket is impossible, or its exits do not fit into `orderRef`, where they
            are remembered.

    >>> print(bracket_from_fill("BUY", 1, take_profit=FromFill(+10), stop=FromFill(-5),
    ...                         protect_first=4900))
    bracket: BUY 1, exits after the fill
    entry         BUY 1 MKT DAY
    |- guard      SELL 1 STP 4900 DAY
    |- target-1   SELL 1 LMT fill + 10 DAY  (after the fill)
    `- stop-1     SELL 1 STP fill - 5 DAY  (after the fill)
    """
    group: Callable[..., OrderGroup] = bracket  # the two forms of `targets` meet here
    return group(
        side,
        size,
        entry=entry,
        take_profit=take_profit,
        stop=stop,
        targets=targets,
        slices="managed",
        protect_first=protect_first,
        breakeven_after=breakeven_after,
        tif=tif,
        exit_tif=exit_tif,
        outside_rth=outside_rth,
        good_after=good_after,
        **naming,
    )
