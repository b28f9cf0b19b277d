import logging
from itertools import pairwise

import pytest
from hypothesis import Phase, settings, strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test
from ib_async import LimitOrder, MarketOrder, Order, StopOrder

from ibkit.sim import Scenario
from ibkit.testing import GatewayMachine, assert_flat

QUICK = settings(
    max_examples=100,
    stateful_step_count=10,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    derandomize=True,
)


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def story_of(machine):
    """The story that breaks a promise, and the complaint.

    Hypothesis draws which rules take part along with the first step, so it cannot always delete
    that step: a story may be one longer than it need be.
    """
    with pytest.raises(AssertionError) as failure:
        run_state_machine_as_test(machine, settings=QUICK)
    lines = [line for note in failure.value.__notes__ for line in note.splitlines()]
    steps = [line.removeprefix("state.") for line in lines if line.startswith("state.")]
    rules = [step for step in steps if step not in {"teardown()", "flat()"}]
    return rules, str(failure.value)


# --- what it finds ---------------------------------------------------------------


class StopPerFill(GatewayMachine):
    """Buys, and sends a stop with each fill - for the whole order. (A planted bug.)"""

    protected = True

    def start(self):
        self.es = self.contract("ES")
        self.ib.execDetailsEvent += self.on_fill

    def on_fill(self, trade, fill):
        if trade.order.action == "BUY":
            size = trade.order.totalQuantity
            self.ib.placeOrder(self.es, StopOrder("SELL", size, fill.execution.price - 100))

    @precondition(lambda self: self.ib.isConnected())
    @rule(size=st.integers(1, 3))
    def buy(self, size):
        price = float(self._quote("ES").bid) - 5
        self.ib.placeOrder(self.es, LimitOrder("BUY", size, price))


def test_a_planted_bug_is_told_by_a_short_story():
    steps, complaint = story_of(StopPerFill)

    assert len(steps) <= 3
    assert "buy(size=2)" in steps
    assert steps[-1].startswith("order_fills(size=1")
    assert "holds 1 ESH6; expected stops for 1, found stops for 2" in complaint


class Honest(GatewayMachine):
    """Brackets, whose exits IB holds."""

    protected = True
    symbols = ("ES", "CL")
    faults = ()

    @rule(size=st.integers(1, 3), symbol=st.sampled_from(["ES", "CL"]))
    def buy(self, size, symbol):
        bid = float(self._quote(symbol).bid)
        for order in self.ib.bracketOrder("BUY", size, bid, bid + 500, bid - 500):
            self.ib.placeOrder(self.contract(symbol), order)


def test_a_strategy_that_keeps_its_promises_passes():
    run_state_machine_as_test(Honest, settings=settings(QUICK, max_examples=20))


class Trades(GatewayMachine):
    """Any orders, any faults: only what is always promised."""

    @precondition(lambda self: self.ib.isConnected())
    @rule(
        size=st.integers(-3, 3).filter(bool),
        kind=st.sampled_from(["MKT", "LMT", "STP"]),
        ticks=st.integers(-10, 10),
    )
    def trade(self, size, kind, ticks):
        side = "BUY" if size > 0 else "SELL"
        price = float(self._quote("ES").bid) + ticks * 0.25
        order = Order(side, 0, 0, side, abs(size), kind, lmtPrice=price, auxPrice=price)
        order.orderId = order.clientId = 0
        self.ib.placeOrder(self.contract("ES"), order)


def test_the_books_of_the_gateway_agree_whatever_happens():
    run_state_machine_as_test(Trades, settings=settings(QUICK, max_examples=20))


class Clumsy(GatewayMachine):
    faults = ()

    def start(self):
        self.ib.orderStatusEvent += self.on_status

    def on_status(self, trade):
        if trade.orderStatus.status == "Filled" and trade.order.totalQuantity > 1:
            raise KeyError("mine")

    @rule(size=st.integers(1, 3))
    def buy(self, size):
        self.ib.placeOrder(self.contract("ES"), MarketOrder("BUY", size))


def test_an_error_in_a_handler_is_found():
    steps, complaint = story_of(Clumsy)

    assert len(steps) <= 2
    assert steps[-1] == "buy(size=2)"
    assert "a handler of orderStatusEvent raised, and nobody heard of it" in complaint
    assert "KeyError: 'mine'" in complaint


class Greedy(Clumsy):
    max_position = 3

    def start(self):
        pass


class Restless(Greedy):
    max_position = None
    max_orders = 1

    @rule()
    def bid(self):
        self.ib.placeOrder(self.contract("ES"), LimitOrder("BUY", 1, 4000))


class Own(Greedy):
    max_position = None

    @invariant()
    def flat(self):
        assert_flat(self.gateway)


@pytest.mark.parametrize(
    ("machine", "steps", "complaint"),
    [
        (Greedy, 2, "more than 3 held:\n  DU1000001 holds 4 ESH6"),
        (Restless, 2, "more than 1 orders live:\n  order "),
        (Own, 1, "not flat:\n  DU1000001 holds 1 ESH6"),
    ],
)
def test_limits_and_promises_of_ones_own_are_checked(machine, steps, complaint):
    story, told = story_of(machine)

    assert len(story) - steps in {0, 1}
    assert told.startswith(complaint)


# --- what the rules do -------------------------------------------------------------


@pytest.fixture
def machine():
    machine = GatewayMachine()
    yield machine
    machine.teardown()


def test_the_market_stands_still_but_for_the_rules(machine):
    before = machine._quote("ES")
    machine.wait(3600)
    assert machine._quote("ES")[2:] == before[2:]
    machine.market_moves("ES", 4, 7)
    after = machine._quote("ES")

    assert (after.bid - before.bid, after.ask - before.ask) == (1, 1)
    assert (after.bid_size, after.ask_size) == (7, 7)


def test_a_trade_triggers_stops(machine):
    bid = float(machine._quote("ES").bid)
    machine.ib.placeOrder(machine.contract("ES"), StopOrder("SELL", 1, bid - 2.5))
    machine.wait(1)
    machine.somebody_trades("ES", -10, 1)

    assert [fill.side for fill in machine.gateway.truth.fills] == ["SLD"]


def test_orders_at_work_fill_in_part_at_their_price(machine):
    es, bid = machine.contract("ES"), float(machine._quote("ES").bid)
    assert machine._fillable() == []
    machine.ib.placeOrder(es, LimitOrder("BUY", 3, bid - 5))
    machine.ib.placeOrder(es, StopOrder("SELL", 3, bid - 50))
    machine.wait(1)
    machine.order_fills(which=4, size=2)
    machine.order_fills(which=0, size=3)

    assert [(f.quantity, float(f.price)) for f in machine.gateway.truth.fills] == [
        (2, bid - 5), (1, bid - 5),
    ]  # fmt: skip


def test_a_market_order_that_waits_fills_at_the_touch(machine):
    machine.market_moves("ES", 0, 1)
    machine.ib.placeOrder(machine.contract("ES"), MarketOrder("BUY", 2))
    machine.wait(1)
    machine.order_fills(which=0, size=3)

    assert {f.price for f in machine.gateway.truth.fills} == {machine._quote("ES").ask}
    assert sum(f.quantity for f in machine.gateway.truth.fills) == 2


def test_after_a_cut_the_client_returns(machine):
    from ibkit.sim import At

    machine.something_breaks([At(0.0, "cut")])
    machine.wait(1)
    assert not machine.ib.isConnected()
    machine.client_returns()

    assert machine.ib.isConnected()
    assert machine.gateway.truth.clients == (1,)


async def two():
    return 2


def test_time_is_virtual_and_coroutines_run(machine):
    before = machine.loop.now()
    machine.time_passes(60)

    assert (machine.loop.now() - before).total_seconds() == pytest.approx(60, abs=0.1)
    assert machine.run(two()) == 2


def test_attributes_set_the_scene():
    class Scene(GatewayMachine):
        client_id = 9
        symbols = ("AAPL",)
        scenario = Scenario(read_only=True)
        stopped = 0

        def stop(self):
            self.stopped += 1

    machine = Scene()
    assert machine.gateway.truth.clients == (9,)
    assert machine.gateway.scenario.read_only
    assert machine._quote("AAPL").bid_size == 50
    machine.teardown()

    assert machine.stopped == 1
    GatewayMachine().teardown()  # nothing was left in force


def test_a_start_that_fails_leaves_nothing_behind():
    class Broken(GatewayMachine):
        def start(self):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        Broken()
    GatewayMachine().teardown()


def test_each_step_ends_with_time_to_react_and_the_checks():
    times = []

    class Slow(Clumsy):
        settle = 7

        def start(self):
            pass

        def check_promises(self):
            times.append(self.loop.time())
            super().check_promises()

    run_state_machine_as_test(Slow, settings=settings(QUICK, max_examples=1))

    assert len(times) >= 2
    assert all(after - before >= 7 for before, after in pairwise(times))


def test_names_of_symbols_are_a_list():
    class Spelled(Clumsy):
        symbols = "ES"

    with pytest.raises(ValueError, match=r"symbols: got 'ES'; a list of names, as \('ES',\)"):
        Spelled()
