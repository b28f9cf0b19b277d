"""The shape of a group in a few characters, for `orderRef`.

A group must be found again from what IB keeps. The orders that were sent say most of it; the
shape says the rest: which form it has, of how many slices, when the stops move to break-even, and,
for a managed group, the exits that are sent only when the entry fills.

::

    x  single          s3    separate, three slices       o2   OCA of two
    c  close           a3b1  attached, break-even after 1

    mg1L5010_1L5020_1T8_ZS4980b1      the entry of a managed group
    ||`- size, target; size, target; ... and the stop of all of them behind Z
    |`-- g GTC, d DAY, u<moment> GTD; x after it: also outside regular hours
    `--- managed (its other orders say m3)
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ibkit.errors import PlanError
from ibkit.orders._from_fill import FromFill
from ibkit.orders._legs import (
    Leg,
    LegPrice,
    Limit,
    LimitIfTouched,
    LimitOnClose,
    MarketIfTouched,
    MarketOnClose,
    Stop,
    StopLimit,
    Trail,
    TrailLimit,
)
from ibkit.orders._numbers import base36, plain
from ibkit.orders._planned import OPPOSITE, Form, Kind, Manner, PlannedOrder, Side, plan
from ibkit.orders._tif import Day, Gtc, Gtd, TimeInForce

if TYPE_CHECKING:
    from ibkit.orders._group import OrderGroup

_FORMS: dict[str, Form] = {
    "x": "single",
    "c": "close",
    "o": "oca",
    "s": "separate",
    "m": "managed",
    "a": "attached",
}
_FORM_LETTERS = {form: letter for letter, form in _FORMS.items()}

# letter -> the leg and the attributes whose numbers follow it, joined by "/"
_LEGS: dict[str, tuple[type[Leg], tuple[str, ...]]] = {
    "L": (Limit, ("price",)),
    "M": (MarketIfTouched, ("trigger",)),
    "N": (LimitIfTouched, ("trigger", "price")),
    "C": (MarketOnClose, ()),
    "K": (LimitOnClose, ("price",)),
    "S": (Stop, ("trigger",)),
    "Q": (StopLimit, ("trigger", "price")),
    "T": (Trail, ("amount",)),
    "H": (Trail, ("amount", "start")),
    "P": (Trail, ("percent",)),
    "I": (Trail, ("percent", "start")),
    "U": (TrailLimit, ("amount", "offset", "start")),
    "V": (TrailLimit, ("percent", "offset", "start")),
    "W": (TrailLimit, ("amount", "limit", "start")),
    "X": (TrailLimit, ("percent", "limit", "start")),
}
_OF_LEG = {row: letter for letter, row in _LEGS.items()}
_STOP = "Z"
_SHORT = re.compile(r"([a-z])(\d*)(?:b(\d+))?", re.ASCII)
_MANAGED = re.compile(r"m(?:d|g|u([0-9a-z]+)u)(x?)([0-9A-Z].*?)(?:b(\d+))?", re.ASCII)
_SLICE = re.compile(r"(\d+(?:\.\d+)?)?((?:[A-Y][^A-Z]*)?)((?:Z[A-Y][^A-Z]*)?)", re.ASCII)


class Shape(NamedTuple):
    """What the shape in an `orderRef` says."""

    form: Form
    slices: int = 0
    """The highest number of its orders: slices of a bracket, members of an OCA group."""
    breakeven_after: int | None = None
    exits: tuple[tuple[Decimal, Leg | None, Leg | None], ...] = ()
    """Per slice of a managed group: size, target, stop."""
    manner: Manner = Manner(Day())
    """How those exits live."""


def write_shape(group: OrderGroup, order: PlannedOrder) -> str:
    """Write the shape of a group for one of its orders."""
    after = f"b{group.breakeven_after}" if group.breakeven_after else ""
    letter = _FORM_LETTERS[group.form]
    if group.form == "managed" and order.kind == "entry":
        return f"{letter}{_write_exits(group)}{after}"
    if group.form in {"single", "close"}:
        return letter
    return f"{letter}{max(1, *(order.number for order in group.legs))}{after}"


def parse_shape(text: str) -> Shape | None:
    """Read a shape; ``None`` when it is cut or from another version of ibkit."""
    if short := _SHORT.fullmatch(text):
        form = _FORMS.get(short[1])
        return form and Shape(form, int(short[2] or 0), int(short[3]) if short[3] else None)
    managed = _MANAGED.fullmatch(text)
    if managed is None:
        return None
    until, outside, body, after = managed.groups()
    exits = tuple(_read_exits(body))
    manner = Manner(_read_tif(text[1], until), outside == "x")
    return Shape("managed", len(exits), int(after) if after else None, exits, manner)


def planned_exits(shape: Shape, side: Side) -> tuple[PlannedOrder, ...]:
    """Return the exits of a managed group as they were planned, for an entry of that side."""
    out: list[PlannedOrder] = []
    for number, (size, target, stop) in enumerate(shape.exits, start=1):
        pair: tuple[tuple[Kind, Leg | None], ...] = (("target", target), ("stop", stop))
        out += [
            plan(kind, number, OPPOSITE[side], size, leg, shape.manner, deferred=True)
            for kind, leg in pair
            if leg is not None
        ]
    return tuple(out)


def _write_exits(group: OrderGroup) -> str:
    deferred = [order for order in group.legs if order.deferred]
    first = deferred[0]
    if any(_manner(order) != _manner(first) for order in deferred):
        raise PlanError(
            "slices", "managed", "all managed exits share time in force, outside_rth and no more"
        )
    targets = {order.number: order for order in group.targets}
    stops = {order.number: order for order in group.stops}
    codes = {number: _STOP + _write_leg(order) for number, order in stops.items()}
    shared = len(set(codes.values())) == 1 and len(codes) == group.slices
    out = []
    for number in sorted(targets.keys() | stops.keys()):
        order = targets.get(number) or stops[number]
        target = _write_leg(targets[number]) if number in targets else ""
        out.append(plain(order.size) + target + ("" if shared else codes.get(number, "")))
    out += [codes[1]] if shared else []
    return _write_manner(first) + "_".join(out)


def _manner(order: PlannedOrder) -> tuple[object, ...]:
    return order.tif, order.outside_rth, order.good_after, order.trigger_method


def _write_manner(order: PlannedOrder) -> str:
    if order.good_after or order.trigger_method:
        raise PlanError(
            order.role, order.leg, "a managed exit has no good_after and no trigger_method"
        )
    code = {"DAY": "d", "GTC": "g"}.get(order.tif.code)
    if isinstance(order.tif, Gtd):
        code = f"u{base36(int(order.tif.until.timestamp()))}u"
    return f"{code}{'x' if order.outside_rth else ''}"


def _read_tif(letter: str, until: str | None) -> TimeInForce:
    if until is not None:
        return Gtd(dt.datetime.fromtimestamp(int(until, 36), tz=dt.timezone.utc))
    return Gtc() if letter == "g" else Day()


def _write_leg(order: PlannedOrder) -> str:
    leg = order.leg
    set_names = tuple(
        name
        for name in ("amount", "percent", "trigger", "offset", "limit", "price", "start")
        if getattr(leg, name, None) is not None
    )
    letter = _OF_LEG.get((type(leg), set_names))
    if letter is None:
        raise PlanError(order.role, leg, "no managed exit; use slices='separate'")
    return letter + "/".join(_write_number(getattr(leg, name)) for name in set_names)


def _write_number(value: LegPrice) -> str:
    if not isinstance(value, FromFill):
        return plain(value)
    if value.offset is not None:
        return f"f{plain(value.offset)}"
    return f"t{value.ticks}" if value.percent is None else f"p{plain(value.percent)}"


def _read_number(text: str) -> LegPrice:
    distance = text[1:]
    if text.startswith("f"):
        return FromFill(distance)
    if text.startswith("p"):
        return FromFill(percent=distance)
    if text.startswith("t"):
        return FromFill(ticks=int(distance))
    return Decimal(text)


def _read_leg(code: str) -> Leg | None:
    if not code:
        return None
    kind, names = _LEGS[code[0]]
    numbers = (_read_number(text) for text in code[1:].split("/") if text)
    values: dict[str, LegPrice] = dict(zip(names, numbers, strict=True))
    make: Callable[..., Leg] = kind
    return make(**values)


def _read_exits(body: str) -> Iterator[tuple[Decimal, Leg | None, Leg | None]]:
    parts = [match.groups() for text in body.split("_") if (match := _SLICE.fullmatch(text))]
    shared = next((stop for size, _, stop in parts if size is None), "")
    for size, target, stop in parts:
        if size is not None:
            yield Decimal(size), _read_leg(target), _read_leg((stop or shared)[1:])
