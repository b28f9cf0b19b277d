"""The broker of one gateway: the one object that the sessions, the faults and the truth use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Set as AbstractSet
from decimal import Decimal
from typing import final

from ibkit.sim._engine import _figures
from ibkit.sim._engine._activation import settle
from ibkit.sim._engine._calendar import Calendar
from ibkit.sim._engine._cancelling import cancel, cancel_all
from ibkit.sim._engine._day import turn_if_due
from ibkit.sim._engine._events import Event, Fill, OrderView, StatusReported
from ibkit.sim._engine._hours import AlwaysOpen, Hours
from ibkit.sim._engine._lifecycle import FILLED
from ibkit.sim._engine._listed_executions import select
from ibkit.sim._engine._markets import Markets
from ibkit.sim._engine._models import Models
from ibkit.sim._engine._operator import Operator
from ibkit.sim._engine._placing import place
from ibkit.sim._engine._terms import Cancel, Command, OrderKey, Place
from ibkit.sim._engine._ticking import tick as take_tick
from ibkit.sim._engine._views import (
    AccountFigures,
    ExecutionFilter,
    Pnl,
    PositionPnl,
    PositionView,
)
from ibkit.sim._engine._world import World
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._ticks import MarketTick, Quote, Trade
from ibkit.sim._scenario import Scenario

EVERYTHING = ExecutionFilter()


@final
class Broker:
    """Exchange, order desk and books of one user. Pure: time is an argument and never goes back.

    Every call first carries out what was due before *now*; its events come first in the result.

    Args:
        scenario: The switches.
        instrument: What can be traded, by con id.
        increment: The smallest step of an order's price near a price; `min_tick` by default.
        hours: The trading calendar; `AlwaysOpen` by default.
        quote: The market of an instrument at this moment. Asked when an order comes for an
            instrument whose ticks the broker has not been given (see `working_instruments`).
        models: Fills, slippage, latency, fees, margin, rates; by default those of the scenario.
    """

    def __init__(
        self,
        scenario: Scenario,
        instrument: Callable[[int], Instrument | None],
        *,
        increment: Callable[[Instrument, Decimal], Decimal] | None = None,
        hours: Hours | None = None,
        quote: Callable[[int, dt.datetime], Quote | None] | None = None,
        models: Models | None = None,
    ) -> None:
        self._world = World(
            scenario,
            Markets(instrument, quote),
            Calendar(AlwaysOpen() if hours is None else hours),
            Models.of(scenario) if models is None else models,
            _min_tick if increment is None else increment,
        )
        self.operator = Operator(self._world, self._begin, self._finish)

    @property
    def scenario(self) -> Scenario:
        """Return the switches. They may be replaced at any time, the accounts excepted."""
        return self._world.scenario

    @scenario.setter
    def scenario(self, scenario: Scenario) -> None:
        self._world.scenario = scenario

    @property
    def models(self) -> Models:
        """Return the models. They may be replaced at any time."""
        return self._world.models

    @models.setter
    def models(self, models: Models) -> None:
        self._world.models = models

    # -- in

    def apply(self, command: Command, now: dt.datetime) -> list[Event]:
        """Carry out one command of a client."""
        self._begin(now)
        first = len(self._world.events)
        if isinstance(command, Place):
            place(self._world, command)
            if self._world.scenario.skip_market_status:
                _skip_market_statuses(self._world.events, first)
        elif isinstance(command, Cancel):
            cancel(self._world, command)
        else:
            cancel_all(self._world)
        return self._finish()

    def tick(self, tick: MarketTick, now: dt.datetime) -> list[Event]:
        """Let the market move."""
        self._begin(now)
        take_tick(self._world, tick)
        return self._finish()

    def overhear(self, trade: Trade) -> None:
        """Remember the last price of an instrument on which no order depends."""
        board = self._world.markets.board(trade.con_id)
        if board is not None:
            board.trade(trade.price, trade.size)

    def advance(self, now: dt.datetime) -> list[Event]:
        """Let time pass: expiries, openings, deferred orders, what is on its way."""
        self._begin(now)
        return self._finish()

    def next_deadline(self) -> dt.datetime | None:
        """Return when `advance` has something to do next."""
        return self._world.agenda.next_due()

    # -- orders

    def working_instruments(self) -> AbstractSet[int]:
        """Return the instruments whose ticks matter: of live orders, their legs, conditions."""
        return self._world.markets.needed.keys()

    def orders(self) -> tuple[OrderView, ...]:
        """Return every live transmitted order of every client, manual ones too, oldest first."""
        return tuple(order.view() for order in self._world.orders.live)

    def completed_orders(self) -> tuple[OrderView, ...]:
        """Return the orders that ended today, in the order in which they ended."""
        ended = self._world.orders.ended
        return tuple(
            order.view(commission=order.commission if order.filled else None)
            for order in ended
            if order.perm_id
        )

    def order(self, key: OrderKey) -> OrderView | None:
        """Return the order of a key: held, live or ended today."""
        order = self._world.orders.get(key)
        return None if order is None else order.view()

    def order_by_perm_id(self, perm_id: int) -> OrderView | None:
        """Return the order of a perm id, live or ended today."""
        order = self._world.orders.find_perm_id(perm_id)
        return None if order is None else order.view()

    def next_valid_id(self, client_id: int) -> int:
        """Return the lowest id that a client may use for its next order."""
        return self._world.identities.highest(client_id) + 1

    def raise_order_id(self, client_id: int, order_id: int) -> None:
        """Make a client's later ids exceed *order_id* (after reqAllOpenOrders, 1.1)."""
        self._world.identities.use(client_id, order_id)

    def roll_back_ids(self, count: int) -> None:
        """Restart with *count* fewer ids used per client; ids of ended orders are unknown again.

        Live orders keep theirs, so that an id that is given out again may modify one.
        """
        self._world.identities.roll_back(count)
        self._world.orders.forget_ended_keys()

    # -- books

    def executions(self, wanted: ExecutionFilter = EVERYTHING) -> tuple[Fill, ...]:
        """Return executions with their commissions, oldest first; corrected ones as corrected."""
        return select(self._world, wanted)

    def positions(self, account: str = "") -> tuple[PositionView, ...]:
        """Return the positions of one account or of all, closed ones of today with 0."""
        ledgers = self._world.ledgers
        chosen = [ledgers[account]] if account else ledgers.values()
        return tuple(
            _figures.position_view(self._world, ledger, position)
            for ledger in chosen
            for position in ledger.positions.values()
        )

    def position(self, account: str, con_id: int) -> PositionView | None:
        """Return one position; ``None`` if the account does not know the instrument."""
        ledger = self._world.ledgers[account]
        position = ledger.positions.get(con_id)
        return None if position is None else _figures.position_view(self._world, ledger, position)

    def figures(self, account: str) -> AccountFigures:
        """Return the money of an account. An unknown account raises `KeyError`."""
        return _figures.figures(self._world, self._world.ledgers[account])

    def pnl(self, account: str) -> Pnl:
        """Return the profit and loss of an account. An unknown account raises `KeyError`."""
        return _figures.pnl(self._world, self._world.ledgers[account])

    def position_pnl(self, account: str, con_id: int) -> PositionPnl | None:
        """Return the profit and loss of one position."""
        position = self._world.ledgers[account].positions.get(con_id)
        return None if position is None else _figures.position_pnl(self._world, position)

    # -- inside

    def _begin(self, now: dt.datetime) -> None:
        world = self._world
        while (timer := world.agenda.take(now)) is not None:
            turn_if_due(world, timer.when)
            world.now = max(world.now, timer.when)
            timer.action()
            settle(world)
        turn_if_due(world, now)
        world.now = max(world.now, now)

    def _finish(self) -> list[Event]:
        events, self._world.events = self._world.events, []
        return events


def _min_tick(instrument: Instrument, _price: Decimal) -> Decimal:
    return instrument.min_tick


def _skip_market_statuses(events: list[Event], first: int) -> None:
    # market orders that fill at once may never have an orderStatus (1.3, C)
    filled = {
        event.order.key
        for event in events[first:]
        if isinstance(event, StatusReported)
        and event.order.status == FILLED
        and event.order.terms.order_type == "MKT"
    }
    events[first:] = [
        event
        for event in events[first:]
        if not (isinstance(event, StatusReported) and event.order.key in filled)
    ]
