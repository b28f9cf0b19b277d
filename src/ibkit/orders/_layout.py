"""How the three forms of a bracket are laid out: which orders, in which order, whose children."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

from ibkit.errors import PlanError
from ibkit.orders._legs import Leg
from ibkit.orders._numbers import plain
from ibkit.orders._planned import OPPOSITE, Manner, PlannedOrder, Side, Slices, plan
from ibkit.orders._tif import DAY, ENDURING, TimeInForce


class Slice(NamedTuple):
    """A part of the entry, and how it gets out."""

    size: Decimal
    target: Leg | None
    stop: Leg | None


class Frame(NamedTuple):
    """What the forms need to lay a bracket out."""

    side: Side
    size: Decimal
    entry: Leg
    opening: Manner
    closing: Manner
    guard: Leg | None
    slices: list[Slice]


def exit_tif(entry: Leg, tif: TimeInForce) -> TimeInForce:
    """Say how long exits live by default: as long as the entry, but not for a moment only.

    Exits that end with an IOC, FOK or OPG entry would protect nothing.
    """
    inherited = entry.tif or tif
    return inherited if inherited.code in ENDURING else DAY


def cut(size: Decimal, wanted: Iterable[Slice], stop: Leg | None) -> list[Slice]:
    """Cut a size into slices: one per target, and one for what they leave."""
    slices = [one._replace(stop=one.stop or stop) for one in wanted]
    rest = size - sum((one.size for one in slices), Decimal(0))
    if rest < 0:
        raise PlanError("targets", plain(size - rest), f"together at most the size, {plain(size)}")
    if rest and stop is None:
        what = f"{plain(rest)} of {plain(size)} would have no exit: give a stop or more targets"
        nothing = "give take_profit, targets or stop; one order alone is single()"
        raise PlanError("stop", None, what if slices else nothing)
    return [*slices, Slice(rest, None, stop)] if rest else slices


def _exits(
    frame: Frame, number: int, one: Slice, *, parent: str = "", deferred: bool = False
) -> list[PlannedOrder]:
    side = OPPOSITE[frame.side]
    out = []
    if one.target is not None:
        out.append(
            plan("target", number, side, one.size, one.target, frame.closing,
                 parent=parent, deferred=deferred)
        )  # fmt: skip
    if one.stop is not None:
        out.append(
            plan("stop", number, side, one.size, one.stop, frame.closing,
                 parent=parent, deferred=deferred)
        )  # fmt: skip
    return out


def _entry(frame: Frame, number: int, size: Decimal) -> PlannedOrder:
    return plan("entry", number, frame.side, size, frame.entry, frame.opening)


def _separate(frame: Frame) -> list[PlannedOrder]:
    legs = []
    alone = len(frame.slices) == 1
    for number, one in enumerate(frame.slices, start=1):
        entry = _entry(frame, 0 if alone else number, one.size)
        legs += [entry, *_exits(frame, number, one, parent=entry.role)]
    return legs


def _managed(frame: Frame) -> list[PlannedOrder]:
    legs = [_entry(frame, 0, frame.size)]
    if frame.guard is not None:
        side = OPPOSITE[frame.side]
        legs.append(plan("guard", 0, side, frame.size, frame.guard, frame.closing, parent="entry"))
    for number, one in enumerate(frame.slices, start=1):
        legs += _exits(frame, number, one, deferred=True)
    return legs


def _attached(frame: Frame) -> list[PlannedOrder]:
    """One stop for all, so slices may not differ in it."""
    stops = [one.stop for one in frame.slices]
    if any(stop != stops[0] for stop in stops):
        raise PlanError("targets", stops, "slices='attached' has one stop for all")
    legs = [_entry(frame, 0, frame.size)]
    for number, one in enumerate(frame.slices, start=1):
        legs += _exits(frame, number, one._replace(stop=None), parent="entry")
    if stops[0] is not None:
        legs += _exits(frame, 1, Slice(frame.size, None, stops[0]), parent="entry")
    return legs


LAYOUTS: dict[Slices, Callable[[Frame], list[PlannedOrder]]] = {
    "separate": _separate,
    "managed": _managed,
    "attached": _attached,
}
