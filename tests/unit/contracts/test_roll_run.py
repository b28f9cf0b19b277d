"""The shell of a roll against a broker in memory, and what it does when things go wrong."""

import asyncio
import datetime as dt
from types import SimpleNamespace

import pytest

from ibkit.contracts import CalendarSpread, TwoLegs, plan_roll
from ibkit.contracts._roll_run import PATIENCE, REFUSALS, RollRun
from ibkit.errors import FateUnknown, OrderRejected, RollStuck
from ibkit.testing import run_virtual
from roll_broker import NOON, RollBroker, left
from rolling import ES, ESM, ESU, QUOTES, TODAY, pair, position


class Hands:
    """A `RollBroker` behind the port. Orders of the roll fill at the next look."""

    client_id = 1

    def __init__(self, broker, *, refuse=(), spare="", lose=0, fills=True):
        self.spare = spare
        self.broker, self.refuse, self.lose, self.fills = broker, list(refuse), lose, fills
        self.time = NOON

    async def orders_async(self):
        if self.fills:
            for one in self.broker.rolls():
                self.broker.fill(one, left(one))
        return list(self.broker.trades.values())

    async def changed_async(self, timeout):
        self.time += dt.timedelta(seconds=timeout)
        await asyncio.sleep(timeout)

    async def settled_async(self, timeout=60.0):
        self.time += dt.timedelta(seconds=timeout)

    def reserve_ids(self, count):
        return self.broker.next_id

    async def send_async(self, contract, orders):
        if self.lose:
            self.lose -= 1
            raise FateUnknown("ir")
        if self.refuse and contract.secType != self.spare:
            raise OrderRejected(201, self.refuse.pop(), orders[0].orderRef)
        self.broker._place(contract, orders)

    async def change_async(self, order_id, *, remaining=None, limit=None):
        one = self.broker.trades[order_id]
        if limit is not None:
            one.order.lmtPrice = float(limit)
        if remaining is not None:
            one.order.totalQuantity = float(remaining) + one.orderStatus.filled
            one.orderStatus.remaining = float(remaining)

    async def cancel_async(self, order_id):
        self.broker.cancel(self.broker.trades[order_id])


def rolled(way, *, size=2, **faults):
    """Roll two contracts with an exit pair each; the broker, what was told, what was raised."""
    broker = RollBroker(size, [one for n in range(size) for one in pair(10 + 2 * n, 1, number=n)])
    hands, told = Hands(broker, **faults), []

    async def fills():
        return list(broker.fills)

    async def positions():
        return list(broker.answers().positions)

    requests = SimpleNamespace(
        executions_async=fills,
        positions_async=positions,
        health=SimpleNamespace(clock=lambda: hands.time),
    )
    plan = plan_roll(
        position(size), ES, today=TODAY, working=broker.trades.values(), quotes=QUOTES, client_id=1
    )
    run = RollRun(
        plan, way, hands=hands, requests=requests,
        markets={k: SimpleNamespace(latest=v) for k, v in QUOTES.items()},
        tell=lambda text, critical: told.append((text, critical)),
    )  # fmt: skip
    try:
        shown = run_virtual(run.run_async())
    except RollStuck as error:
        return broker, told, error
    return broker, told, shown


@pytest.mark.parametrize("way", [CalendarSpread(), TwoLegs(), TwoLegs(first="close")])
def test_a_roll_moves_everything(way):
    broker, told, shown = rolled(way)

    assert (shown.sold, shown.bought) == (2, 2)
    assert (broker.held[ESM.con_id], broker.held[ESU.con_id]) == (0, 2)
    assert broker.exits(ESM.con_id) == []
    assert broker.stops(ESU.con_id) == 2
    assert told == []


def test_a_refusal_stops_the_roll_and_is_told():
    broker, told, error = rolled(CalendarSpread(), refuse=["no margin"])

    assert isinstance(error, RollStuck)
    assert (error.roll, error.moved, error.left) == ("ESM6 -> ESU6", 0, 2)
    assert "no margin" in error.reason
    assert told == [(f"an order of the roll was refused: {error.reason}", True)]
    assert broker.held[ESM.con_id] == 2
    assert broker.stops(ESM.con_id) == 2
    assert broker.rolls() == []


def test_protection_that_is_refused_is_tried_some_times_more_and_no_longer():
    broker, told, error = rolled(CalendarSpread(), refuse=["no"] * 10, spare="BAG")

    assert isinstance(error, RollStuck)
    assert (error.moved, error.left) == (2, 0)
    assert len(told) == REFUSALS
    assert broker.stops(ESM.con_id) == 2, "what protected the old month is left alone"


def test_an_answer_that_is_lost_is_waited_for_and_nothing_is_sent_blindly():
    broker, told, shown = rolled(CalendarSpread(), lose=2)

    assert shown.bought == 2
    assert [critical for _, critical in told] == [False]
    assert broker.held[ESU.con_id] == 2


def test_what_is_unknown_for_too_long_is_stuck():
    _, _, error = rolled(CalendarSpread(), lose=1000)

    assert isinstance(error, RollStuck)
    assert f"for {PATIENCE} it has not been known" in error.reason


def test_a_spread_that_does_not_fill_ends_as_it_was_told_to():
    broker, told, error = rolled(CalendarSpread(timeout=5, then="stop"), fills=False)

    assert "nothing more filled within 5 s" in error.reason
    assert broker.rolls() == []
    assert broker.stops(ESM.con_id) == 2
    assert any("withdrawn" in text for text, _ in told)
