"""The shape of a group in a few characters, for `orderRef`.

A group must be found again from what IB keeps. The orders that were sent say most of it; the
shape says the rest: which form it has, of how many slices, when the stops move to break-even, and,
for a managed group, the exits that are sent only when the entry fills.

::

    x  single          s3    separate, three slices       o2   OCA of two
    c  close           a3b1  attached, break-even after 1

    mg01L3v6L3vg_2T8YS3ucB1           the entry of a managed group
    |||`-- size and target of each slice; a size holds until the next one; Z a stop of its own;
    |||    Y the stop of all others; B break-even
    ||`--- decimals of the prices, which are whole numbers in base 36: 3v6 is 5010
    |`---- g GTC, d DAY, u<moment>u GTD; x after it: also outside regular hours
    `----- managed (its other orders say m3)

A price that depends on the fill has a letter in front: A an offset, D ticks, E a percentage.
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
from ibkit.orders._types import numbers

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
_NOTHING = Decimal(0)
_SHORT = re.compile(r"([a-z])(\d*)(?:b(\d+))?", re.ASCII)
_MANAGED = re.compile(r"m(?:d|g|u([0-9a-z]+)u)(x?)([0-9a-z])([0-9].*)", re.ASCII)
_NUMBER = "[ADE]?-?[0-9a-z]+"
_CODE = f"[{''.join(_LEGS)}](?:{_NUMBER}(?:/{_NUMBER})*)?"
_TOKEN = re.compile(
    rf"_?(?P<size>\d+(?:\.\d+)?)|Y(?P<shared>{_CODE})|Z(?P<stop>{_CODE})|B(?P<after>\d+)"
    rf"|(?P<target>{_CODE})",
    re.ASCII,
)


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
        return f"{letter}{_write_exits(group)}{after.upper()}"
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
    until, outside, decimals, body = managed.groups()
    tokens = list(_TOKEN.finditer(body))
    if "".join(token[0] for token in tokens) != body:
        return None
    after = next((int(token["after"]) for token in tokens if token["after"]), None)
    exits = tuple(_read_exits(tokens, int(decimals, 36)))
    manner = Manner(_read_tif(text[1], until), outside == "x")
    return Shape("managed", len(exits), after, exits, manner)


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
    decimals = _decimals(deferred)
    codes = {number: _write_leg(order, decimals) for number, order in stops.items()}
    every = list(codes.values()) if len(codes) == group.slices else [""]
    shared = max(every, key=every.count)  # said once, but by the slices that differ from it
    out: list[str] = []
    said = ""
    for number in sorted(targets.keys() | stops.keys()):
        size = plain((targets.get(number) or stops[number]).size)
        if size != said or number not in targets:
            out.append(f"{'_' if out else ''}{size}")
        said = size
        out.append(_write_leg(targets[number], decimals) if number in targets else "")
        out.append(f"Z{codes[number]}" if codes.get(number, shared) != shared else "")
    return f"{_write_manner(first)}{base36(decimals)}{''.join(out)}{shared and 'Y' + shared}"


def _decimals(orders: list[PlannedOrder]) -> int:
    """Count the decimals of the number that has most of them."""
    most = 0
    for order in orders:
        for _, value in numbers(order.leg):
            exact = (value.offset or value.percent) if isinstance(value, FromFill) else value
            exponent = (exact or _NOTHING).normalize().as_tuple().exponent
            most = max(most, -exponent if isinstance(exponent, int) else 0)
    return min(most, 35)


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


def _write_leg(order: PlannedOrder, decimals: int) -> str:
    leg = order.leg
    set_names = tuple(
        name
        for name in ("amount", "percent", "trigger", "offset", "limit", "price", "start")
        if getattr(leg, name, None) is not None
    )
    letter = _OF_LEG.get((type(leg), set_names))
    if letter is None:
        raise PlanError(order.role, leg, "no managed exit; use slices='separate'")
    return letter + "/".join(_write_number(getattr(leg, name), decimals) for name in set_names)


def _write_number(value: LegPrice, decimals: int) -> str:
    if not isinstance(value, FromFill):
        return _write_whole(value.scaleb(decimals))
    if value.ticks is not None:
        return f"D{_write_whole(Decimal(value.ticks))}"
    if value.offset is not None:
        return f"A{_write_whole(value.offset.scaleb(decimals))}"
    return f"E{_write_whole((value.percent or _NOTHING).scaleb(decimals))}"


def _write_whole(value: Decimal) -> str:
    return ("-" if value < 0 else "") + base36(int(value.copy_abs()))


def _read_number(text: str, decimals: int) -> LegPrice:
    letter, digits = (text[0], text[1:]) if text[0] in "ADE" else ("", text)
    whole = int(digits, 36)
    if letter == "D":
        return FromFill(ticks=whole)
    number = Decimal(whole).scaleb(-decimals)
    if not letter:
        return number
    return FromFill(number) if letter == "A" else FromFill(percent=number)


def _read_leg(code: str | None, decimals: int) -> Leg | None:
    if not code:
        return None
    kind, names = _LEGS[code[0]]
    values = [_read_number(text, decimals) for text in code[1:].split("/") if text]
    make: Callable[..., Leg] = kind
    return make(**dict(zip(names, values, strict=True)))


def _read_exits(
    tokens: list[re.Match[str]], decimals: int
) -> Iterator[tuple[Decimal, Leg | None, Leg | None]]:
    shared = next((token["shared"] for token in tokens if token["shared"]), None)
    slices: list[list[str | None]] = []  # size, target, stop
    for token in tokens:
        if token["size"]:
            slices.append([token["size"], None, None])
        elif token["target"] and slices[-1][1:] == [None, None]:
            slices[-1][1] = token["target"]
        elif token["target"]:
            slices.append([slices[-1][0], token["target"], None])
        elif token["stop"]:
            slices[-1][2] = token["stop"]
    for size, target, stop in slices:
        yield Decimal(size or 0), _read_leg(target, decimals), _read_leg(stop or shared, decimals)
