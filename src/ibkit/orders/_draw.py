"""A group as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from ibkit.orders._numbers import plain
from ibkit.orders._planned import PlannedOrder
from ibkit.orders._types import describe as describe_leg

if TYPE_CHECKING:
    from ibkit.orders._group import OrderGroup

_ONE_ORDER = {"entry": "single order", "stop": "trailing stop", "close": "close"}
_WHO = {
    "separate": (
        "Each target has its own entry and its own stop. IB itself keeps each slice together, "
        "also when this program is not running."
    ),
    "managed": (
        "The exits are sent when the entry fills, for what is filled, as an OCA pair per slice. "
        "This program has to be running at that moment."
    ),
    "attached": (
        "One entry with all exits as its children. IB treats the children as one OCA group: when "
        "one fills, it may take the others away, and this program has to put them back."
    ),
}
_OCA = {
    1: "When one fills, also in part, IB cancels the others; one at a time is at an exchange.",
    2: "When one fills, IB reduces the others; one at a time is at an exchange.",
    3: "When one fills, IB reduces the others; all of them are at the exchange.",
}


def headline(group: OrderGroup) -> str:
    """Say in one line what it is."""
    if group.form == "oca":
        return f"OCA group of {len(group.legs)} orders"
    if group.form in {"single", "close"}:
        first = group.legs[0]
        return f"{_ONE_ORDER[first.kind]}: {first}"
    slices = f" in {group.slices} slices, {group.form}" if group.slices > 1 else ""
    managed = ", exits after the fill" if group.form == "managed" and group.slices == 1 else ""
    return f"bracket: {group.side} {plain(group.size)}{slices}{managed}"


def describe(group: OrderGroup) -> str:
    """Say what the group does and who sees to it."""
    return "\n".join([tree(group), *_remarks(group)])


def _remarks(group: OrderGroup) -> Iterator[str]:
    if group.form == "oca":
        yield _OCA[group.oca_type]
    elif group.form in _WHO and (group.slices > 1 or group.form == "managed"):
        yield _WHO[group.form]
    if group.guard is not None:
        yield "The guard stands from the first fill until the exits stand."
    if group.breakeven_after:
        count = group.breakeven_after
        targets = "the first target" if count == 1 else f"{count} targets"
        yield f"When {targets} filled, the other stops move to the entry price."


def tree(group: OrderGroup) -> str:
    """Draw parents and children."""
    lines = [headline(group)]
    if len(group.legs) > 1:
        lines += [f"{head:13} {order}{tail}".rstrip() for head, order, tail in _rows(group)]
    return "\n".join(lines)


def _rows(group: OrderGroup) -> Iterator[tuple[str, PlannedOrder, str]]:
    roots = [order for order in group.legs if not order.parent and not order.deferred]
    for root in roots:
        below = [
            o for o in group.legs if o.parent == root.role or (o.deferred and root is roots[0])
        ]
        yield root.role, root, ""
        for child in below:
            branch = "`-" if child is below[-1] else "|-"
            tail = "  (after the fill)" if child.deferred else ""
            yield f"{branch} {child.role}", child, tail


def html(group: OrderGroup) -> str:
    """Make a small table for a notebook."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(head, order, tail)) + "</tr>"
        for head, order, tail in _rows(group)
    )
    heads = "".join(f"<th>{name}</th>" for name in ("role", "side", "size", "order", "lives", ""))
    remarks = "".join(f"<br>{escape(line)}" for line in _remarks(group))
    return (
        f"<div><b>{escape(headline(group))}</b>{remarks}"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cells(head: str, order: PlannedOrder, tail: str) -> tuple[str, ...]:
    lives = order.tif.code + (" outside RTH" if order.outside_rth else "")
    return head, order.side, plain(order.size), describe_leg(order.leg), lives, tail.strip()
