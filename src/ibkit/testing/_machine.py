"""`GatewayMachine`: hypothesis plays the market and bad luck against a strategy."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from decimal import Decimal
from types import ModuleType
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from hypothesis.strategies import SearchStrategy
from ib_async import IB, Contract
from typing_extensions import override

from ibkit.errors import PlanError
from ibkit.sim import At, OrderView, Quote, Scenario, SimGateway
from ibkit.testing._assertions import assert_protected
from ibkit.testing._books import Books
from ibkit.testing._clock import VirtualLoop
from ibkit.testing._leftovers import describe_order
from ibkit.testing._lost_errors import lost_errors, report
from ibkit.testing._resolved import contract_of
from ibkit.testing._rig import HOST, PORT, connected_client, running_gateway
from ibkit.testing._wallclock import virtual_time
from ibkit.testing.strategies import fault_schedules

T = TypeVar("T")

FILLS_AT_MARKET = frozenset({"LMT", "MKT", "MTL"})


def _of_machine(attribute: str) -> SearchStrategy[Any]:
    """Draw one of the values of an attribute of the machine that runs."""
    return st.runner().flatmap(lambda machine: st.sampled_from(getattr(machine, attribute)))


def _episodes(machine: GatewayMachine) -> SearchStrategy[list[At]]:
    return fault_schedules(machine.faults, within=0, min_size=1, max_size=1)


class GatewayMachine(RuleBasedStateMachine):
    """A connected client on a simulated gateway, and rules that move everything around it.

    Subclass it, make your strategy in `start`, add what it can be asked to do as rules, and what
    it promises as invariants. Hypothesis then looks for the shortest story of market moves,
    fills, faults and waits that breaks a promise. Everything happens in virtual time, in memory;
    prices move only by rules, so that a story repeats exactly. After each step the strategy has
    `settle` seconds to react before the invariants are checked.

    Three things are always checked: the books of the broker agree with its fills; nothing that
    an event handler raised was lost; and the promises that the attributes below make.

    Attributes:
        ib: The client, an unmodified `ib_async.IB`, connected and synchronised.
        gateway: The gateway; ``gateway.truth`` is what the broker really has.
        loop: The virtual event loop. `run` and `wait` use it.

    Example:
        See the guide "Test your strategy".
    """

    symbols: ClassVar[Sequence[str]] = ("ES",)
    """The instruments whose prices the rules move, by the names of ``gateway.market``."""
    faults: ClassVar[Sequence[str]] = (
        "cut",
        "lose_connectivity",
        "farm_down",
        "notice_next_order",
        "reject_next_order",
        "double",
        "delay",
    )
    """What may go wrong, out of the names that `fault_schedules` knows; empty: nothing."""
    scenario: ClassVar[Scenario | None] = None
    """The switches of the gateway."""
    client_id: ClassVar[int] = 1
    modules: ClassVar[Sequence[str | ModuleType]] = ()
    """Your modules whose `time` and `datetime` shall be virtual, see `virtual_time`."""
    waits: ClassVar[Sequence[float]] = (1, 10, 60)
    """For how many virtual seconds nothing may happen."""
    settle: ClassVar[float] = 1.0
    """How long the strategy may take to react, in virtual seconds."""
    max_position: ClassVar[Decimal | int | None] = None
    """A promise: no position is ever larger, long or short."""
    max_orders: ClassVar[int | None] = None
    """A promise: never more orders live."""
    protected: ClassVar[bool] = False
    """A promise: the stops at work close each position exactly (see `assert_protected`)."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        try:
            self._set_up()
        except BaseException:
            self._open.close()
            raise

    def _set_up(self) -> None:
        enter = self._open.enter_context
        self.loop: VirtualLoop = enter(virtual_time(modules=self.modules))
        self._lost = enter(lost_errors(self.loop))
        self.gateway: SimGateway = enter(running_gateway(self.loop, scenario=self.scenario))
        self.ib: IB = enter(connected_client(self.loop, self.client_id))
        self._books = Books(self.gateway)
        if isinstance(self.symbols, str):
            raise PlanError("symbols", self.symbols, f"a list of names, as ({self.symbols!r},)")
        for symbol in self.symbols:
            self._show(symbol, ticks=0, size=50)
        self.start()

    # -- for subclasses

    def start(self) -> None:
        """Make the strategy. The client is connected, the market stands still."""

    def stop(self) -> None:
        """Put away what `start` made, before the client disconnects."""

    def reconnect(self) -> None:
        """Connect again after a cut. A strategy that does so itself overrides this with nothing."""
        self.run(self.ib.connectAsync(HOST, PORT, clientId=self.client_id))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end; meanwhile everything happens that is due."""
        return self.loop.run_until_complete(coroutine)

    def wait(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.loop.advance(seconds)

    def contract(self, symbol: str) -> Contract:
        """Return the resolved contract of a name such as ``"ES"``."""
        return contract_of(self.gateway.market.instrument(symbol))

    # -- what happens

    @rule(
        symbol=_of_machine("symbols"),
        ticks=st.integers(-20, 20),
        size=st.integers(1, 50),
    )
    def market_moves(self, symbol: str, ticks: int, size: int) -> None:
        """Both sides of the quote move, and so much stands there."""
        self._show(symbol, ticks, size)

    @rule(
        symbol=_of_machine("symbols"),
        ticks=st.integers(-20, 20),
        size=st.integers(1, 10),
    )
    def somebody_trades(self, symbol: str, ticks: int, size: int) -> None:
        """A print away from the bid: it triggers stops, and resting orders share in it."""
        at = self._price(symbol, self._quote(symbol).bid, ticks)
        self.gateway.market.trade(symbol, at, size)

    @precondition(lambda self: self._fillable())
    @rule(which=st.integers(0, 5), size=st.integers(1, 3))
    def order_fills(self, which: int, size: int) -> None:
        """An order at work is filled, in part or whole."""
        orders = self._fillable()
        order = orders[which % len(orders)]
        at = order.terms.limit_price or self._touch(order)
        self.gateway.faults.fill_order(order.perm_id, min(order.working, Decimal(size)), at)

    @rule(seconds=_of_machine("waits"))
    def time_passes(self, seconds: float) -> None:
        """Nothing else happens."""
        self.wait(seconds)

    @precondition(lambda self: self.faults)
    @rule(lines=st.runner().flatmap(_episodes))
    def something_breaks(self, lines: list[At]) -> None:
        """A fault comes at once; what it takes away for a while comes back."""
        self.gateway.faults.schedule(lines)

    @precondition(lambda self: not self.ib.isConnected())
    @rule()
    def client_returns(self) -> None:
        """After a cut."""
        self.reconnect()

    # -- what is promised

    @override
    def check_invariants(self, *args: Any, **kwargs: Any) -> None:
        """Let the strategy react; then check what is always promised, then the invariants."""
        self.wait(self.settle)
        self.check_promises()
        super().check_invariants(*args, **kwargs)

    def check_promises(self) -> None:
        """Fail unless books, handlers and limits are in order; called after each step."""
        _fail_if("the books do not agree", self._books.differences())
        _fail_if("errors that nobody heard of", report(self._lost))
        _fail_if(f"more than {self.max_position} held", self._too_large())
        _fail_if(f"more than {self.max_orders} orders live", self._too_many())
        if self.protected:
            assert_protected(self.gateway)

    def _too_large(self) -> list[str]:
        market, limit = self.gateway.market, self.max_position
        return [
            f"{account} holds {held.normalize():f} {market.instrument(con_id).local_symbol}"
            for (account, con_id), held in self.gateway.truth.positions.items()
            if limit is not None and abs(held) > limit
        ]

    def _too_many(self) -> list[str]:
        orders = self.gateway.truth.orders
        if self.max_orders is None or len(orders) <= self.max_orders:
            return []
        return [describe_order(self.gateway, order) for order in orders]

    @override
    def teardown(self) -> None:
        """End the strategy, the client and the gateway; say what was lost."""
        try:
            self.stop()
        finally:
            self._open.close()

    # -- inside

    def _quote(self, symbol: str) -> Quote:
        return self.gateway.market.now(symbol)

    def _show(self, symbol: str, ticks: int, size: int) -> None:
        quote = self._quote(symbol)
        self.gateway.market.quote(
            symbol,
            bid=self._price(symbol, quote.bid, ticks),
            ask=self._price(symbol, quote.ask, ticks),
            bid_size=size,
            ask_size=size,
        )

    def _price(self, symbol: str, from_: Decimal | None, ticks: int) -> Decimal:
        assert from_ is not None, f"{symbol} has a quote from the start"
        return from_ + ticks * self.gateway.market.instrument(symbol).min_tick

    def _fillable(self) -> list[OrderView]:
        return [
            order
            for order in self.gateway.truth.orders
            if order.status == "Submitted"
            and order.working > 0
            and order.terms.order_type in FILLS_AT_MARKET
        ]

    def _touch(self, order: OrderView) -> Decimal:
        quote = self.gateway.market.now(order.con_id)
        touch = quote.ask if order.terms.action == "BUY" else quote.bid
        assert touch is not None, "every instrument of the rules has a quote"
        return touch


def _fail_if(title: str, wrong: Sequence[str]) -> None:
    if wrong:
        raise AssertionError("\n  ".join([f"{title}:", *wrong]))
