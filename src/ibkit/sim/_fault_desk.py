"""`gateway.faults`: everything that goes wrong between a program and IB, by name.

The numbers are those of the fault menu in ``docs/explanation/fidelity.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple, Protocol, final

from attrs import evolve

from ibkit.sim._engine import Event, OrderTerms
from ibkit.sim._faults import Effect, Rule
from ibkit.sim._session import Floor
from ibkit.sim._transport import Clock, Server

NOTICES = {
    10349: "Order TIF was set to DAY based on order preset.",
    10311: "This order will be directly routed to {exchange}. Direct routed orders may result in "
    "higher trade fees.",
    399: "Order Message:\nWarning: your order will not be placed at the exchange until later",
    2109: "Order Event Warning:Attribute 'Outside Regular Trading Hours' is ignored based on the "
    "order type and destination. PlaceOrder is now being processed.",
}
"""Texts that come with an order and change nothing, though their codes are no warnings."""


class At(NamedTuple):
    """One line of a schedule: *seconds* from now, a method of `FaultDesk`, its arguments."""

    seconds: float
    fault: str
    arguments: Mapping[str, object] = {}


class _Fault(Protocol):
    def __call__(self, **arguments: object) -> None: ...


@final
class FaultDesk:
    """Faults of one gateway. Each acts at once, or lies in wait for the next message of a kind."""

    def __init__(self, floor: Floor, server: Server, clock: Clock) -> None:
        self._floor, self._server, self._clock = floor, server, clock
        self._operator = floor.broker.operator

    # -- connections: menu 6

    def cut(self, client_id: int | None = None) -> None:
        """Reset the connections, of one client or of all; what is unsent is gone."""
        self._server.abort(client_id)

    def cut_at(self, request: str, *, nth: int = 1, after: bool = False) -> None:
        """Reset the connection when the *nth* request of a name arrives.

        Before it is looked at, so that it is lost; with *after*, when it has been carried out
        and before its answers go out.
        """
        self._floor.interference.add(
            Rule(message=request, effect="cut_after" if after else "cut", skip=nth - 1)
        )

    def refuse_connections(self, times: int = 1) -> None:
        """Accept the next connections and close them at once."""
        self._server.refuse_next = times

    def stay_silent(self, times: int = 1) -> None:
        """Accept the next connections and never answer them (a half handshake)."""
        self._server.silent_next = times

    def restart(self, *, ids_back_by: int = 0) -> None:
        """Restart the gateway: every connection closes. Order ids may go back (A6)."""
        self._floor.broker.roll_back_ids(ids_back_by)
        self._server.abort(None)

    def split_packets(self, size: int) -> None:
        """Send everything in pieces of *size* bytes, also within length prefixes; 0 ends it (9)."""
        self._server.piece = size

    # -- IB behind the gateway: menu 6

    def lose_connectivity(self, times: int = 1) -> None:
        """1100, *times* over: the gateway has lost IB. Orders wait, data and fills stop."""
        self._floor.go_offline()
        self._notice_all(1100, times=times)

    def restore(self, *, data_lost: bool = False) -> None:
        """1102; or 1101 with *data_lost*, after which every data subscription is dead."""
        if data_lost:
            self._floor.kill_data()
        self._notice_all(1101 if data_lost else 1102, "usfarm; ushmds; secdefnj")
        self._floor.go_online(self._clock.now())
        self._server.flush()

    def lose_data(self) -> None:
        """1100 and 1101: every data subscription is dead until it is asked for again."""
        self.lose_connectivity()
        self.restore(data_lost=True)

    def farm_down(self, farm: str = "usfarm") -> None:
        """2103: quotes stop."""
        self._floor.data_flows = False
        self._notice_all(2103, farm)

    def farm_up(self, farm: str = "usfarm", *, dead: bool = False) -> None:
        """2104: quotes flow again; with *dead*, those asked for before stay silent (A2)."""
        if dead:
            self._floor.kill_data()
        self._floor.data_flows = True
        self._notice_all(2104, farm)

    def nightly_reset(self) -> None:
        """2110 and broken farms; `restore` ends it."""
        self._notice_all(2110)
        self._floor.go_offline()
        self.farm_down()

    def move_port(self, port: int) -> None:
        """1300 with the new port, then every connection closes."""
        self._notice_all(1300, port)
        self._server.close_all("the port has moved")

    def compete(self) -> None:
        """10197 for every quote line, which is dead afterwards."""
        self._floor.refuse_lines(10197)
        self._server.flush()

    # -- messages: menu 3, 7

    def ignore(self, request: str, times: int = 1, *, client_id: int | None = None) -> None:
        """Never answer the next requests of a name, such as ``ReqPositions``."""
        self._rule("drop", request, times, client_id)

    def withhold(self, answer: str, times: int = 1, *, client_id: int | None = None) -> None:
        """Leave out the next answers of a name, such as ``PositionEnd`` or ``OrderStatus``."""
        self._rule("drop", answer, times, client_id)

    def double(self, answer: str, times: int = 1, *, client_id: int | None = None) -> None:
        """Send the next answers of a name twice."""
        self._rule("double", answer, times, client_id)

    def delay(self, answer: str, seconds: float, times: int = 1) -> None:
        """Send the next answers of a name late, after what follows them."""
        late = dt.timedelta(seconds=seconds)
        self._floor.interference.add(Rule(message=answer, effect="delay", times=times, delay=late))

    def clear(self) -> None:
        """Forget every rule for messages and connections that has not been used up."""
        self._floor.interference.clear()
        self._server.refuse_next = self._server.silent_next = self._server.piece = 0

    # -- orders: menu 1, 2, 3, 4, 5, 8, 14

    def notice_next_order(self, code: int = 10349, text: str | None = None) -> None:
        """Send a harmless notice with the next accepted order (1)."""
        self._operator.notice_next(code, NOTICES[code] if text is None else text)

    def reject_next_order(self, reason: str = "", *, error_first: bool = False) -> None:
        """Reject the next new order: Inactive and 201, or the other way round (2)."""
        self._operator.reject_next(reason, error_first=error_first)

    def hold_next_order(self) -> None:
        """Hold the next order for locating securities: Inactive, and alive (2)."""
        self._operator.hold_next()

    def release_order(self, perm_id: int) -> None:
        """Let a held order work."""
        self._publish(lambda now: self._operator.release(perm_id, now))

    def refuse_next_order(self, code: int, text: str) -> None:
        """Refuse the next new order with an error only; the broker has nothing (5)."""
        self._operator.refuse_next(code, text)

    def refuse_next_modify(self, code: int, text: str) -> None:
        """Refuse the next modification; the order works on as it was (5)."""
        self._operator.refuse_next_modify(code, text)

    def reject_order(self, perm_id: int, reason: str = "") -> None:
        """Reject a live order."""
        self._publish(lambda now: self._operator.reject(perm_id, reason, now))

    def cancel_order(self, perm_id: int, reason: str = "") -> None:
        """Let the exchange cancel a live order that nobody asked to cancel."""
        self._publish(lambda now: self._operator.cancel_unasked(perm_id, reason, now))

    def fill_order(self, perm_id: int, quantity: Decimal | int, price: Decimal | int) -> None:
        """Fill an order by hand, in part or whole, whatever the market says (8)."""
        size, at = Decimal(quantity), Decimal(price)
        self._publish(lambda now: self._operator.fill(perm_id, size, at, now))

    def report_status(self, perm_id: int, status: str | None = None) -> None:
        """Repeat an orderStatus, or send a false one: late, regressed (B3)."""
        self._publish(lambda now: self._operator.report(perm_id, now, status=status))

    def correct_fill(self, exec_id: str, price: Decimal | int) -> None:
        """Correct an execution: the same trade with the next correction number (3)."""
        self._publish(
            lambda now: self._operator.correct_execution(exec_id, now, price=Decimal(price))
        )

    def bust_fill(self, exec_id: str) -> None:
        """Take an execution back."""
        self._publish(lambda now: self._operator.bust(exec_id, now))

    def place_by_hand(self, name: str | int, terms: OrderTerms) -> None:
        """Place an order as a person in TWS does: no client, no order id (14)."""
        instrument = self._floor.market.named(name, self._clock.now())
        self._publish(
            lambda now: self._operator.place(instrument.con_id, instrument.exchange, terms, now)
        )

    # -- data: menu 12

    def reset_depth(self) -> None:
        """317 for every book, and the book anew."""
        self._floor.reset_depth(self._clock.now())
        self._server.flush()

    # -- switches and schedules

    def switch(self, **changes: object) -> None:
        """Change switches of the `Scenario` while the gateway runs (3, 4, 10, 11)."""
        scenario = evolve(self._floor.scenario, **changes)  # type: ignore[arg-type]  # checked by attrs
        self._floor.scenario = self._floor.broker.scenario = scenario

    def schedule(self, lines: Iterable[At]) -> None:
        """Let faults happen later, on the gateway's clock."""
        now = self._clock.now()
        for line in lines:
            fault: _Fault = getattr(self, line.fault)
            due = now + dt.timedelta(seconds=line.seconds)
            self._floor.timers.at(due, _call(fault, line.arguments))
        self._server.flush()

    # -- inside

    def _rule(self, effect: Effect, message: str, times: int, client_id: int | None) -> None:
        self._floor.interference.add(
            Rule(message=message, effect=effect, times=times, client_id=client_id)
        )

    def _notice_all(self, code: int, *words: object, times: int = 1) -> None:
        for _ in range(times):
            for session in self._floor.ready_sessions():
                session.refuse(-1, code, *words)
        self._server.flush()

    def _publish(self, act: Callable[[dt.datetime], Iterable[Event]]) -> None:
        now = self._clock.now()
        self._floor.advance(now)
        self._floor.publish(act(now))
        self._server.flush()


def _call(fault: _Fault, arguments: Mapping[str, object]) -> Callable[[dt.datetime], None]:
    def call(_now: dt.datetime) -> None:
        fault(**arguments)

    return call
