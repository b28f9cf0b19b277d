"""Gates: what a group has to pass before anything of it is sent, and before it may open more.

A gate is a callable that looks at a `GateContext` and returns ``None`` to let the group pass, or
the reason why not. Gates are pure: what they may look at stands in the context. Where the context
does not know what a gate needs, the gate refuses.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from attrs import field, frozen
from ib_async import Contract

from ibkit._ib._arguments import is_flag, whole
from ibkit.errors import GateRefused, PlanError
from ibkit.orders._group import OrderGroup
from ibkit.orders._numbers import number, plain, size as to_size
from ibkit.orders._planned import EXITS, PlannedOrder, Side
from ibkit.orders._types import numbers


@frozen(kw_only=True)
class GateContext:
    """
    What is known at the moment a group is about to be sent or changed. ``None`` is: nobody knows.

    Of a change gates see the group as it would become, beside what it is now. They are asked where
    it may open more: an order that is no exit grows, or gets another price. Moving, resizing and
    cancelling exits, making orders smaller, and any change of orders that only close a position
    pass no gate, and neither do repairs. A gate may refuse for reasons of its own (no market price,
    not at this hour), and nothing of that kind may stand between a position and its way out.
    """

    contract: Contract
    group: OrderGroup
    """What is about to be sent, or what a change would make of a group; then it is `partial`."""
    account: str
    """The account that the orders go to."""
    position: Decimal | None = None
    """The account's position in the contract, negative when short."""
    open_orders: int | None = None
    """The account's orders that live at the broker, of all contracts."""
    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None
    now: dt.datetime | None = None
    before: OrderGroup | None = None
    """The group as it is at the broker; ``None`` for one that is about to be placed."""
    filled: Mapping[str, Decimal] = field(factory=dict)
    """What its orders have filled already, by role. It is in `position`."""

    @property
    def grows(self) -> bool:
        """Whether an order that may open something is new, or gets larger."""
        was = {order.role: order.size for order in self.before.legs} if self.before else {}
        return any(order.size > was.get(order.role, 0) for order in _openers(self.group))

    @property
    def only_closes(self) -> bool:
        """Whether it cannot open anything: what may still fill is held on the other side.

        A bracket opens, whatever else is held: its exits are there to turn that round.
        """
        if self.group.form == "close":
            return True
        held = self.position or Decimal(0)
        return not (self.group.entries and self.group.exits) and all(
            size <= (held if side == "SELL" else -held) for side, size in self.opening
        )

    @property
    def opening(self) -> tuple[tuple[Side, Decimal], ...]:
        """What may still fill, by side: of the entries together, or else of each order."""
        left = [
            (order, order.size - self.filled.get(order.role, Decimal(0)))
            for order in _openers(self.group)
        ]
        if self.group.entries:
            return ((self.group.side, sum((size for _, size in left), Decimal(0))),)
        return tuple((order.side, size) for order, size in left)


class Gate(Protocol):
    """
    Anything that can be called with a context and answers ``None`` or a reason.

    A gate with an attribute ``needs_market = True`` has the desk ask for a quote, which may take
    some seconds; without it, `bid`, `ask` and `last` are there when somebody follows them.
    """

    def __call__(self, context: GateContext, /) -> str | None:
        """Return the reason why the group may not be sent, or ``None``."""
        ...


def run_gates(gates: Iterable[Gate], context: GateContext) -> None:
    """Ask the gates in turn.

    Raises:
        GateRefused: By the first gate that has a reason, or that answers anything but text and
            ``None``: a gate that returns ``False`` or ``True`` cannot be understood.

    >>> from ibkit.orders import Limit, single
    >>> context = GateContext(contract=Contract(), group=single("BUY", 9, Limit(5000)),
    ...                       account="U1234567")
    >>> run_gates([PaperOnly()], context)
    Traceback (most recent call last):
        ...
    ibkit.errors.GateRefused: PaperOnly refused: U1234567 is not a paper account; ...
    """
    for gate in gates:
        reason: object = gate(context)
        if reason is None:
            continue
        name = getattr(gate, "__name__", type(gate).__name__)
        if not isinstance(reason, str) or not reason:
            reason = f"it answered {reason!r}; a gate answers None or the reason why not"
        raise GateRefused(name, str(reason))


def gates_of(gates: object) -> tuple[Gate, ...]:
    """Make a tuple of gates, and refuse what could not be asked. A gate alone is not a list.

    >>> gates_of("MaxSize")
    Traceback (most recent call last):
        ...
    ibkit.errors.PlanError: gates: got 'MaxSize'; a list of gates, such as [MaxSize(5)]
    """
    if isinstance(gates, str) or callable(gates) or not isinstance(gates, Iterable):
        raise PlanError("gates", gates, "a list of gates, such as [MaxSize(5)]")
    found: tuple[Any, ...] = tuple(gates)
    for gate in found:
        if isinstance(gate, type) or not callable(gate) or inspect.iscoroutinefunction(gate):
            raise PlanError("gates", gate, "gates to be called, such as MaxSize(5): no class")
    return found


@frozen
class PaperOnly:
    """Refuse every account that is not a paper account (their names begin with D, as DU123456).

    The order desk has this gate by default.

    Args:
        allow_live: Let live accounts pass.
    """

    allow_live: bool = field(default=False, kw_only=True, validator=is_flag)

    def __call__(self, context: GateContext, /) -> str | None:
        """Look at the account's name."""
        if self.allow_live or context.account.startswith("D"):
            return None
        account = context.account or "an account without a name"
        return f"{account} is not a paper account; allow_live=True lets it pass"


def _size(value: Decimal | float | str) -> Decimal:
    return to_size("size", value)


def _maybe_size(value: Decimal | float | str | None) -> Decimal | None:
    return None if value is None else to_size("position", value)


@frozen
class MaxSize:
    """Refuse a group that opens too much at once, or that would make the position too large.

    Groups that only close a position pass, however large it is. A change is looked at when it
    makes an order larger.

    Args:
        size: The most that a group may open; of an OCA group, its largest order.
        position: The most that may be held afterwards, long or short.

    >>> from ibkit.orders import Market, single
    >>> group = single("BUY", 4, Market())
    >>> context = GateContext(contract=Contract(), group=group, account="DU1", position=Decimal(8))
    >>> MaxSize(5)(context) is None, MaxSize(5, position=10)(context)
    (True, 'BUY 4 on top of 8 makes 12, and 10 is allowed')
    """

    size: Decimal = field(converter=_size)
    position: Decimal | None = field(default=None, converter=_maybe_size, kw_only=True)

    def __call__(self, context: GateContext, /) -> str | None:
        """Look at the size, and at what it would come to."""
        group, held = context.group, context.position
        if context.only_closes or not context.grows:
            return None
        if group.size > self.size:
            return f"{plain(group.size)} is more than {plain(self.size)}"
        if self.position is None:
            return None
        if held is None:
            return "the position is unknown"
        for side, size in context.opening:
            after = held + (size if side == "BUY" else -size)
            reduces = abs(after) <= abs(held) and after * held >= 0
            if abs(after) > self.position and not reduces:
                return (
                    f"{side} {plain(size)} on top of {plain(held)} makes {plain(after)}, "
                    f"and {plain(self.position)} is allowed"
                )
        return None


def _percent(value: Decimal | float | str) -> Decimal:
    percent = number("percent", value)
    if percent <= 0:
        raise PlanError("percent", value, "above 0")
    return percent


def _maybe_percent(value: Decimal | float | str | None) -> Decimal | None:
    return None if value is None else _percent(value)


@frozen
class PriceCollar:
    """Refuse prices that are far from the market: a slip of the finger.

    Of a change it looks at the prices that are new.

    Of a roll it sees what the new month would cost at the net price that was named
    (`CalendarSpread`), beside the market of that month.

    Args:
        percent: How far an entry's prices may be from the market, in hundredths of it.
        exits: The same for targets and stops, which are further away by nature; not looked at
            when left out.
    """

    needs_market: ClassVar[bool] = True
    percent: Decimal = field(converter=_percent)
    exits: Decimal | None = field(default=None, converter=_maybe_percent, kw_only=True)

    def __call__(self, context: GateContext, /) -> str | None:
        """Compare every known price with the middle of bid and ask, or with the last trade."""
        market = _market(context)
        known = {order.role: order.leg for order in context.before.legs} if context.before else {}
        for order in context.group.legs:
            if known.get(order.role) == order.leg:
                continue
            allowed = self.exits if order.kind in EXITS else self.percent
            for name, price in _prices(order):
                if allowed is None:
                    continue
                if market is None:
                    return f"{order.role} names {plain(price)}, and there is no market price"
                if abs(price - market) * 100 > abs(market) * allowed:
                    return (
                        f"{order.role} {name} {plain(price)} is more than {plain(allowed)}% away "
                        f"from the market at {plain(market)}"
                    )
        return None


def _count(value: int) -> int:
    return whole(value, "count", 1)


@frozen
class MaxOpenOrders:
    """Refuse a group when too many orders would be live. A change makes no order more.

    IB itself allows 20 active orders per contract, side and account (tws-api,
    order_limitations.html).

    Args:
        count: The most orders that may live afterwards.
    """

    count: int = field(converter=_count)

    def __call__(self, context: GateContext, /) -> str | None:
        """Add the orders of the group to those that live."""
        if context.before is not None:
            return None
        if context.open_orders is None:
            return "the number of open orders is unknown"
        after = context.open_orders + len(context.group.legs)
        if after > self.count:
            return f"{after} orders would be open, and {self.count} are allowed"
        return None


def _openers(group: OrderGroup) -> tuple[PlannedOrder, ...]:
    """The orders that may open something: the entries; without one, nobody knows but by what is
    held, so each.
    """
    return group.entries or group.legs


def _prices(order: PlannedOrder) -> Iterable[tuple[str, Decimal]]:
    for place, value in numbers(order.leg):
        if place.measure == "price" and isinstance(value, Decimal):
            yield place.attribute, value


def _market(context: GateContext) -> Decimal | None:
    if context.bid is not None and context.ask is not None:
        return (context.bid + context.ask) / 2
    return context.last
