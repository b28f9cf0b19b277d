"""A live order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, final

from attrs import evolve

from ibkit.sim._engine._events import OrderView
from ibkit.sim._engine._kinds import KINDS, Kind, Wake
from ibkit.sim._engine._lifecycle import HELD, SUBMITTED, Gate, step
from ibkit.sim._engine._terms import OrderKey, OrderTerms
from ibkit.sim._market._instrument import Instrument

if TYPE_CHECKING:
    from ibkit.sim._engine._agenda import Timer
    from ibkit.sim._engine._groups import Group

ZERO = Decimal(0)


@final
class Order:
    """One order from its first acceptance to its end. Only the broker changes it."""

    __slots__ = (
        "account",
        "adjusted",
        "best",
        "children",
        "commission",
        "completed_status",
        "completed_time",
        "con_id",
        "conditions_met",
        "exchange",
        "expires",
        "filled",
        "gate",
        "group",
        "instrument",
        "is_buy",
        "key",
        "kind",
        "last_price",
        "leg_trades",
        "limit",
        "native",
        "offset",
        "parent",
        "pending",
        "perm_id",
        "placed",
        "quantity",
        "reduced",
        "released",
        "sent",
        "sequence",
        "stamp",
        "status",
        "stop",
        "terms",
        "timers",
        "triggered",
        "value",
        "warning",
        "why_held",
    )

    def __init__(
        self,
        key: OrderKey,
        instrument: Instrument,
        exchange: str,
        account: str,
        terms: OrderTerms,
        sequence: int,
    ) -> None:
        self.key = key
        self.perm_id = 0
        self.instrument, self.con_id, self.exchange = instrument, instrument.con_id, exchange
        self.account = account
        self.sequence = sequence
        """Time priority."""
        self.stamp = 0
        """Grows whenever what a book or a watch knows about the order has become old."""
        self.timers: dict[str, Timer] = {}
        self.gate, self.status, self.why_held = Gate.HELD, HELD, ""
        self.filled = self.value = self.reduced = self.commission = self.last_price = ZERO
        self.leg_trades: dict[int, tuple[Decimal, Decimal]] = {}
        """Quantity and value filled per leg of a combo."""
        self.released: Decimal | None = None
        """How much of a child may work, fills included; ``None``: all of it."""
        self.parent: Order | None = None
        self.children: list[Order] = []
        self.group: Group | None = None
        self.pending: OrderTerms | None = None
        """A modification on its way to the exchange."""
        self.native = False
        """The exchange holds the stop itself."""
        self.warning = ""
        self.placed: dt.datetime | None = None
        self.expires: dt.datetime | None = None
        self.completed_time: dt.datetime | None = None
        self.completed_status = ""
        self.triggered = self.conditions_met = self.adjusted = False
        self.adopt(terms)

    def adopt(self, terms: OrderTerms) -> None:
        """Take new terms: on placing, and on a modification."""
        self.sent = self.terms = terms
        self.kind: Kind = KINDS[terms.order_type]
        self.is_buy = terms.action == "BUY"
        self.quantity = terms.quantity or ZERO
        self.reduced = ZERO
        self.limit = terms.limit_price if self.kind.limited else None
        self.stop = None if self.kind.wake is Wake.TRAIL else terms.aux_price
        self.best: Decimal | None = None
        self.offset = terms.limit_offset
        self.adjusted = False
        stop, offset = terms.trail_stop_price, terms.limit_offset
        if self.kind.wake is Wake.TRAIL and stop is not None and offset is not None:
            self.limit = stop + offset if self.is_buy else stop - offset

    def change(self, **terms: object) -> None:
        """Change what the broker itself decides about the terms."""
        self.terms = evolve(self.terms, **terms)  # type: ignore[arg-type] # names are ours

    # -- quantities

    @property
    def remaining(self) -> Decimal:
        """Return what is not filled."""
        return self.quantity - self.filled

    @property
    def open_quantity(self) -> Decimal:
        """Return what may be filled now."""
        if self.released is None:
            return self.quantity - self.filled
        return max(ZERO, min(self.released, self.quantity) - self.filled)

    @property
    def average_price(self) -> Decimal:
        """Return the average over all fills; 0 before the first."""
        return self.value / self.filled if self.filled else ZERO

    def resize(self, quantity: Decimal) -> None:
        """Set a new total quantity."""
        self.quantity = quantity
        self.change(quantity=quantity)

    # -- life

    @property
    def is_live(self) -> bool:
        """Return whether the order was transmitted and has not ended."""
        return self.gate is not Gate.OVER and self.gate is not Gate.HELD

    @property
    def awaits_trigger(self) -> bool:
        """Return whether a stop, a touch or a trail has yet to be reached."""
        return self.kind.wake is not None and not self.triggered

    def step(self, status: str, why_held: str = "") -> bool:
        """Take a status; tell whether anything changed."""
        changed = status != self.status or why_held != self.why_held
        self.status, self.why_held = step(self.status, status), why_held
        return changed

    @property
    def is_working(self) -> bool:
        """Return whether it works at the exchange."""
        return self.status == SUBMITTED

    def view(self, *, commission: Decimal | None = None) -> OrderView:
        """Return a frozen picture."""
        parent = self.parent
        return OrderView(
            self.key,
            self.perm_id,
            self.con_id,
            self.exchange,
            self.account,
            self.shown_terms(),
            self.status,
            self.filled,
            self.quantity - self.filled,
            self.average_price,
            self.last_price,
            self.why_held,
            parent.perm_id if parent is not None else 0,
            self.warning,
            commission,
            self.instrument.currency if commission is not None else "",
            self.completed_time,
            self.completed_status,
            self.expires,
            self.open_quantity if self.is_live else ZERO,
        )

    def shown_terms(self) -> OrderTerms:
        """Return the terms with the trailing stop and its limit as they stand."""
        if self.kind.wake is Wake.TRAIL:
            self._show(trail_stop_price=self.stop)
            if self.kind.limited:
                self._show(limit_price=self.limit)
        return self.terms

    def _show(self, **prices: Decimal | None) -> None:
        ((name, price),) = prices.items()
        if price is not None and getattr(self.terms, name) != price:
            self.change(**prices)
