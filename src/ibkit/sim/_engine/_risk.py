"""The credit check: what an order would need, and whether the account has it (1.11)."""

from __future__ import annotations

from decimal import Decimal

from ibkit.sim._engine import _combo
from ibkit.sim._engine._events import Margins
from ibkit.sim._engine._figures import equity, holdings, in_base, requirement
from ibkit.sim._engine._ledger import Ledger
from ibkit.sim._engine._margin import Holding, Requirement
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._world import World

ZERO = Decimal(0)


def shortfall(world: World, order: Order) -> str | None:
    """Return why an account cannot carry an order; ``None`` if it can.

    What reduces the margin is always taken. Other working orders are not counted.
    """
    ledger = world.ledgers[order.account]
    change = _change(world, ledger, order)
    if change.initial <= 0:
        return None
    needed = requirement(world, ledger).initial + change.initial
    own = equity(world, ledger)
    if own >= needed:
        return None
    currency = ledger.account.currency
    return (
        "YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY WITH "
        f"LOAN VALUE [{own:.2f} {currency}] MUST EXCEED THE INITIAL MARGIN "
        f"[{needed:.2f} {currency}]"
    )


def margins(world: World, order: Order, *, accepted: bool) -> Margins:
    """Return what an order would change."""
    ledger = world.ledgers[order.account]
    before, change = requirement(world, ledger), _change(world, ledger, order)
    commission = _commission(world, order)
    return Margins(
        initial_before=before.initial,
        initial_change=change.initial,
        maintenance_before=before.maintenance,
        maintenance_change=change.maintenance,
        equity_before=equity(world, ledger),
        equity_change=-in_base(world, ledger, commission, order.instrument.currency),
        commission=commission if accepted else None,
        commission_currency=order.instrument.currency if accepted else "",
    )


def _change(world: World, ledger: Ledger, order: Order) -> Requirement:
    initial = maintenance = ZERO
    by_group: dict[str, list[Holding]] = {}
    for trade in _trades(world, order):
        by_group.setdefault(world.models.margin.group(trade.instrument), []).append(trade)
    for group, trades in by_group.items():
        held = holdings(world, ledger, group)
        before = world.models.margin.require(held.values())
        for instrument, quantity, price in trades:
            held_now = held.get(instrument.con_id, Holding(instrument, ZERO, price))
            held[instrument.con_id] = held_now._replace(quantity=held_now.quantity + quantity)
        after = world.models.margin.require(held.values())
        currency = trades[0].instrument.currency
        initial += in_base(world, ledger, after.initial - before.initial, currency)
        maintenance += in_base(world, ledger, after.maintenance - before.maintenance, currency)
    return Requirement(initial, maintenance)


def _trades(world: World, order: Order) -> list[Holding]:
    signed = order.remaining if order.is_buy else -order.remaining
    if order.instrument.sec_type != "BAG":
        price = world.markets.mark(order.con_id, world.now)
        if price is None:
            price = order.limit or order.terms.aux_price or ZERO
        return [Holding(order.instrument, signed, price)]
    legs = _combo.parts(world.markets, order.instrument) or []
    return [Holding(board.instrument, signed * ratio, board.mark or ZERO) for ratio, board in legs]


def _commission(world: World, order: Order) -> Decimal:
    total = world.models.commission.total
    return sum(
        (
            total(instrument, abs(quantity), abs(quantity * price))
            for instrument, quantity, price in _trades(world, order)
        ),
        ZERO,
    )
