"""From a fill to the books: executions, commissions, cash, positions."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from ibkit.sim._checked import exact
from ibkit.sim._engine import _combo
from ibkit.sim._engine._events import Fill
from ibkit.sim._engine._identity import exec_id
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._world import World
from ibkit.sim._market._instrument import Instrument

ZERO = Decimal(0)
SMART = "SMART"


class Deal(NamedTuple):
    """What changed hands, of an order or of one leg of a combo."""

    exec_id: str
    instrument: Instrument
    is_buy: bool
    quantity: Decimal
    price: Decimal
    cumulative: Decimal
    value: Decimal
    """Sum of price times quantity over all fills so far."""
    liquidity: int


def book(
    world: World, order: Order, quantity: Decimal, price: Decimal, liquidity: int
) -> list[Fill]:
    """Book a fill that `order` has counted already. A combo's legs follow the combo's own."""
    stem = world.identities.execution()
    deal = Deal(
        exec_id(stem),
        order.instrument,
        order.is_buy,
        quantity,
        price,
        order.filled,
        order.value,
        liquidity,
    )
    if order.instrument.sec_type != "BAG":
        return [_book(world, order, deal)]
    legs = _leg_deals(world, order, deal, stem)
    return [_record(world, order, deal, ZERO, None)] + [_book(world, order, leg) for leg in legs]


def _book(world: World, order: Order, deal: Deal) -> Fill:
    instrument, models = deal.instrument, world.models
    spent = _charged(world, instrument, deal.cumulative, deal.value)
    earlier, cost = deal.cumulative - deal.quantity, deal.quantity * deal.price
    if earlier:
        spent -= _charged(world, instrument, earlier, deal.value - cost)
    order.commission += spent
    booked = world.ledgers[order.account].trade(
        instrument,
        models.margin.group(instrument),
        deal.quantity if deal.is_buy else -deal.quantity,
        deal.price,
        spent,
    )
    return _record(world, order, deal, spent, booked.realized)


def _charged(world: World, instrument: Instrument, quantity: Decimal, value: Decimal) -> Decimal:
    total = world.models.commission.total(instrument, quantity, abs(value))
    return exact("commission.total", total)


def _record(
    world: World, order: Order, deal: Deal, commission: Decimal, realized: Decimal | None
) -> Fill:
    instrument = deal.instrument
    exchange = order.exchange
    if exchange == SMART or instrument is not order.instrument:
        exchange = instrument.primary_exchange or instrument.exchange
    fill = Fill(
        deal.exec_id,
        world.now,
        order.key,
        order.perm_id,
        instrument.con_id,
        order.account,
        exchange,
        "BOT" if deal.is_buy else "SLD",
        deal.quantity,
        deal.price,
        deal.cumulative,
        deal.value / deal.cumulative,
        order.terms.order_ref,
        deal.liquidity,
        commission,
        instrument.currency,
        realized,
    )
    world.executions.add(fill, order)
    return fill


def _leg_deals(world: World, order: Order, combo: Deal, stem: str) -> list[Deal]:
    legs = _combo.parts(world.markets, order.instrument) or []
    prices = _combo.leg_prices(legs, combo.price, is_buy=combo.is_buy)
    deals = []
    for number, (leg, price) in enumerate(zip(legs, prices, strict=True)):
        instrument, quantity = leg.board.instrument, combo.quantity * abs(leg.ratio)
        filled, value = order.leg_trades.get(instrument.con_id, (ZERO, ZERO))
        filled, value = filled + quantity, value + quantity * price
        order.leg_trades[instrument.con_id] = filled, value
        deals.append(
            Deal(
                exec_id(stem, leg=number),
                instrument,
                combo.is_buy is (leg.ratio > 0),
                quantity,
                price,
                filled,
                value,
                combo.liquidity,
            )
        )
    return deals
