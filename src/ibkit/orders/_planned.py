"""One order of a group, before it is an order: side, size, what it does, whom it belongs to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from typing import Literal, TypeAlias

import attrs
from attrs import field, frozen

from ibkit.errors import PlanError
from ibkit.orders._legs import Leg, TriggeredLeg
from ibkit.orders._numbers import plain
from ibkit.orders._tif import PLAIN_FORMS, TimeInForce, not_before, time_in_force
from ibkit.orders._types import AT_OPEN, ORDER_TYPES, describe

Side: TypeAlias = Literal["BUY", "SELL"]
"""The side of an order."""
Kind: TypeAlias = Literal["entry", "target", "stop", "guard", "order", "close"]
Slices: TypeAlias = Literal["separate", "managed", "attached"]
"""How a bracket with several targets is built: see `bracket`."""
Form: TypeAlias = Literal["single", "close", "oca", "separate", "managed", "attached"]

OPPOSITE: dict[Side, Side] = {"BUY": "SELL", "SELL": "BUY"}
EXITS: frozenset[Kind] = frozenset({"target", "stop", "guard"})


class Oca(IntEnum):
    """What IB does to the rest of an OCA group when one of it fills (gateway-behaviour 1.6).

    A *block* is IB's protection against overfill: only one order of the group is at an exchange
    at a time. Without it two may fill in the same moment, but none waits for another.
    """

    CANCEL_WITH_BLOCK = 1
    """The others are cancelled, also by a *partial* fill."""
    REDUCE_WITH_BLOCK = 2
    """The others are reduced in proportion."""
    REDUCE_NON_BLOCK = 3
    """The others are reduced in proportion, without a block. The children of a parent are in such
    a group by themselves; a combo can have no other."""


@frozen(kw_only=True, repr=False)
class PlannedOrder:
    """One order of an `OrderGroup`."""

    kind: Kind
    number: int = 0
    """Which slice it belongs to, from 1; 0 where its kind has only one."""
    side: Side
    size: Decimal
    leg: Leg
    """Type and prices. What a leg said of its time in force stands in the fields here."""
    tif: TimeInForce
    outside_rth: bool = False
    good_after: dt.datetime | None = None
    trigger_method: int = 0
    parent: str = ""
    """The role of the order that must fill before this one works."""
    deferred: bool = False
    """Not sent with the entry, but when the entry fills (managed exits)."""

    @property
    def role(self) -> str:
        """Its name in the group: ``entry``, ``target-1``, ``stop-2``."""
        return f"{self.kind}-{self.number}" if self.number else self.kind

    def __str__(self) -> str:
        hours = " outside RTH" if self.outside_rth else ""
        return f"{self.side} {plain(self.size)} {describe(self.leg)} {self.tif.code}{hours}"

    def __repr__(self) -> str:
        return f"<{self.role}: {self}>"


def side_of(value: str) -> Side:
    """Take ``BUY`` and ``SELL`` in any case, and nothing else."""
    sides: dict[str, Side] = {"BUY": "BUY", "SELL": "SELL"}
    side = sides.get(str(value).upper())
    if side is None:
        raise PlanError("side", value, "'BUY' or 'SELL'")
    return side


@frozen
class Manner:
    """How the orders of a group live, where a leg says nothing of itself."""

    tif: TimeInForce = field(converter=time_in_force)
    outside_rth: bool = False
    good_after: dt.datetime | None = field(default=None, converter=not_before)


def plan(
    kind: Kind,
    number: int,
    side: Side,
    size: Decimal,
    leg: Leg,
    manner: Manner,
    *,
    parent: str = "",
    deferred: bool = False,
) -> PlannedOrder:
    """Plan one order: what the leg says of itself goes before what its group says."""
    if type(leg) not in ORDER_TYPES:
        raise PlanError("leg", leg, "what the order does, such as Limit(5000) or Market()")
    tifs = ORDER_TYPES[type(leg)].tifs
    tif = leg.tif or (PLAIN_FORMS[tifs[0]] if len(tifs) == 1 else manner.tif)
    return PlannedOrder(
        kind=kind,
        number=number,
        side=side,
        size=size,
        leg=_bare(leg, tif),
        tif=tif,
        outside_rth=bool(manner.outside_rth if leg.outside_rth is None else leg.outside_rth),
        good_after=leg.good_after or manner.good_after,
        trigger_method=trigger_method(leg),
        parent=parent,
        deferred=deferred,
    )


_SILENT = (None, None, None)
_OPTIONS = {"tif", "outside_rth", "good_after", "trigger_method"}


def trigger_method(leg: Leg) -> int:
    """Return the trigger method of a leg; 0 for one that has no trigger."""
    return leg.trigger_method if isinstance(leg, TriggeredLeg) else 0


def _bare(leg: Leg, tif: TimeInForce) -> Leg:
    """Keep type and prices only, so that a leg read back from an order equals the planned one."""
    kind: Callable[..., Leg] = type(leg)
    if tif.code == "OPG":
        kind = AT_OPEN.get(type(leg), kind)
    elif (leg.tif, leg.outside_rth, leg.good_after) == _SILENT and not trigger_method(leg):
        return leg
    names = (one.name for one in attrs.fields(type(leg)) if one.name not in _OPTIONS)
    return kind(**{name: getattr(leg, name) for name in names})
