"""A group of linked orders, as a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

import attrs
from attrs import field, frozen
from ib_async import Order

from ibkit.errors import PlanError
from ibkit.orders import _draw, _encode
from ibkit.orders._legs import Leg
from ibkit.orders._planned import Form, Kind, Manner, Oca, PlannedOrder, Side, plan
from ibkit.orders._rules import check
from ibkit.products._grid import PriceGrid

_NOTHING = Decimal(0)


def _legs(orders: Iterable[PlannedOrder]) -> tuple[PlannedOrder, ...]:
    return tuple(orders)


@frozen(kw_only=True, repr=False)
class OrderGroup:
    """Linked orders on one contract: who is whose parent, what cancels what, who sends whom.

    Made by `single`, `bracket`, `bracket_from_fill`, `oca`, `trailing` and `close_position`. It
    needs no connection, no clock and no contract, and never changes; `evolve` gives a changed
    copy. Printing it draws it.

    Raises:
        PlanError: The group is impossible. Nothing was sent.

    >>> from ibkit.orders import Limit, Stop, bracket
    >>> print(bracket("BUY", 1, entry=Limit(5000), take_profit=5010, stop=4990))
    bracket: BUY 1
    entry         BUY 1 LMT 5000 DAY
    |- target-1   SELL 1 LMT 5010 DAY
    `- stop-1     SELL 1 STP 4990 DAY
    """

    form: Form
    """``single close oca``, or how a bracket is sliced: ``separate managed attached``."""
    legs: tuple[PlannedOrder, ...] = field(converter=_legs)
    """The orders in the order in which they are sent, a parent before its children."""
    group_id: str = ""
    """What the orders of the group have in common in `orderRef`; given by the desk when empty."""
    account: str = ""
    order_ref: str = ""
    """The user's own reference. It goes into `orderRef` behind ibkit's part."""
    breakeven_after: int | None = None
    """Move the stops that are left to the average entry price when so many targets are filled."""
    oca_type: Oca = Oca.REDUCE_WITH_BLOCK
    oca_name: str = ""
    """The name of the OCA group; made from the group id when empty."""
    partial: bool = False
    """Made of what was left at the broker: some of its orders are not known any more, or were
    changed since."""

    _of_kind: dict[Kind, tuple[PlannedOrder, ...]] = field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        kinds = dict.fromkeys((order.kind for order in self.legs), ())
        sorted_out = {k: tuple([o for o in self.legs if o.kind == k]) for k in kinds}
        object.__setattr__(self, "_of_kind", sorted_out)
        check(self)

    # --- what is in it ---

    def _of(self, kind: Kind) -> tuple[PlannedOrder, ...]:
        return self._of_kind.get(kind, ())

    @property
    def entries(self) -> tuple[PlannedOrder, ...]:
        """The orders that open; one per slice where the slices are separate."""
        return self._of("entry")

    @property
    def targets(self) -> tuple[PlannedOrder, ...]:
        return self._of("target")

    @property
    def stops(self) -> tuple[PlannedOrder, ...]:
        return self._of("stop")

    @property
    def exits(self) -> tuple[PlannedOrder, ...]:
        """Targets, stops and the provisional stop."""
        return self._of("guard") + self._of("target") + self._of("stop")

    @property
    def guard(self) -> PlannedOrder | None:
        """The provisional stop that goes with the entry of a managed group."""
        return next(iter(self._of("guard")), None)

    @property
    def side(self) -> Side:
        """The side of the entry, or of the first order where there is none."""
        return (self.entries or self.legs)[0].side

    @property
    def size(self) -> Decimal:
        """What the entries open; without an entry, the largest order."""
        orders = self.entries
        if len(orders) == 1:
            return orders[0].size
        return sum((o.size for o in orders), _NOTHING) or max(o.size for o in self.legs)

    @property
    def slices(self) -> int:
        """How many slices the exits have: one per target, and one for what has only a stop."""
        numbers = max(1, *(order.number for order in self.legs))
        if self.form != "attached" or not self.targets:
            return numbers
        return numbers + (sum(order.size for order in self.targets) < self.size)

    def __getitem__(self, role: str) -> PlannedOrder:
        for order in self.legs:
            if order.role == role:
                return order
        roles = ", ".join(order.role for order in self.legs)
        raise KeyError(f"no {role} in this group; it has {roles}")

    # --- what becomes of it ---

    def to_orders(self, next_id: int, *, group_id: str = "") -> list[Order]:
        """Return fresh `ib_async.Order` objects, ready to be placed one after the other.

        Ids count up from `next_id`, a parent stands before its children, and `transmit` is true
        on the last of each set that must arrive together. Exits that wait for the fill (managed)
        are not among them. `exit_orders` makes those.

        Args:
            next_id: The first order id: ``ib.client.getReqId()``, and as many ids reserved as
                there are orders.
            group_id: For a group that has none. Without either, one is made from `next_id`.

        Raises:
            PlanError: `next_id` is no order id; an OCA group has neither name nor id; `orderRef`
                gets too long.

        >>> from ibkit.orders import Limit, bracket
        >>> group = bracket("BUY", 1, entry=Limit(5000), take_profit=5010, stop=4990)
        >>> [(o.orderId, o.parentId, o.orderType, o.transmit) for o in group.to_orders(7)]
        [(7, 0, 'LMT', False), (8, 7, 'LMT', False), (9, 7, 'STP', True)]
        """
        return _encode.to_orders(self, next_id, group_id=group_id)

    def on_grid(
        self, grid: PriceGrid, *, rounding: Literal["safe", "nearest", "refuse"] = "safe"
    ) -> OrderGroup:
        """Return the group with its prices on the grid of its contract.

        ``safe`` rounds so that no price is worse than asked: what a buy names goes down, what a
        sale names goes up, a trailing distance gets shorter. ``nearest`` rounds to the nearest
        price; ``refuse`` changes nothing.

        Raises:
            PlanError: A price is off the grid (``refuse``), or rounding made the group impossible.

        >>> from ibkit.orders import Limit, PriceGrid, bracket
        >>> group = bracket("BUY", 1, entry=Limit(5000.1), take_profit=5010.1, stop=4990.1)
        >>> print(group.on_grid(PriceGrid([(0, 0.25)])))
        bracket: BUY 1
        entry         BUY 1 LMT 5000 DAY
        |- target-1   SELL 1 LMT 5010.25 DAY
        `- stop-1     SELL 1 STP 4990.25 DAY
        """
        legs = _encode.on_grid(self, grid, rounding)
        moved = any(now is not before for now, before in zip(legs, self.legs, strict=True))
        return attrs.evolve(self, legs=legs) if moved else self

    def evolve(
        self,
        *,
        legs: Mapping[str, Leg] | None = None,
        group_id: str | None = None,
        account: str | None = None,
        order_ref: str | None = None,
        breakeven_after: int | None = None,
        oca_type: Oca | None = None,
    ) -> OrderGroup:
        """Return a changed copy, checked like a new group. ``None`` leaves a field as it is.

        Raises:
            PlanError: A role is not in the group, or the changed group is impossible.

        >>> from ibkit.orders import Limit, Stop, bracket
        >>> group = bracket("BUY", 1, entry=Limit(5000), take_profit=5010, stop=4990)
        >>> group.evolve(legs={"stop-1": Stop(4995)})["stop-1"]
        <stop-1: SELL 1 STP 4995 DAY>
        """
        fields = {
            "group_id": group_id,
            "account": account,
            "order_ref": order_ref,
            "breakeven_after": breakeven_after,
            "oca_type": oca_type,
        }
        changes: dict[str, object] = {k: v for k, v in fields.items() if v is not None}
        if legs:
            changes["legs"] = self._with(legs)
        return _evolve(self, changes)

    def _with(self, legs: Mapping[str, Leg]) -> tuple[PlannedOrder, ...]:
        roles = [order.role for order in self.legs]
        for role in legs:
            if role not in roles:
                raise PlanError("legs", role, f"one of {', '.join(roles)}")
        return tuple(
            _replan(order, legs[order.role]) if order.role in legs else order for order in self.legs
        )

    # --- how it looks ---

    def describe(self) -> str:
        """Say in plain words what the group does and who sees to it."""
        return _draw.describe(self)

    def __str__(self) -> str:
        return _draw.tree(self)

    def __repr__(self) -> str:
        return f"<OrderGroup {self.group_id or self.form}: {_draw.headline(self)}>"

    def _repr_html_(self) -> str:
        return _draw.html(self)


def _replan(order: PlannedOrder, leg: Leg) -> PlannedOrder:
    manner = Manner(order.tif, order.outside_rth, order.good_after)
    return plan(
        order.kind, order.number, order.side, order.size, leg, manner,
        parent=order.parent, deferred=order.deferred,
    )  # fmt: skip


def _evolve(group: OrderGroup, changes: Mapping[str, object]) -> OrderGroup:
    values = {one.name: getattr(group, one.name) for one in attrs.fields(OrderGroup) if one.init}
    return OrderGroup(**{**values, **changes})
