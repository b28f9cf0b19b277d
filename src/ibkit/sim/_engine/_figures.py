"""What an account is worth and what it must keep (gateway-behaviour 3.6)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from ibkit.sim._checked import exact
from ibkit.sim._engine._ledger import VARIATION, Ledger
from ibkit.sim._engine._margin import Holding, Requirement
from ibkit.sim._engine._position import Position
from ibkit.sim._engine._views import AccountFigures, Pnl, PositionPnl, PositionView
from ibkit.sim._engine._world import World

ZERO = Decimal(0)
IN_CASH = frozenset({"CASH"})
"""What is held as money already; counting the position as well would count it twice."""


def mark(world: World, position: Position) -> Decimal:
    """Return what a position is valued at: its average price while nobody has quoted it."""
    price = world.markets.mark(position.instrument.con_id, world.now)
    return position.average_price if price is None else price


def in_base(world: World, ledger: Ledger, amount: Decimal, currency: str) -> Decimal:
    """Return an amount in the account's base currency."""
    rate = world.models.rates.rate(currency, ledger.account.currency)
    return amount * exact("rates.rate", rate)


def total_cash(world: World, ledger: Ledger) -> Decimal:
    """Return all cash in the base currency."""
    return sum(
        (in_base(world, ledger, amount, currency) for currency, amount in ledger.cash.items()),
        ZERO,
    )


def position_values(world: World, ledger: Ledger) -> dict[str, Decimal]:
    """Return what positions add to the cash, per security type, in the base currency."""
    values: defaultdict[str, Decimal] = defaultdict(Decimal)
    for position in ledger.held():
        kind = position.instrument.sec_type
        value = position.worth(mark(world, position))
        if kind in VARIATION:
            value -= position.cost
        elif kind in IN_CASH:
            value = ZERO
        values[kind] += in_base(world, ledger, value, position.instrument.currency)
    return values


def equity(world: World, ledger: Ledger) -> Decimal:
    """Return the net liquidation value."""
    return total_cash(world, ledger) + sum(position_values(world, ledger).values(), ZERO)


def holdings(world: World, ledger: Ledger, group: str) -> dict[int, Holding]:
    """Return the positions of one margin group."""
    return {
        con_id: Holding(position.instrument, position.quantity, mark(world, position))
        for con_id, position in ledger.groups.get(group, {}).items()
    }


def requirement(world: World, ledger: Ledger) -> Requirement:
    """Return the margin of all positions in the base currency."""
    initial = maintenance = ZERO
    for group in ledger.groups:
        held = holdings(world, ledger, group)
        need = world.models.margin.require(held.values())
        currency = next(iter(held.values())).instrument.currency
        initial += in_base(world, ledger, need.initial, currency)
        maintenance += in_base(world, ledger, need.maintenance, currency)
    return Requirement(initial, maintenance)


def figures(world: World, ledger: Ledger) -> AccountFigures:
    """Return the money of an account."""
    cash, values, need = (
        total_cash(world, ledger),
        position_values(world, ledger),
        requirement(world, ledger),
    )
    net = cash + sum(values.values(), ZERO)
    unrealized, realized = profit(world, ledger)
    paid_for = {kind: value for kind, value in values.items() if kind not in VARIATION}
    available = net - need.initial
    return AccountFigures(
        account=ledger.account.name,
        currency=ledger.account.currency,
        cash=dict(ledger.cash),
        total_cash=cash,
        net_liquidation=net,
        equity_with_loan=net,
        stock_value=values.get("STK", ZERO),
        option_value=values.get("OPT", ZERO),
        futures_pnl=values.get("FUT", ZERO),
        gross_position_value=sum(map(abs, paid_for.values()), ZERO),
        initial_margin=need.initial,
        maintenance_margin=need.maintenance,
        available_funds=available,
        excess_liquidity=net - need.maintenance,
        # IB shows four times the available funds for a margin account
        buying_power=max(ZERO, available) * 4,
        unrealized_pnl=unrealized,
        realized_pnl=realized,
    )


def profit(world: World, ledger: Ledger) -> tuple[Decimal, Decimal]:
    """Return unrealized and realized profit in the base currency."""
    unrealized = realized = ZERO
    for position in ledger.positions.values():
        open_profit = position.worth(mark(world, position)) - position.cost - position.fees
        currency = position.instrument.currency
        unrealized += in_base(world, ledger, open_profit, currency)
        realized += in_base(world, ledger, position.realized, currency)
    return unrealized, realized


def pnl(world: World, ledger: Ledger) -> Pnl:
    """Return the profit and loss of an account in its base currency."""
    return Pnl(equity(world, ledger) - ledger.start_equity, *profit(world, ledger))


def position_view(world: World, ledger: Ledger, position: Position) -> PositionView:
    """Return a frozen picture of a position."""
    price = world.markets.mark(position.instrument.con_id, world.now)
    value = None if price is None else position.worth(price)
    return PositionView(
        ledger.account.name,
        position.instrument.con_id,
        position.quantity,
        position.average_cost,
        price,
        value,
        None if value is None else value - position.cost - position.fees,
        position.realized,
    )


def position_pnl(world: World, position: Position) -> PositionPnl:
    """Return the profit and loss of one position in its own currency."""
    price = world.markets.mark(position.instrument.con_id, world.now)
    value = None if price is None else position.worth(price)
    return PositionPnl(
        position.quantity,
        None if value is None else value - position.start_value - position.flow,
        None if value is None else value - position.cost - position.fees,
        position.realized,
        value,
    )
